"""Restore secrets from a backup: what is missing is added, what is there is never replaced.

A secret that is being restored carries the mark `restoring`, written with the caller's own token before its first
version; each version is written on top of the one before it, so whoever repeats the restore goes on where it ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapter.errors import Conflict, Exists, NotFound, OutcomeUnknown, Unreachable
from adapter.model.access import ScopeSave
from adapter.model.address import Address, Scope
from adapter.model.backup import RESTORING, SavedScope, SavedSecret, Settings
from adapter.model.intents import PREFIX
from adapter.model.moves import CREATED_AT, mark_keys
from adapter.model.records import decode_note, encode_note, is_record_key, iso, keys_to_prune, records_digest
from adapter.model.roles import Role
from adapter.service.app import Act
from adapter.service.copying import Job, copying_store
from adapter.service.fields import METADATA_KEYS, Changes, check_key_count
from adapter.service.listing import is_unfinished
from adapter.service.refusals import explained, place_of
from adapter.service.restored import restored_custom, restored_records
from adapter.service.scope_intents import ScopeIntents
from adapter.service.scopes import entry_of, lasting_settings, save_scope
from adapter.service.views import version_state
from adapter.vault.answers import Metadata
from adapter.vault.kv import KvStore

ACT = "restored"

SCOPE_PLACE = "scope "
"""What the outcome of a scope has before its name."""

WRITES_OF_A_TOKEN = 60
"""Versions that are written with one minted token of 200 uses, should each need a second look."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind`: `create` (nothing was there), `same`, `differs` (nothing contradicts the backup), `conflict`.

    `words` say what was, or with a dry run would be, done about it.
    """

    kind: str
    path: str
    words: str


@dataclass(slots=True)
class Compared:
    """What is at a secret's place, held against the backup; `fillers`: versions of ours that only keep the numbers."""

    entry: Metadata
    contradicting: list[int] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    fillers: list[int] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        return RESTORING in self.entry.custom


async def restore_scope(act: Act, saved: SavedScope, *, dry_run: bool) -> Outcome:
    """Add a scope that is not there, with its policies and groups, and what its entry said."""
    scope = Scope.parse(saved.scope)
    place = f"{SCOPE_PLACE}{scope}"
    with explained("Restoring", str(scope), Role.ADMIN):
        try:
            custom = (await act.store.metadata(entry_of(scope))).custom
        except NotFound:
            custom = None
        settings = lasting_settings(saved.custom_metadata)
        if custom is not None:
            same = all(custom.get(key) == text for key, text in settings.items())
            return Outcome("same", place, "") if same else Outcome("differs", place, "its settings stay as they are")
        if not dry_run:
            await save_scope(act, ScopeSave(scope=str(scope)))
            await act.store.patch_custom(entry_of(scope), settings)
    return Outcome("create", place, "with its policies and groups")


async def restore_secret(
    act: Act, saved: SavedSecret, *, dry_run: bool, intents: ScopeIntents | None = None
) -> Outcome:
    """Bring one secret to where the backup has it, as far as that only adds. Raises NotAllowed, and as Vault does.

    `intents`: those of the whole restore, which whoever made them clears.
    """
    if intents is None:
        intents = restore_intents(act)
        try:
            return await restore_secret(act, saved, dry_run=dry_run, intents=intents)
        finally:
            await intents.clear()
    address = Address(saved.path)
    with explained("Restoring", place_of(address), Role.ADMIN):
        entry = await _entry(act, address)
        if entry is not None and (is_unfinished(entry) or mark_keys(entry.custom)):
            return Outcome("conflict", saved.path, "somebody is creating or renaming it; left alone")
        if address.scope is not None and not (entry is None and dry_run):
            await intents.ask(address.scope)
        if entry is None:
            outcome, compared = Outcome("create", saved.path, _versions(1, saved.current_version)), None
        else:
            compared = await _compare(act, saved, entry)
            outcome = _judged(saved, compared)
        if dry_run or not _has_work(saved, compared) or outcome.kind == "conflict":
            return outcome
        try:
            await _restore(act, saved, compared)
        except (Conflict, Exists):
            return Outcome("conflict", saved.path, "somebody changed it in these moments; look at it, then repeat")
        return outcome


def restore_intents(act: Act) -> ScopeIntents:
    """The caller's intents, scope by scope, before values there are compared or written with minted tokens."""
    return ScopeIntents(act, ACT, "Restoring")


async def _entry(act: Act, address: Address) -> Metadata | None:
    try:
        return await act.store.metadata(address)
    except NotFound:
        return None


def _versions(first: int, last: int) -> str:
    if last < first:
        return "no version"
    return f"version {first}" if first == last else f"versions {first} to {last}"


# --- what is there


async def _compare(act: Act, saved: SavedSecret, entry: Metadata) -> Compared:
    compared = Compared(entry)
    common = [one for one in saved.versions if one.version <= entry.current_version]
    readable = [one.version for one in common if _is_live(act, entry, one.version)]
    there = await _read(act, saved, readable)
    for one in common:
        if one.version not in there:
            if one.data is not None and str(one.version) in entry.versions:
                compared.differing.append(f"version {one.version} is deleted there")
        elif one.data is not None:
            if there[one.version] != one.data:
                compared.contradicting.append(one.version)
        elif compared.begun and there[one.version] == {}:
            compared.fillers.append(one.version)
        else:
            compared.differing.append(f"version {one.version} is there still")
    if entry.current_version > saved.current_version:
        newer = _versions(saved.current_version + 1, entry.current_version)
        compared.differing.append(f"it has {newer} since")
    if compared.begun:
        known = {one.version for one in saved.versions}
        below = range(1, min(entry.current_version + 1, min(known, default=1)))
        compared.fillers += [number for number in below if _is_live(act, entry, number)]
    elif details := _differing_details(saved, entry):
        compared.differing.append(f"{', '.join(details)} stay as they are there")
    return compared


