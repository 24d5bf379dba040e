"""What is asked about the secret under the cursor, in screens over the list."""

from __future__ import annotations

from typing import TypeVar

from adapter.client import AsyncClient
from adapter.model.wire import SecretView
from statustui.diagnosis_screen import DiagnosisScreen
from statustui.dimmed import offered
from statustui.session_screen import SessionScreen
from statustui.users_screen import UsersScreen

R = TypeVar("R")

ASKED = frozenset({"who_can_use", "diagnose"})


class OverSecret(SessionScreen[R]):
    BINDINGS = [
        *offered(
            "p",
            "who_can_use",
            "Who can use it",
            id="secrets.people",
            tooltip="Who can view, change and use it; temporary access",
            show=False,
        ),
        *offered("D", "diagnose", "Diagnose", id="secrets.diagnose", tooltip="Why it may not be working", show=False),
    ]
    _client: AsyncClient

    @property
    def current(self) -> SecretView | None:
        raise NotImplementedError

    def action_who_can_use(self) -> None:
        self._over(UsersScreen)

    def action_diagnose(self) -> None:
        self._over(DiagnosisScreen)

    def _over(self, kind: type[UsersScreen] | type[DiagnosisScreen]) -> None:
        if (secret := self.current) is not None:
            self.app.push_screen(kind(self._client, secret, self._session, self._vault_name, self._clock))
