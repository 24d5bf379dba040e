"""Create an encryption key, rotate one; neither form ever holds a key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from textual.app import ComposeResult
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.errors import Invalid
from adapter.model.keys import KeySaved, check_key_name
from adapter.model.records import check_reason
from statustui.fields import Field, change_reason_field
from statustui.form import FormScreen, problem_of
from statustui.key_rows import KeyRow


class NewKeyScreen(FormScreen[KeySaved]):
    """`taken` are the addresses of keys that the person can see are in use."""

    SAVE_LABEL = "Create key"

    def __init__(self, client: AsyncClient, *, scopes: list[str], scope: str, taken: Collection[str]) -> None:
        words = "The vault makes an AES-256-GCM key and keeps it: it is used by its name, and nobody ever sees it."
        super().__init__(client, "New encryption key", words)
        self._scopes = scopes
        self._scope = scope if scope in scopes else scopes[0]
        self._taken = taken

    def controls(self) -> ComposeResult:
        yield Field("name", "Name", Input(id="name", placeholder="for example customer_export", compact=True))
        scopes = [(one, one) for one in self._scopes]
        yield Field("scope", "Scope", Select(scopes, value=self._scope, allow_blank=False, compact=True, id="scope"))
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#name").focus()

    def problems(self) -> dict[str, str]:
        found = {
            "name": problem_of(lambda: check_key_name(self.text("name"))) or self._name_taken(),
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        return {key: problem for key, problem in found.items() if problem}

    def _name_taken(self) -> str:
        name, scope = check_key_name(self.text("name")), self._chosen()
        return f"{name} exists already in {scope}." if f"{scope}/{name}" in self._taken else ""

    def _chosen(self) -> str:
        return str(self.query_one("#scope", Select).value)

    def notes(self) -> dict[str, str]:
        typed = self.text("name")
        try:
            stored = check_key_name(typed)
        except Invalid:
            return {"name": ""}
        return {"name": f"will be stored as {stored}" if stored != typed else ""}

    def typed(self) -> bool:
        return any(one.value for one in self.query(Input))

    def request(self) -> Callable[[], Awaitable[KeySaved]]:
        name, scope = check_key_name(self.text("name")), self._chosen()
        reason = check_reason(self.text("reason")) or None
        return lambda: self._client.create_key(name, scope, reason=reason)


class RotateKeyScreen(FormScreen[KeySaved]):
    SAVE_LABEL = "Rotate"

    def __init__(self, client: AsyncClient, row: KeyRow) -> None:
        words = f"Version {row.version + 1} will encrypt from now on; what was encrypted so far is decrypted as before."
        super().__init__(client, f"Rotate · {row.name}", words)
        self._row = row

    def controls(self) -> ComposeResult:
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#reason").focus()

    def problems(self) -> dict[str, str]:
        problem = problem_of(lambda: check_reason(self.text("reason")))
        return {"reason": problem} if problem else {}

    def typed(self) -> bool:
        return bool(self.text("reason"))

    def request(self) -> Callable[[], Awaitable[KeySaved]]:
        reason = check_reason(self.text("reason")) or None
        return lambda: self._client.rotate_key(self._row.key.id, reason=reason)
