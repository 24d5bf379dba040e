"""Edit: the details of a secret, never its value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.model.records import check_reason
from adapter.model.text import check_line
from adapter.model.wire import SecretPatch, SecretSaved, SecretView
from statustui.checks import check_rotation, expiry_text, read_expiry, read_tags
from statustui.fields import Field, change_reason_field
from statustui.form import WHOLE_FORM, problem_of
from statustui.on_secret import SecretForm
from statustui.wording import TEXT_TYPES, type_label


class EditScreen(SecretForm[SecretSaved]):
    """Sends only what was changed."""

    def __init__(self, client: AsyncClient, secret: SecretView, clock: Callable[[], datetime]) -> None:
        super().__init__(client, secret, f"Edit · {secret.name}", "The value stays as it is; u updates it.")
        self._clock = clock
        self._before = _texts(secret)
        self._types = TEXT_TYPES if secret.type in TEXT_TYPES else ()

    def controls(self) -> ComposeResult:
        def field(key: str, label: str, placeholder: str) -> Field:
            control = Input(self._before.get(key, ""), id=key, placeholder=placeholder, compact=True)
            return Field(key, label, control)

        if self._types:
            types = [(type_label(one), one) for one in self._types]
            chosen = Select(types, value=self._secret.type, allow_blank=False, compact=True, id="type")
            yield Field("type", "Type", chosen)
        yield field("description", "Description", "what it is used for")
        yield field("expiresAt", "Expires", "2027-03-01, or 90d; empty: never")
        yield field("rotateEvery", "Rotation", "every 90d, 12w; empty: never")
        yield field("tags", "Tags", "database, reports")
        yield field("usage", "Usage", "where it is used, how to renew it")
        yield change_reason_field()

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#description").focus()

    def learn(self, secret: SecretView) -> None:
        """What the person has not touched follows; what they typed stays."""
        if self._types and not self._new_type():
            if secret.type in self._types:
                self.query_one("#type", Select).value = secret.type
            else:
                self._types = ()
        super().learn(secret)
        before, self._before = self._before, _texts(secret)
        for key, text in self._before.items():
            if self.text(key) == before[key]:
                self.query_one(f"#{key}", Input).value = text
        self._check()

    def _changed_keys(self) -> list[str]:
        return [key for key, before in self._before.items() if self.text(key).strip() != before.strip()]

    def _new_type(self) -> dict[str, str]:
        """The type that was chosen in the place of the one it has; empty when it stays."""
        chosen = str(self.query_one("#type", Select).value) if self._types else self._secret.type
        return {"type": chosen} if chosen != self._secret.type else {}

    def _changed_anything(self) -> bool:
        return bool(self._changed_keys() or self._new_type())

    def problems(self) -> dict[str, str]:
        found = {
            "description": problem_of(
                lambda: check_line("description", "description", self.text("description").strip())
            ),
            "rotateEvery": problem_of(lambda: check_rotation(self.text("rotateEvery"))),
            "tags": problem_of(lambda: read_tags(self.text("tags"))),
            "usage": problem_of(lambda: check_line("usage", "usage note", self.text("usage").strip())),
            "reason": problem_of(lambda: check_reason(self.text("reason"))),
        }
        if "expiresAt" in self._changed_keys():
            found["expiresAt"] = problem_of(lambda: read_expiry(self.text("expiresAt"), self._clock()))
        if not self._changed_anything():
            found[WHOLE_FORM] = "Nothing was changed."
        return {key: problem for key, problem in found.items() if problem}

    def typed(self) -> bool:
        return bool(self._changed_anything() or self.text("reason"))

    def request(self) -> Callable[[], Awaitable[SecretSaved]]:
        readers: dict[str, tuple[str, Callable[[], Any]]] = {
            "description": ("description", lambda: self.text("description").strip() or None),
            "expiresAt": ("expires_at", lambda: read_expiry(self.text("expiresAt"), self._clock())),
            "rotateEvery": ("rotate_every", lambda: check_rotation(self.text("rotateEvery")) or None),
            "tags": ("tags", lambda: read_tags(self.text("tags")) or None),
            "usage": ("usage", lambda: self.text("usage").strip() or None),
        }
        change = {readers[key][0]: readers[key][1]() for key in self._changed_keys()}
        reason = check_reason(self.text("reason"))
        patch = SecretPatch(**change, **self._new_type(), **({"reason": reason} if reason else {}))
        return lambda: self._client.edit(self._secret.id, patch)


def _texts(secret: SecretView) -> dict[str, str]:
    """The details as they stand in the fields."""
    return {
        "description": secret.description,
        "expiresAt": expiry_text(secret.expires_at),
        "rotateEvery": secret.rotate_every or "",
        "tags": ", ".join(secret.tags),
        "usage": secret.usage,
    }
