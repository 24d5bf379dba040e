"""The components: add, new secret id, disable, remove."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.model.access import ComponentAdd, ComponentRotate, ComponentView, Credentials
from adapter.model.records import check_reason, parse_time
from adapter.model.who import check_component_name
from statustui.access_holders import HoldersSection
from statustui.access_section import Done, Form
from statustui.fields import Field
from statustui.form import FormScreen, problem_of
from statustui.many_of import ManyOf
from statustui.plain_table import PlainColumn, Row
from statustui.reason_form import ReasonForm, reason_field
from statustui.theme import STATUS, VARIABLES
from statustui.times import ago, short
from statustui.wording import cut_middle, plural

_SIDE = VARIABLES["side"]


class ComponentsSection(HoldersSection[ComponentView]):
    name, label = "components", "Components"
    columns = (
        PlainColumn("Name", share=4, cut=cut_middle),
        PlainColumn("Reads values in", share=6),
        PlainColumn("State", 10),
        PlainColumn("Used", 8),
    )
    empty = "There are no components."
    offers = {"new": "Add", "delete": "Remove", "renew": "New secret id", "switch": "Disable"}

    async def read(self, client: AsyncClient) -> list[ComponentView]:
        return await client.components()

    def row(self, one: ComponentView, now: datetime) -> Row:
        used = parse_time(one.last_used_at) if one.last_used_at else None
        style = _SIDE if one.state == "ready" else STATUS.warning or ""
        return [
            (one.name, ""),
            (", ".join(one.scopes) or "nowhere", _SIDE),
            (one.state, style),
            (short(used, now), _SIDE),
        ]

    def about(self, one: ComponentView, now: datetime) -> Content:
        used = parse_time(one.last_used_at) if one.last_used_at else None
        last = f"Last use {ago(used, now)}." if used else "No use in the log."
        half = " Adding it again finishes it." if one.state == "unfinished" else ""
        ids = f"Role id {one.role_id or 'missing'}; {plural(one.secret_ids, 'secret id')}."
        return Content(f"{ids} {last}{half} Further scopes are granted under Grants.")

    def who(self, one: ComponentView) -> str:
        return one.who

    def disabled(self, one: ComponentView) -> bool:
        return one.state == "disabled"

    def add(self, client: AsyncClient, scopes: list[str]) -> Form:
        return ComponentForm(client, scopes)

    def renew(self, client: AsyncClient, one: ComponentView) -> Form:
        return _rotate(client, one)

    def remove(self, client: AsyncClient, one: ComponentView) -> Form:
        return _remove(client, one)


def handed_over(name: str, what: str, credentials: Credentials) -> Done:
    """The wrapped secret id, shown this once."""
    ends = parse_time(credentials.expires_at)
    until = f"{ends:%H:%M} UTC" if ends else credentials.expires_at
    words = (
        f"Role id: {credentials.role_id}\nBelow is a wrapping token. Whoever runs the component opens it, once, until "
        f"{until}: VAULT_TOKEN=… bao unwrap -field=secret_id"
    )
    return Done(f"{name}: {what}", f"{name} · {what}", words, credentials.wrapped_secret_id)


def _rotate(client: AsyncClient, one: ComponentView) -> Form:
    async def call(reason: str | None) -> Done:
        body = ComponentRotate(reason=reason) if reason else ComponentRotate()
        return handed_over(one.name, "new secret id", await client.rotate_component(one.name, body))

    words = "Its earlier secret ids and tokens are revoked at once: it stops working until it has the new one."
    return ReasonForm(client, f"New secret id · {one.name}", words, label="Make it", call=call)


def _remove(client: AsyncClient, one: ComponentView) -> Form:
    async def call(reason: str | None) -> Done:
        await client.remove_component(one.name, reason=reason)
        return Done(f"{one.name}: removed, with its secret ids, tokens and grants")

    words = "Its secret ids, tokens and grants go at once. What it wrapped before can be opened for 5 minutes at most."
    return ReasonForm(client, f"Remove · {one.name}", words, label="Remove", call=call, confirm=one.name)


class ComponentForm(FormScreen[Done]):
    SAVE_LABEL = "Add component"

    def __init__(self, client: AsyncClient, scopes: list[str]) -> None:
        super().__init__(client, "New component", "A program that reads the values of these scopes' secrets.")
        self._scopes = scopes

    def controls(self) -> ComposeResult:
        yield Field("name", "Name", Input(id="name", placeholder="for example node-red", compact=True))
        yield Field("scopes", "Reads in", ManyOf(self._scopes, id="scopes"), note=self._note([]), classes="-many")
        yield reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#name").focus()

    def problems(self) -> dict[str, str]:
        found = {
            "name": problem_of(lambda: check_component_name(self.text("name"))),
            "scopes": "" if self._chosen else "Mark at least one scope, with Space.",
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        return {key: problem for key, problem in found.items() if problem}

    def notes(self) -> dict[str, str]:
        return {"scopes": self._note(self._chosen)}

    @property
    def _chosen(self) -> list[str]:
        return self.query_one(ManyOf).chosen

    @staticmethod
    def _note(chosen: list[str]) -> str:
        return f"{plural(len(chosen), 'scope')}; Space marks, further ones can be granted later"

    @on(ManyOf.Changed)
    def _marked(self, event: ManyOf.Changed) -> None:
        event.stop()
        self.touch("scopes")

    def typed(self) -> bool:
        return bool(self._chosen) or any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[Done]]:
        name, scopes = self.text("name"), self._chosen
        reason = check_reason(self.text("reason"))
        body = ComponentAdd(name=name, scopes=scopes, **({"reason": reason} if reason else {}))

        async def call() -> Done:
            return handed_over(name, "added", await self._client.add_component(body))

        return call
