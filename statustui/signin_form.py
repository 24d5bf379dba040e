"""The fields of a sign-in, wherever they stand. The form asks; its screen signs in."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Select

from statustui.fields import Field, button
from statustui.secret_input import SecretInput

USERPASS, TOKEN = "userpass", "token"
METHODS = [("User name and password", USERPASS), ("Vault token", TOKEN)]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with; `name` is empty for a token."""

    name: str
    secret: SecretStr = field(repr=False)


class SignInForm(Vertical):
    class Submitted(Message):
        def __init__(self, credentials: Credentials) -> None:
            super().__init__()
            self.credentials = credentials

    def __init__(self, *, name: str = "", token_at_hand: bool = False) -> None:
        super().__init__(id="signin-form")
        self._first_name = name
        self._token_at_hand = token_at_hand

    def compose(self) -> ComposeResult:
        yield Field("method", "Method", Select(METHODS, value=USERPASS, allow_blank=False, compact=True, id="method"))
        yield Field("username", "User name", Input(self._first_name, id="username", compact=True))
        yield Field("password", "Password", SecretInput(id="password"))
        yield Field("token", "Token", SecretInput(id="token"))
        with Horizontal(classes="buttons"):
            yield button("Sign in", "sign-in", primary=True)
        if self._token_at_hand:
            with Horizontal(classes="buttons", id="token-at-hand"):
                yield button("Continue with the token of VAULT_TOKEN or ~/.vault-token", "use-token")

    def on_mount(self) -> None:
        self._show_method()

    @property
    def uses_token(self) -> bool:
        return self.query_one("#method", Select).value == TOKEN

    def fill(self, name: str, password: SecretStr) -> None:
        self.query_one("#method", Select).value = USERPASS
        self.query_one("#username", Input).value = name
        self.query_one("#password", SecretInput).value = password.get_secret_value()
        self.query_one("#sign-in", Button).focus()

    def focus_first_empty(self) -> None:
        names = ["#token"] if self.uses_token else ["#username", "#password"]
        fields = [self.query_one(one, Input) for one in names]
        next((one for one in fields if not one.value), fields[-1]).focus()

    def refused(self) -> None:
        """Forget what was refused and keep the name."""
        self.wipe()
        self.focus_first_empty()

    def without_token_at_hand(self) -> None:
        """It was refused: nothing offers it any more."""
        self.query("#token-at-hand").remove()

    def wipe(self) -> None:
        for one in self.query(SecretInput):
            one.wipe()

    @on(Select.Changed, "#method")
    def _show_method(self) -> None:
        self.query_one("#field-username").display = not self.uses_token
        self.query_one("#field-password").display = not self.uses_token
        self.query_one("#field-token").display = self.uses_token

    @on(Input.Changed)
    def _problem_is_old(self, event: Input.Changed) -> None:
        event.stop()
        for one in self.query(Field):
            one.problem = ""

    @on(Input.Submitted)
    @on(Button.Pressed, "#sign-in")
    def submit(self, event: Message) -> None:
        event.stop()
        username = self.query_one("#username", Input)
        secret = self.query_one("#token" if self.uses_token else "#password", SecretInput)
        if not self.uses_token and not username.value.strip():
            self._missing("username", "Say who you are.", username)
        elif not secret.value:
            self._missing(str(secret.id), f"The {secret.id} is missing.", secret)
        else:
            name = "" if self.uses_token else username.value.strip()
            self.post_message(
                self.Submitted(Credentials(name, SecretStr(secret.value.strip() if not name else secret.value)))
            )

    def _missing(self, key: str, sentence: str, control: Input) -> None:
        # Enter in the name field goes on to the password without a complaint.
        if not (key == "password" and self.query_one("#username", Input).has_focus):
            self.query_one(f"#field-{key}", Field).problem = sentence
        control.focus()
