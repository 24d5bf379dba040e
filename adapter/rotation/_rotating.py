"""One account's password: new in the vault and at its place, with the shortest gap between the two.

The place is asked first, in a transaction; then the new version is written, then the transaction is committed. So
what fails before the commit has changed nothing at the place, and the new password is kept before it is in effect.
A process that ends between the two leaves a current version that the place refuses, and an earlier one that it
accepts: the next run finds that and finishes it (`_finish`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from adapter.errors import StatusError
from adapter.rotation._kept import Kept, Version, new_password
from adapter.rotation._target import Change, Login, NotRotated, Target


@dataclass(frozen=True, slots=True)
class Outcome:
    """`gap`: for how many seconds, at most, the current version did not work; None where there was no such moment.

    `finished`: an earlier run had been interrupted, and this one brought it to its end instead of starting anew.
    """

    version: int
    account: str
    gap: float | None = None
    finished: bool = False


async def rotate(kept: Kept, target: Target, admin: Login | None) -> Outcome:
    """Rotate the one account that the secret names. Raises StatusError; then the words say how things stand."""
    current = await kept.read()
    if not await target.accepts(current.login):
        return await finish(kept, target, admin, current)
    login = Login(current.login.user, new_password())
    async with target.change(admin or current.login, login.user, login.password) as change:
        begun = time.perf_counter()
        number = await kept.write(current, login)
        error = await _committed(change)
        gap = time.perf_counter() - begun
        if error is not None or not await target.accepts((await kept.read(number)).login):
            raise await _put_back(kept, current, change)
    return Outcome(number, login.user, gap)


async def _committed(change: Change) -> StatusError | None:
    """A commit whose answer got lost may have taken place: what counts is whether the new password works."""
    try:
        await change.commit()
    except StatusError as error:
        return error
    return None


async def _put_back(kept: Kept, before: Version, change: Change) -> NotRotated:
    """The earlier password on both sides, the place first: the error to raise."""
    try:
        await change.restore(before.login.password)
    except StatusError as error:
        return NotRotated(
            f"The new password does not work, and the earlier one could not be put back: {error.detail}",
            hint="Run it again: it finds the version that works.",
        )
    try:
        number = await kept.put_back(before)
    except StatusError as error:
        return NotRotated(
            "The new password did not work. The place has the earlier one again; in the vault the new one is still the "
            f"current version: {error.detail}",
            hint=f"Roll the secret back to version {before.number}, or run it again: then the place gets the new one.",
        )
    return NotRotated(
        f"The new password did not work. The one of version {before.number} was put back on both sides, in the vault "
        f"as version {number}.",
        hint="The place's own log says why: a connection limit, an expired account, pg_hba.conf.",
    )


async def finish(kept: Kept, target: Target, admin: Login | None, current: Version) -> Outcome:
    """The place gets the password of the current version, which it refuses so far. Raises NotRotated."""
    good = await _working(kept, target, current)
    by = admin or (good.login if good else None)
    if by is None:
        raise NotRotated(
            "The place refuses the current version and every earlier one, so nobody can sign in to change it.",
            hint="Give an account that may with --admin.",
        )
    async with target.change(by, current.login.user, current.login.password) as change:
        await change.commit()
        if await target.accepts(current.login):
            return Outcome(current.number, current.login.user, finished=True)
        if good is None:
            raise NotRotated("The place refuses the current version even after it was set.", hint="See its log.")
        raise await _put_back(kept, good, change)


async def _working(kept: Kept, target: Target, current: Version) -> Version | None:
    """The newest earlier version of the same account with which the place lets it in."""
    async for version in kept.earlier(current.number):
        if version.login.user == current.login.user and await target.accepts(version.login):
            return version
    return None
