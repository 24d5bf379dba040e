"""A store that copies values for somebody who may not read them, with a minted token of few uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from adapter.errors import NotAllowed, NotSignedIn, OutcomeUnknown
from adapter.model.address import Address
from adapter.service.acting import Behalf
from adapter.service.app import Act
from adapter.vault.kv import KvStore
from adapter.vault.tokens import capabilities


@asynccontextmanager
async def copying_store(act: Act, name: str, place: Address, uses: int, records: str) -> AsyncIterator[KvStore]:
    """A store that is good for `uses` requests in the scope of `place`. Raises NotAllowed.

    `records` is `records_digest` of the versions that are read. Where the adapter has no identity, or where the place
    is in no scope, the caller's own token copies.
    """
    acting, scope = act.services.acting, place.scope
    if acting is None or scope is None:
        await check_may_read(act, place)
        yield act.store
        return
    identity = await act.identity()
    caller = act.session.caller
    behalf = Behalf(name, place, identity.name, identity.entity_id, caller.request_id, records)
    try:
        token = await acting.mint(behalf, scope, uses)
        yield KvStore(act.services.vault.session(replace(caller, token=token, counted=True)))
    except NotSignedIn:  # no reason to send the person to the sign-in
        raise OutcomeUnknown(
            "The token that acts for you ended before the act did.", hint="Look at the secret, then repeat."
        ) from None


async def check_may_read(act: Act, place: Address) -> None:
    """Raises NotAllowed, saying why, for a caller who may not read while nobody can read for them."""
    path = f"{act.session.vault.mount}/data/{place.path}"
    if not {"read", "root"} & (await capabilities(act.session, [path]))[path]:
        raise NotAllowed(
            "This adapter has no identity of its own, so it cannot copy values for you.",
            hint="Whoever runs it sets STATUS_ADAPTER_ROLE_ID and STATUS_ADAPTER_SECRET_ID_FILE.",
        )
