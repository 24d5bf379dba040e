"""Each rule on events that it must mark, and on ones that look alike and that it must not."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapter.audit.unusual import KINDS, NAMES, check_names, rules
from adapter.audit.unusual.expiries import Expiries
from adapter.audit.unusual.rule import Rule
from adapter.audit.unusual.watch import Unusual
from adapter.errors import Invalid
from adapter.model.audit import Event
from adapter.model.records import iso

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PLACE = "environment/production"
COUNTER = iter(range(10**9))


def ev(seconds: float, **changes: Any) -> Event:
    """A component's use of a secret, so many seconds after 2 November 2026, 9 h."""
    body = {
        "time": (START + timedelta(seconds=seconds)).isoformat(),
        "actor": "node-red",
        "actor_kind": "component",
        "act": "used",
        "secret": f"{PLACE}/db_password",
        "scope": PLACE,
        "address": "10.0.3.7",
        "outcome": "done",
        "request_ids": [f"r{next(COUNTER)}"],
    }
    return Event.model_validate({**body, **changes})


def marked(rule: str, events: Iterable[Event], expiries: dict[str, float] | None = None) -> list[bool]:
    """Which of the events the rule marked, in the end."""
    off = [name for name in NAMES if name != rule]
    unusual = Unusual(expiries or {}, off)
    shown = list(events)
    for one in shown:
        unusual.show(one)
    return [rule in unusual.names(one) for one in shown]


def person(seconds: float, name: str = "ada", **changes: Any) -> Event:
    return ev(seconds, actor=name, actor_kind="person", **changes)


DAY = 86_400
USES = [ev(60 * n) for n in range(10)]


def working_days(acts: int = 12, days: int = 5) -> list[Event]:
    """Somebody's days from 9 to 12 h."""
    return [person(DAY * day + 900 * n, act="viewed") for day in range(days) for n in range(acts)]


MUST: list[tuple[str, str, list[Event], int]] = [
    ("new_address", "another address", [*USES, ev(900, address="203.0.113.9")], 1),
    ("new_user", "a person after a component", [*USES, person(900)], 1),
    ("denial_burst", "five within a minute", [ev(n, outcome="denied") for n in range(5)], 5),
    ("denial_burst", "it goes on", [ev(10 * n, outcome="denied") for n in range(9)], 9),
    ("many_secrets", "twenty", [ev(n, secret=f"{PLACE}/s{n}") for n in range(20)], 1),
    (
        "many_secrets",
        "more than twice the most before",
        [ev(n, secret=f"{PLACE}/s{n}") for n in range(12)] + [ev(DAY + n, secret=f"{PLACE}/s{n}") for n in range(26)],
        2,
    ),
    ("retired_use", "a retired scope", [ev(0, act="scope_retired", secret=None), ev(60)], 1),
    ("retired_use", "a deleted secret", [ev(0, act="deleted"), ev(60, act="used", actor_kind="bearer")], 1),
    ("unusual_hours", "at night", [*working_days(), person(DAY * 5 + 3600 * 14)], 1),
    ("root_token", "on a server that runs", [ev(0), ev(DAY, actor="root", actor_kind="root")], 1),
    ("act_unproven", "flagged by the index", [ev(0, flags=["act_unproven"])], 1),
    ("act_without_intent", "flagged by the index", [ev(0, act="rolled_back", flags=["act_without_intent"])], 1),
    ("pushed_out", "ten versions in an hour", [ev(300 * n, act="updated", version=n) for n in range(10)], 10),
    ("record_wiped", "all metadata replaced", [ev(0, act="edited", flags=["metadata_replaced"])], 1),
    ("record_rewritten", "a record alone", [ev(0, act="edited", flags=["record_written"])], 1),
]

