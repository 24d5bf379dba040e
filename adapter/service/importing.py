"""Import secrets from a file: what would become of each entry, then each through the ordinary create or update."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapter.errors import Invalid, NotAllowed, NotSignedIn, StatusError
from adapter.model.address import Address, Scope
from adapter.model.details import TYPE, UNCLASSIFIED
from adapter.model.roles import Role
from adapter.model.transfer import ImportBody, ImportEntry, ImportResult
from adapter.model.wire import SecretCreate, SecretPatch
from adapter.secret_types import secret_type
from adapter.service.app import Act
from adapter.service.candidates import Candidate, without_collisions
from adapter.service.changing import edit_secret
from adapter.service.creating import check_new, check_scope, create_secret
from adapter.service.env_source import env_candidates
from adapter.service.fields import DETAILS, check_key_count, checked_details
from adapter.service.files_source import files_candidates
from adapter.service.json_source import json_candidates
from adapter.service.listing import is_unfinished
from adapter.service.reasons import check_reason_given
from adapter.service.refusals import refusal
from adapter.service.values import RULE, prepare, type_of
from adapter.vault.answers import Metadata
from adapter.vault.tokens import capabilities

AT_ONCE = 8
"""Entries that are stored side by side."""

MOST_ENTRIES = 1000

PATHS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry that can be stored: on top of the secret that is `there`, or as a new one."""

    candidate: Candidate
    body: SecretCreate
    there: Metadata | None


Passing = type[StatusError] | tuple[type[StatusError], ...]

Outcome = tuple[str, ImportEntry]
"""`created`, `changed` or `refused`, and the entry."""


async def import_secrets(act: Act, body: ImportBody) -> ImportResult:
    """Store each entry that can be stored, or with `dry_run` say what would become of it.

    One that cannot be does not spoil the others. Raises Invalid for content that cannot be read at all, NotAllowed.
    """
    scope = Scope.parse(body.scope)
    candidates = _chosen(await asyncio.to_thread(_candidates, body), body.names)
    await check_scope(act, scope)
    await check_reason_given(act, Address.of(scope, "any"))
    there = {address.name: entry for address, entry in await act.store.tree(str(scope)) if not is_unfinished(entry)}
    planned = [
        Planned(one, one.body.model_copy(update={"scope": str(scope)}), there.get(one.name))
        for one in candidates
        if one.body is not None
    ]
    outcomes = [("refused", ImportEntry(name=one.name, reason=one.refused, source=one.source))
                for one in candidates if one.body is None]  # fmt: skip
    outcomes += await (_foreseen(act, scope, planned) if body.dry_run else _stored(act, scope, planned))
    order = {(one.name, one.source): number for number, one in enumerate(candidates)}
    outcomes.sort(key=lambda outcome: order[outcome[1].name, outcome[1].source])
    return _result(scope, outcomes, dry_run=body.dry_run)


def _candidates(body: ImportBody) -> list[Candidate]:
    """Raises Invalid for content that is not of the format."""
    content = body.content
    if body.format == "json":
        found = json_candidates(content)
    elif body.format == "env" and not isinstance(content, dict | list):
        found = env_candidates(content)
    elif body.format == "files" and isinstance(content, dict):
        found = files_candidates(content)
    else:
        hint = "A text for env, a text or JSON for json, an object of texts by file name for files."
        raise Invalid.field("content", "The content does not fit the format.", hint=hint)
    if len(found) > MOST_ENTRIES:
        raise Invalid.field("content", f"There are more than {MOST_ENTRIES} entries.", hint="Import them in parts.")
    return without_collisions(found)


def _chosen(candidates: list[Candidate], names: list[str] | None) -> list[Candidate]:
    return candidates if names is None else [one for one in candidates if one.name in set(names)]


async def _foreseen(act: Act, scope: Scope, planned: list[Planned]) -> list[Outcome]:
    """Everything that can be said without writing. Raises NotAllowed where nothing could be written."""
    allowed = await _writable(act, scope, planned)
    if planned and not any(allowed.values()):
        raise refusal("Importing secrets", str(scope), Role.DEVELOPER)
    return list(await _each(planned, lambda one: _check(act, scope, one, allowed=allowed[one.candidate.name])))