def _is_live(act: Act, entry: Metadata, number: int) -> bool:
    version = entry.versions.get(str(number))
    return version is not None and version_state(version, act.now, current=False) == "earlier"


async def _read(act: Act, saved: SavedSecret, numbers: list[int]) -> dict[int, object]:
    found: dict[int, object] = {}
    for start in range(0, len(numbers), WRITES_OF_A_TOKEN):
        some = numbers[start : start + WRITES_OF_A_TOKEN]
        async with copying_store(act, _job(saved, some), Address(saved.path), len(some)) as store:
            for number in some:
                found[number] = await store.stored(Address(saved.path), number)
    return found


def _job(saved: SavedSecret, versions: list[int]) -> Job:
    return Job(ACT, Address(saved.path), records_digest(saved.custom_metadata, versions))


def _differing_details(saved: SavedSecret, entry: Metadata) -> list[str]:
    """The keys of the metadata that are not as they were, our records and marks apart."""
    names = saved.custom_metadata.keys() | (entry.custom.keys() - {CREATED_AT})
    details = [name for name in sorted(names) if not (is_record_key(name) or name.startswith(PREFIX))]
    return [name for name in details if saved.custom_metadata.get(name) != entry.custom.get(name)]


def _judged(saved: SavedSecret, compared: Compared) -> Outcome:
    if compared.contradicting:
        numbers = ", ".join(map(str, compared.contradicting))
        return Outcome("conflict", saved.path, f"another value is there as version {numbers}; left alone")
    missing = compared.entry.current_version + 1, saved.current_version
    words = list(compared.differing)
    if missing[0] <= missing[1]:
        words.insert(0, f"{_versions(*missing)} added")
    elif compared.begun:
        words.insert(0, "its last step is done")
    kind = "create" if compared.begun else "differs" if words else "same"
    return Outcome(kind, saved.path, "; ".join(words))


def _has_work(saved: SavedSecret, compared: Compared | None) -> bool:
    return compared is None or compared.begun or compared.entry.current_version < saved.current_version


# --- what is added


async def _restore(act: Act, saved: SavedSecret, compared: Compared | None) -> None:
    """Mark, versions, the end of the fillers, and the last step, which takes the mark away."""
    address = Address(saved.path)
    first = await _mark(act, address, saved, compared)
    there = compared.entry.current_version if compared else 0
    fillers = compared.fillers if compared else []
    fillers += await _write(act, address, saved, there)
    after = await act.store.metadata(address)
    waste = [number for number in fillers if _is_live(act, after, number)]
    if waste:
        await act.store.change_versions("destroy", address, *waste)
    changes: Changes = dict(restored_custom(saved) if first == 1 else restored_records(saved, first))
    pruned: Changes = dict.fromkeys(keys_to_prune([*after.custom, *changes], after.oldest_version), None)
    settings = {"metadata_cas_required": True} if first == 1 and saved.settings.metadata_cas_required else {}
    await act.store.patch_custom(address, changes | pruned | {RESTORING: None}, seen=after, settings=settings)


async def _mark(act: Act, address: Address, saved: SavedSecret, compared: Compared | None) -> int:
    """The intent, with the details and records that the versions will have; the first version that is ours."""
    if compared is not None and compared.begun:
        first = decode_note(compared.entry.custom[RESTORING]).get("first")
        return first if type(first) is int else compared.entry.current_version + 1
    first = compared.entry.current_version + 1 if compared else 1
    by = (await act.identity()).name
    note = {"act": ACT, "first": first, "to": saved.current_version, "by": by, "at": iso(act.now)}
    mark = {RESTORING: encode_note(note | ({"why": act.reason} if act.reason else {}))}
    if compared is None:
        custom = list(restored_custom(saved).items())[: METADATA_KEYS - 1]  # the last step writes them all
        await act.store.create_custom(address, mark | dict(custom), _settings(saved.settings))
    else:
        changes: Changes = {**mark, **restored_records(saved, first)}
        check_key_count(compared.entry, changes)
        await act.store.patch_custom(address, changes, seen=compared.entry)
    return first


def _settings(settings: Settings) -> dict[str, object]:
    """Those that hold from the first version on."""
    return {
        "max_versions": settings.max_versions,
        "cas_required": settings.cas_required,
        "delete_version_after": settings.delete_version_after,
    }


async def _write(act: Act, address: Address, saved: SavedSecret, there: int) -> list[int]:
    """Every version above `there`; answers the numbers of those that only keep the numbering."""
    values = {one.version: one.data for one in saved.versions if one.data is not None}
    numbers = list(range(there + 1, saved.current_version + 1))
    for start in range(0, len(numbers), WRITES_OF_A_TOKEN):
        some = numbers[start : start + WRITES_OF_A_TOKEN]
        async with copying_store(act, _job(saved, some), address, 2 * len(some)) as store:
            for number in some:
                await _write_one(act, store, address, number, values.get(number, {}))
    return [number for number in numbers if number not in values]


async def _write_one(act: Act, store: KvStore, address: Address, number: int, data: dict[str, object]) -> None:
    try:
        await store.write_stored(address, data, cas=number - 1)
    except (OutcomeUnknown, Unreachable):  # Vault says 500 too when only its log failed: look before it is undone
        if (await act.store.metadata(address)).current_version != number:
            raise
        if await store.stored(address, number) != data:
            raise Conflict("Another version came in between.") from None
