"""What would become of each entry of an import, in a table; then doing it, some entries at a time."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, DataTable, ProgressBar, Static

from adapter.client import AsyncClient
from adapter.errors import NotSignedIn, StatusError
from adapter.model.transfer import ImportEntry, ImportResult
from statustui.cell import Cell
from statustui.dimmed import KeyFooter
from statustui.expired import SessionEnded
from statustui.fields import button
from statustui.import_form import Preview
from statustui.problem import ProblemBox
from statustui.row_keys import ROW_KEYS
from statustui.theme import STATUS
from statustui.wording import cut_middle, one_line, type_label

AT_ONCE = 10
"""Entries that are sent together; the bar moves after each such part."""

_STYLES = {"refused": STATUS.error or "", "created": "", "changed": STATUS.warning or ""}
_PLANNED = {"created": "+ new", "changed": "~ version", "refused": "! refused"}
_DONE = {"created": "✓ created", "changed": "✓ version", "refused": "! refused"}


def entries_of(result: ImportResult) -> Iterator[tuple[str, ImportEntry]]:
    """What is stored first, then what is refused."""
    for kind in ("created", "changed", "refused"):
        for entry in getattr(result, kind):
            yield kind, entry


class EntryTable(DataTable[Cell]):
    BINDINGS = [*ROW_KEYS]

    def __init__(self) -> None:
        super().__init__(id="entries", classes="rows", cursor_type="row", cell_padding=1)

    _width = 0

    def on_resize(self, event: events.Resize) -> None:
        if self.size.width != self._width:
            self._width = self.size.width
            self.post_message(ImportPreview.Resized())


class ImportPreview(ModalScreen[str | None]):
    """Dismisses with the sentence of what was done; None when nothing was."""

    BINDINGS = [
        Binding("ctrl+s", "save", "Import", id="import.save", tooltip="Store what can be stored", priority=True),
        Binding("escape", "close", "Close", id="import.close", tooltip="Leave; what is stored already stays"),
    ]

    class Resized(Message):
        """The table has another width."""

    class Part(Message):
        def __init__(self, result: ImportResult) -> None:
            super().__init__()
            self.result = result

    class Failed(Message):
        def __init__(self, error: StatusError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, client: AsyncClient, preview: Preview) -> None:
        super().__init__(classes="form-screen")
        self._client = client
        self._body = preview.body
        self._entries = [(kind, entry, False) for kind, entry in entries_of(preview.result)]
        self._left = [entry.name for kind, entry, _ in self._entries if kind != "refused"]
        self._count = len(self._left)
        self._storing = False
        self._told_to_stop = False
        self._sentence = preview.result.message

    def compose(self) -> ComposeResult:
        with Vertical(classes="form", id="import") as form:
            form.border_title = Content(f"Import · {one_line(self._body.scope)}")
            yield ProblemBox(id="form-problem")
            yield Static(id="import-words")
            yield EntryTable()
            yield Static(id="entry-reason")
            yield ProgressBar(total=max(self._count, 1), show_eta=False, id="import-bar")
            with Horizontal(classes="buttons"):
                yield button("Close", "cancel")
                yield button("Import", "save", primary=True)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(EntryTable).focus()
        self._show()

    @on(Resized)
    def _draw(self) -> None:
        table = self.query_one(EntryTable)
        row = table.cursor_row
        table.clear(columns=True)
        room = max(table.size.width - 32 - 8, 20)
        for label, width in (("", 11), ("Name", room // 2), ("Type", 11), ("Where it stood", room - room // 2)):
            table.add_column(label, width=width)
        for kind, entry, done in self._entries:
            words = (_DONE if done else _PLANNED)[kind] + (f" {entry.version}" if kind == "changed" else "")
            table.add_row(
                Cell(words, _STYLES[kind]),
                Cell(entry.name, cut=cut_middle),
                Cell(type_label(entry.type) if entry.type else ""),
                Cell(entry.source),
            )
        table.move_cursor(row=row, animate=False)

    def _show(self) -> None:
        done = sum(is_done for _, _, is_done in self._entries)
        self.query_one("#import-words", Static).update(Content(one_line(self._sentence)))
        self.query_one(ProgressBar).update(progress=done)
        self.query_one(ProgressBar).display = done > 0 or self._storing
        self.query_one("#save", Button).disabled = self._storing or not self._left
        self._draw()
        self.refresh_bindings()

    @on(DataTable.RowHighlighted)
    def _row_changed(self, event: DataTable.RowHighlighted) -> None:
        if 0 <= event.cursor_row < len(self._entries):
            entry = self._entries[event.cursor_row][1]
            self.query_one("#entry-reason", Static).update(Content(one_line(f"{entry.name}: {entry.reason}")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._left) and not self._storing if action == "save" else True

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        if self._left and not self._storing and self.is_current:
            self.query_one(ProblemBox).clear()
            self._storing = True
            self._show()
            self._next()

    def _next(self) -> None:
        self._send(self._left[:AT_ONCE])

    @work(exclusive=True, description="import")
    async def _send(self, names: list[str]) -> None:
        body = self._body.model_copy(update={"names": names, "dry_run": False})
        try:
            self.post_message(self.Part(await self._client.import_secrets(body)))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Part)
    def _part_done(self, message: Part) -> None:
        found = {entry.name: (kind, entry, True) for kind, entry in entries_of(message.result)}
        self._entries = [
            row if row[1].name not in found or row[0] == "refused" else found[row[1].name] for row in self._entries
        ]
        self._left = self._left[AT_ONCE:]
        self._sentence = self._counted()
        self._storing = bool(self._left) and not self._told_to_stop
        self._show()
        if self._told_to_stop:
            self._leave()
        elif self._storing:
            self._next()

    def _counted(self) -> str:
        kinds = [kind for kind, _, done in self._entries if done]
        refused = sum(kind == "refused" for kind, _, _ in self._entries)
        left = f", {len(self._left)} to go" if self._left else ""
        counts = f"{kinds.count('created')} created, {kinds.count('changed')} changed, {refused} refused"
        return f"{self._body.scope}: {counts}{left}"

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._storing = False
        self._show()
        if isinstance(message.error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.action_save))
        else:
            self.query_one(ProblemBox).show(message.error)

    @on(Button.Pressed, "#cancel")
    def action_close(self) -> None:
        """At once, or when the part that is under way has come back."""
        if self._storing:
            self._told_to_stop = True
        else:
            self._leave()

    def _leave(self) -> None:
        self.dismiss(self._sentence if any(done for _, _, done in self._entries) else None)
