"""The contract of a place whose passwords are rotated."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from adapter.errors import SetupFailed, Unreachable


class PlaceUnreachable(Unreachable):
    title = "The place cannot be reached"


class NotRotated(SetupFailed):
    """The place did not take part; the sentence says how things stand now."""

    title = "Not rotated"


@dataclass(frozen=True, slots=True)
class Login:
    """An account and its password."""

    user: str
    password: SecretStr


class Change(Protocol):
    """A new password that the place has accepted and not yet put into effect."""

    async def commit(self) -> None:
        """Put it into effect."""

    async def restore(self, password: SecretStr) -> None:
        """Give the account that password instead, at once, whether or not the change is in effect."""


class Target(Protocol):
    """One place, such as a database server. Raises StatusError, never with a password in it."""

    @property
    def user(self) -> str | None:
        """The account that the place's description names."""

    async def accepts(self, login: Login) -> bool:
        """Whether that account gets in with that password.

        Raises PlaceUnreachable, and NotRotated where no password is asked for.
        """

    def change(self, by: Login, account: str, password: SecretStr) -> AbstractAsyncContextManager[Change]:
        """Signed in as `by`, a new password for `account`; left without a commit, nothing has changed."""


class TargetModule(Protocol):
    """A module of this package, by its name on the command line."""

    @staticmethod
    def open_target(config: Mapping[str, Any]) -> Target:
        """The place that a datasource's rendered `config` describes. Raises Invalid."""
        ...
