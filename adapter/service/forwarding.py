"""Takes in the vault's log from a forwarder beside a vault on another machine; adds forwarders."""

from __future__ import annotations

import asyncio
import hashlib
import time
from pathlib import Path

from adapter.audit.files import absolute
from adapter.audit.spool import Displaced, Spool
from adapter.errors import Conflict, Exists, Invalid, NotAllowed, NotFound, OutcomeUnknown
from adapter.model.access import Credentials
from adapter.model.forwarding import ForwarderAdd, LogChunk, LogState
from adapter.model.roles import FORWARD_POLICY
from adapter.model.who import check_component_name
from adapter.service.app import Act
from adapter.service.components import credentials_of, fetch_within
from adapter.service.managing import changing
from adapter.settings import Settings
from adapter.vault.approle import AppRole
from adapter.vault.policies import forward_path
from adapter.vault.tokens import capabilities, lookup_self

FORWARDER_ROLE = "status-forward-"
SIGN_IN = {
    "token_ttl": 3600,
    "token_max_ttl": 86400,
    "token_policies": [FORWARD_POLICY],
    "token_no_default_policy": True,
}
REMEMBERED = 60.0
"""Seconds for which the vault's word on a forwarder holds."""


async def state(act: Act, settings: Settings, print: str) -> LogState:
    """How much of a log file is here. Raises Invalid, NotAllowed."""
    spool = await _spool(act, settings)
    return LogState(print=print, offset=await asyncio.to_thread(spool.offset, print))


async def take(act: Act, settings: Settings, chunk: LogChunk) -> LogState:
    """Put a chunk at the end of its file. Raises Conflict when it does not go on there, Invalid, NotAllowed."""
    spool = await _spool(act, settings)
    content = chunk.content()
    try:
        size = await asyncio.to_thread(spool.add, chunk.print, chunk.offset, content)
    except Displaced as error:
        raise Conflict(f"The file goes on at byte {error.offset}.", hint="Ask how much is here, and send on.") from None
    except OSError as error:
        raise OutcomeUnknown(
            f"The log cannot be kept ({error.strerror}).", hint="Look at the adapter's disk."
        ) from None
    return LogState(print=chunk.print, offset=size)


async def _spool(act: Act, settings: Settings) -> Spool:
    """The file that this forwarder's log is kept in: the one of its name.

    The vault's word holds for a minute: each question writes into the log that is being sent, which would never end.
    """
    if not settings.audit_receive:
        raise Invalid("This adapter takes no log from elsewhere.", hint="Whoever runs it sets STATUS_AUDIT_RECEIVE.")
    senders, now = act.services.senders, time.monotonic()
    key = hashlib.sha256(act.session.caller.token.get_secret_value().encode()).digest()
    for old in [one for one, (until, _) in senders.items() if until < now]:
        del senders[old]
    if key not in senders:
        senders[key] = (now + REMEMBERED, _log_of(settings, await _name(act)))
    return Spool(senders[key][1])


async def _name(act: Act) -> str:
    """The forwarder's. Raises NotAllowed for who is none."""
    path = forward_path(act.session.vault.mount)
    if not {"update", "root"} & (await capabilities(act.session, [path]))[path]:
        raise NotAllowed(
            "Sending the log needs a forwarder's sign-in.",
            hint="An ADMIN adds one: status-secrets audit forwarders add NAME",
        )
    return ((await lookup_self(act.session)).meta or {}).get("role_name", "").removeprefix(FORWARDER_ROLE)


def _log_of(settings: Settings, name: str) -> Path:
    for log in settings.audit_log:
        if log.name == f"{name}.log":
            return absolute(log)
    raise Invalid(
        "This adapter keeps no log of that forwarder.",
        hint="Whoever runs it names a file NAME.log, after the forwarder, in STATUS_AUDIT_LOG.",
    )


async def add_forwarder(act: Act, body: ForwarderAdd) -> Credentials:
    """An AppRole that may send the log and nothing else; its secret id comes wrapped. Raises Exists, NotAllowed."""
    name = check_component_name(body.name)
    seconds = fetch_within(body.ttl)
    async with changing(act, "Managing forwarders"):
        role = AppRole(act.session, FORWARDER_ROLE + name)
        if await role.role_id() is not None and await role.secret_ids():
            raise Exists("There is a forwarder of that name already.", hint="Remove it first, or choose another name.")
        await role.save(dict(SIGN_IN))
        role_id = await role.role_id()
        if role_id is None:
            raise NotFound("The vault does not show what was just made.", hint="Add the forwarder again.")
        wrapped = await role.new_secret_id({"forwarder": name}, seconds)
    return credentials_of(act, role_id, wrapped)


async def remove_forwarder(act: Act, name: str) -> None:
    """Its tokens end within the hour; it cannot sign in any more. Raises NotFound."""
    async with changing(act, "Managing forwarders"):
        role = AppRole(act.session, FORWARDER_ROLE + check_component_name(name))
        if await role.role_id() is None:
            raise NotFound("There is no such forwarder.", hint="Check its name.")
        await role.delete()
