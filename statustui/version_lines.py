"""Everything about one version but its value, its reason in full."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from adapter.model.wire import VersionView
from statustui.detail_lines import FLAGS, one_column, or_dash, time_of
from statustui.theme import STATUS, VARIABLES
from statustui.times import both
from statustui.version_words import origin, unrecorded
from statustui.wording import one_line


def version_rows(version: VersionView, now: datetime) -> list[tuple[str, Text]]:
    """Label and text of each line."""
    flags = [FLAGS.get(one, one_line(one)) for one in version.flags]
    rows = [
        ("Created", _when_who(version, now)),
        ("Origin", Text(one_line(origin(version)))),
        ("Reason", or_dash(version.reason)),
    ]
    return rows + ([("Note", Text("; ".join(flags), STATUS.warning or ""))] if flags else [])


def _when_who(version: VersionView, now: datetime) -> Text:
    moment = time_of(version.created_at)
    text = Text(both(moment, now) if moment else one_line(version.created_at))
    if version.created_by:
        return text.append(" by ", VARIABLES["quiet"]).append(one_line(version.created_by))
    return text.append(" by somebody without STATUS", VARIABLES["quiet"]) if unrecorded(version) else text


class VersionLines(VerticalScroll, can_focus=True):
    def __init__(self) -> None:
        super().__init__(id="version")

    def compose(self) -> ComposeResult:
        yield Static(classes="details-lines")

    def show(self, version: VersionView | None, now: datetime) -> None:
        lines = self.query_one(Static)
        if version is None:
            self.border_title = None
            lines.update("")
            return
        self.border_title = Content(f"Version {version.version} · {one_line(version.state)}")
        lines.update(one_column(version_rows(version, now)))
        self.scroll_home(animate=False)
