"""The scopes: add, settings, retire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.model.access import ScopeSave, ScopeView
from adapter.model.address import Scope
from adapter.model.records import check_reason
from statustui.access_section import Done, Form, Section
from statustui.fields import Field
from statustui.form import FormScreen, problem_of
from statustui.plain_table import PlainColumn, Row
from statustui.reason_form import ReasonForm, reason_field
from statustui.theme import STATUS, VARIABLES
from statustui.wording import cut_middle, grouped, plural

_SIDE = VARIABLES["side"]
_ASKED = {False: "optional", True: "asked for"}
_EXPIRED = {"serve": "served, and marked", "refuse": "refused"}


class ScopesSection(Section[ScopeView]):
    name, label = "scopes", "Scopes"
    columns = (
        PlainColumn("Scope", share=5, cut=cut_middle),
        PlainColumn("Secrets", 8),
        PlainColumn("People", 7),
        PlainColumn("Accounts", 8),
        PlainColumn("Components", 10),
        PlainColumn("Reasons", 9, wide=True),
        PlainColumn("Expired secrets", share=3, wide=True),
    )
    empty = "There are no scopes."
    offers = {"new": "New scope", "edit": "Settings", "delete": "Retire"}

    async def read(self, client: AsyncClient) -> list[ScopeView]:
        return await client.scopes()

    def row(self, one: ScopeView, now: datetime) -> Row:
        state = "" if one.state == "ready" else f" ({one.state})"
        counts = [(grouped(count).rjust(6), _SIDE) for count in (one.secrets, one.people, one.accounts, one.components)]
        style = (STATUS.warning or "") if state else ""
        return [
            (one.scope + state, style),
            *counts,
            (_ASKED[one.require_reason], _SIDE),
            (_EXPIRED[one.expired], _SIDE),
        ]

    def about(self, one: ScopeView, now: datetime) -> Content:
        lines = {
            "ready": f"{plural(one.secrets, 'secret')}. Reasons are {_ASKED[one.require_reason]}; "
            f"expired secrets are {_EXPIRED[one.expired]}.",
            "unfinished": "Some of its policies or groups are missing: add it again, and that is finished.",
            "retiring": "Its retirement was cut short: retire it again to finish, or add it again to keep it.",
        }
        return Content(lines[one.state])

    def form(self, act: str, client: AsyncClient, one: ScopeView | None, scopes: list[str]) -> Form:
        if act == "delete" and one is not None:
            return _retire(client, one)
        return ScopeForm(client, None if act == "new" else one)

    def why_not(self, act: str, one: ScopeView | None) -> str:
        if act == "delete" and one is not None:
            if one.scope == "global":
                return "The scope global stays: every role is USER there."
            if one.secrets:
                return f"{one.scope} holds {plural(one.secrets, 'secret')}: move or delete them first."
        return super().why_not(act, one)


def _retire(client: AsyncClient, one: ScopeView) -> Form:
    async def call(reason: str | None) -> Done:
        await client.retire_scope(one.scope, reason=reason)
        return Done(f"{one.scope}: retired")

    words = "Its grants, policies and groups go. Nobody can create secrets there until it is added again."
    return ReasonForm(client, f"Retire · {one.scope}", words, label="Retire", call=call, confirm=one.scope)


class ScopeForm(FormScreen[Done]):
    """A new scope, or the settings of `scope`."""

    def __init__(self, client: AsyncClient, scope: ScopeView | None) -> None:
        super().__init__(client, f"Settings · {scope.scope}" if scope else "New scope")
        self.SAVE_LABEL = "Save" if scope else "Add scope"
        self._scope = scope

    def controls(self) -> ComposeResult:
        if self._scope is None:
            placeholder = "environment/qa, service/billing or custom/team-a"
            yield Field("scope", "Scope", Input(id="scope", placeholder=placeholder, compact=True))
        asked = self._scope.require_reason if self._scope else False
        expired = self._scope.expired if self._scope else "serve"
        yield Field("requireReason", "Reasons", _select("require", [(_ASKED[it], it) for it in (False, True)], asked))
        yield Field(
            "expired", "Expired ones", _select("expired", [(word, it) for it, word in _EXPIRED.items()], expired)
        )
        yield reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#require" if self._scope else "#scope").focus()

    def _named(self) -> str:
        return self._scope.scope if self._scope else str(Scope.parse(self.text("scope").strip()))

    def problems(self) -> dict[str, str]:
        found = {"scope": problem_of(self._named), "reason": problem_of(lambda: check_reason(self.text("reason")))}
        return {key: problem for key, problem in found.items() if problem}

    def notes(self) -> dict[str, str]:
        return {"requireReason": "a change by bao or vault without one is marked, not refused"}

    def typed(self) -> bool:
        return any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[Done]]:
        given = {
            "scope": self._named(),
            "require_reason": self.query_one("#require", Select).value,
            "expired": self.query_one("#expired", Select).value,
            "reason": check_reason(self.text("reason")) or None,
        }
        body = ScopeSave.model_validate({key: value for key, value in given.items() if value is not None})
        word = "settings saved" if self._scope else "added"

        async def call() -> Done:
            return Done(f"{(await self._client.save_scope(body)).scope}: {word}")

        return call


def _select(id: str, options: list[tuple[str, bool]] | list[tuple[str, str]], value: bool | str) -> Select[object]:
    return Select(options, value=value, allow_blank=False, compact=True, id=id)
