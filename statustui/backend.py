"""What the UI needs from whoever composes the program: an adapter to talk to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr

from adapter.client import AsyncClient
from statustui.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Started:
    """A running adapter: its client, the vault's name, the first run's passwords, a token at hand, the keyring.

    `passwords_lost` says what helps who has none of them any more.
    """

    client: AsyncClient
    vault_name: str
    accounts: Mapping[str, SecretStr] | None = field(default=None, repr=False)
    token: SecretStr | None = field(default=None, repr=False)
    remembered: Remembered | None = None
    passwords_lost: str = ""


class Backend(Protocol):
    async def start(self, report: Callable[[str], None]) -> Started:
        """Bring up what is needed, telling `report` what is being done. Raises StatusError; may be called again."""
        ...

    async def stop(self) -> None:
        """Stop what `start` started, finished or not."""
        ...

    def confirm_shown(self) -> None:
        """The first run's passwords have been on the screen; they are never handed out again."""
        ...
