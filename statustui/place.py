"""The places of a session: screens that stand side by side and keep what is open in them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding

from adapter.client import AsyncClient
from statustui.clock import Clock
from statustui.session import Session

if TYPE_CHECKING:
    from statustui.session_screen import SessionScreen


class Place(NamedTuple):
    """`screen` is `module:class`, imported when one goes there; the class takes what `open` takes."""

    name: str
    label: str
    key: str
    tooltip: str
    screen: str

    def open(self, client: AsyncClient, session: Session, vault_name: str, clock: Clock) -> SessionScreen[None]:
        module, _, name = self.screen.partition(":")
        made: SessionScreen[None] = getattr(import_module(module), name)(client, session, vault_name, clock)
        return made


PLACES = (
    Place("secrets", "Secrets", "1", "See, create and change secrets", "statustui.secrets_screen:SecretsScreen"),
    Place("audit", "Audit", "2", "Who did what, and what happens now", "statustui.audit_screen:AuditScreen"),
    Place("access", "Access", "3", "Scopes, grants, components, people", "statustui.access_screen:AccessScreen"),
    Place("health", "Health", "4", "How the vault does, and the doctor", "statustui.health_screen:HealthScreen"),
)
"""In the header's order; the first is where one arrives."""


def bindings() -> Iterator[Binding]:
    """The key of each place, for the app."""
    for one in PLACES:
        yield Binding(
            one.key, f"go('{one.name}')", f"Go to {one.label}", id=f"go.{one.name}", tooltip=one.tooltip, show=False
        )
