"""Real lines of a server become the events that took place, and only those."""

import json
import sys
from pathlib import Path

import msgspec
import pytest

from adapter.audit.actors import actor_of
from adapter.audit.facts import classify
from adapter.audit.lines import Auth, decode_line
from adapter.audit.paths import Layout
from tests.audit.reading import DAYS, LAYOUT, VECTORS, events_in, in_short, indexed, vector_lines, whole


@pytest.mark.parametrize("day", DAYS)
def test_a_day_as_the_server_logged_it(tmp_path: Path, day: str) -> None:
    events = events_in(indexed(tmp_path / "index.db", vector_lines(day)))
    expected = (VECTORS / f"{day}.expected").read_text().splitlines()
    assert [in_short(event) for event in events] == expected


def test_no_hash_and_no_token_gets_into_an_event(tmp_path: Path) -> None:
    for event in events_in(indexed(tmp_path / "index.db", vector_lines())):
        assert "hmac-sha256" not in event.model_dump_json()


@pytest.mark.parametrize("text", ["2026-11-25T11:28:42.199403239+01:00", "yesterday", "", "1969-01-01T00:00:00Z"])
def test_a_line_without_a_time_is_no_line(text: str) -> None:
    line = next(line for line in vector_lines() if b"/data/" in line)
    broken = line.replace(line[9 : line.index(b'"', 9)], text.encode(), 1)
    with pytest.raises(ValueError):  # noqa: PT011
        classify(decode_line(broken), LAYOUT)


@pytest.mark.parametrize("day", DAYS)
def test_keys_in_the_order_of_the_alphabet(tmp_path: Path, day: str) -> None:
    """As HashiCorp Vault writes them since 1.16."""
    lines = [json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode() for line in vector_lines(day)]
    assert whole(indexed(tmp_path / "sorted.db", lines)) == whole(indexed(tmp_path / "other.db", vector_lines(day)))
    glued = [lines[0][:300] + lines[0], *lines[1:]]
    assert whole(indexed(tmp_path / "glued.db", glued)) == whole(tmp_path / "other.db")


def test_a_whole_line_behind_half_a_request_is_not_taken_for_it(tmp_path: Path) -> None:
    lines = vector_lines()
    at = next(at for at, line in enumerate(lines) if b'"type":"request"' in line and b"/data/" in line)
    glued = [*lines[:at], lines[at][:-200] + lines[at], *lines[at + 1 :]]
    assert whole(indexed(tmp_path / "glued.db", glued)) == whole(indexed(tmp_path / "other.db", lines))


HUGE = 10**30


def changed(path: str, operation: str, data: object) -> bytes:
    """A real line, with a request that somebody made up."""
    line = next(line for line in vector_lines() if b'"type":"response"' in line and b'"operation":"update"' in line)
    body = json.loads(line)
    body["request"] |= {"path": path, "operation": operation, "data": data}
    body["response"] = {}
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("path", "operation", "data"),
    [
        ("status/destroy/global/a", "update", {"versions": [HUGE]}),
        ("status/destroy/global/a", "update", {"versions": {"a": 1}}),
        ("status/undelete/global/a", "update", {"versions": [-1]}),
        ("status/data/global/a", "update", {"data": {"value": HUGE}, "options": {"cas": HUGE}}),
        ("status/data/global/a", "update", {"data": None, "options": "cas"}),
        ("status/data/global/a", "update", "text"),
        ("status/metadata/global/a", "update", {"custom_metadata": [1]}),
        ("status/metadata/global/a", "update", {"custom_metadata": {"v1": HUGE, "pending_x": {"a": []}}}),
        ("sys/wrapping/unwrap", "update", {"token": {"a": 1}}),
        ("identity/group/name/status-admin", "update", {"member_entity_ids": "a,b"}),
        ("identity/group/name/status-admin", "update", {"member_entity_ids": [HUGE, None]}),
        ("identity/entity/name/a", "update", {"disabled": "yes"}),
        ("status/data/" + "a/" * 4000, "update", {}),
        ("status/data/global/\x00\u202e\U0001f600", "update", {}),
    ],
)
def test_whatever_somebody_sends_is_an_event(tmp_path: Path, path: str, operation: str, data: object) -> None:
    (event,) = events_in(indexed(tmp_path / "index.db", [changed(path, operation, data)]))
    assert event.outcome == "done"
    assert event.version is None


@pytest.mark.parametrize("depth", [900, 1_100, 9_990])
def test_a_deeply_nested_body_hides_nothing(tmp_path: Path, depth: int) -> None:
    line = changed("status/destroy/global/a", "update", {"more": "HERE", "versions": [3]})
    deep = line.replace(b'"HERE"', b"[" * depth + b"]" * depth)
    (event,) = events_in(indexed(tmp_path / "index.db", [deep]))
    assert (event.act, event.version) == ("version_destroyed", 3)
    assert sys.getrecursionlimit() <= 10_000