async def _writable(act: Act, scope: Scope, planned: list[Planned]) -> dict[str, bool]:
    """Whether the vault would let the caller write each entry, by its own word."""
    mount = act.session.vault.mount
    names = [one.candidate.name for one in planned]
    found: dict[str, bool] = {}
    for start in range(0, len(names), PATHS_AT_ONCE):
        paths = {name: f"{mount}/data/{scope}/{name}" for name in names[start : start + PATHS_AT_ONCE]}
        rights = await capabilities(act.session, list(paths.values()))
        found |= {name: bool({"create", "update", "root"} & rights[path]) for name, path in paths.items()}
    return found


async def _check(act: Act, scope: Scope, one: Planned, *, allowed: bool) -> ImportEntry:
    if not allowed:
        raise refusal("Importing this secret", str(scope), Role.DEVELOPER)
    if one.there is None:
        await check_new(act, one.body)
    else:
        patch = _patch(one)
        kind = secret_type(patch.type) if patch.type else type_of(one.there)
        await prepare(act, kind, patch, one.there.custom.get(RULE))
        check_key_count(one.there, checked_details(act, patch, set(DETAILS) & patch.sent()))
    return _entry(scope, one)


async def _stored(act: Act, scope: Scope, planned: list[Planned]) -> list[Outcome]:
    """The first one alone: where the vault refuses it for want of the right, the others need not be tried."""
    first = await _each(planned[:1], lambda one: _store(act, scope, one), passing=(NotSignedIn, NotAllowed))
    return first + await _each(planned[1:], lambda one: _store(act, scope, one))


async def _store(act: Act, scope: Scope, one: Planned) -> ImportEntry:
    if one.there is None:
        await create_secret(act, one.body)
        return _entry(scope, one)
    saved = await edit_secret(act, Address.of(scope, one.candidate.name), _patch(one))
    return _entry(scope, one, saved.version)


def _patch(one: Planned) -> SecretPatch:
    """The value and what else was brought, on top of the version that is there; a guessed type changes none."""
    assert one.there is not None
    kept = {"name", "scope", "reason"} | ({"type"} if one.candidate.guessed else set())
    sent = {name: getattr(one.body, name) for name in one.body.model_fields_set - kept}
    return SecretPatch(**sent, if_version=one.there.current_version)


def _entry(scope: Scope, one: Planned, version: int | None = None) -> ImportEntry:
    """What is, or would be, there for an entry that nothing speaks against."""
    name, there = one.candidate.name, one.there
    kind = one.body.type.upper()
    if there is not None:
        kind = there.custom.get(TYPE, UNCLASSIFIED).upper() if one.candidate.guessed else kind
        version = version or there.current_version + 1
        reason = f"a new version of the one that is there, on top of version {there.current_version}"
    else:
        version = 1
        reason = "new; its type was guessed" if one.candidate.guessed else "new"
    return ImportEntry(
        name=name, reason=reason, source=one.candidate.source, type=kind, id=Address.of(scope, name).id, version=version
    )


async def _each(
    planned: list[Planned], attempt: Callable[[Planned], Awaitable[ImportEntry]], *, passing: Passing = NotSignedIn
) -> list[Outcome]:
    """Each entry's outcome; an error is its own, but for those in `passing`, which are all the caller's."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def outcome(one: Planned) -> Outcome:
        async with gate:
            try:
                entry = await attempt(one)
            except passing:
                raise
            except StatusError as error:
                reason = f"{error.detail} {error.hint}".strip()
                return "refused", ImportEntry(name=one.candidate.name, reason=reason, source=one.candidate.source)
        return ("created" if one.there is None else "changed"), entry

    return list(await asyncio.gather(*map(outcome, planned)))


def _result(scope: Scope, outcomes: list[Outcome], *, dry_run: bool) -> ImportResult:
    parts: dict[str, list[ImportEntry]] = {"created": [], "changed": [], "refused": []}
    for kind, entry in outcomes:
        parts[kind].append(entry)
    counts = ", ".join(f"{len(entries)} {kind}" for kind, entries in parts.items())
    message = f"{scope}: {'would be: ' if dry_run else ''}{counts}"
    return ImportResult(dry_run=dry_run, scope=str(scope), message=message, **parts)
