"""The fields that only one type has, shown where it is chosen: what is sent of them."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input

from statustui.fields import Field
from statustui.tick import Tick

CUSTOM_TYPES = ("CUSTOM", "OTHER")


class TypeOption(Field):
    """Shown for `TYPES`."""

    TYPES: tuple[str, ...] = ()

    def of_type(self, wire: str) -> None:
        self.display = wire in self.TYPES

    def given(self) -> dict[str, Any]:
        """What it says, by its name in the bodies; nothing where it is not shown, or says nothing."""
        raise NotImplementedError


class ExpiredOption(TypeOption):
    """An expired certificate is refused, until this is ticked."""

    TYPES = ("CERTIFICATE",)

    def __init__(self) -> None:
        super().__init__("allowExpired", "Allow expired", Tick("take it although it has expired", id="allowExpired"))

    def given(self) -> dict[str, Any]:
        return {"allow_expired": True} if self.display and self.query_one(Tick).value else {}


class RuleOption(TypeOption):
    """A rule that this value and every later one obeys."""

    TYPES = CUSTOM_TYPES

    def __init__(self) -> None:
        placeholder = "optional: regex:[a-z]+, length:8..64, schema:{…}"
        super().__init__("rule", "Rule", Input(id="rule", placeholder=placeholder, compact=True))

    def given(self) -> dict[str, Any]:
        text = self.query_one(Input).value.strip()
        return {"rule": text} if self.display and text else {}
