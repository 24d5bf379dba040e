"""Scopes, names, addresses and ids of secrets.

A scope is `global`, `environment/production`, `service/billing` or `custom/team-a`. A secret's address is
`<scope>/<name>`: its path in the KV v2 mount. Over HTTP its id is the address with `~` for `/`, and every byte
outside `[A-Za-z0-9._-]`, as well as a segment's leading `-`, as `~-` and two hex digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from adapter.errors import Invalid, NotFound
from adapter.model.text import describe_character

NAME_LENGTH = 100
_FIRST = re.compile(r"[a-z0-9]")
_REST = re.compile(r"[a-z0-9._-]")
_ID = re.compile(r"(?:[A-Za-z0-9._-]|~-[0-9a-f]{2}|~)+")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


class ScopeKind(StrEnum):
    GLOBAL = "global"
    ENVIRONMENT = "environment"
    SERVICE = "service"
    CUSTOM = "custom"


def _check_label(field: str, label: str, text: str) -> str:
    if not text:
        raise Invalid.field(field, f"The {label} is empty.", hint="Enter one.")
    if len(text) > NAME_LENGTH:
        detail = f"The {label} is {len(text)} characters long; the limit is {NAME_LENGTH}."
        raise Invalid.field(field, detail, hint="Shorten it.")
    bad = next((char for char in text if not _REST.fullmatch(char)), None)
    if bad is not None:
        raise Invalid.field(
            field,
            f"The {label} may not contain {describe_character(bad)}.",
            hint="Lower-case letters, digits, '.', '_' and '-' are allowed.",
        )
    if not _FIRST.fullmatch(text[0]):
        raise Invalid.field(
            field,
            f"The {label} may not start with {describe_character(text[0])}.",
            hint="It starts with a lower-case letter or a digit.",
        )
    return text


def normalise_name(name: str) -> str:
    """A new secret's name as STATUS normalises it: lower case, each run of white space one `_`.

    Raises Invalid with the character or the limit named.
    """
    return _check_label("name", "name", re.sub(r"\s+", "_", name.strip(" \t\r\n").lower()))


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One place that holds secrets; `label` is empty for the global one."""

    kind: ScopeKind
    label: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.label}" if self.label else str(self.kind)

    @property
    def slug(self) -> str:
        """The scope in the name of a policy or group: `environment-production`."""
        return f"{self.kind}-{self.label}" if self.label else str(self.kind)

    @classmethod
    def parse(cls, text: str, field: str = "scope") -> Scope:
        """`environment/production` as a scope. Raises Invalid."""
        head, _, label = text.partition("/")
        if head == ScopeKind.GLOBAL and not label and "/" not in text:
            return GLOBAL
        if head not in set(ScopeKind) or head == ScopeKind.GLOBAL:
            raise Invalid.field(
                field,
                "That is not a scope.",
                hint="A scope is global, environment/NAME, service/NAME or custom/NAME.",
            )
        return cls(ScopeKind(head), _check_label(field, "scope's name", label))

    @classmethod
    def from_slug(cls, slug: str) -> Scope | None:
        """The inverse of `slug`; None when it is not one of ours."""
        head, _, label = slug.partition("-")
        try:
            return cls.parse(f"{head}/{label}" if label else head)
        except Invalid:
            return None


GLOBAL = Scope(ScopeKind.GLOBAL)
PRODUCTION = Scope(ScopeKind.ENVIRONMENT, "production")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a secret is: `path` within the mount, whoever made it, in or outside every scope."""

    path: str

    @classmethod
    def of(cls, scope: Scope, name: str) -> Address:
        return cls(f"{scope}/{name}")

    @property
    def scope(self) -> Scope | None:
        """None for an entry outside every scope."""
        return self._split()[0]

    @property
    def name(self) -> str:
        """The part after the scope, folders of the CLI included; the whole path outside every scope."""
        return self._split()[1]

    def _split(self) -> tuple[Scope | None, str]:
        head, _, rest = self.path.partition("/")
        if head == ScopeKind.GLOBAL and rest:
            return GLOBAL, rest
        label, _, name = rest.partition("/")
        if name and head in set(ScopeKind):
            try:
                return Scope.parse(f"{head}/{label}"), name
            except Invalid:
                pass
        return None, self.path

    @property
    def id(self) -> str:
        """The address in unreserved URL characters; `from_id` is its inverse."""
        return "~".join(_encode_segment(segment) for segment in self.path.split("/"))

    @classmethod
    def from_id(cls, text: str) -> Address:
        """The address that an id stands for. Raises NotFound for what no secret can have as its id."""
        return _from_id(text)


@lru_cache(4096)
def _from_id(text: str) -> Address:
    if len(text) > 8_000 or not _ID.fullmatch(text):
        raise secret_not_found()
    raw = re.sub(rb"~-([0-9a-f]{2})|~", _decode_match, text.encode())
    try:
        address = Address(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise secret_not_found() from None
    if address.id != text or not is_possible_path(address.path):
        raise secret_not_found()
    return address


def _encode_segment(segment: str) -> str:
    raw = segment.encode("utf-8", "surrogatepass")
    return "".join(
        chr(byte) if byte in _PLAIN and not (index == 0 and byte == 0x2D) else f"~-{byte:02x}"
        for index, byte in enumerate(raw)
    )


def _decode_match(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)]) if match[1] else b"/"


def is_possible_path(path: str) -> bool:
    """Whether Vault can hold an entry at `path`: no empty, `.` or `..` segment, nothing unprintable."""
    return path.isprintable() and all(part not in ("", ".", "..") for part in path.split("/"))


def secret_not_found() -> NotFound:
    """The one answer for a secret that does not exist and for one that the caller may not see."""
    return NotFound(
        "There is no such secret, or none that you may see.",
        hint="Check its name and scope; an ADMIN can say whether it exists and grant you its scope.",
    )
