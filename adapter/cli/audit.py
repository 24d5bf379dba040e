"""`status-secrets audit`: the events of the audit view, as they were or as they happen."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Literal

import click

from adapter.cli.audit_text import Lines, show_events
from adapter.cli.lazy import LazyGroup
from adapter.cli.output import note
from adapter.cli.signed_in import signed_in
from adapter.client import AsyncClient
from adapter.errors import Invalid, Unreachable
from adapter.model.audit import Event, EventFilter, EventPage
from adapter.settings import load_settings

NAME = "audit"
READ_WITHIN = 60.0
"""Seconds that an index being made is waited for."""

COME_BACK_AFTER = 1.0

SUBCOMMANDS = {
    "investigate": ("adapter.cli.audit_investigate", "Who could have a value, or what somebody touched."),
    "find-leak": ("adapter.cli.audit_find_leak", "Where a string that was found somewhere came by."),
    "verify": ("adapter.cli.audit_verify", "Whether the log is as it was sealed."),
    "forward": ("adapter.cli.audit_forward", "Send the log of this machine's vault to an adapter elsewhere."),
    "forwarders": ("adapter.cli.audit_forwarders", "Who may send it."),
    "unusual": ("adapter.cli.audit_unusual", "What the rules marked as out of the ordinary."),
    "rebuild": ("adapter.cli.audit_rebuild", "Make the index anew from the log."),
}


@click.group(cls=LazyGroup, commands_in=SUBCOMMANDS, invoke_without_command=True)
@click.option("--secret", metavar="SECRET", help="Its address, id or reference.")
@click.option("--scope", metavar="SCOPE")
@click.option("--actor", metavar="NAME", help="Who did it.")
@click.option("--component", metavar="NAME")
@click.option("--act", metavar="ACT", help="used, updated, signed_in, ...; several: used,wrapped; not: -viewed.")
@click.option("--outcome", metavar="OUTCOME", help="done, denied, failed, unknown.")
@click.option("--client", metavar="CLIENT", help="What the caller says it is.")
@click.option("--address", metavar="ADDRESS", help="Where the request came from.")
@click.option("--since", metavar="TIME", help="2d, 90m, or 2026-11-23T09:12:00Z.")
@click.option("--until", metavar="TIME", help="The same.")
@click.option("--text", metavar="WORDS", help="Words that stand anywhere in an event.")
@click.option("--limit", "-n", type=click.IntRange(1, 1000), default=50, show_default=True, help="The newest so many.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until Ctrl+C.")
@click.option("--json", "as_json", is_flag=True, help="One event a line, as the API has it.")
@click.option("--export", type=click.Choice(["jsonl", "csv"]), help="All that fits, newest first, for a file.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    limit: int,
    follow: bool,
    as_json: bool,
    export: Literal["jsonl", "csv"] | None,
    **given: str | None,
) -> None:
    """What the vault's own log says was done: by whom, to what, why, from where, and how it ended. Oldest first."""
    if ctx.invoked_subcommand is not None:
        return
    spelled = {"since": "from", "until": "to", "text": "q"}
    words = {spelled.get(name, name): value for name, value in given.items() if value is not None}
    wanted = EventFilter.model_validate(words | {"limit": limit})
    if export is None:
        asyncio.run(_audit(wanted, follow, as_json))
    elif follow or as_json:
        raise Invalid("--export goes with filters only.", hint="Leave out --follow and --json.")
    else:
        asyncio.run(_export(wanted, export))


async def _audit(wanted: EventFilter, follow: bool, as_json: bool) -> None:
    async with signed_in(load_settings(), NAME) as client:
        page = await read_page(client, wanted)
        if not follow:
            show_events(page.events[::-1], as_json)
            _say_what_is_missing(page)
            return
        lines = Lines(as_json)
        lines.head()
        lines.show(page.events[::-1])
        await _follow(client, wanted, lines)


async def _export(wanted: EventFilter, format: Literal["jsonl", "csv"]) -> None:
    """Every event that fits, as it comes in. Raises StatusError, also when it breaks off."""
    async with signed_in(load_settings(), NAME) as client:
        _say_what_is_behind(await read_page(client, wanted.model_copy(update={"limit": 1})))
        async with client.export_events(wanted, format) as parts:
            async for part in parts:
                click.echo(part, nl=False)


async def read_page(client: AsyncClient, wanted: EventFilter) -> EventPage:
    """The events, once the log has been read; an adapter within this process begins with that only now."""
    deadline = time.monotonic() + READ_WITHIN
    while True:
        try:
            page = await client.events(wanted)
        except Unreachable:
            if time.monotonic() > deadline:
                raise
        else:
            if not page.reading.behind_bytes or page.reading.problem or time.monotonic() > deadline:
                return page
        await asyncio.sleep(0.1)


async def _follow(client: AsyncClient, wanted: EventFilter, lines: Lines) -> None:
    """What happens from now on; a connection that breaks is taken up where it was. Raises StatusError."""
    after: str | None = None
    shown: dict[str, Event] = {}
    while True:
        with suppress(Unreachable):
            async with client.follow(wanted, after=after) as stream:
                if after is None:  # between the page and the stream nothing gets lost
                    lines.show([event for event in (await client.events(wanted)).events[::-1] if lines.is_new(event)])
                async for sent in stream:
                    after = sent.id
                    if shown.get(sent.event.request_ids[0]) != sent.event:
                        lines.show([sent.event])
                        shown = dict([*shown.items()][-500:]) | {sent.event.request_ids[0]: sent.event}
            await client.me()  # the stream ends with the token, which raises here
        await asyncio.sleep(COME_BACK_AFTER)


def _say_what_is_missing(page: EventPage) -> None:
    if page.next is not None:
        note(f"The newest {len(page.events)} of {page.total}; --limit shows more, --export all.")
    _say_what_is_behind(page)


def _say_what_is_behind(page: EventPage) -> None:
    reading = page.reading
    if reading.behind_bytes or reading.problem:
        behind = f"{reading.behind_bytes / 1e6:.1f} MB of the log are not in this view yet. "
        note(f"{behind if reading.behind_bytes else ''}{reading.problem or ''}".strip())
