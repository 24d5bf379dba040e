"""Import: which file or folder, into which scope; its preview comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.client.import_source import Format, format_of, read_source
from adapter.errors import Invalid
from adapter.model.records import check_reason
from adapter.model.transfer import ImportBody, ImportResult
from statustui.fields import Field, change_reason_field
from statustui.form import FormScreen, problem_of

FORMATS: dict[str, Format | None] = {
    "what its name says": None,
    ".env": "env",
    "JSON": "json",
    "PEM and SSH files": "files",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of each entry, and what to send so that it does."""

    body: ImportBody = field(repr=False)
    result: ImportResult


class ImportForm(FormScreen[Preview]):
    """Dismisses with the preview; nothing is stored yet."""

    SAVE_LABEL = "Preview"

    def __init__(self, client: AsyncClient, *, scopes: list[str], scope: str) -> None:
        super().__init__(
            client, "Import", "A .env or JSON file, or a folder of PEM and SSH files. Nothing is stored yet."
        )
        self._scopes = scopes
        self._scope = scope if scope in scopes else scopes[0]

    def controls(self) -> ComposeResult:
        formats, scopes = [(one, one) for one in FORMATS], [(one, one) for one in self._scopes]
        yield Field("path", "File, folder", Input(id="path", placeholder="~/project/.env", compact=True))
        chosen = Select(formats, value=formats[0][1], allow_blank=False, compact=True, id="format")
        yield Field("format", "Format", chosen)
        yield Field("scope", "Scope", Select(scopes, value=self._scope, allow_blank=False, compact=True, id="scope"))
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#path").focus()

    def problems(self) -> dict[str, str]:
        found = {
            "path": "" if self.text("path").strip() else "Enter the path of a file or folder.",
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        return {key: problem for key, problem in found.items() if problem}

    def typed(self) -> bool:
        return False

    def request(self) -> Callable[[], Awaitable[Preview]]:
        path = Path(self.text("path").strip())
        form = FORMATS[str(self.query_one("#format", Select).value)]
        scope, reason = str(self.query_one("#scope", Select).value), check_reason(self.text("reason")) or None

        async def preview() -> Preview:
            body = await asyncio.to_thread(_read, path, form, scope, reason)
            return Preview(body, await self._client.import_secrets(body.model_copy(update={"dry_run": True})))

        return preview


def _read(path: Path, form: Format | None, scope: str, reason: str | None) -> ImportBody:
    """Raises Invalid, TooLarge."""
    try:
        path = path.expanduser()
    except RuntimeError:
        path = Path("~")
    if not path.exists() or path.name == "-":
        raise Invalid.field("path", "There is no such file or folder.", hint="Check its path.")
    form = form or format_of(path)
    if path.is_dir() and form != "files":
        raise Invalid.field("path", "That is a folder.", hint="Choose a file, or the format PEM and SSH files.")
    given = {"reason": reason} if reason else {}
    return ImportBody(format=form, scope=scope, content=read_source(path, form), **given)
