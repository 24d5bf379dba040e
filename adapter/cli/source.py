"""Where a command for processes gets values from: the adapter that the settings name, else the vault itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

import adapter
from adapter.cli.quick_settings import QuickSettings, quick_settings
from adapter.errors import Invalid, NotAllowed, NotSignedIn, StatusError
from adapter.model.address import Address, Scope
from adapter.model.records import check_reason
from adapter.model.references import Reference
from adapter.model.served import Found, Served

T = TypeVar("T")
SOONEST = 10.0
"""Seconds between two renewals, at least."""


class Source(Protocol):
    """One caller's way to values. Every call raises StatusError."""

    def use(self, token: str) -> None: ...
    def sign_in(self, role_id: str, secret_id: str) -> float: ...
    def renew(self) -> float: ...
    def resolve(self, references: Iterable[Reference]) -> dict[Reference, Found | StatusError]: ...
    def fields(self, address: Address, version: int | None = None) -> Served: ...
    def current_version(self, address: Address) -> int: ...
    def names(self, scope: Scope) -> list[str]: ...
    def close(self) -> None: ...


@contextmanager
def open_source(command: str, reason: str | None = None) -> Iterator[Source]:
    """A source that is signed in; its own token ends with it. Raises NotSignedIn, Invalid."""
    settings = quick_settings()
    source = _source(settings, f"{command}/{adapter.__version__}", check_reason(reason))
    try:
        sign_in(source, settings)
        yield source
    finally:
        source.close()


class Keeper:
    """Keeps a source signed in for as long as a command runs: renews its token, signs in anew, reads its file anew."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._next = 0.0

    def ask(self, question: Callable[[], T]) -> T:
        """What a question is answered, asked once more with a new token where the old one was revoked meanwhile.

        Raises StatusError.
        """
        self.keep()
        try:
            return question()
        except NotSignedIn:
            self._next = time.monotonic() + max(self._sign_in_anew() / 2, SOONEST)
            return question()

    def keep(self) -> None:
        """Raises StatusError when the sign-in is refused; a token that cannot be renewed lives as long as it lives."""
        if time.monotonic() < self._next:
            return
        try:
            lasts = self._source.renew()
        except (Invalid, NotAllowed, NotSignedIn):
            lasts = self._sign_in_anew()
        self._next = time.monotonic() + max(lasts / 2, SOONEST)

    def _sign_in_anew(self) -> float:
        settings = quick_settings()
        if settings.role_id:
            return sign_in(self._source, settings)
        with suppress(Invalid, NotSignedIn):  # whoever keeps the token's file may have put a new one there
            sign_in(self._source, settings)
        return 0.0


def _source(settings: QuickSettings, client: str, reason: str) -> Source:
    if settings.adapter_url:
        from adapter.cli.quick_adapter import QuickAdapter

        url = settings.adapter_url + settings.api_prefix
        return QuickAdapter(url, cacert=settings.adapter_cacert, timeout=settings.timeout, client=client, reason=reason)
    from adapter.vault.connection import Connection
    from adapter.vault.quick import QuickVault

    connection = Connection.from_settings(settings)
    return QuickVault(
        connection, mount=settings.mount, approle_mount=settings.approle_mount, client=client, reason=reason
    )


def sign_in(source: Source, settings: QuickSettings) -> float:
    """By AppRole where the settings have one, else with the token at hand; the seconds that it lasts, 0: not known."""
    if settings.role_id:
        return source.sign_in(settings.role_id, _secret_id(settings))
    token = settings.vault_token or _read(settings.token_file, "STATUS_TOKEN_FILE") or _left_by_login()
    if not token:
        raise NotSignedIn(
            "There is nothing to sign in with.",
            hint="Set STATUS_ROLE_ID and STATUS_SECRET_ID_FILE, or VAULT_TOKEN, or sign in with: bao login",
        )
    source.use(token)
    return 0.0


def _secret_id(settings: QuickSettings) -> str:
    found = settings.secret_id or _read(settings.secret_id_file, "STATUS_SECRET_ID_FILE")
    if not found:
        raise NotSignedIn(
            "STATUS_ROLE_ID is set, and no secret id.", hint="Set STATUS_SECRET_ID_FILE or STATUS_SECRET_ID."
        )
    return found


def _read(file: Path | None, setting: str) -> str:
    """Raises Invalid for a file that was named and cannot be read."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid(
            f"The file that {setting} names cannot be read.", hint="Check its path and who may read it."
        ) from None


def _left_by_login() -> str:
    try:
        return (Path.home() / ".vault-token").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, RuntimeError):
        return ""
