"""What the access place shows side by side: one table each, and what can be done about its rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import SecretStr
from textual.content import Content
from textual.screen import ModalScreen

from adapter.client import AsyncClient
from statustui.plain_table import PlainColumn, Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to, in a sentence; `shown_once`: what only this answer has, with a heading and words."""

    sentence: str
    heading: str = ""
    words: str = ""
    shown_once: SecretStr | None = None


Form = ModalScreen[Done | None]


class Section(ABC, Generic[T]):
    """`offers`: the acts that there are here, `new`, `edit`, `delete`, `renew`, `switch`, and what each is called."""

    name: str
    label: str
    columns: tuple[PlainColumn, ...]
    empty: str
    offers: Mapping[str, str]

    @abstractmethod
    async def read(self, client: AsyncClient) -> list[T]:
        """Raises StatusError."""

    @abstractmethod
    def row(self, one: T, now: datetime) -> Row: ...

    @abstractmethod
    def about(self, one: T, now: datetime) -> Content:
        """What there is to say about one row, in a line or three."""

    @abstractmethod
    def form(self, act: str, client: AsyncClient, one: T | None, scopes: list[str]) -> Form:
        """The form of an act; `one` is the row that the cursor is on, `scopes` those to choose from."""

    def why_not(self, act: str, one: T | None) -> str:
        """Why an act is dimmed; empty when it is not."""
        return "" if one is not None or act == "new" else "There is nothing here yet."

    def act_label(self, act: str, one: T | None) -> str:
        return self.offers[act]


AnySection = Section[Any]
