"""Rename a secret, or move it to another scope: what breaks is said before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.errors import Invalid, StatusError
from adapter.model.address import Address, normalise_name
from adapter.model.records import check_reason
from adapter.model.wire import SecretPatch, SecretSaved, SecretView
from statustui.confirm import AskScreen
from statustui.fields import Field, change_reason_field
from statustui.form import WHOLE_FORM, problem_of
from statustui.move_words import broken, consequence, deleted_versions
from statustui.on_secret import SecretForm


class MoveScreen(SecretForm[SecretSaved]):
    """`scopes`: where the person may move it to; empty for one who may only rename. `taken`: addresses in use."""

    SAVE_LABEL = "Rename"

    class Deleted(Message):
        """Which versions are soft-deleted."""

        def __init__(self, versions: list[int]) -> None:
            super().__init__()
            self.versions = versions

    def __init__(
        self, client: AsyncClient, secret: SecretView, *, scopes: Collection[str], taken: Collection[str]
    ) -> None:
        self.SAVE_LABEL = "Rename or move" if scopes else "Rename"
        super().__init__(client, secret, f"{self.SAVE_LABEL} · {secret.name}", consequence(secret))
        self._scopes = sorted({*scopes, secret.scope} - {""}) if scopes else []
        self._taken = taken
        self._deleted: list[int] | None = None
        self._agreed: Address | None = None

    def controls(self) -> ComposeResult:
        yield Field("name", "Name", Input(self._secret.name, id="name", compact=True))
        if self._scopes:
            scopes = [(one, one) for one in self._scopes]
            chosen = self._secret.scope or self._scopes[0]
            yield Field("scope", "Scope", Select(scopes, value=chosen, allow_blank=False, compact=True, id="scope"))
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#name").focus()
        self._look()

    @work(exclusive=True, group="look", description="deleted versions")
    async def _look(self) -> None:
        with suppress(StatusError):  # the question then speaks of them in general
            self.post_message(self.Deleted(deleted_versions(await self._client.versions(self._secret.id))))

    @on(Deleted)
    def _learn_deleted(self, message: Deleted) -> None:
        self._deleted = message.versions

    @property
    def _scope(self) -> str:
        return str(self.query_one("#scope", Select).value) if self._scopes else self._secret.scope

    def _stored_name(self) -> str:
        """As it will be stored; a name of the CLI's stays as it is while nobody touches it. Raises Invalid."""
        typed = self.text("name")
        return typed if typed == self._secret.name else normalise_name(typed)

    def _to(self) -> Address:
        return Address(f"{self._scope}/{self._stored_name()}")

    def problems(self) -> dict[str, str]:
        found = {
            "name": problem_of(self._stored_name) or self._is_taken(),
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        if not found["name"] and self._to().id == self._secret.id:
            found[WHOLE_FORM] = "Nothing was changed."
        return {key: problem for key, problem in found.items() if problem}

    def _is_taken(self) -> str:
        to = self._to()
        return (
            f"{to.name} exists already in {self._scope}." if to.path in self._taken and to.id != self._secret.id else ""
        )

    def notes(self) -> dict[str, str]:
        try:
            name = self._stored_name()
        except Invalid:
            return {"name": ""}
        return {"name": f"will be stored as {name}" if name != self.text("name") else ""}

    def typed(self) -> bool:
        return self.text("name") != self._secret.name or self._scope != self._secret.scope or bool(self.text("reason"))

    def request(self) -> Callable[[], Awaitable[SecretSaved]]:
        given = {
            "name": self._stored_name() if self._stored_name() != self._secret.name else "",
            "scope": self._scope if self._scope != self._secret.scope else "",
            "reason": check_reason(self.text("reason")),
        }
        patch = SecretPatch(**{key: text for key, text in given.items() if text})
        return lambda: self._client.edit(self._secret.id, patch)

    def _save(self) -> None:
        """What breaks is asked about once for each new place."""
        if self._sending or not self.is_current or self.problems() or self._agreed == self._to():
            super()._save()
            return
        to = self._to()
        moves = to.scope != Address.from_id(self._secret.id).scope
        heading, yes = (f"Move it to {self._scope}?", "Move") if moves else (f"Rename it to {to.name}?", "Rename")
        question = AskScreen(heading, broken(self._secret, to, self._deleted), yes=yes, no="Go back")
        self.app.push_screen(question, self._asked)

    def _asked(self, agreed: bool | None) -> None:
        if agreed:
            self._agreed = self._to()
            self.call_later(self._save)
