"""What the vault's own log says of secrets, laid over what their metadata says: last use, and who made each version.

Metadata is what somebody wrote; where the log names another author, the log is right, and the version is flagged.
Without an audit view, or while it cannot be read, everything stays as the metadata says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from adapter.audit.criteria import nanoseconds_of
from adapter.audit.view import LastUse, Made
from adapter.errors import Unreachable
from adapter.model.audit import ActorKind, EventAct, Outcome
from adapter.model.records import Origin, parse_time
from adapter.model.wire import SecretView, VersionView
from adapter.service.app import Act
from adapter.vault.answers import Metadata

DIFFERS = "author_differs"

CLOSE = timedelta(seconds=60) // timedelta(microseconds=1) * 1000
"""Nanoseconds between a version's time and its event's: an act takes no longer."""

_ORIGINS = {
    EventAct.CREATED: Origin.CREATED,
    EventAct.UPDATED: Origin.UPDATED,
    EventAct.ROLLED_BACK: Origin.ROLLED_BACK,
    EventAct.RENAMED: Origin.RENAMED,
    EventAct.MOVED: Origin.RENAMED,
    EventAct.RESTORED: Origin.RESTORED,
}
_COPYING = frozenset({EventAct.RENAMED, EventAct.MOVED, EventAct.RESTORED})
"""Their actor made the copy; who made the version stands in the record that was copied with it."""


async def with_uses(act: Act, secrets: Sequence[SecretView]) -> list[SecretView]:
    """The secrets with when they were last used, and by which components; one question for all of them."""
    view = act.services.audit
    if view is None or not secrets:
        return list(secrets)
    paths = [_path(secret) for secret in secrets]
    try:
        since = await asyncio.to_thread(view.since)
        uses = await asyncio.to_thread(view.last_uses, paths if len(paths) < 500 else None)
    except Unreachable:
        return list(secrets)
    return [_used(secret, uses.get(path), since) for secret, path in zip(secrets, paths, strict=True)]


def _path(secret: SecretView) -> str:
    return f"{secret.scope}/{secret.name}" if secret.scope else secret.name


def _used(secret: SecretView, use: LastUse | None, since: str | None) -> SecretView:
    changes = {
        "last_used_at": use.time if use else None,
        "used_by": list(use.components) if use else [],
        "last_used_known_since": since,
    }
    return secret.model_copy(update=changes)


async def made_by_log(act: Act, path: str) -> list[Made]:
    """Who made which version by the vault's log; nothing where it cannot be asked."""
    view = act.services.audit
    if view is None:
        return []
    try:
        return await asyncio.to_thread(view.made, path)
    except Unreachable:
        return []


def with_author(shown: VersionView, entry: Metadata, made: Sequence[Made]) -> VersionView:
    """A version with the author that the log names."""
    witness = _of_version(shown.version, entry, made)
    if witness is None or witness.event.act in _COPYING:
        return shown
    event, changes = witness.event, dict[str, object]()
    if shown.created_by is None:
        changes = {"created_by": event.actor, "reason": shown.reason or event.reason}
        if event.client != "cli/other" and shown.origin == Origin.OUTSIDE and len(event.request_ids) > 1:
            changes["origin"] = str(_ORIGINS[EventAct(event.act)])
    elif not _is_same(shown.created_by, witness):
        changes = {"created_by": event.actor, "flags": [*shown.flags, DIFFERS]}
    return shown.model_copy(update=changes)


def _of_version(number: int, entry: Metadata, made: Sequence[Made]) -> Made | None:
    """The event that made a version: its number, about when the vault says; numbers begin anew after a deletion."""
    version = entry.versions.get(str(number))
    moment = parse_time(version.created_time) if version else None
    if moment is None:
        return None
    created = nanoseconds_of(moment)
    close = [one for one in made if one.version == number and abs(one.time - created) <= CLOSE]
    done = [one for one in close if one.event.outcome == Outcome.DONE] or close
    return min(done, key=lambda one: abs(one.time - created), default=None)


def _is_same(name: str, witness: Made) -> bool:
    """Root tokens have no name of their own: the metadata calls them by their display name."""
    event = witness.event
    return name == event.actor or (event.actor_kind == ActorKind.ROOT and name in ("root", "token"))


async def secret_by_log(act: Act, secret: SecretView, entry: Metadata) -> SecretView:
    """One secret with its last use, and the author of its current and first version, as the log has them."""
    (secret,) = await with_uses(act, [secret])
    made = await made_by_log(act, _path(secret))
    witness = _of_version(secret.version, entry, made)
    if witness is not None and witness.event.act not in _COPYING:
        if secret.changed_by is None:
            reason = secret.reason or witness.event.reason
            secret = secret.model_copy(update={"changed_by": witness.event.actor, "reason": reason})
        elif not _is_same(secret.changed_by, witness):
            flags = [*secret.flags, DIFFERS]
            secret = secret.model_copy(update={"changed_by": witness.event.actor, "flags": flags})
    first = _of_version(1, entry, made)
    if secret.created_by is None and first is not None and first.event.act not in _COPYING:
        secret = secret.model_copy(update={"created_by": first.event.actor})
    return secret
