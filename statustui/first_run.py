"""The accounts that the first run made, with their passwords, on the screen this once."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Static

from statustui.fields import button

ROLES = {"viewer": "USER", "developer": "DEVELOPER", "admin": "ADMIN"}


class AccountRow(Horizontal, can_focus=True):
    """One account. Enter, or a click, fills it into the sign-in."""

    BINDINGS = [
        Binding("enter", "use", "Fill in", id="accounts.use", tooltip="Put name and password into the sign-in"),
        Binding("c", "copy", "Copy", id="accounts.copy", tooltip="Copy this password"),
        Binding("a", "copy_all", "Copy all", id="accounts.copy_all", tooltip="Copy all names and passwords"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    class Use(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Copy(Message):
        def __init__(self, name: str | None) -> None:
            super().__init__()
            self.name = name

    def __init__(self, name: str, password: SecretStr) -> None:
        super().__init__(classes="account")
        self.account = name
        self._password = password

    def compose(self) -> ComposeResult:
        yield Static(self.account, classes="account-name", markup=False)
        yield Static(ROLES.get(self.account, ""), classes="account-role", markup=False)
        yield Static(self._password.get_secret_value(), classes="account-password", markup=False)
        copy = button("Copy", f"copy-{self.account}")
        copy.can_focus = False
        yield copy

    @on(Button.Pressed)
    def _copy_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_copy()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.action_use()

    def action_use(self) -> None:
        self.post_message(self.Use(self.account))

    def action_copy(self) -> None:
        self.post_message(self.Copy(self.account))

    def action_copy_all(self) -> None:
        self.post_message(self.Copy(None))


class FirstRun(Vertical):
    """Gone for good once dismissed, or after the sign-in."""

    class Use(Message):
        def __init__(self, name: str, password: SecretStr) -> None:
            super().__init__()
            self.name = name
            self.password = password

    class Copy(Message):
        def __init__(self, text: SecretStr, said: str) -> None:
            super().__init__()
            self.text = text
            self.said = said

    class Kept(Message):
        """The person has the passwords."""

    def __init__(self, accounts: Mapping[str, SecretStr]) -> None:
        super().__init__(id="first-run")
        self._accounts = dict(accounts)
        self.border_title = "Your accounts"

    def compose(self) -> ComposeResult:
        yield Static("These passwords are shown once: keep them now.", id="first-run-words")
        for name, password in self._accounts.items():
            yield AccountRow(name, password)
        with Horizontal(classes="buttons"):
            yield button("Copy all", "copy-all")
            yield button("I have kept them", "kept")

    @on(AccountRow.Use)
    def _use(self, message: AccountRow.Use) -> None:
        message.stop()
        self.post_message(self.Use(message.name, self._accounts[message.name]))

    @on(AccountRow.Copy)
    def _copy(self, message: AccountRow.Copy) -> None:
        message.stop()
        if message.name is None:
            self._copy_all()
        else:
            self.post_message(self.Copy(self._accounts[message.name], f"The password of {message.name} was copied."))

    @on(Button.Pressed, "#copy-all")
    def _copy_all_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._copy_all()

    def _copy_all(self) -> None:
        lines = [f"{name}\t{password.get_secret_value()}" for name, password in self._accounts.items()]
        self.post_message(self.Copy(SecretStr("\n".join(lines)), "All names and passwords were copied."))

    @on(Button.Pressed, "#kept")
    def _kept(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Kept())
