"""Temporary access: a token of its own that reads one secret, for a while or a number of uses.

What was given stands in the vault as a policy a piece, which names whom, what and until when, and without which the
token is worth nothing. So the list of them is the vault's, and taking one back works even when the token is not known.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from adapter.errors import Conflict, Invalid, NotFound, Prevented, StatusError
from adapter.model.address import Address
from adapter.model.records import iso, parse_time
from adapter.model.rights import TemporaryAccess, TemporaryGrant, TemporaryView
from adapter.model.spans import check_span
from adapter.model.temporary import Temporary, check_exact, make_id
from adapter.model.who import Who
from adapter.service import holders
from adapter.service.app import Act
from adapter.service.listing import find
from adapter.service.managing import changing, for_admins
from adapter.service.temporary_ends import MANAGING, all_given, end, has_ended, sweep_within, why_orphaned
from adapter.vault import accessors, identity
from adapter.vault.identity import Entity
from adapter.vault.policies import temporary_policy
from adapter.vault.wrapping import Wrapped, decode_wrapped

LONGEST = 86400
LONGEST_FETCH = 3600
ROLE = "auth/token/create/status-temporary"


async def list_temporary(act: Act) -> list[TemporaryView]:
    """Every access that has not ended yet, the first to end first. Raises NotAllowed."""
    with for_admins(MANAGING):
        given = [one for one in (await all_given(act)).values() if not has_ended(one, act.now)]
        tokens = await identity.each([one.accessor for one in given], lambda a: accessors.look(act.session, a))
        problems = await identity.each(given, lambda one: why_orphaned(act, one))
    alive = [one for one in given if not one.accessor or one.accessor in tokens]
    left = {one.id: tokens[one.accessor].num_uses if one.accessor in tokens else None for one in alive}
    shown = sorted(alive, key=lambda one: one.until)
    return [_view(one, left[one.id], problems[one]) for one in shown]


async def give(act: Act, address: Address, body: TemporaryGrant) -> TemporaryAccess:
    """Mint the token, wrapped for whom it is. Raises Conflict, Invalid, NotAllowed, NotFound."""
    who = Who.parse(body.who)
    seconds = check_span("ttl", body.ttl, LONGEST)
    if not act.reason:
        raise Invalid.field("reason", "Temporary access needs a reason.", hint="Say what it is for.")
    check_exact(address)
    async with changing(act, MANAGING):
        await sweep_within(act)
        entity = await holders.find(act, who)
        _check_enabled(who, entity)
        entry = await find(act, address)
        given = await _planned(act, who, address, seconds, body.uses)
        given = replace(given, entity=entity.id, created=entry.created_time)
        await _write(act, given)
        wrapped = await _mint(act, given, seconds)
        given = replace(given, accessor=wrapped.wrapped_accessor)
        await _write(act, given)
        await _check_still_there(act, address, given)
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
        given = (await all_given(act)).get(access_id)
        if given is None:
            raise NotFound("There is no such temporary access.", hint="The list of temporary access has what there is.")
        await end(act, given)


async def _check_still_there(act: Act, address: Address, given: Temporary) -> None:
    """Whoever renames or deletes the secret ends what they find: one of both sees the other. Raises Conflict."""
    try:
        entry = await find(act, address)
    except StatusError:
        await end(act, given)
        raise
    if entry.created_time != given.created:
        await end(act, given)
        raise Conflict("Another secret has that name since this moment.", hint="Look at it, then repeat.")


def _check_enabled(who: Who, entity: Entity) -> None:
    """The token has no entity, so the vault would not refuse it for somebody who is disabled."""
    if entity.disabled:
        raise Prevented(
            f"{who} is disabled, so no access can be given to them.",
            hint="Let them in again first, or give it to somebody else.",
        )


async def _planned(act: Act, who: Who, address: Address, seconds: int, uses: int | None) -> Temporary:
    until = iso(act.now + timedelta(seconds=seconds))
    by = (await act.identity()).name
    return Temporary(make_id(address), str(who), address.path, until, by, iso(act.now), uses, act.reason)


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
        await end(act, given)
        raise Conflict(
            "The vault lacks the token role for temporary access.", hint="status-secrets provision makes it."
        ) from None
    return decode_wrapped(content)


def _view(given: Temporary, left: int | None, problem: str = "") -> TemporaryView:
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
        problem=problem or None,
    )
