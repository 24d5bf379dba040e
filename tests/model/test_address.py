"""Names, scopes, addresses and ids."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import Invalid, NotFound
from adapter.model.address import GLOBAL, Address, Scope, is_possible_path, normalise_name

SEGMENT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"]), min_size=1
).filter(lambda text: "/" not in text and text not in (".", ".."))


@given(st.lists(SEGMENT, min_size=1, max_size=5).map("/".join).filter(is_possible_path))
def test_an_id_is_reversible_and_needs_no_encoding_in_a_url(path: str) -> None:
    text = Address(path).id
    assert all(char.isascii() and (char.isalnum() or char in "._-~") for char in text)
    assert Address.from_id(text) == Address(path)


def test_an_id_as_the_documentation_writes_it() -> None:
    assert Address("environment/production/db_password").id == "environment~production~db_password"
    assert Address("global/-a b~ü").id == "global~~-2da~-20b~-7e~-c3~-bc"


@pytest.mark.parametrize(
    "text",
    ["", "~", "a~~b", "..", "a~..", "a~-zz", "a~-2", "a/b", "a%2fb", "~-2e~-2e", "a~-C3", "~-ff", "a~-0a", "x" * 9000],
)
def test_what_no_secret_can_have_as_its_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        Address.from_id(text)


@given(st.text())
def test_any_text_is_an_id_or_not_found(text: str) -> None:
    with contextlib.suppress(NotFound):
        assert Address.from_id(text).id == text


def test_scope_and_name_of_an_address() -> None:
    inside = Address("environment/production/folder/x")
    assert (inside.scope, inside.name) == (Scope.parse("environment/production"), "folder/x")
    assert Address("global/x").scope == GLOBAL
    for outside in ("loose", "other/x", "environment/x", "environment/Prod X/y"):
        assert (Address(outside).scope, Address(outside).name) == (None, outside)


@pytest.mark.parametrize(
    ("raw", "name"), [("Db  Password", "db_password"), ("a.b-c_1", "a.b-c_1"), (" x\t\ny ", "x_y")]
)
def test_names_are_normalised_as_status_does(raw: str, name: str) -> None:
    assert normalise_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("a/b", "'/'"),
        ("..", "may not start with '.'"),
        ("a\x00b", "U+0000"),
        ("a\u202eb", "U+202E"),
        ("-a", "may not start with '-'"),
        ("ü", "'ü'"),
        ("", "empty"),
        ("x" * 5000, "the limit is 100"),
    ],
)
def test_a_refused_name_says_which_character_or_limit(raw: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        normalise_name(raw)
    assert words in caught.value.detail
    assert caught.value.fields[0].field == "name"
    assert len(raw) < 3 or raw not in caught.value.detail


@pytest.mark.parametrize(
    "text", ["global/", "globals", "environment", "environment/", "environment/A", "x/y", "", "service/a/b"]
)
def test_what_is_no_scope(text: str) -> None:
    with pytest.raises(Invalid):
        Scope.parse(text)


@pytest.mark.parametrize("text", ["global", "environment/production", "service/a-b.c", "custom/team-a"])
def test_a_scope_and_its_slug_are_reversible(text: str) -> None:
    scope = Scope.parse(text)
    assert str(scope) == text
    assert Scope.from_slug(scope.slug) == scope
