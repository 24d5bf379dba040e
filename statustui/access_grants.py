"""Who has which role where: grant, revoke."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.model.access import EVERYWHERE, GrantChange, GrantView
from adapter.model.records import check_reason, parse_time
from adapter.model.roles import Role
from adapter.model.who import Kind, Who
from statustui.access_section import Done, Form, Section
from statustui.fields import Field
from statustui.form import FormScreen, problem_of
from statustui.plain_table import PlainColumn, Row
from statustui.reason_form import ReasonForm, reason_field
from statustui.theme import STATUS, VARIABLES
from statustui.times import ago, short
from statustui.wording import cut_middle

_SIDE = VARIABLES["side"]
_KINDS = {Kind.PERSON: "Person", Kind.ACCOUNT: "STATUS account", Kind.COMPONENT: "Component"}
_NAMES = {
    Kind.PERSON: "the user name, or MOUNT/NAME",
    Kind.ACCOUNT: "the user id in STATUS, a number",
    Kind.COMPONENT: "as it was added under Components",
}
_ROLES = {
    Kind.PERSON: (Role.USER, Role.DEVELOPER, Role.ADMIN),
    Kind.ACCOUNT: (Role.USER, Role.DEVELOPER),
    Kind.COMPONENT: (Role.USE,),
}


def where(scope: str) -> str:
    return "everywhere" if scope == EVERYWHERE else scope


class GrantsSection(Section[GrantView]):
    name, label = "grants", "Grants"
    columns = (
        PlainColumn("Who", share=5, cut=cut_middle),
        PlainColumn("Role", 10),
        PlainColumn("Scope", share=5, cut=cut_middle),
        PlainColumn("Since", 8),
        PlainColumn("By", share=3, cut=cut_middle, wide=True),
    )
    empty = "Nobody holds a role."
    offers = {"new": "Grant", "delete": "Revoke"}

    async def read(self, client: AsyncClient) -> list[GrantView]:
        return await client.grants()

    def row(self, one: GrantView, now: datetime) -> Row:
        since = parse_time(one.since) if one.since else None
        who = f"{one.who} (disabled)" if one.disabled else one.who
        style = (STATUS.warning or "") if one.disabled else ""
        return [
            (who, style),
            (one.role, ""),
            (where(one.scope), _SIDE),
            (short(since, now), _SIDE),
            (one.by or "", _SIDE),
        ]

    def about(self, one: GrantView, now: datetime) -> Content:
        since = parse_time(one.since) if one.since else None
        told = (
            f"Granted {ago(since, now)}{f' by {one.by}' if one.by else ''}."
            if since
            else "The log does not tell since when."
        )
        also = {
            Kind.ACCOUNT.value: " It counts up to the authority that the account has in STATUS.",
            Kind.GROUP.value: " A group of somebody else's inside one of ours: its members hold the role.",
        }
        stopped = " The vault refuses them at present." if one.disabled else ""
        return Content(told + also.get(one.kind, "") + stopped)

    def form(self, act: str, client: AsyncClient, one: GrantView | None, scopes: list[str]) -> Form:
        return _revoke(client, one) if act == "delete" and one is not None else GrantForm(client, scopes)

    def why_not(self, act: str, one: GrantView | None) -> str:
        if act == "delete" and one is not None and one.kind == Kind.GROUP.value:
            return "This is a group of somebody else's: bao takes it out of ours."
        return super().why_not(act, one)


def _revoke(client: AsyncClient, one: GrantView) -> Form:
    async def call(reason: str | None) -> Done:
        given = {"who": one.who, "role": one.role, "reason": reason}
        place = {} if one.scope == EVERYWHERE else {"scope": one.scope}
        body = GrantChange(**{key: text for key, text in (given | place).items() if text is not None})
        await client.revoke(body)
        return Done(f"{one.who}: no longer {one.role} {_in(one.scope)}")

    words = f"{one.who} will no longer be {one.role} {_in(one.scope)}, from the next request on."
    return ReasonForm(client, f"Revoke · {one.who}", words, label="Revoke", call=call)


def _in(scope: str) -> str:
    return "anywhere" if scope == EVERYWHERE else f"in {scope}"


class GrantForm(FormScreen[Done]):
    SAVE_LABEL = "Grant"

    def __init__(self, client: AsyncClient, scopes: list[str]) -> None:
        super().__init__(client, "Grant a role")
        self._scopes = scopes

    def controls(self) -> ComposeResult:
        kinds = [(label, kind) for kind, label in _KINDS.items()]
        yield Field("kind", "To a", Select(kinds, value=Kind.PERSON, allow_blank=False, compact=True, id="kind"))
        yield Field("who", "Name", Input(id="who", placeholder=_NAMES[Kind.PERSON], compact=True))
        yield Field("role", "Role", Select(_options(Kind.PERSON), allow_blank=False, compact=True, id="role"))
        scopes = [(one, one) for one in self._scopes]
        yield Field("scope", "Scope", Select(scopes, allow_blank=False, compact=True, id="scope"))
        yield reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#who").focus()

    @on(Select.Changed, "#kind")
    def _kind_changed(self) -> None:
        self.query_one("#who", Input).placeholder = _NAMES[self._kind]
        self.query_one("#role", Select).set_options(_options(self._kind))

    @property
    def _kind(self) -> Kind:
        return Kind(str(self.query_one("#kind", Select).value))

    @property
    def _role(self) -> Role:
        return Role(str(self.query_one("#role", Select).value))

    def _who(self) -> Who:
        return Who.parse(f"{self._kind}:{self.text('who').strip()}")

    def problems(self) -> dict[str, str]:
        found = {"who": problem_of(self._who), "reason": problem_of(lambda: check_reason(self.text("reason")))}
        return {key: problem for key, problem in found.items() if problem}

    def notes(self) -> dict[str, str]:
        return {"scope": "held in every scope, whatever is chosen here" if self._role is Role.ADMIN else ""}

    def typed(self) -> bool:
        return any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[Done]]:
        place = "" if self._role is Role.ADMIN else str(self.query_one("#scope", Select).value)
        reason = check_reason(self.text("reason"))
        given = {"who": str(self._who()), "role": str(self._role), "scope": place, "reason": reason}
        body = GrantChange(**{key: text for key, text in given.items() if text})

        async def call() -> Done:
            made = await self._client.grant(body)
            return Done(f"{made.who}: {made.role} {where(made.scope) if made.scope == EVERYWHERE else _in(made.scope)}")

        return call


def _options(kind: Kind) -> list[tuple[str, str]]:
    return [("use: read values" if role is Role.USE else str(role), str(role)) for role in _ROLES[kind]]
