"""New secret: the seed's form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.errors import Invalid
from adapter.model.address import normalise_name
from adapter.model.records import check_reason
from adapter.model.text import check_line
from adapter.model.wire import SecretCreate, SecretSaved
from statustui.checks import check_rotation, read_expiry, read_tags
from statustui.fields import Field, change_reason_field
from statustui.form import problem_of
from statustui.secret_input import SecretInput
from statustui.type_options import ExpiredOption, RuleOption
from statustui.value_entry import ValueEntry
from statustui.value_field import PassphraseField, ValueField
from statustui.wording import type_label

TYPES = ("PASSWORD", "API_KEY", "TOKEN", "CERTIFICATE", "SSH_KEY", "CUSTOM", "OTHER")


class CreateScreen(ValueEntry[SecretSaved]):
    """`taken` are the addresses that the person can see are in use."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        scopes: list[str],
        scope: str | None,
        taken: Collection[str],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(client, "New secret")
        self._scopes = scopes
        self._scope = scope if scope in scopes else scopes[0]
        self._taken = taken
        self._clock = clock

    def controls(self) -> ComposeResult:
        types = [(type_label(one), one) for one in TYPES]
        yield Field("name", "Name", Input(id="name", placeholder="for example billing_token", compact=True))
        yield Field(
            "description",
            "Description",
            Input(id="description", placeholder="optional: what it is used for", compact=True),
        )
        yield Field("type", "Type", Select(types, value=TYPES[0], allow_blank=False, compact=True, id="type"))
        yield ValueField()
        yield PassphraseField()
        yield ExpiredOption()
        yield RuleOption()
        scopes = [(one, one) for one in self._scopes]
        yield Field("scope", "Scope", Select(scopes, value=self._scope, allow_blank=False, compact=True, id="scope"))
        yield Field(
            "expiresAt",
            "Expires",
            Input(id="expiresAt", placeholder="optional: 2027-03-01, or 90d from now", compact=True),
        )
        yield Field(
            "rotateEvery", "Rotation", Input(id="rotateEvery", placeholder="optional: every 90d, 12w", compact=True)
        )
        yield Field("tags", "Tags", Input(id="tags", placeholder="optional: database, reports", compact=True))
        yield Field("usage", "Usage", Input(id="usage", placeholder="optional: where it is used", compact=True))
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.fit_type()
        self.query_one("#name").focus()

    @on(Select.Changed, "#type")
    def _type_chosen(self) -> None:
        self.fit_type()

    @property
    def type(self) -> str:
        return str(self.query_one("#type", Select).value)

    @property
    def scope(self) -> str:
        return str(self.query_one("#scope", Select).value)

    def problems(self) -> dict[str, str]:
        found = {
            "name": problem_of(lambda: normalise_name(self.text("name"))) or self._name_taken(),
            "description": problem_of(
                lambda: check_line("description", "description", self.text("description").strip())
            ),
            **self.value_problems(),
            "expiresAt": problem_of(lambda: read_expiry(self.text("expiresAt"), self._clock())),
            "rotateEvery": problem_of(lambda: check_rotation(self.text("rotateEvery"))),
            "usage": problem_of(lambda: check_line("usage", "usage note", self.text("usage").strip())),
            "tags": problem_of(lambda: read_tags(self.text("tags"))),
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        return {key: problem for key, problem in found.items() if problem}

    def _name_taken(self) -> str:
        name = normalise_name(self.text("name"))
        return f"{name} exists already in {self.scope}." if f"{self.scope}/{name}" in self._taken else ""

    def notes(self) -> dict[str, str]:
        return {"name": self._stored_as(), "value": self.value_note()}

    def _stored_as(self) -> str:
        typed = self.text("name")
        try:
            stored = normalise_name(typed)
        except Invalid:
            return ""
        return f"will be stored as {stored}" if stored != typed else ""

    def typed(self) -> bool:
        return any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[SecretSaved]]:
        given = {
            "description": self.text("description").strip(),
            "expires_at": read_expiry(self.text("expiresAt"), self._clock()),
            "rotate_every": check_rotation(self.text("rotateEvery")),
            "tags": read_tags(self.text("tags")),
            "usage": self.text("usage").strip(),
            "reason": check_reason(self.text("reason")),
        }
        body = SecretCreate(
            name=normalise_name(self.text("name")),
            type=self.type,
            value=self.query_one("#value", SecretInput).secret(),
            scope=self.scope,
            **{key: value for key, value in given.items() if value},
            **self.query_one(ValueField).further(),
            **self.further(),
        )
        return lambda: self._client.create(body)
