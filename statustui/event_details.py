"""Everything about one event: the pane below the audit table."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from adapter.model.audit import Event
from adapter.model.records import parse_time
from statustui.audit_words import flag_text, headline, kind_text
from statustui.detail_lines import one_column, or_dash
from statustui.missing_right import missing_right
from statustui.theme import STATUS, VARIABLES
from statustui.times import both
from statustui.wording import one_line

_QUIET = VARIABLES["quiet"]


def event_rows(event: Event, now: datetime) -> list[tuple[str, Text]]:
    """Label and text of each line. Foreign text goes through `Text`, never through markup."""
    moment = parse_time(event.time)
    missing = missing_right(event)
    rows = [
        *([("Missing", Text(missing, STATUS.error or ""))] if missing else []),
        *(("Unusual", Text(flag_text(flag), STATUS.warning or "")) for flag in event.flags),
        ("Time", Text(both(moment, now) if moment else one_line(event.time))),
        ("Who", _who(event)),
        ("Secret", _secret(event)),
        ("Reason", _own_words(event.reason)),
        ("With", _own_words(event.client)),
        ("From", or_dash(event.address)),
        ("Requests", Text(one_line(", ".join(event.request_ids)), _QUIET)),
    ]
    if event.component:
        rows.insert(-3, ("Component", or_dash(event.component)))
    return rows


def _who(event: Event) -> Text:
    text = Text(one_line(event.actor))
    beside = " · ".join(one_line(one) for one in (kind_text(event), event.role or "") if one)
    return text.append(f" · {beside}", _QUIET) if beside else text


def _secret(event: Event) -> Text:
    text = or_dash(event.secret)
    return text.append(f" · version {event.version}", _QUIET) if event.version else text


def _own_words(words: str | None) -> Text:
    """What the caller said about itself, marked as that."""
    return or_dash(words).append("  in their own words" if words else "", VARIABLES["faint"])


class EventDetails(VerticalScroll, can_focus=True):
    def __init__(self) -> None:
        super().__init__(id="event")

    def compose(self) -> ComposeResult:
        yield Static(classes="details-lines")

    def show(self, event: Event | None, now: datetime) -> None:
        lines = self.query_one(Static)
        if event is None:
            self.border_title = Content("Event")
            lines.update("")
            return
        self.border_title = Content(headline(event))
        lines.update(one_column(event_rows(event, now)))
        self.scroll_home(animate=False)
