"""Whom a right is given to: a person, an account of the STATUS platform, or a component."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from adapter.errors import Invalid
from adapter.model.text import describe_character

COMPONENT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
COMPONENT_ROLE = "status-component-"
"""What the name of a component's AppRole starts with."""

USER_ID = re.compile(r"0|[1-9][0-9]{0,17}")
MOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_UNFIT = re.compile(r"[^A-Za-z0-9_.@-]")
"""What the vault takes in no entity's name."""

NAME_LENGTH = 200


class Kind(StrEnum):
    """`GROUP` is somebody else's group of the vault inside one of ours: seen, never granted."""

    PERSON = "person"
    ACCOUNT = "account"
    COMPONENT = "component"
    GROUP = "group"


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """`mount`: the auth method under which a person's name is meant; empty for whichever knows it."""

    kind: Kind
    name: str
    mount: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.mount}/{self.name}" if self.mount else f"{self.kind}:{self.name}"

    @property
    def entity_name(self) -> str:
        """The name of the entity that we make for them: `person-erika`, `person-ldap-erika`, `account-7`."""
        whole = "-".join(part for part in (str(self.kind), self.mount, self.name) if part)
        plain = _UNFIT.sub("-", whole)
        return plain if plain == whole else f"{plain}-{sha256(whole.encode()).hexdigest()[:8]}"

    @classmethod
    def parse(cls, text: str, field: str = "who") -> Who:
        """`person:NAME`, `person:MOUNT/NAME`, `account:USER_ID` or `component:NAME`. Raises Invalid."""
        head, _, name = text.partition(":")
        match head:
            case Kind.PERSON:
                mount, slash, rest = name.rpartition("/")
                return cls(Kind.PERSON, _person(field, rest), _mount(field, mount) if slash else "")
            case Kind.ACCOUNT if USER_ID.fullmatch(name):
                return cls(Kind.ACCOUNT, name)
            case Kind.ACCOUNT:
                raise Invalid.field(field, "That is not a user id of STATUS.", hint="It is a number: account:7")
            case Kind.COMPONENT:
                return cls(Kind.COMPONENT, check_component_name(name, field))
        raise Invalid.field(field, "That names nobody.", hint="Write person:NAME, account:USER_ID or component:NAME.")


def check_component_name(name: str, field: str = "name") -> str:
    """The name unchanged. Raises Invalid."""
    if not COMPONENT_NAME.fullmatch(name):
        raise Invalid.field(
            field,
            "That is not a name for a component.",
            hint="Up to 64 lower-case letters, digits, '.', '_' and '-'; it starts and ends with a letter or digit.",
        )
    return name


def _person(field: str, name: str) -> str:
    bad = next((char for char in name if not char.isprintable() or char in '/\\"'), None)
    if bad is not None:
        raise Invalid.field(
            field, f"A person's name may not contain {describe_character(bad)}.", hint="Check the name."
        )
    if not name.strip() or name in (".", "..") or len(name) > NAME_LENGTH:
        raise Invalid.field(field, f"A person's name has 1 to {NAME_LENGTH} characters.", hint="Check the name.")
    return name


def _mount(field: str, name: str) -> str:
    if not MOUNT.fullmatch(name):
        raise Invalid.field(field, "That is not an auth method.", hint="Write person:NAME or person:MOUNT/NAME.")
    return name
