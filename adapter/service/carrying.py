"""Carry an entry to another place: every live version under its number, the settings, the metadata; then remove it.

Each step looks at what is there, so the same steps begin a rename and finish one that ended early. Versions are
written with check-and-set, one after the other, so whatever somebody else wrote is never taken for a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapter.errors import Conflict, NotAllowed, NotFound
from adapter.model.address import Address
from adapter.model.moves import Mark, lasting, mark_keys
from adapter.model.records import iso, records_digest
from adapter.model.roles import act_move_policy_name
from adapter.service.app import Act
from adapter.service.copied_metadata import carried
from adapter.service.copying import Job, acting_session, copying_store
from adapter.service.temporary_ends import delete_policies, policies_for
from adapter.service.views import version_state
from adapter.vault.answers import Metadata

AT_ONCE = 100
"""Versions that one token copies: within its uses and its 30 seconds."""

STILL_HERE_AFTER = 1000
"""Versions without a value, after so many of which the mark says that its act goes on."""

ROUNDS = 5
"""How often a source that changes meanwhile is looked at again."""


@dataclass(slots=True)
class Carriage:
    """One entry on its way from `source` to `to`; `mark` is the one of the old place.

    `begun`: the new place has, or may have, a version of ours.
    """

    act: Act
    source: Address
    to: Address
    mark: Mark
    begun: bool = False
    _known: set[int] = field(default_factory=set)
    _gone: set[int] = field(default_factory=set)

    @property
    def new_mark(self) -> Mark:
        return replace(self.mark, new=True, other=self.source if self.mark.other else None)

    async def carry(self) -> None:
        """Everything to the new place, then the old one away. Raises Conflict when they do not fit together."""
        entry = await self.act.store.metadata(self.source)
        for _ in range(ROUNDS):
            if await self._is_empty():
                await self._prepare(entry)
            await self._copy(entry)
            await self._carry_metadata(entry)
            await self._end(entry)
            now = await self.act.store.metadata(self.source)
            if _same(entry, now):
                await self._remove(now)
                return
            entry = now
        raise Conflict("The secret changes faster than it can be carried.", hint="Try again shortly.")

    async def _is_empty(self) -> bool:
        return (await self.act.store.metadata(self.to)).current_version == 0

    def _live(self, entry: Metadata) -> list[int]:
        """The versions of the old place whose value is there, oldest first."""
        return [number for number in live_versions(entry, self.act.now) if number not in self._gone]

    def _job(self, entry: Metadata, versions: list[int]) -> Job:
        return Job(
            "renamed" if self.mark.other else "moved", self.source, records_digest(entry.custom, versions), self.to
        )

    async def _prepare(self, entry: Metadata) -> None:
        """The new place keeps as many versions as there are, and for as long."""
        span = entry.current_version - min(map(int, entry.versions), default=1) + 1
        settings: dict[str, object] = {"max_versions": max(span, entry.max_versions)}
        if entry.delete_version_after not in ("", "0s"):
            settings["delete_version_after"] = entry.delete_version_after
        async with copying_store(self.act, self._job(entry, []), self.to, 1, act_move_policy_name) as store:
            await store.patch_settings(self.to, settings)

    async def _copy(self, entry: Metadata) -> None:
        target = await self.act.store.metadata(self.to)
        live = self._live(entry)
        there = [number for number in live if number <= target.current_version and number not in self._known]
        await self._compare(entry, target, there)
        ahead = [number for number in live if number > target.current_version]
        at = target.current_version
        for part in _parts(ahead):
            at = await self._fill(at, part[0] - 1)
            at = await self._copy_part(entry, part, at)
        await self._fill(at, entry.current_version)

    async def _fill(self, at: int, last: int) -> int:
        """Versions without a value, with the caller's own token, so that the next one gets its number."""
        for number in range(at, last):
            if number % STILL_HERE_AFTER == STILL_HERE_AFTER - 1:
                self.mark = replace(self.mark, since=iso(self.act.now))
                await self.act.store.patch_custom(self.source, self.mark.encode())
            await self.act.store.write(self.to, {}, cas=number)
            self.begun = True
        return max(at, last)

    async def _copy_part(self, entry: Metadata, numbers: list[int], at: int) -> int:
        job, uses = self._job(entry, numbers), len(numbers)
        async with (
            copying_store(self.act, job, self.source, uses) as reading,
            copying_store(self.act, job, self.to, uses) as writing,
        ):
            for number in numbers:
                at = await self._fill(at, number - 1)
                try:
                    fields = await reading.stored(self.source, number)
                except NotFound:  # deleted in this moment, or by the vault's clock already
                    self._gone.add(number)
                    fields = {}
                await writing.write_stored(self.to, fields, cas=number - 1)
                self.begun = True
                self._known.add(number)
                at = number
        return at

    async def _compare(self, entry: Metadata, target: Metadata, numbers: list[int]) -> None:
        """What stands at the new place already must be copies of ours. Raises Conflict."""
        there = live_versions(target, self.act.now)
        if target.current_version > entry.current_version or set(numbers) - set(there):
            raise do_not_fit()
        for part in _parts(numbers):
            job = self._job(entry, part)
            async with (
                copying_store(self.act, job, self.source, len(part)) as old,
                copying_store(self.act, job, self.to, len(part)) as new,
            ):
                for number in part:
                    if await old.stored(self.source, number) != await new.stored(self.to, number):
                        raise do_not_fit()
                    self._known.add(number)

    async def _carry_metadata(self, entry: Metadata) -> None:
        """On top of what is there: others who wanted the name may still be clearing away what they left."""
        for last in (False, False, True):
            target = await self.act.store.metadata(self.to)
            changes = carried(entry, target, self.new_mark)
            try:
                if changes:
                    await self.act.store.patch_custom(self.to, changes, seen=target)
            except Conflict:
                if last:
                    raise
            else:
                return

    async def _end(self, entry: Metadata) -> None:
        """What is gone at the old place is destroyed at the new one; its settings as they were."""
        target = await self.act.store.metadata(self.to)
        gone = set(live_versions(target, self.act.now)) - set(self._live(entry))
        wanted = _settings(entry)
        uses = bool(gone) + (_settings(target) != wanted)
        if not uses:
            return
        async with copying_store(self.act, self._job(entry, []), self.to, uses, act_move_policy_name) as store:
            if gone:
                await store.change_versions("destroy", self.to, *sorted(gone))
            if _settings(target) != wanted:
                await store.patch_settings(self.to, wanted)

    async def _remove(self, entry: Metadata) -> None:
        if self.mark.key not in entry.custom:
            raise do_not_fit()
        await self._end_temporary_access(entry)
        async with copying_store(self.act, self._job(entry, []), self.source, 1, act_move_policy_name) as store:
            await store.delete_all(self.source)

    async def _end_temporary_access(self, entry: Metadata) -> None:
        """It is bound to the old name, which another secret may have next. Where nobody may, the doctor tells."""
        job = self._job(entry, [])
        with suppress(NotAllowed):
            async with acting_session(self.act, job, self.source, 1, act_move_policy_name) as looking:
                given = await policies_for(looking, self.source)
            if given:
                async with acting_session(self.act, job, self.source, len(given), act_move_policy_name) as ending:
                    await delete_policies(ending, given)


def live_versions(entry: Metadata, now: datetime) -> list[int]:
    states = {int(n): version_state(version, now, current=False) for n, version in entry.versions.items()}
    return sorted(number for number, state in states.items() if state == "earlier")


class DoNotFit(Conflict):
    """The two places hold different things, so neither may be removed."""


def do_not_fit() -> DoNotFit:
    return DoNotFit(
        "The secret's two places do not fit together: somebody wrote to them while it was renamed.",
        hint="Both are kept as they are. An ADMIN sets them free: status-secrets doctor --repair",
    )


def _settings(entry: Metadata) -> dict[str, object]:
    wanted: dict[str, object] = {"max_versions": entry.max_versions, "cas_required": entry.cas_required}
    if entry.metadata_cas_required:  # a setting of OpenBao's, which may not stand before what needs no check
        wanted["metadata_cas_required"] = True
    return wanted


def _same(before: Metadata, now: Metadata) -> bool:
    """Whether nothing of what is carried has changed."""
    return (
        before.current_version == now.current_version
        and before.versions == now.versions
        and lasting(before.custom) == lasting(now.custom)
        and mark_keys(before.custom) == mark_keys(now.custom)
    )


def _parts(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), AT_ONCE):
        yield numbers[start : start + AT_ONCE]