MUST_NOT: list[tuple[str, str, list[Event]]] = [
    ("new_address", "no history yet", [*USES[:9], ev(900, address="203.0.113.9")]),
    ("new_address", "known again", [*USES[:9], ev(800, address="10.0.0.1"), ev(900), ev(950, address="10.0.0.1")]),
    ("new_address", "only looked at", [*USES, ev(900, act="viewed", address="203.0.113.9")]),
    ("new_address", "denied, so nothing was had", [*USES, ev(900, outcome="denied", address="203.0.113.9")]),
    ("new_user", "its only user", [*USES, ev(900)]),
    ("new_user", "a secret that is new too", [*USES, person(900, secret=f"{PLACE}/other")]),
    ("denial_burst", "four", [ev(n, outcome="denied") for n in range(4)]),
    ("denial_burst", "slowly", [ev(20 * n, outcome="denied") for n in range(20)]),
    ("denial_burst", "of several", [ev(n, outcome="denied", actor=f"a{n}") for n in range(20)]),
    ("denial_burst", "failed is not denied", [ev(n, outcome="failed") for n in range(20)]),
    ("many_secrets", "nineteen", [ev(n, secret=f"{PLACE}/s{n}") for n in range(19)]),
    ("many_secrets", "one again and again", [ev(n) for n in range(100)]),
    ("many_secrets", "over the day", [ev(400 * n, secret=f"{PLACE}/s{n}") for n in range(100)]),
    ("many_secrets", "looked at", [ev(n, act="viewed", secret=f"{PLACE}/s{n}") for n in range(100)]),
    ("retired_use", "in use again", [ev(0, act="scope_retired", secret=None), ev(9, act="scope_added"), ev(60)]),
    ("retired_use", "created anew", [ev(0, act="deleted"), ev(30, act="created"), ev(60)]),
    ("retired_use", "deletion denied", [ev(0, act="deleted", outcome="denied"), ev(60)]),
    ("unusual_hours", "two hours later", [*working_days(), person(DAY * 5 + 3600 * 4)]),
    ("unusual_hours", "four days known", [*working_days(days=4), person(DAY * 5 + 3600 * 14)]),
    ("unusual_hours", "few acts known", [*working_days(acts=9), person(DAY * 5 + 3600 * 14)]),
    ("unusual_hours", "components do not sleep", [*(ev(DAY * n) for n in range(60)), ev(DAY * 60 + 3600 * 12)]),
    ("root_token", "setting up", [ev(10 * n, actor="root", actor_kind="root") for n in range(50)]),
    ("root_token", "named so", [ev(0), ev(DAY, actor="root", actor_kind="person")]),
    ("act_unproven", "proven", [ev(0, act="rolled_back")]),
    ("act_without_intent", "asked for", [ev(0, act="rolled_back")]),
    ("pushed_out", "over days", [ev(DAY * n, act="updated", version=n) for n in range(30)]),
    ("pushed_out", "many secrets", [ev(n, act="created", secret=f"{PLACE}/s{n}") for n in range(50)]),
    ("pushed_out", "refused", [ev(n, act="updated", outcome="denied") for n in range(50)]),
    ("record_wiped", "one field", [ev(0, act="edited")]),
    ("record_rewritten", "with its version", [ev(0, act="updated")]),
]


@pytest.mark.parametrize(("rule", "case", "events", "count"), MUST, ids=lambda one: one if isinstance(one, str) else "")
def test_it_marks(rule: str, case: str, events: list[Event], count: int) -> None:
    found = marked(rule, events)
    assert found[-1], "the last event is the unusual one"
    assert sum(found) == count


@pytest.mark.parametrize(("rule", "case", "events"), MUST_NOT, ids=lambda one: one if isinstance(one, str) else "")
def test_it_does_not_mark(rule: str, case: str, events: list[Event]) -> None:
    assert not any(marked(rule, events))


def test_an_hour_becomes_usual_in_three_days() -> None:
    nights = [person(DAY * day + 3600 * 14 + 60 * n) for day in range(5, 9) for n in range(2)]
    assert marked("unusual_hours", [*working_days(), *nights])[-8:] == [True] * 5 + [False] * 3


def test_an_expired_secret() -> None:
    expiries = {f"{PLACE}/db_password": (START + timedelta(hours=1)).timestamp()}
    events = [ev(0), ev(3599), ev(3601), ev(3602, outcome="denied"), ev(3603, secret=f"{PLACE}/other")]
    assert marked("expired_use", events, expiries) == [False, False, True, False, False]
    assert not any(marked("expired_use", events))


def test_a_root_token_counts_from_the_beginning_of_the_log() -> None:
    """And not from that of the events that are looked back at, which are the newest of a long log."""
    event = ev(5).model_copy(update={"actor": "root", "actor_kind": "root"})
    for begin, found in ((None, 0), ((START - timedelta(days=9)).timestamp(), 1), (START.timestamp(), 0)):
        unusual = Unusual({}, begin=begin)
        unusual.show(event)
        assert [one.rule for one in unusual.findings.newest()].count("root_token") == found


