"""What a secret was called, and when: chains, names used again, ways back, in whatever order the lines were read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapter.audit.criteria import criteria_of, matches
from adapter.audit.facts import Fact, Link
from adapter.audit.follow import Place
from adapter.audit.query import Search
from adapter.audit.storage import open_index
from adapter.audit.unusual.expiries import Expiries
from adapter.audit.unusual.watch import UnusualWatch
from adapter.audit.view import AuditView
from adapter.audit.writer import Batch, IndexWriter
from adapter.model.audit import Event, EventFilter
from tests.audit.reading import LAYOUT, events_in, histories_in, whole

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SECOND = 10**9
START = 1_795_600_000 * SECOND


@dataclass
class Story:
    """A log that is made up: each line a second after the one before; a use's reason is its number."""

    batches: list[Batch] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**6)))

    def use(self, secret: str, component: str = "billing") -> str:
        number = self._add("used", secret, component=component)
        return f"use {number}"

    def make(self, secret: str) -> None:
        self._add("created", secret, version=1)

    def delete(self, secret: str, outcome: str = "done") -> None:
        self._add("deleted", secret, outcome=outcome)

    def rename(self, source: str, to: str, outcome: str = "done", act: str = "renamed") -> None:
        key = next(self._numbers)
        link = Link((key,), START + key * SECOND, act, source, "", "ada", "e1", None, f"r{key}", to)
        self.batches.append(Batch(links=[link]))
        self._add("deleted", source, outcome=outcome, link=key)

    def _add(
        self, act: str, secret: str, *, component: str = "", version: int = 0, outcome: str = "done", link: int = 0
    ) -> int:
        number = next(self._numbers)
        scope, _, _ = secret.rpartition("/")
        fact = Fact(
            number.to_bytes(16, "big"), START + number * SECOND, act, outcome, component or "ada", "component", "", "",
            secret, scope, version, f"use {number}", component, "api", "10.0.0.1", (), number, link, bool(link),
        )  # fmt: skip
        self.batches.append(Batch(facts=[fact]))
        return number

    def index(self, path: Path, seed: int | None = None) -> Path:
        batches = list(self.batches)
        if seed is not None:
            luck = random.Random(seed)
            batches += luck.sample(batches, len(batches) // 2)
            luck.shuffle(batches)
        writer = IndexWriter(path, LAYOUT)
        for batch in batches:
            writer.add(batch)
        writer.close()
        return path


def uses(path: Path, secret: str) -> list[str | None]:
    return [event.reason for event in events_in(path, secret=secret, act="used")]


def last(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = AuditView(Place((), path, LAYOUT)).last_uses()
    return {secret: (use.time, use.components) for secret, use in found.items()}


A, B, C = (f"environment/production/{name}" for name in "abc")


def test_a_chain_of_names(tmp_path: Path) -> None:
    story = Story()
    story.make(A)
    one = story.use(A)
    story.rename(A, B)
    two = story.use(B, "reports")
    story.rename(B, C)
    three = story.use(C)
    path = story.index(tmp_path / "index.db")
    assert uses(path, C) == [one, two, three]
    assert last(path)[C][1] == ("billing", "reports")


def test_an_index_of_shuffled_lines_says_the_same(tmp_path: Path) -> None:
    story = Story()
    for secret in (A, B, C):
        story.make(secret)
        story.use(secret)
    story.delete(B)
    story.rename(A, B)
    story.make(A)
    story.use(A)
    story.rename(C, "global/c", act="moved")
    story.rename(B, C)
    straight = whole(story.index(tmp_path / "straight.db"))
    for seed in range(8):
        assert whole(story.index(tmp_path / f"{seed}.db", seed)) == straight


def test_another_secret_takes_the_old_name(tmp_path: Path) -> None:
    story = Story()
    story.make(A)
    old = story.use(A, "billing")
    story.rename(A, B)
    assert uses(story.index(tmp_path / "free.db"), A) == [old], "a name that no secret has still answers"
    story.make(A)
    new = story.use(A, "reports")
    path = story.index(tmp_path / "index.db")
    assert (uses(path, A), uses(path, B)) == ([new], [old])
    assert uses(path, f"{A},{B}") == [old, new]
    assert (last(path)[A][1], last(path)[B][1]) == (("reports",), ("billing",))
    assert last(path)[B][0] < last(path)[A][0]
    left = {event.reason for event in events_in(path, secret=f"-{B}", act="used")}
    assert left == {new}


def test_another_secret_had_the_new_name_or_the_old_one(tmp_path: Path) -> None:
    story = Story()
    for secret in (A, B):
        story.make(secret)
        story.use(secret)
        story.delete(secret)
    story.make(A)
    own = story.use(A)
    story.rename(A, B)
    path = story.index(tmp_path / "index.db")
    assert uses(path, B) == [own]
    made = AuditView(Place((), path, LAYOUT)).last_made([B])[B]
    assert made.time == max(batch.facts[0].time for batch in story.batches if batch.facts and batch.facts[0].version)


def test_there_and_back(tmp_path: Path) -> None:
    story = Story()
    story.make(A)
    found = [story.use(A)]
    story.rename(A, B)
    found.append(story.use(B))
    story.rename(B, A)
    found.append(story.use(A))
    path = story.index(tmp_path / "index.db")
    assert uses(path, A) == found
    story.rename(A, B)
    story.make(A)
    other = story.use(A)
    found.append(story.use(B))
    path = story.index(tmp_path / "again.db")
    assert (uses(path, B), uses(path, A)) == (found, [other])


def test_two_secrets_change_names(tmp_path: Path) -> None:
    story = Story()
    story.make(A)
    story.make(B)
    one, two = story.use(A), story.use(B)
    story.rename(A, C)
    story.rename(B, A)
    story.rename(C, B)
    path = story.index(tmp_path / "index.db")
    assert (uses(path, A), uses(path, B)) == ([two], [one])


@pytest.mark.parametrize("outcome", ["denied", "failed"])
def test_a_rename_that_was_not_done_changes_nothing(tmp_path: Path, outcome: str) -> None:
    story = Story()
    story.make(A)
    use = story.use(A)
    story.rename(A, B, outcome)
    path = story.index(tmp_path / "index.db")
    assert (uses(path, A), uses(path, B)) == ([use], [])
    assert last(path).keys() == {A}


def test_what_was_deleted_is_still_asked_for(tmp_path: Path) -> None:
    story = Story()
    story.make(A)
    one = story.use(A)
    story.rename(A, B)
    two = story.use(B)
    story.delete(B)
    path = story.index(tmp_path / "index.db")
    assert uses(path, B) == [one, two]


def seen(path: Path, scopes: set[str], **wanted: str) -> list[Event]:
    connection = open_index(path)
    criteria = criteria_of(EventFilter.model_validate({"limit": 1000, **wanted}), NOW, scopes)
    rows = Search(connection, criteria).page().rows
    connection.close()
    view = AuditView(Place((), path, LAYOUT))
    found = view.every(criteria)[::-1]
    told = [event for event in events_in(path) if matches(event, criteria, histories_in(path))]
    assert (found, len(rows)) == (told, len(found)), "the stream tells what a search finds"
    return found


def test_who_may_see_the_events_of_a_secret_that_was_moved(tmp_path: Path) -> None:
    story = Story()
    old, new = "service/billing/key", "global/key"
    story.make(old)
    one = story.use(old)
    stays = story.use("service/billing/other")
    story.rename(old, new, act="moved")
    two = story.use(new)
    path = story.index(tmp_path / "index.db")
    reasons = {scope: [e.reason for e in seen(path, {scope}, act="used")] for scope in ("service/billing", "global")}
    assert reasons == {"service/billing": [stays], "global": [one, two]}
    assert [event.reason for event in seen(path, {"global"}, secret=new, act="used")] == [one, two]
    assert not seen(path, {"service/billing"}, secret=old, act="used")
    assert len(seen(path, {"service/billing", "global"}, act="used")) == 3


@pytest.mark.parametrize("segment", [3, 65_536])
def test_search_and_stream_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, segment: int) -> None:
    """Names come and go at random; what a secret's uses are is known from making them."""
    monkeypatch.setattr("adapter.audit.segments.SEGMENT", segment)
    luck, story = random.Random(segment), Story()
    free = [f"{scope}/{number}" for scope in ("global", "service/x") for number in "123"]
    living: dict[str, list[str]] = {}
    ended: set[str] = set()  # a deletion under a name ends nothing, until a rename begins or ends the name's use
    for _ in range(120):
        what = luck.choice(("make", "rename", "use", "use", "delete"))
        if what == "make" and free:
            name = free.pop(luck.randrange(len(free)))
            story.make(name)
            living[name] = []
        elif what == "rename" and free and living:
            source, to = luck.choice(list(living)), free.pop(luck.randrange(len(free)))
            story.rename(source, to)
            living[to] = living.pop(source)
            free.append(source)
            ended -= {source, to}
        elif what == "use" and living:
            name = luck.choice(list(living))
            living[name].append(story.use(name))
        elif what == "delete" and len(living) > 3:
            name = luck.choice(list(living))
            story.delete(name)
            del living[name]
            free.append(name)
            ended.add(name)
    path = story.index(tmp_path / "index.db", seed=1)
    for name, own in living.items():
        found = seen(path, {"global", "service/x"}, secret=name, act="used")
        assert [event.reason for event in found][len(found) - len(own) :] == own
        if name not in ended:
            assert [event.reason for event in found] == own
    for scope in ("global", "service/x"):
        seen(path, {scope})


def marked(path: Path, expiries: Expiries) -> set[tuple[str, str]]:
    """Which rules marked the uses of which secrets, by the names of their time."""
    found = UnusualWatch(AuditView(Place((), path, LAYOUT)), expiries).newest(0)
    return {(one.rule, one.secret or "") for one in found if one.rule in ("new_user", "expired_use", "retired_use")}


def test_rules_know_a_secret_by_each_of_its_names(tmp_path: Path) -> None:
    story = Story()
    for secret in (A, B):
        story.make(secret)
    story.delete(B)
    for _ in range(10):
        story.use(A)
    story.rename(A, B)
    story.make(A)
    story.use(A, "reports")
    assert not marked(story.index(tmp_path / "before.db"), Expiries()), "neither the new A nor B, which is not deleted"
    story.use(B, "reports")
    path = story.index(tmp_path / "index.db")
    assert marked(path, Expiries()) == {("new_user", B)}
    expiries = Expiries()
    expiries.learn(B, "2025-01-01T00:00:00Z")
    assert marked(path, expiries) == {("new_user", B), ("expired_use", A), ("expired_use", B)}
    expiries.learn(A, "2099-01-01T00:00:00Z")
    watch = UnusualWatch(AuditView(Place((), path, LAYOUT)), expiries)
    expired = [one for one in watch.newest(0) if one.rule == "expired_use"]
    assert sum(one.count for one in expired) == 11, "and no use of the new A"


def test_what_is_forgotten_of_a_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapter.audit.segments.SEGMENT", 4)
    story = Story()
    story.make(A)
    story.use(A)
    story.rename(A, B)
    later = [story.use(B) for _ in range(8)]
    path = story.index(tmp_path / "index.db")
    writer = IndexWriter(path, LAYOUT)
    while writer.retain(2**62, 10**12):
        pass
    writer.close()
    found = uses(path, B)
    assert found
    assert found == later[-len(found) :]
    assert not histories_in(path).names
