"""A value from a file: its path is asked for, its text read off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import SecretStr
from textual.app import ComposeResult
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.errors import Invalid, TooLarge
from statustui.fields import Field
from statustui.form import FormScreen

BINARY = "A certificate: openssl x509 -inform der. A key store (.p12, .jks): base64, as a custom secret."

PLACEHOLDERS = {"SSH_KEY": "~/.ssh/id_ed25519", "CERTIFICATE": "~/site.pem: certificate and key in one file"}

LARGEST = 1_040_000
"""Bytes: the vault stores no larger value."""


def read_text(path: Path) -> SecretStr:
    """A file's text, line ends made plain. Raises Invalid, TooLarge."""
    try:
        with path.expanduser().open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, RuntimeError):
        raise Invalid.field("path", "That file cannot be read.", hint="Check its path, and who may read it.") from None
    if len(raw) > LARGEST:
        raise TooLarge(
            f"That file is larger than {LARGEST // 1000} kB.", hint="Keep it elsewhere, and only its key here."
        )
    try:
        return SecretStr(raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError:
        pass  # the error holds the bytes
    raise Invalid.field("path", "That file is no text.", hint=BINARY)


class FileScreen(FormScreen[SecretStr]):
    """Dismisses with what the file holds."""

    SAVE_LABEL = "Read"

    def __init__(self, client: AsyncClient, type_name: str) -> None:
        super().__init__(client, "Value from a file", "It is put into the form; saving stores it.")
        self._placeholder = PLACEHOLDERS.get(type_name.upper(), "~/value.txt")

    def controls(self) -> ComposeResult:
        yield Field("path", "File", Input(id="path", placeholder=self._placeholder, compact=True))

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#path").focus()

    def problems(self) -> dict[str, str]:
        return {} if self.text("path").strip() else {"path": "Enter the path of a file."}

    def typed(self) -> bool:
        return False

    def request(self) -> Callable[[], Awaitable[SecretStr]]:
        path = Path(self.text("path").strip())
        return lambda: asyncio.to_thread(read_text, path)
