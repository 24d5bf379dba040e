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
EXAMPLE = "words  actor:developer  act:-viewed  scope:environment/production  outcome:denied  since:2d"
NOT = "-"
"""Before a value, or before a whole term: what is left out."""

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
_TIMES = frozenset({"since", "from", "to"})
_NO_SPAN = "since: takes a number of minutes, hours, days or weeks, as since:90m, 12h, 2d or 4w."
_NO_MOMENT = "{key}: takes a day or a time, as {key}:2026-11-20 or {key}:2026-11-20T14:00."
_UNKNOWN_TERM = "Terms are " + ", ".join(f"{one}:" for one in TERMS) + "; anything else is looked for as it stands."


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """`terms` as the adapter takes them. A term that is given twice: the later one holds; what is left out adds up."""

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

    Quotes keep spaces together: `actor:"Ada Lovelace"`. `act:-viewed`, or `-act:viewed`, leaves out. Days are days of
    UTC, as the log has them.
    """
    terms: dict[str, str] = {}
    words: list[str] = []
    problems: list[str] = []
    for part in (found.replace('"', "") for found in _PARTS.findall(text)):
        key, value = _term(part)
        if key not in TERMS:
            words += [part] if part else []
            problems += [_UNKNOWN_TERM] if ":" in part else []
        elif value:
            taken, problem = _read(key, value)
            terms |= {name: _joined(terms.get(name, ""), word) for name, word in taken.items()}
            problems += [problem] if problem else []
    if words:
        terms["q"] = " ".join(words)
    return AuditFilter(terms, problems[0] if problems else "")


def _term(part: str) -> tuple[str, str]:
    """A part's key, empty for a word, and its value; `-act:viewed,used` says the same as `act:-viewed,-used`."""
    key, colon, value = part.partition(":")
    key = key.casefold()
    if not colon:
        return "", ""
    bare = key.removeprefix(NOT)
    if bare == key or bare in _TIMES:
        return key, value
    return bare, ",".join(one if one.startswith(NOT) or not one else NOT + one for one in value.split(","))


def _joined(before: str, now: str) -> str:
    """A term that was given twice: the later one holds, but what one of them leaves out stays out."""
    old, new = before.split(","), now.split(",")
    if not all(_leaves_out(one) for one in new):
        old = [one for one in old if _leaves_out(one)]
    return ",".join(dict.fromkeys(filter(None, [*old, *new])))


def _leaves_out(word: str) -> bool:
    return word.startswith(NOT)


def _read(key: str, value: str) -> tuple[dict[str, str], str]:
    """What a term says, and what is wrong with it."""
    if key == "since":
        text = value.casefold()
        return ({"from": text}, "") if _SPAN.fullmatch(text) else ({}, _NO_SPAN)
    if key in ("from", "to"):
        moment = _moment(value, ends=key == "to")
        return ({key: moment}, "") if moment else ({}, _NO_MOMENT.format(key=key))
    given = [one for one in value.split(",") if one.removeprefix(NOT)]
    if key not in ("act", "outcome"):
        return ({key: ",".join(given)} if given else {}), ""
    known = [one for one in map(str.casefold, given) if one.removeprefix(NOT) in _FIXED[key]]
    last = value.casefold().rpartition(",")[2].removeprefix(NOT)
    started = any(one.startswith(last) for one in _FIXED[key])
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
    sign = NOT if key.startswith(NOT) else ""
    key = key.removeprefix(NOT)
    if not colon:
        names = [f"{sign}{one}:" for one in TERMS if one.startswith(key.casefold()) and not (sign and one in _TIMES)]
        return head + min(names, key=lambda name: name != f"{last.casefold()}:") if names and key else None
    start, comma, typed = value.rpartition(",")
    sign, typed = f"{start}{comma}{NOT if typed.startswith(NOT) else ''}", typed.removeprefix(NOT)
    values = _FIXED.get(key.casefold()) or known.get(key.casefold(), ())
    found = next((one for one in values if _goes_on(one, typed)), None)
    if found is None:
        return None
    written = f'"{found}"' if " " in found and not typed else f"{typed}{found[len(typed) :]}"
    return f"{head}{last[: len(last) - len(value)]}{sign}{written}"


def _goes_on(value: str, typed: str) -> bool:
    return value.casefold().startswith(typed.casefold()) and value.casefold() != typed.casefold()
