"""`status-secrets audit forward`: sends the log of the vault on this machine to an adapter on another one."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import click

from adapter.cli.output import say
from adapter.cli.signed_in import signed_in
from adapter.client import AsyncClient
from adapter.errors import Conflict, Invalid, NotSignedIn, StatusError, Unreachable
from adapter.settings import Settings, load_settings

POLL = 0.1
"""Seconds between two looks at the log."""

AGAIN_FIRST, AGAIN_MOST = 1.0, 30.0
"""Seconds after the adapter could not be reached."""


@click.command()
@click.option("--once", is_flag=True, help="Send what is there, and end.")
def command(once: bool) -> None:
    """Send the log that STATUS_AUDIT_LOG names to the adapter that STATUS_ADAPTER_URL names, as it grows.

    It signs in with the AppRole of a forwarder: STATUS_ROLE_ID and STATUS_SECRET_ID_FILE. What was sent is asked of the
    adapter, so nothing is lost or sent twice, whatever ends first.
    """
    settings = load_settings()
    if not settings.audit_log:
        raise Invalid("No audit log is named.", hint="Set STATUS_AUDIT_LOG to the file of the vault's audit device.")
    if not settings.adapter_url:
        raise Invalid("No adapter is named.", hint="Set STATUS_ADAPTER_URL.")
    with suppress(KeyboardInterrupt):
        asyncio.run(_forward(settings, once))


async def _forward(settings: Settings, once: bool) -> None:
    wait = AGAIN_FIRST
    while True:
        try:
            async with signed_in(settings, "audit-forward") as client:
                say(f"Sending {', '.join(map(str, settings.audit_log))} to {settings.adapter_url}")
                wait = AGAIN_FIRST
                await _send_all(client, settings, once)
                return
        except (NotSignedIn, Conflict):  # its hour is over; or the adapter has less, or more, than was thought
            if once:
                raise
        except Unreachable as error:
            if once:
                raise
            say(f"{error.detail} Trying again in {wait:.0f} s; nothing is lost.")
        except StatusError as error:
            if error.status < 500 or once:
                raise
            say(f"{error.detail} Trying again in {wait:.0f} s; nothing is lost.")
        await asyncio.sleep(wait)
        wait = min(wait * 2, AGAIN_MOST)


async def _send_all(client: AsyncClient, settings: Settings, once: bool) -> None:
    from adapter.audit.files import absolute
    from adapter.audit.forward import Outgoing
    from adapter.model.forwarding import CHUNK, LogChunk

    outgoing = Outgoing(tuple(map(absolute, settings.audit_log)), CHUNK)
    while True:
        for known in outgoing.unknown():
            outgoing.sent[known] = (await client.log_state(known)).offset
        sent = 0
        for piece in outgoing.pieces():
            state = await client.send_log(LogChunk.of(piece.print, piece.offset, piece.content))
            outgoing.sent[piece.print] = state.offset
            sent += 1
        if not sent:
            if once:
                return
            await asyncio.sleep(POLL)
