"""The reports: one table each, the activity with a small chart, each to be exported as a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Sparkline, Static, Tab, Tabs

from adapter.client import AsyncClient
from adapter.client.reports import PageFormat
from adapter.model.records import parse_time
from adapter.model.reports import Cell, Report, ReportColumn, ReportName
from adapter.model.wire import dump
from statustui.clock import Clock
from statustui.export_file import ExportScreen
from statustui.plain_table import PlainColumn, PlainTable, Row
from statustui.problem import ProblemBox
from statustui.session import Session
from statustui.table_screen import TableScreen
from statustui.theme import VARIABLES
from statustui.times import exact
from statustui.wording import DASH, cut_middle, grouped, one_line, plural, type_label

_SIDE, _FAINT = VARIABLES["side"], VARIABLES["faint"]
_LABELS = {
    ReportName.UNUSED: "Unused",
    ReportName.NEVER_ROTATED: "Never rotated",
    ReportName.EXPIRING: "Expiring",
    ReportName.ROTATION_DUE: "Rotation due",
    ReportName.ACCESS_PER_SCOPE: "Access",
    ReportName.ACTIVITY: "Activity",
}
_CHARTS = ("uses", "changes", "denied")
_PAGES: Mapping[str, PageFormat] = {".html": "html", ".md": "md", ".csv": "csv"}
_ENDINGS = (*_PAGES, ".json")


class ReportsScreen(TableScreen[Report, None]):
    EMPTY = "No row: nothing is like that."
    BINDINGS = [
        Binding(">,right", "next(1)", "Next report", id="reports.next", tooltip="The next report", key_display=">"),
        Binding("<,left", "next(-1)", "Previous", id="reports.previous", tooltip="The one before", key_display="<"),
        Binding("x", "export", "Export", id="reports.export", tooltip="Write it to a file: HTML, Markdown, CSV, JSON"),
    ]

    def __init__(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> None:
        super().__init__(client, session, vault_name, clock, heading="Reports")
        self._report = ReportName.UNUSED

    def body(self) -> ComposeResult:
        with Vertical(id="table-pane") as pane:
            pane.border_title = Content(self._heading)
            yield Tabs(*(Tab(label, id=name) for name, label in _LABELS.items()), id="reports")
            yield ProblemBox()
            yield Static(id="table-words")
            with Vertical(id="charts"):
                for key in _CHARTS:
                    with Horizontal(classes="chart"):
                        yield Static(classes="chart-label", id=f"label-{key}")
                        yield Sparkline([], id=f"chart-{key}", summary_function=max)
            yield PlainTable((), id="table")
            yield Static(id="empty")
            yield Static(id="table-foot")

    async def read(self) -> Report:
        return await self._client.report(self._report)

    @on(Tabs.TabActivated)
    def _chosen(self, event: Tabs.TabActivated) -> None:
        event.stop()
        if event.tab.id is not None and event.tab.id != self._report:
            self._report = ReportName(event.tab.id)
            self.load()

    def action_next(self, step: int) -> None:
        names = list(_LABELS)
        self.query_one(Tabs).active = names[(names.index(self._report) + step) % len(names)]

    def show(self, answer: Report) -> None:
        super().show(answer)
        charts = self.query_one("#charts")
        charts.display = answer.name == ReportName.ACTIVITY
        for key in _CHARTS:
            numbers = [int(row.get(key) or 0) for row in answer.rows]
            # A sparkline reaches from the least to the most of its numbers: the nought makes that the bottom.
            self.query_one(f"#chart-{key}", Sparkline).data = [0, *numbers] if any(numbers) else []
            self.query_one(f"#label-{key}", Static).update(
                Content(f"{key.capitalize():<8} {grouped(sum(numbers)):>7}") if charts.display else ""
            )

    def columns(self, answer: Report) -> tuple[PlainColumn, ...]:
        last = len(answer.columns) - 1
        return tuple(
            _column(one, wide=0 < index == last and len(answer.columns) > 4) for index, one in enumerate(answer.columns)
        )

    def rows(self, answer: Report) -> list[Row]:
        newest_first = answer.rows[::-1] if answer.name == ReportName.ACTIVITY else answer.rows
        return [[_cell(row.get(one.key), one) for one in answer.columns] for row in newest_first]

    def words(self, answer: Report) -> Content:
        known = parse_time(answer.known_since) if answer.known_since else None
        since = f" The log is known since {exact(known)}." if known else ""
        notes = "".join(f" {one_line(note)}" for note in answer.notes)
        return Content.styled(f"{one_line(answer.about)} {plural(len(answer.rows), 'row')}.{since}{notes}", "$quiet")

    def action_export(self) -> None:
        name = f"{self._report}-{self._clock().strftime('%Y-%m-%d')}"
        words = f"{_LABELS[self._report]}, made anew for the file."
        form = ExportScreen(self._client, "Export a report", words, name=name, endings=_ENDINGS, content=self._content)
        self.app.push_screen(form, self._exported)

    @asynccontextmanager
    async def _content(self, ending: str) -> AsyncIterator[AsyncIterator[bytes]]:
        if ending == ".json":
            import json

            text = json.dumps(dump(await self._client.report(self._report)), ensure_ascii=False, indent=2) + "\n"
        else:
            text = await self._client.report_page(self._report, _PAGES[ending])

        async def parts() -> AsyncIterator[bytes]:
            yield text.encode()

        yield parts()

    def _exported(self, path: str | None) -> None:
        if path is not None:
            self.say(f"{path}: written, for its owner only", done=True)


def _column(column: ReportColumn, *, wide: bool) -> PlainColumn:
    """Times and numbers have their width; texts share what is left, a secret's address getting most."""
    if column.kind == "number":
        width = _number_width(column)
        return PlainColumn(column.label.rjust(width), width, wide=wide)
    if column.key == "day":
        return PlainColumn(column.label, 12)
    if column.kind == "time":
        return PlainColumn(column.label, 10, wide=wide)
    if column.key in ("secret", "scope"):
        return PlainColumn(column.label, share=4, cut=cut_middle, wide=wide)
    return PlainColumn(column.label, share=2, wide=wide)


def _number_width(column: ReportColumn) -> int:
    return max(len(column.label), 7)


def _cell(cell: Cell, column: ReportColumn) -> tuple[str, str]:
    if cell is None or cell == "":
        return DASH, _FAINT
    if column.kind == "number":
        return grouped(int(cell)).rjust(_number_width(column)), _SIDE
    if column.kind == "time":
        moment = parse_time(str(cell))
        return (exact(moment)[:10] if moment else str(cell)), _SIDE
    if column.key == "type":
        return type_label(str(cell)), _SIDE
    return str(cell), "" if column.key in ("secret", "scope", "day", "actor") else _SIDE
