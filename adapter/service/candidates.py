"""What an import brings, entry by entry: a secret to be, or the reason why there is none in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.address import normalise_name
from adapter.model.wire import SecretCreate

SHOWN_NAME = 100
"""Characters of a name that is repeated to whoever sent it."""

_WORDS = re.compile(r"[^a-z0-9]+")
_PASSWORD = frozenset({"password", "passwd", "pwd", "pass", "passphrase"})
_KEY = frozenset({"key", "token", "apikey", "secret", "credential", "credentials"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """`name`: as it would be stored, else as it was sent; `source`: where it stood. `body` None: `refused` says why.

    `guessed`: the type is ours, so a secret that is there keeps its own.
    """

    name: str
    source: str = ""
    body: SecretCreate | None = None
    guessed: bool = True
    refused: str = ""


def candidate(name: str, source: str, body: SecretCreate, *, guessed: bool) -> Candidate:
    """With its name normalised, or refused for it."""
    try:
        stored = normalise_name(name)
    except Invalid as error:
        return Candidate(shown(name), source, refused=sentence(error))
    return Candidate(stored, source, body.model_copy(update={"name": stored}), guessed)


def guess_type(name: str, value: SecretStr) -> str:
    """By what the value looks like, else by the words in the name; CUSTOM, which takes any text, when neither says."""
    text = value.get_secret_value()
    if "-----BEGIN " in text:
        return "CERTIFICATE" if "CERTIFICATE" in text else "SSH_KEY" if "PRIVATE KEY-----" in text else "CUSTOM"
    words = set(_WORDS.split(name.lower()))
    if words & _PASSWORD:
        return "PASSWORD"
    return "API_KEY" if words & _KEY else "CUSTOM"


def without_collisions(found: Iterable[Candidate]) -> list[Candidate]:
    """Entries that would be stored under one name are all refused: nothing says which of them is meant."""
    candidates = list(found)
    counts = Counter(one.name for one in candidates if one.body is not None)
    reason = "Several entries would be stored under this name, and nothing says which one is meant."
    return [
        replace(one, body=None, refused=reason) if one.body is not None and counts[one.name] > 1 else one
        for one in candidates
    ]


def shown(name: str) -> str:
    """A name as it was sent, as far as it can be printed."""
    text = "".join(char if char.isprintable() else "?" for char in name[: SHOWN_NAME + 1])
    return text if len(text) <= SHOWN_NAME else f"{text[:SHOWN_NAME]}…"


def sentence(error: Invalid) -> str:
    return f"{error.detail} {error.hint}".strip()
