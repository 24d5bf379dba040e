"""Audit events as lines for a terminal or a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from adapter.cli.tables import plain, show_rows
from adapter.model.audit import TEMPORARY, Event

HEADER = ("TIME", "ACT", "OUTCOME", "ACTOR", "SECRET", "CLIENT", "ADDRESS", "REASON")
WIDTHS = (19, 16, 7, 20, 44, 14, 15, 0)
"""Of the columns while events come one by one."""


def cells(event: Event) -> tuple[str, ...]:
    """`TIME` in UTC, to the second; flags stand with the reason."""
    place = event.secret or event.scope or "-"
    flags = "".join(f" [{flag}]" for flag in event.flags)
    return (
        event.time[:19].replace("T", " "),
        event.act,
        event.outcome,
        _who(event),
        f"{place} v{event.version}" if event.version else place,
        event.client or "-",
        event.address or "-",
        f"{event.reason or ''}{flags}".strip(),
    )


def _who(event: Event) -> str:
    if event.role == TEMPORARY:
        return f"{event.actor} (temporary)"
    return event.actor if event.actor_kind == "person" else f"{event.actor} ({event.actor_kind})"


def show_events(events: Sequence[Event], as_json: bool) -> None:
    """A table; as JSON one event a line."""
    if as_json:
        for event in events:
            click.echo(event.model_dump_json(by_alias=True))
    else:
        show_rows(HEADER, map(cells, events))


class Lines:
    """Events one by one. Of one that more became known of, the newer words are shown as a line of their own."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._seen: set[str] = set()

    def head(self) -> None:
        """The columns' names, for people."""
        if not self._as_json:
            click.echo(_line(HEADER))

    def is_new(self, event: Event) -> bool:
        return event.request_ids[0] not in self._seen

    def show(self, events: Iterable[Event]) -> None:
        for event in events:
            self._seen.add(event.request_ids[0])
            if self._as_json:
                click.echo(event.model_dump_json(by_alias=True))
            else:
                click.echo(_line(map(plain, cells(event))))


def _line(texts: Iterable[str]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(texts, WIDTHS, strict=True)).rstrip()
