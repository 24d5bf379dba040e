"""What the sections of components and of people share: one is added by name, renewed, disabled, enabled, removed."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from adapter.client import AsyncClient
from statustui.access_section import Done, Form, Section
from statustui.reason_form import ReasonForm

T = TypeVar("T")
DISABLE = (
    "The vault refuses them from now on, and their tokens are revoked. A value that they wrapped before can be opened "
    "for 5 minutes at most."
)
ENABLE = "They can sign in again, with the roles that they hold."


class HoldersSection(Section[T]):
    @abstractmethod
    def who(self, one: T) -> str:
        """As grants name it."""

    @abstractmethod
    def disabled(self, one: T) -> bool: ...

    @abstractmethod
    def add(self, client: AsyncClient, scopes: list[str]) -> Form: ...

    @abstractmethod
    def renew(self, client: AsyncClient, one: T) -> Form: ...

    @abstractmethod
    def remove(self, client: AsyncClient, one: T) -> Form: ...

    def form(self, act: str, client: AsyncClient, one: T | None, scopes: list[str]) -> Form:
        if one is None or act == "new":
            return self.add(client, scopes)
        if act == "switch":
            return _switch(client, self.who(one), disabled=self.disabled(one))
        return self.renew(client, one) if act == "renew" else self.remove(client, one)

    def act_label(self, act: str, one: T | None) -> str:
        if act == "switch" and one is not None:
            return _switch_label(disabled=self.disabled(one))
        return super().act_label(act, one)


def _switch_label(*, disabled: bool) -> str:
    return "Enable" if disabled else "Disable"


def _switch(client: AsyncClient, who: str, *, disabled: bool) -> Form:
    async def call(reason: str | None) -> Done:
        switch = client.enable if disabled else client.disable
        return Done((await switch(who, reason=reason)).message)

    label = _switch_label(disabled=disabled)
    return ReasonForm(client, f"{label} · {who}", ENABLE if disabled else DISABLE, label=label, call=call)
