"""How somebody is named, and the name of the entity that is made for them."""

import re

import pytest

from adapter.errors import Invalid
from adapter.model.who import Kind, Who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("person:erika", Who(Kind.PERSON, "erika")),
        ("person:ldap/erika", Who(Kind.PERSON, "erika", "ldap")),
        ("person:corp/ldap/erika", Who(Kind.PERSON, "erika", "corp/ldap")),
        ("person:oidc/erika@example.org", Who(Kind.PERSON, "erika@example.org", "oidc")),
        ("account:7", Who(Kind.ACCOUNT, "7")),
        ("component:node-red", Who(Kind.COMPONENT, "node-red")),
    ],
)
def test_named(text: str, who: Who) -> None:
    assert Who.parse(text) == who
    assert str(who) == text


@pytest.mark.parametrize("name", ["erika", "Erika Müller", "a/b", "ü", "x" * 200, "a b", "a-b"])
def test_an_entity_is_named_as_the_vault_takes_it(name: str) -> None:
    assert re.fullmatch(r"\w[\w.@-]*\w", Who(Kind.PERSON, name, "corp/ldap").entity_name, re.ASCII)


def test_entities_of_similar_names_differ() -> None:
    assert len({Who(Kind.PERSON, name).entity_name for name in ("a b", "a-b", "a_b", "a/b", "a\u00e4b")}) == 5


NOBODY = ["", "erika", "person:", "person:/", "person:../x", "person:a/..", "person:-/x", "account:07"]


@pytest.mark.parametrize("text", NOBODY)
def test_nobody(text: str) -> None:
    with pytest.raises(Invalid):
        Who.parse(text)
