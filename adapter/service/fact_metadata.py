"""Public facts as `custom_metadata` holds them: a value there takes 512 bytes, and a public key may be longer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter.model.text import METADATA_VALUE_BYTES

LONG = {"public_key": 3}
"""Facts that go on in further keys, `public_key_2` and so on, with the most keys of one: RSA of 8192 bits fits."""


def keys_of(facts: Iterable[str]) -> set[str]:
    """Every metadata key that these facts may take."""
    return {key for fact in facts for key in _keys(fact)}


def as_metadata(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts by metadata key; without one that is too long even for its further keys."""
    found: dict[str, str] = {}
    for fact, text in facts.items():
        keys, pieces = _keys(fact), _pieces(text)
        if len(pieces) <= len(keys):
            found.update(zip(keys, pieces, strict=False))
    return found


def from_metadata(custom: Mapping[str, str], facts: Iterable[str]) -> dict[str, str]:
    """Those of `facts` that stand in an entry's metadata, each whole."""
    return {fact: "".join(custom.get(key, "") for key in _keys(fact)) for fact in facts if fact in custom}


def _keys(fact: str) -> list[str]:
    return [fact, *(f"{fact}_{number}" for number in range(2, LONG.get(fact, 1) + 1))]


def _pieces(text: str) -> list[str]:
    """The text in pieces of what one key takes, cut between characters."""
    pieces, rest = [], text
    while rest:
        piece = rest.encode()[:METADATA_VALUE_BYTES].decode(errors="ignore")
        pieces.append(piece)
        rest = rest[len(piece) :]
    return pieces
