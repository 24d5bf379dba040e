"""The reason of a change, where a scope asks for one. Vault cannot enforce it: what the CLI writes is flagged."""

from __future__ import annotations

from adapter.errors import Invalid
from adapter.model.address import Address
from adapter.service.app import Act

REASON_MISSING = "reason_missing"


async def asks_for_reason(act: Act, address: Address) -> bool:
    """Whether the scope of a secret asks for the reason of every change."""
    scope = address.scope
    return scope is not None and await act.services.scope_settings.requires_reason(act.session, scope)


async def check_reason_given(act: Act, *places: Address) -> None:
    """Raises Invalid for a change without a reason in a scope that asks for one. Editing details is none."""
    if act.reason:
        return
    for place in places:
        if await asks_for_reason(act, place):
            raise Invalid.field("reason", f"Every change in {place.scope} needs a reason.", hint="Say why in one line.")
