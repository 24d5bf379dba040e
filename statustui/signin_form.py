"""The fields of a sign-in, wherever they stand. The form asks; its screen signs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Select

from statustui.fields import Field, button
from statustui.secret_input import SecretInput
from statustui.tick import Tick
from statustui.ways import BY_PASSWORD, LDAP, OIDC, TOKEN, USERPASS, USUAL, Way

REMEMBER = "Remember me in this computer's keyring"

MISSING = {
    "username": "Say who you are.",
    "role_id": "The role id is missing.",
    "secret_id": "The secret id is missing.",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with: `name` is a user name or a role id, empty for a token and for the browser."""

    way: Way
    name: str = ""
    secret: SecretStr = field(default=SecretStr(""), repr=False)
    remember: bool = False


class SignInForm(Vertical):
    class Submitted(Message):
        def __init__(self, credentials: Credentials) -> None:
            super().__init__()
            self.credentials = credentials

    def __init__(self, *, name: str = "", token_at_hand: bool = False) -> None:
        super().__init__(id="signin-form")
        self._first_name = name
        self._token_at_hand = token_at_hand
        self._ways: Sequence[Way] = USUAL
        self._has_keyring: bool | None = None

    def compose(self) -> ComposeResult:
        options = [(way.label, way.key) for way in self._ways]
        yield Field("method", "Method", Select(options, value=USERPASS, allow_blank=False, compact=True, id="method"))
        yield Field("username", "User name", Input(self._first_name, id="username", compact=True))
        yield Field("password", "Password", SecretInput(id="password"))
        yield Field("role_id", "Role id", Input(id="role_id", compact=True))
        yield Field("secret_id", "Secret id", SecretInput(id="secret_id"))
        yield Field("token", "Token", SecretInput(id="token"))
        yield Tick(REMEMBER, id="remember")
        with Horizontal(classes="buttons"):
            yield button("Sign in", "sign-in", primary=True)
        if self._token_at_hand:
            with Horizontal(classes="buttons", id="token-at-hand"):
                yield button("Continue with the token of VAULT_TOKEN or ~/.vault-token", "use-token")

    def on_mount(self) -> None:
        self._show_method()

    def offer(self, ways: Sequence[Way]) -> None:
        """What the server offers, known a moment later than the form is there."""
        if tuple(ways) == tuple(self._ways):
            return
        self._ways = ways
        select = self.query_one("#method", Select)
        chosen = select.value
        select.set_options([(way.label, way.key) for way in ways])
        select.value = chosen if any(way.key == chosen for way in ways) else ways[0].key

    def can_remember(self, why_not: str) -> None:
        """Whether there is a keyring; where there is none the box says so and stays off."""
        box = self.query_one("#remember", Tick)
        box.disabled = bool(why_not)
        box.label = f"Remember me: {why_not}" if why_not else REMEMBER
        self._has_keyring = not why_not
        self._show_method()

    @property
    def way(self) -> Way:
        chosen = self.query_one("#method", Select).value
        return next((way for way in self._ways if way.key == chosen), BY_PASSWORD)

    def fill(self, name: str, password: SecretStr) -> None:
        self.query_one("#method", Select).value = USERPASS
        self.query_one("#username", Input).value = name
        self.query_one("#password", SecretInput).value = password.get_secret_value()
        self.query_one("#sign-in", Button).focus()

    def focus_first_empty(self) -> None:
        inputs = self._inputs
        empty = next((one for one in inputs if not one.value), inputs[-1] if inputs else None)
        (empty or self.query_one("#sign-in", Button)).focus()

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

    @property
    def _inputs(self) -> list[Input]:
        return [self.query_one(f"#{name}", Input) for name in self.way.fields]

    @on(Select.Changed, "#method")
    def _show_method(self) -> None:
        way = self.way
        for name in ("username", "password", "role_id", "secret_id", "token"):
            self.query_one(f"#field-{name}").display = name in way.fields
        # A token that somebody brings along is kept where it came from, and is not ours to revoke.
        self.query_one("#remember").display = self._has_keyring is not None and way.method != TOKEN
        submit = self.query_one("#sign-in", Button)
        submit.label = "Open the browser" if way.method == OIDC else "Sign in"
        submit.refresh(layout=True)

    @on(Input.Changed)
    def _problem_is_old(self, event: Input.Changed) -> None:
        event.stop()
        for one in self.query(Field):
            one.problem = ""

    @on(Input.Submitted)
    @on(Button.Pressed, "#sign-in")
    def submit(self, event: Message) -> None:
        event.stop()
        way, inputs = self.way, self._inputs
        missing = next((one for one in inputs if not one.value.strip()), None)
        if missing is not None and not (missing is inputs[-1] and missing.value):
            self._missing(missing, inputs)
            return
        remember = way.method != TOKEN and self.query_one("#remember", Tick).value
        texts = [one.value.strip() for one in inputs[:-1]]
        secret = inputs[-1].value if inputs else ""
        if way.method not in (USERPASS, LDAP):  # a password may begin or end with a space
            secret = secret.strip()
        self.post_message(self.Submitted(Credentials(way, "".join(texts), SecretStr(secret), remember)))

    def _missing(self, control: Input, inputs: list[Input]) -> None:
        # Enter in the first field goes on to the next without a complaint.
        if not (control is inputs[-1] and len(inputs) > 1 and inputs[0].has_focus):
            sentence = MISSING.get(str(control.id), f"The {control.id} is missing.")
            self.query_one(f"#field-{control.id}", Field).problem = sentence
        control.focus()
