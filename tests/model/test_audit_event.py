"""The event and the filter over the wire: exactly the words of the API."""

from adapter.model.audit import Event, EventAct, EventFilter, Outcome
from adapter.model.wire import dump

EVENT = Event(
    time="2026-11-23T09:12:00.000001Z", actor="developer", actor_kind="person", act=EventAct.USED, outcome=Outcome.DONE
)


def test_an_event_has_the_fields_of_the_api() -> None:
    assert list(dump(EVENT)) == [
        "time", "actor", "actorKind", "role", "act", "secret", "version", "scope", "reason", "component", "client",
        "address", "outcome", "flags", "requestIds",
    ]  # fmt: skip


def test_the_filter_is_spelled_as_the_query() -> None:
    wanted = EventFilter(actor="developer", from_="2d", limit=5)
    assert wanted.query() == {"actor": "developer", "from": "2d", "limit": "5"}
    assert EventFilter.model_validate(wanted.query()) == wanted
