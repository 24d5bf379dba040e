"""One cell of the audit table: its text, and the colour that underlines it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rich.cells import cell_len

from adapter.model.audit import ActorKind, Event, EventAct, Outcome
from adapter.model.records import parse_time
from statustui.audit_columns import Column, Key
from statustui.audit_words import UNUSUAL, act_text, secret_text, who_text
from statustui.theme import STATUS, VARIABLES
from statustui.times import short
from statustui.wording import DASH, cut_end, cut_middle, one_line, short_scope

_SIDE, _FAINT = VARIABLES["side"], VARIABLES["faint"]
_OUTCOMES: Mapping[str, str] = {
    Outcome.DENIED: f"bold {STATUS.error}",
    Outcome.FAILED: f"bold {STATUS.warning}",
    Outcome.UNKNOWN: f"bold {STATUS.secondary}",
}
_KINDS: Mapping[str, str] = {ActorKind.COMPONENT: STATUS.secondary or "", ActorKind.ROOT: STATUS.warning or ""}
_VALUES_OUT = frozenset({EventAct.USED, EventAct.WRAPPED, EventAct.DECRYPTED})
PENDING = ("…", _FAINT)
"""Stands in a row whose event is on its way."""


def mark(event: Event) -> str:
    return UNUSUAL if event.flags else ""


def cell(event: Event, column: Column, now: datetime) -> tuple[str, str]:
    """Foreign text as it is, cut to its column."""
    text, style = _cell(event, column.key, now)
    text = one_line(text)
    if not text:
        return DASH, _FAINT
    if column.key is Key.WHO and cell_len(text) > column.width:
        text = one_line(event.actor)
    cut = cut_middle if column.key in (Key.SECRET, Key.WHO, Key.SCOPE) else cut_end
    return cut(text, column.width), style


def _cell(event: Event, key: Key, now: datetime) -> tuple[str, str]:
    match key:
        case Key.TIME:
            moment = parse_time(event.time)
            return (short(moment, now) if moment else event.time), _SIDE
        case Key.ACT:
            return act_text(event), _OUTCOMES.get(event.outcome) or _act_style(event)
        case Key.SECRET:
            return (secret_text(event) if event.secret else ""), ""
        case Key.SCOPE:
            return (short_scope(event.scope) if event.scope else ""), _SIDE
        case Key.VERSION:
            return (str(event.version) if event.version else ""), _SIDE
        case Key.WHO:
            return who_text(event), _KINDS.get(event.actor_kind, "")
        case Key.WHY:
            return event.reason or "", _SIDE
        case Key.ADDRESS:
            return event.address or "", _SIDE
        case Key.CLIENT:
            return (event.client or "").partition("/")[0].upper(), _SIDE


def _act_style(event: Event) -> str:
    return STATUS.primary if event.act in _VALUES_OUT else _SIDE
