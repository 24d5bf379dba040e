"""The doctor for those who ask over HTTP: ADMINs, by the vault's decision."""

from __future__ import annotations

from collections.abc import Collection

from adapter.errors import Invalid
from adapter.model.doctor import CheckView
from adapter.service.app import Act
from adapter.service.auditing import only_admin
from adapter.service.doctor import CHECKS, examine
from adapter.service.doctor.mending import told
from adapter.settings import Settings


async def findings(act: Act, settings: Settings) -> list[CheckView]:
    """Every check; nothing is changed. Raises NotAllowed, NotSignedIn."""
    await only_admin(act, "The doctor")
    return [await told(one, repairing=False) for one in await examine(act, settings)]


async def repair(act: Act, settings: Settings, names: Collection[str] | None) -> list[CheckView]:
    """The checks of these names, or all, and what was mended of what they found. Raises Invalid, NotAllowed."""
    known = {one.name for one in CHECKS}
    if names is not None and not known.issuperset(names):
        hint = f"There are: {', '.join(one.name for one in CHECKS)}."
        raise Invalid.field("checks", "There is no check of such a name.", hint=hint)
    await only_admin(act, "The doctor")
    chosen = tuple(one for one in CHECKS if names is None or one.name in names)
    return [await told(one, repairing=True) for one in await examine(act, settings, chosen)]
