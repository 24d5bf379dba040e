"""The forms that delete, undelete or destroy one version."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.widgets import Input

from adapter.client import AsyncClient
from adapter.model.records import check_reason
from adapter.model.wire import SecretView, VersionView
from statustui.fields import Field, change_reason_field
from statustui.form import FormScreen, problem_of


class VersionStateScreen(FormScreen[VersionView]):
    """Asks once, with room for a reason; dismisses with the version as it then is."""

    def __init__(self, client: AsyncClient, secret: SecretView, version: int, heading: str, words: str) -> None:
        super().__init__(client, f"{heading} {version} · {secret.name}", words)
        self._secret = secret
        self._version = version

    @abstractmethod
    async def change(self, reason: str | None) -> VersionView:
        """The call."""

    def controls(self) -> ComposeResult:
        yield change_reason_field()

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def problems(self) -> dict[str, str]:
        problem = problem_of(lambda: check_reason(self.text("reason")))
        return {"reason": problem} if problem else {}

    def typed(self) -> bool:
        return bool(self.text("reason"))

    def request(self) -> Callable[[], Awaitable[VersionView]]:
        reason = check_reason(self.text("reason")) or None
        return lambda: self.change(reason)


class DeleteVersionScreen(VersionStateScreen):
    SAVE_LABEL = "Delete version"

    def __init__(self, client: AsyncClient, secret: SecretView, version: int, *, newest: bool) -> None:
        words = "Its value can no longer be read. Nothing is lost: U undeletes it."
        super().__init__(client, secret, version, "Delete version", words + _no_longer_served(newest))

    async def change(self, reason: str | None) -> VersionView:
        return await self._client.delete_version(self._secret.id, self._version, reason=reason)


class UndeleteVersionScreen(VersionStateScreen):
    SAVE_LABEL = "Undelete version"

    def __init__(self, client: AsyncClient, secret: SecretView, version: int) -> None:
        super().__init__(client, secret, version, "Undelete version", "Its value can be used again.")

    async def change(self, reason: str | None) -> VersionView:
        return await self._client.undelete_version(self._secret.id, self._version, reason=reason)


class DestroyVersionScreen(VersionStateScreen):
    """Asks for the number of the version to be typed."""

    SAVE_LABEL = "Destroy for good"

    def __init__(self, client: AsyncClient, secret: SecretView, version: int, *, newest: bool) -> None:
        words = "Its value will be gone for good. Who wrote it, when and why stays in the history."
        super().__init__(client, secret, version, "Destroy version", words + _no_longer_served(newest))
        self.add_class("-danger")

    def controls(self) -> ComposeResult:
        yield Field(
            "confirm", "Its number", Input(id="confirm", placeholder=f"type {self._version} to confirm", compact=True)
        )
        yield from super().controls()

    def problems(self) -> dict[str, str]:
        wrong = self.text("confirm").strip() != str(self._version)
        return ({"confirm": "That is not its number yet."} if wrong else {}) | super().problems()

    async def change(self, reason: str | None) -> VersionView:
        return await self._client.destroy_version(self._secret.id, self._version, reason=reason)


def _no_longer_served(newest: bool) -> str:
    return " It is the current version: whoever uses the secret gets an error until there is another." if newest else ""
