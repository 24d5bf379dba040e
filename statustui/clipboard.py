"""Copying what is secret."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr
from textual.app import App


def copy_secret(app: App[Any], text: SecretStr) -> None:
    """Hand `text` to the terminal's clipboard (OSC 52), and keep none of it for pasting inside the program."""
    app.copy_to_clipboard(text.get_secret_value())
    app._clipboard = ""
