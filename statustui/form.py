"""What every form does: check while one types, save, place the server's problems, guard what was typed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Select, Static

from adapter.client import AsyncClient
from adapter.errors import Invalid, NotFound, NotSignedIn, StatusError
from statustui.confirm import AskScreen
from statustui.dimmed import KeyFooter
from statustui.expired import SessionEnded
from statustui.fields import Field, button
from statustui.gone import SecretGone
from statustui.header import WaitingLine
from statustui.problem import ProblemBox
from statustui.secret_input import SecretInput
from statustui.typing_order import TAB_IN_ORDER
from statustui.wording import one_line

R = TypeVar("R")

WHOLE_FORM = ""
"""The key of a problem that belongs to no field."""

SAME_FIELD = {"privateKey": "value", "chain": "value", "publicKey": "value"}
"""Fields of the API that a form takes in another one: a PEM is pasted whole."""


def problem_of(check: Callable[[], object]) -> str:
    """What a check of the model says about a field, hint included; empty when it is content."""
    try:
        check()
    except Invalid as error:
        return f"{error.detail} {error.hint}".strip()
    return ""


class FormScreen(ModalScreen[R | None], Generic[R]):
    """Dismisses with the server's answer, or None when given up."""

    BINDINGS = [
        *TAB_IN_ORDER,
        Binding("ctrl+s", "save", "Save", id="form.save", tooltip="Save what the form says", priority=True),
        Binding("escape", "give_up", "Cancel", id="form.cancel", tooltip="Leave without saving"),
    ]
    SAVE_LABEL = "Save"
    THROWN_AWAY = "What you typed here will be gone."

    class Saved(Message):
        def __init__(self, answer: object) -> None:
            super().__init__()
            self.answer = answer

    class Failed(Message):
        def __init__(self, error: StatusError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, client: AsyncClient, heading: str, words: str = "") -> None:
        super().__init__(classes="form-screen")
        self._client = client
        self._heading = heading
        self._words = words
        self._touched: set[str] = set()
        self._refused: dict[str, str] = {}
        self._sending = False
        self._says_problem = False

    @abstractmethod
    def controls(self) -> ComposeResult:
        """The form's fields."""

    @abstractmethod
    def problems(self) -> dict[str, str]:
        """What is wrong now, by field; `WHOLE_FORM` for what belongs to none."""

    @abstractmethod
    def typed(self) -> bool:
        """Whether leaving would lose something."""

    @abstractmethod
    def request(self) -> Callable[[], Awaitable[R]]:
        """The call that saves, made from what the fields hold now."""

    def notes(self) -> dict[str, str]:
        """What is worth knowing about a field as it stands."""
        return {}

    def refused(self, error: StatusError) -> None:
        """Told of every error that saving ended with, but for a session that has ended."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="form") as form:
            form.border_title = Content(one_line(self._heading))
            yield ProblemBox(id="form-problem")
            if self._words:
                yield Static(Content(one_line(self._words)), id="form-words")
            with VerticalScroll(classes="form-fields", can_focus=False):
                yield from self.controls()
            yield WaitingLine()
            with Horizontal(classes="buttons"):
                yield button("Cancel", "cancel")
                yield button(self.SAVE_LABEL, "save", primary=True)
        yield KeyFooter(labels={"Save": self.SAVE_LABEL})

    def on_mount(self) -> None:
        self._check()

    def say(self, words: str) -> None:
        """Other words in the place of those that the form began with."""
        self.query_one("#form-words", Static).update(Content(one_line(words)))

    def text(self, key: str) -> str:
        return self.query_one(f"#{key}", Input).value

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.touch(str(event.input.id))

    @on(Select.Changed)
    def _selected(self, event: Select.Changed) -> None:
        event.stop()
        self._check()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        if event.value:
            self._touched.add(str(event.input.id))
            self._check()

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        event.stop()
        save = self.query_one("#save", Button)
        if event.input is self.query(Input).last() and not save.disabled:
            save.focus()
        else:
            self.focus_next()

    def touch(self, key: str) -> None:
        """A field was changed: what is wrong with it shows from now on, and what the server said of it no more."""
        self._refused.pop(key, None)
        self._touched.add(key)
        self._check()

    def _check(self) -> None:
        problems, notes = self.problems(), self.notes()
        if self._says_problem and WHOLE_FORM not in problems:
            self._says_problem = False
            self.query_one(ProblemBox).clear()
        for one in self.query(Field):
            own = problems.get(one.key, "") if one.key in self._touched else ""
            one.problem = own or self._refused.get(one.key, "")
            if one.key in notes:
                one.note = notes[one.key]
        self.query_one("#save", Button).disabled = bool(problems) or self._sending

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Send the form, or show what is still wrong with it, once all that was typed before has arrived."""
        # The key has priority: without the detour it would overtake keys that wait in the focused input's queue.
        (self.focused or self).call_later(self.call_later, self._save)

    def _save(self) -> None:
        if self._sending or not self.is_current:
            return
        problems = self.problems()
        if problems:
            self._touched |= set(problems)
            self._check()
            self._point_at(problems)
            return
        self.query_one(ProblemBox).clear()
        self._refused = {}
        self._set_sending(True)
        self._send(self.request())

    def _point_at(self, problems: dict[str, str]) -> None:
        """Go to the first field with a problem; what belongs to no field is said at the top."""
        first = next((one.key for one in self.query(Field) if one.key in problems), None)
        if first is not None:
            self._focus_field(first)
        elif self.query_one(ProblemBox).display is False:
            self._says_problem = True
            self.query_one(ProblemBox).say(next(iter(problems.values())))

    def _focus_field(self, key: str) -> None:
        """`key` is a field's of this form: nothing else may reach the query."""
        for control in self.query(f"#{key}"):
            control.focus()

    def _set_sending(self, sending: bool) -> None:
        self._sending = sending
        self.query_one(WaitingLine).waiting = sending
        self._check()

    @work(exclusive=True, description="save")
    async def _send(self, request: Callable[[], Awaitable[R]]) -> None:
        try:
            self.post_message(self.Saved(await request()))
        except StatusError as error:
            self.post_message(self.Failed(error))

    @on(Saved)
    def _saved(self, message: Saved) -> None:
        self.wipe()
        self.dismiss(message.answer)  # type: ignore[arg-type]

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._set_sending(False)
        if isinstance(message.error, NotSignedIn):
            self.post_message(SessionEnded(retry=self.action_save))
            return
        if isinstance(message.error, NotFound):
            self.post_message(SecretGone())
        self.refused(message.error)
        keys = {one.key for one in self.query(Field)}
        places = {one.field: SAME_FIELD.get(one.field, one.field) for one in message.error.fields}
        placed = [one for one in message.error.fields if places[one.field] in keys]
        self._refused = {places[one.field]: one.reason for one in placed}
        self._check()
        if placed:
            self._focus_field(places[placed[0].field])
        if len(placed) < len(message.error.fields) or not placed:
            self.query_one(ProblemBox).show(message.error)

    def wipe(self) -> None:
        for one in self.query(SecretInput):
            one.wipe()

    @on(Button.Pressed, "#cancel")
    def action_give_up(self) -> None:
        if not self.typed():
            self.dismiss(None)
            return
        question = AskScreen("Throw this away?", self.THROWN_AWAY, yes="Throw away", no="Keep editing")
        self.app.push_screen(question, self._answered)

    def _answered(self, throw_away: bool | None) -> None:
        if throw_away:
            self.wipe()
            self.dismiss(None)
