"""The mount of the secrets: what lies on it that is not STATUS's, and entries whose settings do not fit."""

from __future__ import annotations

from collections.abc import Iterable

from adapter.model.address import Address
from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.settings import Settings
from adapter.vault.answers import Metadata
from adapter.vault.policies import SCOPES_FOLDER
from adapter.vault.scopes import existing_scopes

SHOWN = 5

MOST_VERSIONS = 20
"""As many version records as fit beside the other keys of a secret's metadata."""


async def look(act: Act, settings: Settings) -> list[Finding]:
    """Findings for entries outside every scope, in scopes that nobody added, and for settings of single entries."""
    entries = [one for one in await act.store.tree("") if not one[0].path.startswith(f"{SCOPES_FOLDER}/")]
    scopes = set(await existing_scopes(act.store))
    outside = [address.path for address, _ in entries if address.scope is None]
    unknown = sorted({str(one.scope) for one, _ in entries if one.scope is not None and one.scope not in scopes})
    return [*_outside(outside), *_unknown(unknown), *_settings_of(entries)]


def _outside(paths: list[str]) -> Iterable[Finding]:
    if paths:
        what = f"{len(paths)} entries are outside every scope, so only ADMIN sees them: {_some(paths)}."
        yield Finding(what, "Somebody else uses this mount too, or they belong into a scope: move them there.")


def _unknown(scopes: list[str]) -> Iterable[Finding]:
    if scopes:
        what = f"There are secrets in scopes that were never added: {_some(scopes)}."
        yield Finding(what, "Add the scope: status-secrets scopes add SCOPE")


def _settings_of(entries: list[tuple[Address, Metadata]]) -> Iterable[Finding]:
    many = [address.path for address, entry in entries if entry.max_versions > MOST_VERSIONS]
    if many:
        what = f"{len(many)} secrets keep more versions than their records have room for: {_some(many)}."
        yield Finding(what, "bao kv metadata patch -mount=… -max-versions=0 PATH   (0: as the mount has it)")
    few = [address.path for address, entry in entries if 0 < entry.max_versions < 2]
    if few:
        what = f"{len(few)} secrets keep one version only, so nothing can be rolled back: {_some(few)}."
        yield Finding(what, "bao kv metadata patch -mount=… -max-versions=0 PATH")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


check = Check("mount", "What lies on the mount of the secrets", look)
