"""The rule of a custom secret: `regex:…`, `length:8..64` or `schema:{…}`, stored as that one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from adapter.errors import Invalid
from adapter.model.text import check_line
from adapter.secret_types._base import VALUE
from adapter.secret_types._patterns import Pattern, affordable, compile_pattern
from adapter.secret_types._schema import Schema, parse_json

FORMS = "Write regex:PATTERN, length:8..64 or schema:{…}."

_LENGTH = re.compile(r"(\d{0,7})\.\.(\d{0,7})")


class Rule(Protocol):
    @property
    def text(self) -> str:
        """The rule as it is stored."""
        ...

    def reason(self, fields: Mapping[str, str]) -> tuple[str, str] | None:
        """The field that breaks the rule, with the reason; None when all hold."""
        ...


@dataclass(frozen=True, slots=True)
class Length:
    """Every field has from `least` to `most` characters."""

    text: str
    least: int
    most: int | None

    def reason(self, fields: Mapping[str, str]) -> tuple[str, str] | None:
        for name, text in fields.items():
            if len(text) < self.least:
                return name, f"is shorter than the {self.least} characters that the rule asks for"
            if self.most is not None and len(text) > self.most:
                return name, f"is longer than the {self.most} characters that the rule allows"
        return None


@dataclass(frozen=True, slots=True)
class Regex:
    """Every field matches the pattern, from its first character to its last."""

    text: str
    pattern: Pattern

    def reason(self, fields: Mapping[str, str]) -> tuple[str, str] | None:
        for name, text in fields.items():
            if not affordable(self.pattern, text):
                return name, "is too long to be checked against the rule's regular expression"
            if self.pattern.fullmatch(text) is None:
                return name, "does not match the rule's regular expression"
        return None


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A lone value, read as JSON, is valid; several fields are, as an object of texts."""

    text: str
    schema: Schema

    def reason(self, fields: Mapping[str, str]) -> tuple[str, str] | None:
        if fields.keys() == {VALUE}:
            parsed = parse_json(fields[VALUE])
            if parsed is None:
                return VALUE, "is not the JSON that the rule asks for"
            fault = self.schema.fault(parsed[0])
        else:
            fault = self.schema.fault(dict(fields))
        return (VALUE, fault) if fault else None


def parse_rule(text: str) -> Rule:
    """Raises Invalid for what is no rule, or is longer than 512 bytes once written compactly."""
    kind, colon, body = text.strip().partition(":")
    if colon and kind == "regex":
        return _regex(body)
    if colon and kind == "length":
        return _length(body.replace(" ", ""))
    if colon and kind == "schema":
        return _schema(body)
    raise Invalid.field("rule", "That is no rule.", hint=FORMS)


def _length(body: str) -> Length:
    found = _LENGTH.fullmatch(body)
    if found is None or body == "..":
        raise Invalid.field("rule", "The length range is not valid.", hint="Write length:8..64, length:8.. or ..64.")
    least, most = int(found[1] or 0), int(found[2]) if found[2] else None
    if most is not None and most < max(least, 1):
        raise Invalid.field("rule", "The length range is empty.", hint="Write the smaller number first.")
    return Length(f"length:{body}", least, most)


def _schema(body: str) -> JsonSchema:
    parsed = parse_json(body) if len(body) < 8192 else None
    if parsed is None:
        raise Invalid.field("rule", "The rule's schema is not JSON.", hint=FORMS)
    text = json.dumps(parsed[0], ensure_ascii=False, separators=(",", ":"))
    if not text.isprintable():
        text = json.dumps(parsed[0], separators=(",", ":"))
    return JsonSchema(check_line("rule", "rule", f"schema:{text}"), Schema.of(parsed[0]))


def _regex(body: str) -> Regex:
    text = check_line("rule", "rule", f"regex:{body}")
    pattern = compile_pattern(body)
    if pattern is None:
        raise Invalid.field(
            "rule",
            "The rule's regular expression is not valid.",
            hint="RE2's syntax holds: no look-around, no back references.",
        )
    return Regex(text, pattern)
