"""The acts on secrets: each opens its form, and ends with a sentence of what happened to what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from pydantic import SecretStr
from textual.screen import Screen

from adapter.client import AsyncClient
from adapter.model.keys import KeySaved
from adapter.model.wire import MASK, SecretSaved, SecretView
from statustui.clock import Clock
from statustui.create import CreateScreen
from statustui.created import CreatedScreen
from statustui.delete import DeleteScreen
from statustui.edit import EditScreen
from statustui.import_form import ImportForm, Preview
from statustui.import_preview import ImportPreview
from statustui.key_forms import NewKeyScreen, RotateKeyScreen
from statustui.key_rows import KeyRow, as_row
from statustui.move import MoveScreen
from statustui.update_value import UpdateValueScreen

Done = Callable[[str, str | None], None]
"""Takes the sentence, and the id of the secret that it is about; None once that is gone."""


class Acts:
    """`reread` is called as soon as something new is there; `done` once the person has left the form."""

    def __init__(
        self, screen: Screen[Any], client: AsyncClient, clock: Clock, done: Done, reread: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._client = client
        self._clock = clock
        self._done = done
        self._reread = reread

    def create(self, *, scopes: list[str], scope: str, taken: Collection[str]) -> None:
        form = CreateScreen(self._client, scopes=scopes, scope=scope, taken=taken, clock=self._clock)
        self._screen.app.push_screen(form, self._created)

    def _created(self, saved: SecretSaved | None) -> None:
        if saved is not None:
            self._confirm_value(saved, f"{saved.name} was created", saved.value)

    def update_value(self, secret: SecretView) -> None:
        self._screen.app.push_screen(UpdateValueScreen(self._client, secret), self._updated)

    def _updated(self, saved: SecretSaved | None) -> None:
        if saved is not None:
            self._confirm_value(saved, f"{saved.name} · version {saved.version} was created", saved.value)

    def _confirm_value(self, saved: SecretSaved, heading: str, value: SecretStr) -> None:
        plain = saved.model_copy(update={"value": SecretStr(MASK)})

        def finished(_: None) -> None:
            self._done(f"{plain.name}: version {plain.version} created", plain.id)

        self._reread()
        self._screen.app.push_screen(CreatedScreen(heading, value), finished)

    def edit(self, secret: SecretView) -> None:
        self._screen.app.push_screen(EditScreen(self._client, secret, self._clock), self._edited)

    def _edited(self, saved: SecretSaved | None) -> None:
        if saved is not None:
            self._done(f"{saved.name}: details saved", saved.id)

    def move(self, secret: SecretView, *, scopes: Collection[str], taken: Collection[str]) -> None:
        self._screen.app.push_screen(MoveScreen(self._client, secret, scopes=scopes, taken=taken), self._moved)

    def _moved(self, saved: SecretSaved | None) -> None:
        if saved is not None:
            self._done(saved.message, saved.id)

    def delete(self, secret: SecretView) -> None:
        def deleted(gone: bool | None) -> None:
            if gone:
                self._done(f"{secret.name}: deleted, with all its versions", None)

        self._screen.app.push_screen(DeleteScreen(self._client, secret, self._clock()), deleted)

    def import_secrets(self, *, scopes: list[str], scope: str) -> None:
        self._screen.app.push_screen(ImportForm(self._client, scopes=scopes, scope=scope), self._previewed)

    def _previewed(self, preview: Preview | None) -> None:
        if preview is not None:
            self._screen.app.push_screen(ImportPreview(self._client, preview), self._imported)

    def _imported(self, sentence: str | None) -> None:
        if sentence is not None:
            self._done(sentence, None)

    def create_key(self, *, scopes: list[str], scope: str, taken: Collection[str]) -> None:
        form = NewKeyScreen(self._client, scopes=scopes, scope=scope, taken=taken)
        self._screen.app.push_screen(form, self._key_saved)

    def rotate_key(self, row: KeyRow) -> None:
        self._screen.app.push_screen(RotateKeyScreen(self._client, row), self._key_saved)

    def _key_saved(self, saved: KeySaved | None) -> None:
        if saved is not None:
            self._done(saved.message, as_row(saved).id)
