"""Passwords and API keys: any text; strength; what is generated."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types import Submission, api_key, password
from adapter.secret_types.password import SYMBOLS, Recipe, strength, word_list
from tests.secret_types import NOW, again, plain, refusal, submit

TYPES = ["PASSWORD", "API_KEY", "TOKEN", "CUSTOM", "OTHER"]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


def text_of(made: Submission) -> str:
    assert made.value is not None
    return made.value.get_secret_value()


@given(st.sampled_from(TYPES), ANY_TEXT)
def test_any_text_is_stored_as_it_is(type_name: str, text: str) -> None:
    prepared = submit(type_name, text)
    assert plain(prepared) == {"value": text}
    assert (prepared.facts, prepared.expires_at) == ({}, None)
    assert again(type_name, prepared) == prepared


@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize(
    ("text", "words"), [(None, "empty"), ("", "empty"), (" \n\t", "empty"), ("a\ud800", "Unicode")]
)
def test_what_is_no_text_is_refused(type_name: str, text: str | None, words: str) -> None:
    error = refusal(type_name, text)
    assert error.fields[0].field == "value"
    assert words in error.detail


def test_a_weak_password_is_refused_when_strength_is_asked_for() -> None:
    assert submit("PASSWORD", "password1").facts == {}
    assert plain(submit("PASSWORD", "password1", min_strength=0)) == {"value": "password1"}
    error = refusal("PASSWORD", "password1", min_strength=3)
    assert error.detail == "The password's strength is 0 of 4; at least 3 is asked for. This is a very common password."
    assert "Add another word or two" in error.hint
    assert submit("PASSWORD", "vT9#kq-Lw2!xPz0@mR", min_strength=4).facts == {}


@pytest.mark.parametrize("least", [-1, 5, True, "3", 2.0])
def test_the_strength_asked_for_is_a_number_from_0_to_4(least: object) -> None:
    assert refusal("PASSWORD", "some password of mine", min_strength=least).fields[0].field == "minStrength"


@given(ANY_TEXT.filter(lambda text: len(text) > 12))
def test_feedback_never_repeats_the_password(text: str) -> None:
    found = strength(SecretStr(text))
    assert found.score in range(5)
    assert text not in " ".join([found.warning, *found.suggestions])


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "()4@{[<369&#!/|0$5+7%2" * 40_000, "a4@8({[<36&9#!1/|7l0$5+%2zst" * 9]
)
def test_strength_is_found_within_seconds(text: str) -> None:
    strength(SecretStr(text))


@given(st.integers(8, 200), st.lists(st.booleans(), min_size=4, max_size=4).filter(any))
def test_a_generated_password_has_its_length_and_every_class(length: int, chosen: list[bool]) -> None:
    text = text_of(password.generate(Recipe(length, chosen[0], chosen[1], chosen[2], chosen[3])))
    classes = [string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS]
    assert len(text) == length
    for wanted, characters in zip(chosen, classes, strict=True):
        assert bool(set(text) & set(characters)) is wanted


def test_generated_words_are_of_the_list() -> None:
    words = text_of(password.generate(Recipe(words=6, separator="."))).split(".")
    assert len(words) == 6
    assert set(words) <= set(word_list())
    assert len(set(word_list())) == 7776
    assert all(word.replace("-", "").isascii() for word in word_list())


def test_what_is_generated_by_default_is_strong() -> None:
    for recipe in (Recipe(), Recipe(words=5)):
        made = password.generate(recipe)
        strong = Submission(made.value, options={"min_strength": 4})
        assert password.prepare(strong, NOW).fields["value"] == made.value


def test_a_generated_key_is_its_prefix_and_random_bytes() -> None:
    keys = {text_of(api_key.generate(api_key.Recipe("acme_", 16))) for _ in range(50)}
    assert len(keys) == 50
    assert all(key.startswith("acme_") and len(key) == 5 + 22 for key in keys)


@pytest.mark.parametrize(
    "recipe",
    [Recipe(7), Recipe(2000), Recipe(24, False, False, False, False), Recipe(words=3), Recipe(words=5, separator="\n")],
)
def test_a_password_recipe_out_of_range_is_refused(recipe: Recipe) -> None:
    with pytest.raises(Invalid):
        password.generate(recipe)


@pytest.mark.parametrize("recipe", [api_key.Recipe(size=8), api_key.Recipe("x" * 65), api_key.Recipe("a\tb")])
def test_a_key_recipe_out_of_range_is_refused(recipe: api_key.Recipe) -> None:
    with pytest.raises(Invalid):
        api_key.generate(recipe)
