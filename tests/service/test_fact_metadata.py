"""Facts that are longer than one value of the metadata."""

from __future__ import annotations

import pytest

from adapter.service.fact_metadata import as_metadata, from_metadata, keys_of

FACTS = ("bits", "public_key")


@pytest.mark.parametrize("length", [1, 512, 513, 1024, 1025, 1536])
@pytest.mark.parametrize("end", ["", "é", "🔑"])
def test_a_long_fact_is_whole_again(length: int, end: str) -> None:
    facts = {"bits": "4096", "public_key": "k" * (length - len(end.encode())) + end if length > 4 else "k"}
    stored = as_metadata(facts)
    assert all(0 < len(text.encode()) <= 512 for text in stored.values())
    assert stored.keys() <= keys_of(FACTS)
    assert from_metadata({"bits_2": "not ours", **stored}, FACTS) == facts


def test_one_that_is_too_long_is_left_out() -> None:
    assert as_metadata({"bits": "16384", "public_key": "k" * 1537}) == {"bits": "16384"}


def test_a_character_is_not_cut() -> None:
    assert as_metadata({"public_key": "k" * 511 + "é"}) == {"public_key": "k" * 511, "public_key_2": "é"}
