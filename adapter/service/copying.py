"""A store that does for somebody what they may not do themselves, with a minted token of few uses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from adapter.errors import NotAllowed, NotSignedIn, OutcomeUnknown
from adapter.model.address import Address, Scope
from adapter.model.roles import act_policy_name
from adapter.service.acting import Behalf
from adapter.service.app import Act
from adapter.vault.kv import KvStore
from adapter.vault.problems import VaultRefusal
from adapter.vault.session import VaultSession
from adapter.vault.tokens import capabilities
from adapter.vault.transport import HvacAdapter


@dataclass(frozen=True, slots=True)
class Job:
    """What a token is minted for: the act's name, the secret, `records_digest` of what is read, the new place."""

    act: str
    secret: Address
    records: str
    to: Address | None = None


@asynccontextmanager
async def copying_store(
    act: Act, job: Job, place: Address, uses: int, policy: Callable[[Scope], str] = act_policy_name
) -> AsyncIterator[KvStore]:
    """A store that is good for `uses` requests in the scope of `place`. Raises NotAllowed."""
    async with acting_session(act, job, place, uses, policy) as session:
        yield KvStore(session)


@asynccontextmanager
async def acting_session(
    act: Act, job: Job, place: Address, uses: int, policy: Callable[[Scope], str]
) -> AsyncIterator[VaultSession]:
    """What is behind such a store. Raises NotAllowed.

    Where the adapter has no identity, or where the place is in no scope, the caller's own token works.
    """
    acting, scope = act.services.acting, place.scope
    if acting is None or scope is None:
        yield act.session
        return
    identity = await act.identity()
    caller = act.session.caller
    behalf = Behalf(job.act, job.secret, identity.name, identity.entity_id, caller.request_id, job.records, job.to)
    with _as_ours():
        token = await acting.mint(caller, behalf, policy(scope), uses)
    yield _ActSession(act.services.vault, replace(caller, token=token, counted=True))


class _ActSession(VaultSession):
    """Requests with an act token. What goes wrong with other tokens meanwhile is not explained as this one's."""

    def hvac(self) -> HvacAdapter:
        return _ActAdapter(self.vault.transport, self.caller.headers(), once=True)

    async def send(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        with _as_ours():
            return await super().send(*args, **options)


class _ActAdapter(HvacAdapter):
    async def request(self, *args: Any, **options: Any) -> bytes:
        with _as_ours():
            return await super().request(*args, **options)


@contextmanager
def _as_ours() -> Iterator[None]:
    """Says of a refusal inside that it is the adapter's identity that was refused, not the person."""
    try:
        yield
    except NotSignedIn:  # no reason to send the person to the sign-in
        raise OutcomeUnknown(
            "The token that acts for you ended before the act did.", hint="Look at the secret, then repeat."
        ) from None
    except VaultRefusal:
        raise NotAllowed(
            "The adapter's own identity may not do this for you in the vault.",
            hint="An ADMIN brings its policies up to date: status-secrets provision",
        ) from None


async def check_may_copy(act: Act, place: Address) -> None:
    """Raises NotAllowed, saying why, for a caller who may not read while nobody can read for them."""
    if act.services.acting is not None and place.scope is not None:
        return
    path = f"{act.session.vault.mount}/data/{place.path}"
    if not {"read", "root"} & (await capabilities(act.session, [path]))[path]:
        raise NotAllowed(
            "This adapter has no identity of its own, so it cannot copy values for you.",
            hint="Whoever runs it sets STATUS_ADAPTER_ROLE_ID and STATUS_ADAPTER_SECRET_ID_FILE.",
        )