def test_an_expiry_that_is_learnt_later_marks_what_was_used_before() -> None:
    expiries, place = Expiries(), f"{PLACE}/db_password"
    unusual = Unusual(expiries, [name for name in NAMES if name != "expired_use"])
    events = [ev(0), ev(7200), ev(7300)]
    for event in events:
        unusual.show(event)
    assert unusual.findings.newest() == []
    expiries.learn(place, iso(START + timedelta(hours=1)))
    assert (expiries.news(), expiries.news()) == ({place}, set())
    for _ in range(2):
        unusual.look_again(events[::-1])
    assert [bool(unusual.names(event)) for event in events] == [False, True, True]
    (found,) = unusual.findings.newest()
    assert (found.count, found.first, found.last) == (2, events[1].time, events[2].time)
    expiries.learn(place, iso(START + timedelta(hours=1)))
    assert expiries.news() == set(), "nothing else than before"
    expiries.learn(place, None)
    unusual.look_again(events)
    assert not any(map(unusual.names, events))
    assert unusual.findings.newest() == []
    unusual.look_again([ev(9999)])
    assert unusual.findings.newest() == [], "no event that the rules were not shown"


def test_every_rule_is_tested_both_ways_and_says_what_it_does() -> None:
    assert {one[0] for one in MUST} | {"expired_use"} == set(NAMES) == {one[0] for one in MUST_NOT} | {"expired_use"}
    assert len(set(NAMES)) == len(KINDS)
    assert all(kind.WHAT and issubclass(kind, Rule) for kind in KINDS)


def test_rules_are_switched_off_by_name() -> None:
    assert [rule.NAME for rule in rules({}, ["root_token"])] == [name for name in NAMES if name != "root_token"]
    unusual = Unusual({}, ["denial_burst"])
    for number in range(9):
        unusual.show(ev(number, outcome="denied"))
    assert unusual.findings.newest() == []
    with pytest.raises(Invalid) as caught:
        check_names(["root_tokens"])
    assert "root_token" in caught.value.hint


def test_findings_are_put_together_while_the_same_goes_on() -> None:
    unusual = Unusual({})
    for number in range(30):
        unusual.show(ev(number, outcome="denied"))
    for number in range(5):
        unusual.show(ev(DAY + number, outcome="denied"))
    newest, oldest = unusual.findings.newest()
    assert (oldest.rule, oldest.count, newest.count) == ("denial_burst", 30, 5)
    assert oldest.first < oldest.last < newest.first
    assert len(set(oldest.request_ids)) == 30
    assert unusual.findings.count((START + timedelta(hours=1)).timestamp()) == 1


def test_news_of_an_event_do_not_count_twice() -> None:
    unusual = Unusual({})
    denied = [ev(number, outcome="denied") for number in range(4)]
    for one in [*denied, *denied]:
        unusual.show(one)
    assert unusual.findings.newest() == []
    edited = ev(9, act="edited")
    unusual.show(edited)
    unusual.show(edited.model_copy(update={"flags": ["record_written"]}))
    unusual.show(edited.model_copy(update={"flags": ["record_written"]}))
    assert [(one.rule, one.count) for one in unusual.findings.newest()] == [("record_rewritten", 1)]


def test_what_an_event_only_looked_like_is_taken_back() -> None:
    """Until the rest of its lines was read, a restore looks like metadata written anew."""
    unusual = Unusual({})
    partly = person(0, act="edited", flags=["metadata_replaced"])
    unusual.show(partly)
    assert "record_wiped" in unusual.names(partly)
    assert [one.rule for one in unusual.findings.newest()] == ["record_wiped"]
    whole = partly.model_copy(update={"act": "restored", "flags": []})
    unusual.show(whole)
    assert unusual.names(whole) == []
    assert unusual.findings.newest() == []


def test_the_first_of_a_burst_is_counted_from_its_beginning() -> None:
    unusual = Unusual({})
    for number in range(5):
        unusual.show(ev(number, outcome="denied"))
    (found,) = unusual.findings.newest()
    assert found.count == 5
    assert found.words == "node-red was denied 5 times within a minute."


def test_a_crowd_costs_no_more_an_event_than_a_few() -> None:
    def cost(count: int) -> float:
        unusual = Unusual({})
        events = [ev(number / 200, secret=f"{PLACE}/s{number % 300}", outcome="done") for number in range(count)]
        began = time.process_time()
        for one in events:
            unusual.show(one)
        return (time.process_time() - began) / count

    cost(500)
    assert cost(20_000) < 5 * cost(2_000)
