"""While somebody signs in with the browser: the address, should none have opened, and a way back."""

from __future__ import annotations

from pydantic import SecretStr
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from adapter.client.browser import open_page
from statustui.clipboard import copy_secret
from statustui.fields import button


class BrowserWait(Vertical):
    class GivenUp(Message):
        """The person goes another way."""

    class Opened(Message):
        def __init__(self, opened: bool) -> None:
            super().__init__()
            self.opened = opened

    def __init__(self) -> None:
        super().__init__(id="browser-wait")
        self._url = ""

    def compose(self) -> ComposeResult:
        yield Static(id="browser-words")
        yield Static(id="browser-address", markup=False)
        with Horizontal(classes="buttons"):
            yield button("Copy the address", "copy-address", primary=True)
            yield button("Stop waiting", "stop-waiting")

    def on_mount(self) -> None:
        self.display = False

    def show(self, url: str) -> None:
        self._url = url
        self.query_one("#browser-words", Static).update(Content("Opening the browser…"))
        self.query_one("#browser-address", Static).update(Content(url))
        self.display = True
        self.query_one("#copy-address", Button).focus()
        self._open(url)

    @work(thread=True, description="browser", exclusive=True)
    def _open(self, url: str) -> None:
        self.post_message(self.Opened(open_page(url)))

    @on(Opened)
    def _opened(self, message: Opened) -> None:
        message.stop()
        words = (
            "Go on in the browser. Should it show nothing, open this address:"
            if message.opened
            else "No browser could be opened from here. Open this address on this computer:"
        )
        self.query_one("#browser-words", Static).update(Content(words))

    @on(Button.Pressed, "#copy-address")
    def _copy(self, event: Button.Pressed) -> None:
        event.stop()
        copy_secret(self.app, SecretStr(self._url))
        self.query_one("#browser-words", Static).update(Content("The address was copied. Go on in the browser."))

    @on(Button.Pressed, "#stop-waiting")
    def _stop(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.GivenUp())
