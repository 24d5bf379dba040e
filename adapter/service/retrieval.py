"""Hand out a secret's value: by Vault's own decision about the caller's token, in one request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from pydantic import SecretStr

from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.model import served
from adapter.model.address import Address, secret_not_found
from adapter.model.backup import check_restored
from adapter.model.moves import mark_keys
from adapter.model.records import iso, parse_time
from adapter.model.served import Served
from adapter.service.app import Act
from adapter.service.listing import find
from adapter.vault import reading
from adapter.vault.policies import SCOPES_FOLDER
from adapter.vault.problems import VaultRefusal
from adapter.vault.reading import read_stored

MOST_WRAP_SECONDS = 300
_SPAN = re.compile(r"([0-9]{1,6})([sm]?)")


async def serve(act: Act, address: Address, version: int | None = None, *, to_wrap: bool = False) -> Served:
    """A version, None: the current one. Raises NotFound, NotAllowed, Conflict while it is half renamed or restored."""
    _check_is_secret(address)
    try:
        stored = await read_stored(act.session, address, version, to_wrap=to_wrap)
    except (VaultRefusal, NotFound, Invalid) as error:
        raise await _refusal(act, address, error, version) from None
    if mark_keys(stored.custom):  # a rename or move that is half done answers Conflict
        await find(act, address)
    check_restored(stored.custom)
    expired = await _check_expiry(act, address, stored.custom)
    if stored.data is None:
        raise served.version_gone(destroyed=stored.metadata.destroyed)
    return Served(stored.metadata.version, expired, stored.data)


async def wrap(act: Act, address: Address, version: int | None, span: str) -> tuple[SecretStr, str]:
    """A single-use token for a version instead of its value, and when the token ends. Raises Invalid as well."""
    seconds = _wrap_seconds(span)
    _check_is_secret(address)
    entry = await find(act, address)  # the wrapped answer shows nothing, so what is checked is asked first
    check_restored(entry.custom)
    await _check_expiry(act, address, entry.custom)
    chosen = entry.current_version if version is None else version
    try:
        token, ttl, made = await reading.wrap(act.session, address, chosen, seconds)
    except (VaultRefusal, NotFound, Invalid) as error:
        raise await _refusal(act, address, error, chosen) from None
    return token, iso((parse_time(made) or act.now) + timedelta(seconds=ttl))


async def wrap_field(act: Act, address: Address, version: int | None, field: str, span: str) -> tuple[SecretStr, str]:
    """As `wrap`, for one field alone: what Vault wraps by itself shows the secret's metadata too."""
    seconds = _wrap_seconds(span)
    served_field = (await serve(act, address, version, to_wrap=True)).field(field)
    try:
        token, ttl, made = await reading.wrap_alone(act.session, {field: served_field}, seconds)
    except VaultRefusal:
        raise NotAllowed(
            "This token may not wrap a value by itself: the policy is missing that allows it.",
            hint="An ADMIN brings the policies up to date: status-secrets provision",
        ) from None
    return token, iso((parse_time(made) or act.now) + timedelta(seconds=ttl))


def _wrap_seconds(span: str) -> int:
    match = _SPAN.fullmatch(span)
    seconds = int(match[1]) * (60 if match[2] == "m" else 1) if match else 0
    if not 1 <= seconds <= MOST_WRAP_SECONDS:
        raise Invalid.field(
            "wrap", "A wrapped value can be fetched for 1 second to 5 minutes.", hint="Write 60s, or 5m at most."
        )
    return seconds


def _check_is_secret(address: Address) -> None:
    if address.path.startswith(f"{SCOPES_FOLDER}/"):
        raise secret_not_found()


async def _refusal(act: Act, address: Address, error: Exception, version: int | None) -> Exception:
    """Not there, or not to be seen: the same answer. To be seen and not to be used: the right that is missing."""
    if not isinstance(error, VaultRefusal) and version is None:
        return secret_not_found()
    try:
        entry = await find(act, address)
    except NotFound as missing:
        return missing
    if isinstance(error, VaultRefusal):
        return served.use_refused(address)
    return served.version_not_found(entry.current_version)


async def _check_expiry(act: Act, address: Address, custom: Mapping[str, str]) -> bool:
    """Whether the secret has expired. Raises NotAllowed when it has, and its scope serves no expired ones."""
    if not served.has_expired(custom, act.now):
        return False
    scope = address.scope
    if scope is not None and await act.services.scope_settings.refuses_expired(act.session, scope):
        raise served.expired_refused(address)
    return True
