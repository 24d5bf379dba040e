"""What the vault's own log says of secrets, laid over what their metadata says: last use, and who made each version.

Metadata is what somebody wrote; where the log names another author, the log is right, and the version is flagged.
Without an audit view, or while it cannot be read, everything stays as the metadata says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from adapter.audit.criteria import nanoseconds_of
from adapter.audit.newest import LastMade, LastUse
from adapter.audit.view import AuditView, Made
from adapter.errors import Unreachable
from adapter.model.audit import ActorKind, EventAct, Outcome
from adapter.model.moves import copied_up_to
from adapter.model.records import Origin, parse_time
from adapter.model.wire import SecretView, VersionView
from adapter.service.app import Act
from adapter.vault.answers import Metadata

DIFFERS = "author_differs"

ASK_FOR_ALL = 500
"""From so many secrets on, all that is known is less to ask for than each of them."""

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


async def with_log(act: Act, secrets: Sequence[SecretView]) -> list[SecretView]:
    """The secrets with their last use and the author of their current version; the same few questions for all."""
    view = act.services.audit
    if view is None or not secrets:
        return list(secrets)
    paths = [_path(secret) for secret in secrets]
    for secret, path in zip(secrets, paths, strict=True):
        act.services.expiries.learn(path, secret.expires_at)
    asked = paths if len(paths) < ASK_FOR_ALL else None
    try:
        since, uses, made = await asyncio.to_thread(_asked, view, asked)
    except Unreachable:
        return list(secrets)
    return [
        _authored(_used(secret, uses.get(path), since), made.get(path))
        for secret, path in zip(secrets, paths, strict=True)
    ]


def _asked(view: AuditView, paths: list[str] | None) -> tuple[str | None, dict[str, LastUse], dict[str, LastMade]]:
    return view.since(), view.last_uses(paths), view.last_made(paths)


def _path(secret: SecretView) -> str:
    return f"{secret.scope}/{secret.name}" if secret.scope else secret.name


def _used(secret: SecretView, use: LastUse | None, since: str | None) -> SecretView:
    changes = {
        "last_used_at": use.time if use else None,
        "used_by": list(use.components) if use else [],
        "last_used_known_since": since,
    }
    return secret.model_copy(update=changes)


def _authored(secret: SecretView, made: LastMade | None) -> SecretView:
    moment = parse_time(secret.rotated_at)
    if made is None or moment is None or made.version != secret.version or made.act in _COPYING:
        return secret
    if abs(made.time - nanoseconds_of(moment)) > CLOSE:
        return secret
    if secret.changed_by is None:
        return secret.model_copy(update={"changed_by": made.actor})
    if _is_same(secret.changed_by, made.actor, made.actor_kind):
        return secret
    return secret.model_copy(update={"changed_by": made.actor, "flags": [*secret.flags, DIFFERS]})


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
    elif not _is_same(shown.created_by, event.actor, event.actor_kind):
        changes = {"created_by": event.actor, "flags": [*shown.flags, DIFFERS]}
    return shown.model_copy(update=changes)


def _of_version(number: int, entry: Metadata, made: Sequence[Made]) -> Made | None:
    """The event that made a version: its number, about when the vault says; numbers begin anew after a deletion.

    Of a version that a rename has copied the vault's time is that of the copy, so its number must do.
    """
    version = entry.versions.get(str(number))
    moment = parse_time(version.created_time) if version else None
    if moment is None:
        return None
    created = nanoseconds_of(moment)
    copied = number <= copied_up_to(entry.custom)
    close = [one for one in made if one.version == number and (copied or abs(one.time - created) <= CLOSE)]
    done = [one for one in close if one.event.outcome == Outcome.DONE] or close
    return min(done, key=lambda one: abs(one.time - created), default=None)


def _is_same(name: str, actor: str, kind: str) -> bool:
    """Root tokens have no name of their own: the metadata calls them by their display name."""
    return name == actor or (kind == ActorKind.ROOT and name in ("root", "token"))


async def secret_by_log(act: Act, secret: SecretView, entry: Metadata) -> SecretView:
    """One secret as `with_log` has it, with who created it and why its value changed where only the log says so."""
    (secret,) = await with_log(act, [secret])
    if secret.created_by is not None and secret.reason is not None:
        return secret
    made = await made_by_log(act, _path(secret))
    first, last = _of_version(1, entry, made), _of_version(secret.version, entry, made)
    changes: dict[str, object] = {}
    if secret.created_by is None and first is not None and first.event.act not in _COPYING:
        changes["created_by"] = first.event.actor
    if "record_missing" in secret.flags and last is not None and last.event.act not in _COPYING:
        changes["reason"] = last.event.reason
    return secret.model_copy(update=changes)
