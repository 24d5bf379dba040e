"""The audit view's filter line, its completion, and which pages of a long history are asked for."""

from __future__ import annotations

import pytest

from adapter.model.audit import Event, EventPage
from statustui.audit_columns import GAP, MARK, Key, layout
from statustui.audit_filter import TERMS, complete, parse
from statustui.event_pages import KEPT, PAGE, EventPages, Wanted
from statustui.known_values import KnownValues
from tests.tui.fake_audit import Many, event


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", {}),
        ("actor:developer act:used", {"actor": "developer", "act": "used"}),
        ("db password", {"q": "db password"}),
        ("ACT:Used Outcome:DENIED", {"act": "used", "outcome": "denied"}),
        ("act:used,wrapped", {"act": "used,wrapped"}),
        ('actor:"Ada Lovelace" x', {"actor": "Ada Lovelace", "q": "x"}),
        ("since:2d", {"from": "2d"}),
        ("from:2026-11-20 to:2026-11-21", {"from": "2026-11-20T00:00:00Z", "to": "2026-11-21T23:59:59.999999Z"}),
        ("from:2026-11-20T14:00+00:00", {"from": "2026-11-20T14:00:00.000Z"}),
        ("actor:", {}),
        ("scope:environment/production scope:global", {"scope": "global"}),
        ("act:us", {}),
        ("act:-viewed", {"act": "-viewed"}),
        ("-act:viewed,signed_in", {"act": "-viewed,-signed_in"}),
        ("act:-viewed -act:signed_in client:-tui", {"act": "-viewed,-signed_in", "client": "-tui"}),
        ("scope:global scope:-global scope:service/billing", {"scope": "-global,service/billing"}),
        ('-actor:"Ada Lovelace"', {"actor": "-Ada Lovelace"}),
        ("act:- client:- -actor:", {}),
        ("act:-vie", {}),
        ("-force", {"q": "-force"}),
    ],
)
def test_terms(text: str, terms: dict[str, str]) -> None:
    assert parse(text).terms == terms
    assert not parse(text).problem


@pytest.mark.parametrize(
    "text",
    [
        "act:eaten",
        "outcome:fine",
        "since:soon",
        "from:yesterday",
        "to:2026-13-01",
        "colour:red",
        "act:-eaten",
        "-since:2d",
    ],
)
def test_what_is_no_term_is_said_in_words(text: str) -> None:
    found = parse(text)
    assert found.problem
    assert set(found.terms) <= {"q"}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("ac", "actor:"),
        ("act:us", "act:used"),
        ("act:used sc", "act:used scope:"),
        ("scope:environment/p", "scope:environment/production"),
        ("actor:", 'actor:"Ada Lovelace"'),
        ("actor:dev", "actor:developer"),
        ("outcome:D", "outcome:Done"),
        ("act:-vi", "act:-viewed"),
        ("act:used,wr", "act:used,wrapped"),
        ("act:-viewed,-signed_i", "act:-viewed,-signed_in"),
        ("actor:-dev", "actor:-developer"),
        ("actor:-", 'actor:-"Ada Lovelace"'),
        ("-ac", "-actor:"),
        ("-act:vi", "-act:viewed"),
        ("-since", None),
        ("-", None),
        ("act:used ", None),
        ("zzz", None),
        ("colour:r", None),
        ('actor:"Ada', None),
    ],
)
def test_completion(text: str, whole: str | None) -> None:
    known = {"actor": ["Ada Lovelace", "developer"], "scope": ["environment/production"]}
    assert complete(text, known) == whole


def test_every_term_completes_itself() -> None:
    for term in TERMS:
        assert complete(term, {}) == f"{term}:"


def test_what_was_seen_completes_the_most_frequent_first() -> None:
    known = KnownValues()
    known.see(Event.model_validate(event(n, actor=name)) for n, name in enumerate(["b", "a", "a"]))
    assert known.values()["actor"] == ["a", "b"]


@pytest.mark.parametrize("width", [60, 78, 96, 116, 140, 200])
@pytest.mark.parametrize("one_secret", [False, True])
def test_columns_fill_the_width(width: int, one_secret: bool) -> None:
    columns = layout(width, one_secret=one_secret)
    assert sum(column.width + GAP for column in columns) + MARK == width
    assert columns[0].key is Key.TIME
    assert all(column.width > 0 for column in columns)
    assert (Key.WHY in {column.key for column in columns}) == (width >= 96)


def page(many: Many, start: int, total: int | None = None) -> EventPage:
    events = [Event.model_validate(one) for one in many[start : start + PAGE]]
    following = str(start + PAGE) if start + PAGE < len(many) else None
    return EventPage(events=events, next=following, total=len(many) if total is None else total)


def test_only_what_is_looked_at_is_in_memory() -> None:
    many = Many(1_000_000)
    pages = EventPages(page(many, 0))
    assert len(pages) == 1_000_000
    assert pages.wanted(0, 100) == []
    assert pages.wanted(150, 250) == [Wanted(1, "200", 0)]
    for number in range(1, 100):
        (wanted,) = pages.wanted(number * PAGE, number * PAGE + 10)
        assert (wanted.number, wanted.cursor, wanted.offset) == (number, str(number * PAGE), 0)
        pages.add(page(many, number * PAGE), wanted)
        found = pages.at(number * PAGE + 3)
        assert found is not None
        assert found.reason == f"reason {number * PAGE + 3}"
    assert pages.loaded() <= (KEPT + 1) * PAGE
    assert pages.at(PAGE) is None, "forgotten"
    assert pages.wanted(PAGE, PAGE) == [Wanted(1, "200", 0)]


def test_a_jump_asks_for_one_page_only() -> None:
    pages = EventPages(page(Many(1_000_000), 0))
    assert pages.wanted(999_950, 999_999) == [Wanted(4999, "200", 4998 * PAGE)]


def test_the_last_page_ends_the_history() -> None:
    many = Many(450)
    pages = EventPages(page(many, 0, total=700))
    wanted = pages.wanted(400, 440)
    for one in wanted:
        pages.add(page(many, one.number * PAGE), one)
    assert len(pages) == 450, "the log is shorter than it was said to be"


def test_what_happens_stands_above_and_news_replace() -> None:
    pages = EventPages(page(Many(3), 0))
    new = Event.model_validate(event(0, requestIds=["new"], outcome="unknown"))
    assert pages.happened(new)
    assert len(pages) == 4
    assert pages.at(0) == new
    done = new.model_copy(update={"outcome": "done"})
    assert not pages.happened(done)
    assert (len(pages), pages.at(0)) == (4, done)
    old = pages.at(2)
    assert old is not None
    assert not pages.happened(old.model_copy(update={"outcome": "failed"}))
    changed = pages.at(2)
    assert changed is not None
    assert changed.outcome == "failed"
