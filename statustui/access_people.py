"""The people: add, new password, disable, remove."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.model.access import PersonAdd, PersonPassword, PersonSaved, PersonView
from adapter.model.records import check_reason
from adapter.model.who import Kind, Who
from statustui.access_holders import HoldersSection
from statustui.access_section import Done, Form
from statustui.fields import Field
from statustui.form import FormScreen, problem_of
from statustui.plain_table import PlainColumn, Row
from statustui.reason_form import ReasonForm, reason_field
from statustui.theme import STATUS, VARIABLES
from statustui.wording import cut_middle

_SIDE = VARIABLES["side"]
_NO_USER_NAME = "They sign in elsewhere: their password is not kept in the vault."


class PeopleSection(HoldersSection[PersonView]):
    name, label = "people", "People"
    columns = (
        PlainColumn("Name", share=5, cut=cut_middle),
        PlainColumn("Signs in with", share=5),
        PlainColumn("State", 10),
    )
    empty = "Nobody has signed in yet."
    offers = {"new": "Add", "delete": "Remove", "renew": "New password", "switch": "Disable"}

    async def read(self, client: AsyncClient) -> list[PersonView]:
        return await client.people()

    def row(self, one: PersonView, now: datetime) -> Row:
        state = ("disabled", STATUS.warning or "") if one.disabled else ("", _SIDE)
        return [(one.name, ""), (", ".join(one.sign_in) or "nothing", _SIDE), state]

    def about(self, one: PersonView, now: datetime) -> Content:
        return Content(f"{one.who}. Roles are granted under Grants.")

    def who(self, one: PersonView) -> str:
        return one.who

    def disabled(self, one: PersonView) -> bool:
        return one.disabled

    def add(self, client: AsyncClient, scopes: list[str]) -> Form:
        return PersonForm(client)

    def renew(self, client: AsyncClient, one: PersonView) -> Form:
        return _new_password(client, one)

    def remove(self, client: AsyncClient, one: PersonView) -> Form:
        return _remove(client, one)

    def why_not(self, act: str, one: PersonView | None) -> str:
        if act == "renew" and one is not None and "userpass" not in one.sign_in:
            return _NO_USER_NAME
        return super().why_not(act, one)


def _password(saved: PersonSaved, what: str) -> Done:
    words = "Hand it over on a way that you trust; nobody can look it up again."
    return Done(f"{saved.name}: {what}", f"{saved.name} · {what}", words, saved.password)


def _new_password(client: AsyncClient, one: PersonView) -> Form:
    async def call(reason: str | None) -> Done:
        body = PersonPassword(reason=reason) if reason else PersonPassword()
        return _password(await client.new_password(one.name, body), "new password")

    words = "A password is made and shown once. The old one stops working; sessions that are open go on."
    return ReasonForm(client, f"New password · {one.name}", words, label="Make it", call=call)


def _remove(client: AsyncClient, one: PersonView) -> Form:
    async def call(reason: str | None) -> Done:
        await client.remove_person(one.name, reason=reason)
        return Done(f"{one.name}: removed, with user name, tokens and grants")

    words = "Their user name, tokens and grants go at once. What they did stays in the log."
    return ReasonForm(client, f"Remove · {one.name}", words, label="Remove", call=call, confirm=one.name)


class PersonForm(FormScreen[Done]):
    SAVE_LABEL = "Add"

    def __init__(self, client: AsyncClient) -> None:
        super().__init__(client, "New person", "They sign in with a user name; a password is made and shown once.")

    def controls(self) -> ComposeResult:
        yield Field("name", "User name", Input(id="name", placeholder="for example erika", compact=True))
        yield reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#name").focus()

    def problems(self) -> dict[str, str]:
        found = {
            "name": problem_of(lambda: Who.parse(f"{Kind.PERSON}:{self.text('name')}", "name")),
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        return {key: problem for key, problem in found.items() if problem}

    def notes(self) -> dict[str, str]:
        return {"name": "holds no role until one is granted under Grants"}

    def typed(self) -> bool:
        return any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[Done]]:
        reason = check_reason(self.text("reason"))
        body = PersonAdd(name=self.text("name"), **({"reason": reason} if reason else {}))

        async def call() -> Done:
            return _password(await self._client.add_person(body), "added")

        return call
