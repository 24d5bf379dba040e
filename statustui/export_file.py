"""Export: something that the adapter answers, written to a file that the person names."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from os import write
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.errors import Invalid
from statustui.fields import Field
from statustui.form import FormScreen

Content = Callable[[str], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""What to write, by the ending of the file's name."""


class ExportScreen(FormScreen[str]):
    """Dismisses with the path that was written. A file that is there already is never written over.

    `name` is the file's without its ending, `endings` are those that there are, the first one being offered.
    """

    SAVE_LABEL = "Export"

    def __init__(
        self, client: AsyncClient, heading: str, words: str, *, name: str, endings: Sequence[str], content: Content
    ) -> None:
        super().__init__(client, heading, f"{words} The ending chooses: {' or '.join(endings)}.")
        self._first = f"~/{name}{endings[0]}"
        self._endings = endings
        self._content = content

    def controls(self) -> ComposeResult:
        yield Field("path", "File", Input(id="path", value=self._first, compact=True))

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#path", Input).focus()

    def problems(self) -> dict[str, str]:
        problem = path_problem(self.text("path"), self._endings)
        return {"path": problem} if problem else {}

    def typed(self) -> bool:
        return self.text("path") != self._first

    def request(self) -> Callable[[], Awaitable[str]]:
        path = Path(self.text("path").strip()).expanduser()

        async def send() -> str:
            async with self._content(path.suffix.lower()) as parts:
                with _NewFile(path) as file:
                    async for part in parts:
                        file.write(part)
            return str(path)

        return send


def path_problem(text: str, endings: Sequence[str]) -> str:
    """What is wrong with a path to write to; empty when nothing is."""
    path = Path(text.strip()).expanduser()
    if not text.strip() or path.is_dir():
        return "Name a file."
    if path.suffix.lower() not in endings:
        return f"End the name with {' or '.join(endings)}."
    if path.exists():
        return "There is such a file already; name another one."
    return "" if path.parent.is_dir() else "There is no such folder."


class _NewFile:
    """Only its owner may read it; what was not written to its end is gone again. Raises Invalid."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> _NewFile:
        try:
            self._number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise Invalid.field("path", f"It cannot be written: {error.strerror}.") from None
        return self

    def write(self, part: bytes) -> None:
        try:
            while part:
                part = part[write(self._number, part) :]
        except OSError as error:
            raise Invalid.field("path", f"It cannot be written to its end: {error.strerror}.") from None

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        os.close(self._number)
        if kind is not None:
            self._path.unlink(missing_ok=True)
