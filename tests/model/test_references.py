"""References `secret://…`: what is one, and that text and value are each other's inverse."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import Invalid
from adapter.model.address import Address, is_possible_path
from adapter.model.references import LENGTH, Reference

SCOPES = st.sampled_from(["global", "environment/production", "service/billing", "custom/team-a"])
NAMES = st.text(min_size=1, max_size=30).filter(lambda name: is_possible_path(f"global/{name}"))
REFERENCES = st.builds(
    lambda scope, name, version, field: Reference(Address(f"{scope}/{name}"), version, field),
    SCOPES,
    NAMES,
    st.none() | st.integers(1, 10**15),
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)


@given(REFERENCES)
def test_text_and_reference_are_inverse(reference: Reference) -> None:
    text = str(reference)
    assert Reference.parse(text) == reference
    assert text.isascii()
    assert not set(text) & set("{}\"'\\ \n")


@given(st.text(max_size=60) | st.text(max_size=60).map("secret://global/".__add__))
def test_whatever_is_sent_is_a_reference_or_invalid(text: str) -> None:
    with suppress(Invalid):
        reference = Reference.parse(text)
        assert Reference.parse(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "path", "version", "field"),
    [
        ("secret://global/db_password", "global/db_password", None, None),
        ("secret://environment/production/db?version=12", "environment/production/db", 12, None),
        ("secret://service/billing/tls#private_key", "service/billing/tls", None, "private_key"),
        ("secret://custom/a/folder/b?version=1#x%20y", "custom/a/folder/b", 1, "x y"),
        ("secret://global/sm%C3%B8rrebr%C3%B8d%3F", "global/smørrebrød?", None, None),
        ("secret://global/grün", "global/grün", None, None),
    ],
)
def test_references(text: str, path: str, version: int | None, field: str | None) -> None:
    assert Reference.parse(text) == Reference(Address(path), version, field)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret://",
        "secret:/global/x",
        "SECRET://global/x",
        " secret://global/x",
        "https://global/x",
        "secret://global",
        "secret://global/",
        "secret://production/x",
        "secret://environment/x",
        "secret://global//x",
        "secret://global/../x",
        "secret://.scopes/global",
        "secret://global/x?version=0",
        "secret://global/x?version=-1",
        "secret://global/x?version=latest",
        "secret://global/x?version=1&version=2",
        "secret://global/x?field=y",
        "secret://global/x#",
        "secret://global/x%",
        "secret://global/x%zz",
        "secret://global/x%ff",
        "secret://global/x%00",
        "secret://global/x\n",
        "secret://global/" + "x" * LENGTH,
    ],
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        Reference.parse(text)
    assert caught.value.hint
