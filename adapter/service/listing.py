"""View secrets: the list, its filters and pages, and one secret's details."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapter.errors import Invalid, NotAllowed, NotFound
from adapter.model.address import Address, Scope, secret_not_found
from adapter.model.intents import CREATING
from adapter.model.moves import find_mark
from adapter.model.records import parse_time
from adapter.model.wire import SecretView
from adapter.service.app import Act
from adapter.service.resuming import settled_place
from adapter.service.views import view
from adapter.service.witness import secret_by_log, with_log
from adapter.service.writing import finish_pending
from adapter.vault.answers import Metadata
from adapter.vault.policies import SCOPES_FOLDER

SCOPES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the list is asked for; `limit` None: all. `cursor` is the id of the last secret of the page before."""

    scope: str | None = None
    type: str | None = None
    q: str | None = None
    tag: str | None = None
    expiring_within: timedelta | None = None
    limit: int | None = None
    cursor: str | None = None

    def takes(self, secret: SecretView, now: datetime) -> bool:
        words = (self.q or "").lower().split()
        text = f"{secret.name} {secret.description} {secret.scope}".lower()
        return (
            (self.type is None or secret.type == self.type.upper())
            and (self.tag is None or self.tag in secret.tags)
            and all(word in text for word in words)
            and (self.expiring_within is None or _expires_before(secret, now + self.expiring_within))
        )


def _expires_before(secret: SecretView, moment: datetime) -> bool:
    expires = parse_time(secret.expires_at or "")
    return expires is not None and expires <= moment


async def list_secrets(act: Act, wanted: Filter) -> tuple[list[SecretView], str | None]:
    """The secrets that the caller may view, by scope and name, and the cursor of the next page."""
    identity = await act.identity()
    if wanted.scope is not None:
        folders = [str(Scope.parse(wanted.scope))]
    elif identity.is_admin:
        folders = [""]
    else:
        folders = sorted(identity.roles)
    entries = await _entries(act, folders)
    found = await asyncio.to_thread(_viewed, entries, wanted, act.now)  # thousands would hold up the others
    page, following = _page(found, wanted)
    return await with_log(act, page), following


def _viewed(entries: list[tuple[Address, Metadata]], wanted: Filter, now: datetime) -> list[SecretView]:
    found = (view(address, entry, now) for address, entry in entries)
    return sorted((secret for secret in found if wanted.takes(secret, now)), key=_order)


def _order(secret: SecretView) -> tuple[str, str, str]:
    return secret.scope, secret.name, secret.id


def _page(found: list[SecretView], wanted: Filter) -> tuple[list[SecretView], str | None]:
    if wanted.cursor is not None:
        try:
            after = Address.from_id(wanted.cursor)
        except NotFound:
            raise Invalid.field("cursor", "That is not a cursor.", hint="Follow the Link header.") from None
        last = str(after.scope or ""), after.name, after.id
        found = [secret for secret in found if _order(secret) > last]
    if wanted.limit is None or len(found) <= wanted.limit:
        return found, None
    return found[: wanted.limit], found[wanted.limit - 1].id


async def _entries(act: Act, folders: list[str]) -> list[tuple[Address, Metadata]]:
    gate = asyncio.Semaphore(SCOPES_AT_ONCE)

    async def below(folder: str) -> list[tuple[Address, Metadata]]:
        async with gate:
            try:
                return await act.store.tree(folder)
            except (NotAllowed, NotFound):  # somebody else's scope looks like an empty one
                return []

    parts = await asyncio.gather(*map(below, folders))
    there = complete_marks(entry for part in parts for _, entry in part)
    entries = [entry for part in parts for entry in part if not entry[0].path.startswith(f"{SCOPES_FOLDER}/")]
    return [(address, entry) for address, entry in entries if not is_unfinished(entry) and not is_double(entry, there)]


async def look(act: Act, address: Address) -> Metadata:
    """One entry's metadata. Raises NotFound, and NotAllowed as Vault says it; an entry of ours is no secret.

    Raises Conflict while it is half renamed.
    """
    if address.path.startswith(f"{SCOPES_FOLDER}/"):
        raise secret_not_found()
    try:
        entry = await act.store.metadata(address)
    except (NotFound, Invalid):
        raise secret_not_found() from None
    mark = find_mark(entry.custom)
    if mark is not None:
        try:
            entry = await settled_place(act, address, entry, mark)
        except NotFound:
            raise secret_not_found() from None
    if is_unfinished(entry):
        raise secret_not_found()
    return entry


def complete_marks(entries: Iterable[Metadata]) -> set[str]:
    """The marks of new places that have everything already."""
    marks = (find_mark(entry.custom) for entry in entries)
    return {mark.key for mark in marks if mark and mark.new and mark.complete}


def is_double(entry: Metadata, complete: set[str]) -> bool:
    """Whether the other place of a rename stands for the secret: the old one until the new one is complete."""
    mark = find_mark(entry.custom)
    return mark is not None and (not mark.complete if mark.new else mark.key in complete)


def is_unfinished(entry: Metadata) -> bool:
    """Whether this is a creation of ours that never got its value: it counts as not there."""
    return entry.current_version == 0 and CREATING in entry.custom


async def find(act: Act, address: Address) -> Metadata:
    """As `look`, but alike for what does not exist and what the caller may not see: NotFound."""
    try:
        return await look(act, address)
    except NotAllowed:
        raise secret_not_found() from None


async def view_secret(act: Act, address: Address) -> SecretView:
    entry = await finish_pending(act, address, await find(act, address))
    return await secret_by_log(act, view(address, entry, act.now), entry)
