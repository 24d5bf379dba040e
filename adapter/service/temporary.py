"""Temporary access: a token of its own that reads one secret, for a while or a number of uses.

What was given stands in the vault as a policy a piece, which names whom, what and until when, and without which the
token is worth nothing. So the list of them is the vault's, and taking one back works even when the token is not known.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from adapter.errors import Conflict, Invalid, NotFound
from adapter.model.address import Address
from adapter.model.records import iso, parse_time
from adapter.model.rights import TemporaryAccess, TemporaryGrant, TemporaryView
from adapter.model.spans import check_span
from adapter.model.temporary import PREFIX, Temporary, check_exact, parse
from adapter.model.who import Who
from adapter.provision import steps
from adapter.service import holders
from adapter.service.app import Act
from adapter.service.listing import find
from adapter.service.managing import changing, for_admins
from adapter.vault import accessors, identity
from adapter.vault.policies import temporary_policy
from adapter.vault.wrapping import Wrapped, decode_wrapped

MANAGING = "Giving temporary access"
LONGEST = 86400
LONGEST_FETCH = 3600
ROLE = "auth/token/create/status-temporary"


async def list_temporary(act: Act) -> list[TemporaryView]:
    """Every access that has not ended yet, the first to end first. Raises NotAllowed."""
    with for_admins(MANAGING):
        given = [one for one in (await _all(act)).values() if not _has_ended(one, act.now)]
        tokens = await identity.each([one.accessor for one in given], lambda a: accessors.look(act.session, a))
    alive = [one for one in given if not one.accessor or one.accessor in tokens]
    left = {one.id: tokens[one.accessor].num_uses if one.accessor in tokens else None for one in alive}
    return [_view(one, left[one.id]) for one in sorted(alive, key=lambda one: one.until)]


async def give(act: Act, address: Address, body: TemporaryGrant) -> TemporaryAccess:
    """Mint the token, wrapped for whom it is. Raises Conflict, Invalid, NotAllowed, NotFound."""
    who = Who.parse(body.who)
    seconds = check_span("ttl", body.ttl, LONGEST)
    if not act.reason:
        raise Invalid.field("reason", "Temporary access needs a reason.", hint="Say what it is for.")
    check_exact(address)
    async with changing(act, MANAGING):
        await _sweep(act)
        await holders.find(act, who)
        await find(act, address)
        given = await _planned(act, who, address, seconds, body.uses)
        await _write(act, given)
        wrapped = await _mint(act, given, seconds)
        given = replace(given, accessor=wrapped.wrapped_accessor)
        await _write(act, given)
    made = parse_time(wrapped.creation_time) or act.now
    return TemporaryAccess(
        **dict(_view(given, given.uses)),
        wrap_token=wrapped.secret,
        fetch_before=iso(made + timedelta(seconds=wrapped.ttl)),
        message=f"{who} can read {address.name} until {given.until}.",
    )


async def take_back(act: Act, access_id: str) -> None:
    """Without its policy the token reads nothing from this moment on; then it is revoked. Raises NotFound."""
    async with changing(act, MANAGING):
        given = (await _all(act)).get(access_id)
        if given is None:
            raise NotFound("There is no such temporary access.", hint="GET /temporary-access lists what there is.")
        await _remove(act, given)


async def _planned(act: Act, who: Who, address: Address, seconds: int, uses: int | None) -> Temporary:
    until = iso(act.now + timedelta(seconds=seconds))
    by = (await act.identity()).name
    return Temporary(secrets.token_hex(6), str(who), address.path, until, by, iso(act.now), uses, act.reason)


async def _write(act: Act, given: Temporary) -> None:
    text = temporary_policy(given.title, act.services.vault.mount, given.secret)
    await act.session.send("PUT", "sys/policies/acl", given.policy, body={"policy": text})


async def _mint(act: Act, given: Temporary, seconds: int) -> Wrapped:
    body = {
        "policies": [given.policy],
        "ttl": f"{seconds}s",
        "num_uses": given.uses or 0,
        "display_name": f"temporary-{given.who.partition(':')[2]}",
        "meta": {"temporary": given.id, "for": given.who, "secret": given.secret, "by": given.by},
    }
    headers = {"X-Vault-Wrap-TTL": f"{min(seconds, LONGEST_FETCH)}s"}
    try:
        _, content = await act.session.send("POST", ROLE, body=body, headers=headers)
    except (Invalid, NotFound):
        await _remove(act, given)
        raise Conflict(
            "The vault lacks the token role for temporary access.", hint="status-secrets provision makes it."
        ) from None
    return decode_wrapped(content)


async def _remove(act: Act, given: Temporary) -> None:
    await act.session.send("DELETE", "sys/policies/acl", given.policy)
    if given.accessor:
        await accessors.revoke(act.session, given.accessor)


async def _all(act: Act) -> dict[str, Temporary]:
    """By id. Raises VaultRefusal for whoever may not see policies."""
    found = [name for name in await identity.names(act.session, "sys/policies/acl") if name.startswith(PREFIX)]

    async def one(name: str) -> Temporary | None:
        policy = await steps.read(act.session, "sys/policies/acl", name)
        return parse(str((policy or {}).get("policy", "")))

    return {given.id: given for given in (await identity.each(found, one)).values()}


async def leftovers(act: Act) -> list[Temporary]:
    """What is left in the vault of accesses whose tokens have ended by themselves. Raises NotAllowed."""
    with for_admins(MANAGING):
        return [given for given in (await _all(act)).values() if _has_ended(given, act.now)]


async def sweep(act: Act) -> int:
    """Clear those away; answers how many there were. Raises NotAllowed."""
    async with changing(act, MANAGING):
        return await _sweep(act)


async def _sweep(act: Act) -> int:
    ended = await leftovers(act)
    for given in ended:
        await _remove(act, given)
    return len(ended)


def _has_ended(given: Temporary, now: datetime) -> bool:
    until = parse_time(given.until)
    return until is None or until <= now


def _view(given: Temporary, left: int | None) -> TemporaryView:
    return TemporaryView(
        id=given.id,
        who=given.who,
        secret=Address(given.secret).id,
        address=given.secret,
        expires_at=given.until,
        uses=given.uses,
        uses_left=left if given.uses else None,
        by=given.by,
        at=given.at,
        reason=given.why or None,
    )
