"""What the tests of the audit view share: lines into an index, events out of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from adapter.audit.criteria import criteria_of
from adapter.audit.events import events_of
from adapter.audit.follow import Place
from adapter.audit.histories import Histories
from adapter.audit.pairing import read_lines
from adapter.audit.paths import Layout
from adapter.audit.query import Search
from adapter.audit.storage import open_index
from adapter.audit.view import AuditView
from adapter.audit.writer import IndexWriter
from adapter.model.audit import Event, EventFilter

VECTORS = Path(__file__).parent / "vectors"
LAYOUT = Layout()


DAYS = ("openbao-2.7.2", "openbao-2.7.2-acts")
"""Mixed work as a real server logged it: of people and programs; of acts on someone's behalf and of managing."""


def vector_lines(day: str = DAYS[0]) -> list[bytes]:
    return (VECTORS / f"{day}.jsonl").read_bytes().splitlines()


def indexed(path: Path, *chunks: Iterable[bytes]) -> Path:
    """An index of the lines, each chunk a batch of its own."""
    writer = IndexWriter(path, LAYOUT)
    for chunk in chunks:
        writer.add(read_lines(chunk, LAYOUT)[0])
    writer.close()
    return path


def events_in(path: Path, **wanted: object) -> list[Event]:
    """The events of an index that fit a filter, oldest first."""
    connection = open_index(path)
    try:
        criteria = criteria_of(EventFilter.model_validate({"limit": 1000, **wanted}), datetime.now(UTC))
        return events_of(connection, Search(connection, criteria).page().rows)[::-1]
    finally:
        connection.close()


def histories_in(path: Path) -> Histories:
    connection = open_index(path)
    try:
        return Histories(connection)
    finally:
        connection.close()


def whole(path: Path) -> list[str]:
    """All that an index says of its events, uses included: equal for equal indexes."""
    view = AuditView(Place((), path, LAYOUT))
    uses = [f"{secret} {use}" for secret, use in sorted(view.last_uses().items())]
    made = [f"{secret} {last}" for secret, last in sorted(view.last_made().items())]
    histories = view.histories()
    names = [f"{name} {histories.spans(name)}" for name in sorted(histories.names)]
    return [event.model_dump_json() for event in events_in(path)] + uses + made + names + [str(view.since())]


def in_short(event: Event) -> str:
    """An event as a line of the expected files: what, how it ended, who, on what, how, from how many requests."""
    place = f"{event.secret or '-'}{f' v{event.version}' if event.version else ''} [{event.scope or '-'}]"
    who = f"{event.actor} ({event.actor_kind}{f' {event.role}' if event.role else ''})"
    why = f" “{event.reason}”" if event.reason else ""
    flags = f" !{','.join(event.flags)}" if event.flags else ""
    return f"{event.act} {event.outcome} | {who} | {place} | {event.client}{why}{flags} | {len(event.request_ids)}"
