"""What is seen and asked of the secret under the cursor: the tabs of its details, and screens over the list."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from textual.binding import Binding

from adapter.model.wire import SecretView
from statustui.details import Details
from statustui.diagnosis_screen import DiagnosisScreen
from statustui.dimmed import offered
from statustui.reading_screen import ReadingScreen
from statustui.secret_audit import SecretAuditScreen
from statustui.users_screen import UsersScreen
from statustui.versions_screen import VersionsScreen
from statustui.wording import public_key

R = TypeVar("R")

ASKED = frozenset({"who_can_use", "diagnose"})


class OverSecret(ReadingScreen[R]):
    BINDINGS = [
        *offered(
            "p",
            "who_can_use",
            "Who can use it",
            id="secrets.people",
            tooltip="Who can view, change and use it; temporary access",
            show=False,
        ),
        Binding(
            "C",
            "copy_public_key",
            "Copy public key",
            id="secrets.copy_public_key",
            tooltip="Of an SSH key: the line for authorized_keys",
            show=False,
        ),
        *offered("D", "diagnose", "Diagnose", id="secrets.diagnose", tooltip="Why it may not be working", show=False),
        Binding(
            ">",
            "next_tab(1)",
            "Next tab",
            id="secrets.next_tab",
            tooltip="Of the details: overview, versions, audit, access",
            show=False,
            key_display=">",
        ),
        Binding(
            "<",
            "next_tab(-1)",
            "Tab before",
            id="secrets.previous_tab",
            tooltip="The tab of the details before",
            show=False,
            key_display="<",
        ),
    ]

    @property
    def current(self) -> SecretView | None:
        raise NotImplementedError

    @abstractmethod
    def load(self, select: str | None = None) -> None:
        """Read the list; then the cursor goes to the id `select`, or stays."""

    @abstractmethod
    def open_details(self) -> None:
        """Bring the details into sight, and the focus into them."""

    def action_next_tab(self, by: int) -> None:
        """Where the details are folded away, they come into sight."""
        details = self.query_one(Details)
        if self.current is not None and not details.region.height:
            self.open_details()
        details.step(by)

    def action_tab(self, label: str) -> None:
        self.query_one(Details).choose(label)

    def action_copy_public_key(self) -> None:
        if (secret := self.current) is not None:
            self.app.copy_to_clipboard(public_key(secret))
            self.say(f"The public key of {secret.name} was copied.", done=True)

    def action_versions(self) -> None:
        if (secret := self.current) is not None:
            screen = VersionsScreen(self._client, secret, self._session, self._vault_name, self._clock)
            self.app.push_screen(screen, lambda changed: self.load(select=secret.id) if changed else None)

    def action_audit(self) -> None:
        self._over(SecretAuditScreen)

    def action_who_can_use(self) -> None:
        self._over(UsersScreen)

    def action_diagnose(self) -> None:
        self._over(DiagnosisScreen)

    def _over(self, kind: type[SecretAuditScreen] | type[UsersScreen] | type[DiagnosisScreen]) -> None:
        if (secret := self.current) is not None:
            self.app.push_screen(kind(self._client, secret, self._session, self._vault_name, self._clock))
