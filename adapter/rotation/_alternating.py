"""Two accounts in turn: the idle one gets a new password, is tried, and only then becomes the current version.

The current version's account is not touched, so there is no moment at which the current version fails; whoever holds
it goes on working until the rotation after this one.
"""

from __future__ import annotations

from adapter.errors import Conflict, Invalid, NotAllowed, NotFound
from adapter.rotation._kept import USERNAME, Kept, Version, new_password
from adapter.rotation._rotating import Outcome, finish
from adapter.rotation._target import Change, Login, NotRotated, Target


async def alternate(kept: Kept, target: Target, admin: Login | None, pair: tuple[str, str]) -> Outcome:
    """Make the account of the two that the current version does not name the current one.

    Raises StatusError; then the current version is as it was, and works.
    """
    current = await kept.read()
    idle = _idle(current, pair)
    if not await target.accepts(current.login):
        return await finish(kept, target, admin, current)
    login = Login(idle, new_password())
    async with target.change(admin or current.login, idle, login.password) as change:
        await change.commit()
        if not await target.accepts(login):
            await _restore(kept, change, current, idle)
            raise NotRotated(
                f"The new password of {idle} did not work; the current version is as it was.",
                hint="The place's own log says why: a connection limit, an expired account, pg_hba.conf.",
            )
        try:
            number = await kept.write(current, login)
        except (Conflict, Invalid, NotAllowed, NotFound):  # surely not written
            await _restore(kept, change, current, idle)
            raise
    return Outcome(number, idle)


def _idle(current: Version, pair: tuple[str, str]) -> str:
    """Which of the two is not current. Raises Invalid."""
    if USERNAME not in (current.stored.fields or {}):
        raise Invalid(
            "Two accounts in turn need a secret that says which one is current.",
            hint=f"Make it a custom secret with the field {USERNAME} beside the password.",
        )
    if len(set(pair)) != 2 or current.login.user not in pair:
        raise Invalid.field(
            "alternate",
            f"The secret's field {USERNAME} names neither of the two accounts, or the two are the same.",
            hint="Name both, one of them the current one: --alternate app_a app_b",
        )
    return next(account for account in pair if account != current.login.user)


async def _restore(kept: Kept, change: Change, current: Version, idle: str) -> None:
    """The idle account's earlier password, where a version has it, for whoever still holds that version."""
    async for version in kept.earlier(current.number):
        if version.login.user == idle:
            await change.restore(version.login.password)
            return
