"""The audit view's filter line: terms that the adapter answers, and free words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapter.model.audit import EventAct, EventFilter, Outcome
from adapter.model.records import iso

_PARTS = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_SPAN = re.compile(r"\d{1,5}[smhdw]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d")
EXAMPLE = "words  actor:developer  act:used  scope:environment/production  outcome:denied  since:2d"
TERMS = (
    *("actor", "act", "secret", "scope", "outcome", "client", "component", "address"),
    *("since", "from", "to"),
)
_FIXED: Mapping[str, tuple[str, ...]] = {
    "act": tuple(EventAct),
    "outcome": tuple(Outcome),
    "client": ("tui", "api", "cli", "run"),
    "since": ("1h", "1d", "7d", "4w"),
}
_NO_SPAN = "since: takes a number of minutes, hours, days or weeks, as since:90m, 12h, 2d or 4w."
_NO_MOMENT = "{key}: takes a day or a time, as {key}:2026-11-20 or {key}:2026-11-20T14:00."
_UNKNOWN_TERM = "Terms are " + ", ".join(f"{one}:" for one in TERMS) + "; anything else is looked for as it stands."


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """`terms` as the adapter takes them. A term that is given twice: the later one holds."""

    terms: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def empty(self) -> bool:
        return not self.terms

    def wanted(self, *, limit: int | None = None) -> EventFilter:
        """What `GET /audit` is asked for."""
        return EventFilter.model_validate({**self.terms, "limit": limit})


def parse(text: str) -> AuditFilter:
    """The filter that a line stands for; a term that is still being typed filters nothing.

    Quotes keep spaces together: `actor:"Ada Lovelace"`. Days are days of UTC, as the log has them.
    """
    terms: dict[str, str] = {}
    words: list[str] = []
    problems: list[str] = []
    for part in (found.replace('"', "") for found in _PARTS.findall(text)):
        key, colon, value = part.partition(":")
        key = key.casefold()
        if not colon or key not in TERMS:
            words += [part] if part else []
            problems += [_UNKNOWN_TERM] if colon and part else []
        elif value:
            taken, problem = _read(key, value)
            terms |= taken
            problems += [problem] if problem else []
    if words:
        terms["q"] = " ".join(words)
    return AuditFilter(terms, problems[0] if problems else "")


def _read(key: str, value: str) -> tuple[dict[str, str], str]:
    """What a term says, and what is wrong with it."""
    if key == "since":
        text = value.casefold()
        return ({"from": text}, "") if _SPAN.fullmatch(text) else ({}, _NO_SPAN)
    if key in ("from", "to"):
        moment = _moment(value, ends=key == "to")
        return ({key: moment}, "") if moment else ({}, _NO_MOMENT.format(key=key))
    if key not in ("act", "outcome"):
        return {key: value}, ""
    text = value.casefold()
    known = [one for one in text.split(",") if one in _FIXED[key]]
    started = any(one.startswith(text.rpartition(",")[2]) for one in _FIXED[key])
    return ({key: ",".join(known)} if known else {}), "" if started else f"{key}: takes {', '.join(_FIXED[key])}."


def _moment(text: str, *, ends: bool) -> str | None:
    """A day (`to`: its end) or a time as the API has it; a time without a zone is the machine's own."""
    try:
        if _DAY.fullmatch(text):
            datetime.fromisoformat(text)
            return text + ("T23:59:59.999999Z" if ends else "T00:00:00Z")
        return iso(datetime.fromisoformat(text).astimezone()) if _TIME.match(text) else None
    except (ValueError, OverflowError):
        return None


def complete(text: str, known: Mapping[str, Iterable[str]]) -> str | None:
    """The line with its last word finished: a term's name, or one of its values; None where nothing fits.

    `known` are the values seen so far of the terms that have no fixed ones.
    """
    if not text or text[-1].isspace() or text.count('"') % 2:
        return None
    head, last = text[: text.rfind(" ") + 1], text[text.rfind(" ") + 1 :]
    key, colon, value = last.partition(":")
    if not colon:
        names = [f"{one}:" for one in TERMS if one.startswith(last.casefold())]
        return head + min(names, key=lambda name: name != f"{last.casefold()}:") if names else None
    values = _FIXED.get(key.casefold()) or known.get(key.casefold(), ())
    fits = (one for one in values if one.casefold().startswith(value.casefold()) and one.casefold() != value.casefold())
    found = next(fits, None)
    if found is None:
        return None
    return f'{head}{key}:"{found}"' if " " in found and not value else f"{head}{key}:{value}{found[len(value) :]}"
