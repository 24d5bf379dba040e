"""The filter line: free words and `type:`, `scope:`, `tag:`, `expiring:` terms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapter.model.records import parse_time
from adapter.model.wire import SecretView
from statustui.times import span
from statustui.wording import TYPES, type_label

_PARTS = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_UNKNOWN_TERM = "Terms are type:, scope:, tag: and expiring:; anything else is looked for as it stands."
EXAMPLE = "words  type:password  scope:production  tag:db  expiring:30d"


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms must match; several `type:` terms, or `scope:` terms, are alternatives. Words match anywhere."""

    words: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    expiring: timedelta | None = None
    problem: str = ""

    @property
    def empty(self) -> bool:
        return not (self.words or self.types or self.scopes or self.tags or self.expiring)

    def matches(self, secret: SecretView, now: datetime) -> bool:
        return (
            all(word in _text(secret) for word in self.words)
            and (not self.types or any(_is_type(secret.type, one) for one in self.types))
            and (not self.scopes or any(one in secret.scope.casefold() for one in self.scopes))
            and all(any(tag in own.casefold() for own in secret.tags) for tag in self.tags)
            and (self.expiring is None or _expires_by(secret, now + self.expiring))
        )

    def select(self, secrets: Iterable[SecretView], now: datetime) -> list[SecretView]:
        return list(secrets) if self.empty else [one for one in secrets if self.matches(one, now)]


def parse(text: str) -> Filter:
    """The filter that a line stands for; a term that is still being typed filters nothing.

    Quotes keep spaces together: `tag:"finance team"`.
    """
    words: list[str] = []
    terms: dict[str, list[str]] = {"type": [], "scope": [], "tag": []}
    expiring: timedelta | None = None
    problem = ""
    for part in (found.replace('"', "") for found in _PARTS.findall(text.casefold())):
        key, colon, value = part.partition(":")
        if colon and key in terms:
            terms[key] += [value] if value else []
            problem = _no_such_type(value) if key == "type" and not problem else problem
        elif colon and key == "expiring":
            expiring = span(value)
            if expiring is None and value:
                problem = "expiring: takes a number of hours, days or weeks, as expiring:12h, 30d or 4w."
        elif part:
            words.append(part)
            problem = problem or (_UNKNOWN_TERM if colon else "")
    return Filter(tuple(words), tuple(terms["type"]), tuple(terms["scope"]), tuple(terms["tag"]), expiring, problem)


def _no_such_type(wanted: str) -> str:
    """A hint when no type is called that, or begins so."""
    if any(_is_type(wire, wanted) for wire in TYPES):
        return ""
    return f"type: takes {', '.join(dict.fromkeys(label.casefold() for label in TYPES.values()))}."


def in_scope(scope: str, wanted: str) -> bool:
    """Whether `scope` is `wanted`, lies below it (`environment`), or has it as its label (`production`)."""
    return scope == wanted or scope.startswith(wanted.rstrip("/") + "/") or scope.partition("/")[2] == wanted


def _text(secret: SecretView) -> str:
    parts = (secret.name, secret.description, secret.scope, type_label(secret.type), secret.usage, *secret.tags)
    return "\n".join(parts).casefold()


def _is_type(wire: str, wanted: str) -> bool:
    names = (wire.casefold(), type_label(wire).casefold())
    plain = wanted.replace("_", "").replace("-", "").replace(" ", "")
    return any(name.replace("_", "").replace(" ", "").startswith(plain) for name in names)


def _expires_by(secret: SecretView, moment: datetime) -> bool:
    expires = parse_time(secret.expires_at) if secret.expires_at else None
    return expires is not None and expires <= moment
