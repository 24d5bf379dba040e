"""Values hidden in a stream of bytes, wherever it is cut."""

from __future__ import annotations

import base64
import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.cli.running.masking import MASK, Masker, is_too_short

LETTERS = st.text("ab\n", min_size=1, max_size=6)


def masked(values: list[str], text: bytes, cuts: list[int]) -> bytes:
    masker = Masker(values)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    parts = [text[start:end] for start, end in itertools.pairwise(places)]
    return b"".join(map(masker.feed, parts)) + masker.end()


@given(st.lists(LETTERS, max_size=3), st.text("abc\n", max_size=60), st.lists(st.integers(0, 100), max_size=8))
def test_how_it_is_cut_makes_no_difference(values: list[str], text: str, cuts: list[int]) -> None:
    assert masked(values, text.encode(), cuts) == masked(values, text.encode(), [])


@given(st.lists(LETTERS, max_size=3), st.text("abc\n", max_size=60), st.lists(st.integers(0, 100), max_size=8))
def test_no_value_is_left_and_the_rest_is(values: list[str], text: str, cuts: list[int]) -> None:
    shown = masked(values, text.encode(), cuts)
    for value in values:
        if not is_too_short(value):
            assert value.encode() not in shown.replace(MASK, b"|")
    if not any(value.strip() in text for value in values):
        assert shown == text.encode()


def test_a_megabyte_byte_by_byte() -> None:
    value = "c4n4ry-" + "x" * 200
    text = ("y" * 1000 + value) * 100
    masker = Masker([value])
    shown = b"".join(masker.feed(bytes([byte])) for byte in text.encode()) + masker.end()
    assert shown == (b"y" * 1000 + MASK) * 100


def test_other_spellings() -> None:
    value = 'p"ä s\\w/1'
    text = ('"p\\"ä s\\\\w/1" "p\\"\\u00e4 s\\\\w/1" p%22%C3%A4%20s%5Cw%2F1').encode()
    assert masked([value], text, [5]) == b'"********" "********" ********'


def test_spellings_of_other_languages() -> None:
    value = "p&s <x>/é!"
    for text in (
        r'"p\u0026s \u003cx\u003e/é!"',  # Go
        r'"p&s <x>\/\u00e9!"',  # PHP
        "p%26s%20%3Cx%3E%2F%C3%A9!",  # JavaScript
        "p%26s+%3Cx%3E%2F%C3%A9%21",  # a form
        "p%26s%20%3cx%3e%2f%c3%a9%21",
        "p%26s%20%3Cx%3E/%C3%A9%21",  # a path
    ):
        assert masked([value], text.encode(), [4]).strip(b'"') == MASK, text


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@given(before=st.binary(max_size=7), value=st.text(min_size=12, max_size=40), after=st.binary(max_size=4))
def test_in_base64_at_most_its_ends_are_seen(
    encode: Callable[[bytes], bytes], before: bytes, value: str, after: bytes
) -> None:
    shown = masked([value], encode(before + value.encode() + after), [9])
    assert MASK in shown
    assert len(shown) - len(MASK) <= (len(before) + len(after)) * 4 // 3 + 8


def test_nothing_to_hide() -> None:
    rest = random.Random(1).randbytes(1000)
    assert masked([], rest, [10, 20]) == masked(["", "a"], rest, [500]) == rest
