"""The events of one secret, over the list of secrets."""

from __future__ import annotations

from textual.binding import Binding

from adapter.client import AsyncClient
from adapter.model.address import Address
from adapter.model.audit import EventFilter
from adapter.model.wire import SecretView
from statustui.audit_screen import AuditScreen
from statustui.clock import Clock
from statustui.event_table import EventTable
from statustui.session import Session
from statustui.wording import cut_middle, one_line

_LONGEST_NAME = 40


class SecretAuditScreen(AuditScreen):
    BINDINGS = [Binding("escape", "back", "Back", id="audit.leave", tooltip="Back to the list of secrets")]

    def __init__(
        self, client: AsyncClient, secret: SecretView, session: Session, vault_name: str, clock: Clock
    ) -> None:
        fixed = EventFilter(secret=Address.from_id(secret.id).path)
        super().__init__(client, session, vault_name, clock, fixed=fixed)
        self._title = f"{cut_middle(one_line(secret.name), _LONGEST_NAME)} · audit"

    def action_back(self) -> None:
        """As in the audit view, and from the table back to the list."""
        if self.query_one(EventTable).has_focus and self._filter.empty:
            self.dismiss(None)
        else:
            super().action_back()