def test_a_word_in_metadata_that_is_no_text_hides_nothing(tmp_path: Path) -> None:
    line = changed("status/metadata/global/a", "update", {"custom_metadata": {"a": 1}, "versions": "x"})
    (event,) = events_in(indexed(tmp_path / "index.db", [line]))
    assert event.flags == ["metadata_replaced"]


def test_one_header_with_every_request_is_slow_for_nobody(tmp_path: Path) -> None:
    """Changes under one `X-Status-Request`, minutes apart: each an event, however many there are."""
    template = next(line for line in vector_lines() if b'"operation":"patch"' in line and b'"type":"response"' in line)
    identity = json.loads(template)["request"]["id"].encode()
    lines = []
    for number in range(300):
        moment = f"2026-11-25T{number // 25:02}:{number % 25 * 2:02}:00.000000001Z".encode()
        new = f"{number:08x}".encode() + identity[8:]
        lines.append((b'{"time":"' + moment + template[template.index(b'","type"') :]).replace(identity, new))
    path = indexed(tmp_path / "index.db", *([line] for line in lines))
    assert len(events_in(path)) == len(lines)


ADAPTERS = {"role_name": "status-adapter"}


@pytest.mark.parametrize(
    ("auth", "name", "kind"),
    [
        ({"display_name": "google-erika@example.org", "entity_id": "e"}, "erika@example.org", "person"),
        ({"display_name": "corp-erika", "entity_id": "e", "metadata": {"username": "erika"}}, "erika", "person"),
        (
            {"display_name": "token-google-erika", "entity_id": "e", "metadata": {"username": "admin"}},
            "google-erika",
            "token",
        ),
        ({"display_name": "token", "policies": ["root"]}, "root", "root"),
        ({"display_name": "userpass-a", "entity_id": "e", "metadata": {"username": "b"}}, "a", "person"),
        (
            {"display_name": "status-approle", "metadata": {"role_name": "status-component-nightly"}},
            "nightly",
            "component",
        ),
        (
            {"display_name": "token-status-approle", "metadata": {"role_name": "status-adapter"}},
            "status-approle",
            "token",
        ),
        ({"display_name": "userpass-x", "metadata": {"role_name": "status-adapter"}, "entity_id": "e"}, "x", "person"),
        ({}, "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_who_it_was(auth: dict[str, object] | None, name: str, kind: str) -> None:
    layout = Layout(sign_ins=("google", "userpass"))
    actor = actor_of(msgspec.convert(auth, Auth) if auth is not None else None, layout)
    assert (actor.name, actor.kind) == (name, kind)


def test_no_header_hides_a_refusal(tmp_path: Path) -> None:
    """Refused changes under the `X-Status-Request` of an act that was done."""
    lines = vector_lines()
    at = next(at for at, line in enumerate(lines) if b'"type":"response"' in line and b'"cas":0' in line)
    body = json.loads(lines[at])
    refused = []
    for number in range(3):
        body["request"]["id"] = f"0000000{number}" + body["request"]["id"][8:]
        refused.append(json.dumps(body | {"error": "1 error occurred:\n\t* permission denied\n\n"}).encode())
    events = events_in(indexed(tmp_path / "index.db", [*lines[: at + 1], *refused, *lines[at + 1 :]]))
    expected = (VECTORS / f"{DAYS[0]}.expected").read_text().splitlines()
    assert next(in_short(event) for event in events if event.outcome == "done") == expected[0]
    denied = [event for event in events if event.outcome == "denied" and event.act in ("created", "updated")]
    assert len(denied) == 3


@pytest.mark.parametrize(("path", "act"), [("metadata", "deleted"), ("destroy", "version_destroyed")])
def test_no_header_hides_what_is_gone_for_good(tmp_path: Path, path: str, act: str) -> None:
    """A removal with the same token, under the `X-Status-Request` of another act of that person's."""
    lines = vector_lines()
    at = next(at for at, line in enumerate(lines) if b'"type":"response"' in line and b'"cas":0' in line)
    body = json.loads(lines[at])
    request = body["request"]
    request["id"] = "00000000" + request["id"][8:]
    request["path"] = request["path"].replace("/data/", f"/{path}/")
    request["operation"] = "delete" if act == "deleted" else "update"
    request["data"] = None if act == "deleted" else {"versions": [1]}
    body["response"].pop("data", None)
    events = events_in(indexed(tmp_path / "index.db", [*lines[: at + 1], json.dumps(body).encode(), *lines[at + 1 :]]))
    expected = (VECTORS / f"{DAYS[0]}.expected").read_text().splitlines()
    assert next(in_short(event) for event in events if event.outcome == "done") == expected[0]
    assert act in {event.act for event in events if request["id"] in event.request_ids}
