"""Any JSON document with references in it, on the real server."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from adapter.api.limits import BODY_BYTES, is_too_deep
from adapter.model.templates import MOST_LEVELS
from tests.api.conftest import Make
from tests.support.server import Person

PLACE = "secret://environment/production"


async def render(api: httpx.AsyncClient, who: Person, document: Any, **more: object) -> httpx.Response:
    return await api.post("/render", json={"document": document, **more}, headers=who.headers)


async def test_a_datasource(api: httpx.AsyncClient, user: Person, make: Make, fresh: str) -> None:
    await make('p"w\\${x}')
    ref = f"{PLACE}/{fresh}"
    document = {
        "name": "db",
        "config": {
            "password": ref,
            "url": f"postgres://u:${{{ref}}}@h/${{{ref}?version=1}}",
            "a/b~c": [ref],
            "port": 5432,
            "ratio": 1.0,
            "on": True,
            "none": None,
            "plain": "${NAME} and secret:/ stay",
        },
    }
    answer = await render(api, user, document)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    value = 'p"w\\${x}'
    rendered = json.loads(json.dumps(document))
    rendered["config"] |= {"password": value, "url": f"postgres://u:{value}@h/{value}", "a/b~c": [value]}
    assert answer.json() == {
        "document": rendered,
        "replaced": [
            {"path": "/config/password", "ref": ref},
            {"path": "/config/url", "ref": ref},
            {"path": "/config/url", "ref": f"{ref}?version=1"},
            {"path": "/config/a~1b~0c/0", "ref": ref},
        ],
    }


async def test_a_reference_in_a_value_is_text(api: httpx.AsyncClient, user: Person, make: Make, fresh: str) -> None:
    inner, outer = f"{PLACE}/{fresh}-inner", f"{PLACE}/{fresh}"
    await make("c4n4ry-inner", name=f"{fresh}-inner")
    await make(f"{inner} ${{{inner}}}")
    answer = await render(api, user, [outer, f"a ${{{outer}}}"])
    assert answer.json()["document"] == [f"{inner} ${{{inner}}}", f"a {inner} ${{{inner}}}"]
    assert "c4n4ry-inner" not in answer.text


@pytest.mark.parametrize("document", ["text", 1, None, [], {}, {"a": {"b": []}}, "", [[[]]]])
async def test_without_references_it_comes_back(api: httpx.AsyncClient, user: Person, document: object) -> None:
    assert (await render(api, user, document)).json() == {"document": document, "replaced": []}


async def test_all_or_nothing(api: httpx.AsyncClient, user: Person, make: Make, fresh: str) -> None:
    await make("c4n4ry-render")
    good, bad = f"{PLACE}/{fresh}", f"{PLACE}/{fresh}-missing"
    document = {"a": good, "b": [f"x ${{{good}}} ${{{bad}}}"], "c": bad}
    answer = await render(api, user, document)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert [error["field"] for error in answer.json()["errors"]] == ["document/b/0", "document/c"]
    assert "c4n4ry" not in answer.text
    partly = (await render(api, user, document, partial=True)).json()
    assert partly["document"] == document | {"a": "c4n4ry-render"}
    assert partly["replaced"] == [{"path": "/a", "ref": good}]
    assert [(failed["path"], failed["ref"], failed["error"]) for failed in partly["failed"]] == [
        ("/b/0", bad, "not_found"),
        ("/c", bad, "not_found"),
    ]


@pytest.mark.parametrize(
    "text", ["secret://", "secret://nowhere", "a ${secret://global/x", "${secret://}", "secret://global/x#"]
)
async def test_what_is_meant_as_a_reference_and_is_none(api: httpx.AsyncClient, user: Person, text: str) -> None:
    answer = await render(api, user, {"a": text})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == "document/a"
    assert (await render(api, user, {"a": text}, partial=True)).json()["failed"][0]["error"] == "invalid"


def nested(levels: int, inner: str = "1") -> bytes:
    return ('{"document":' + '[{"a":' * (levels // 2) + inner + "}]" * (levels // 2) + "}").encode()


@pytest.mark.parametrize("levels", [MOST_LEVELS + 2, 1_000, 10_000, 400_000])
async def test_deep_nesting_is_refused_with_the_limit(api: httpx.AsyncClient, user: Person, levels: int) -> None:
    headers = user.headers | {"Content-Type": "application/json"}
    for path in ("/render", "/hydrate", "/resolve", "/secrets"):
        answer = await api.post(path, content=nested(levels), headers=headers)
        refused = path == "/render" or levels > MOST_LEVELS + 2
        assert answer.status_code == (413 if refused else 400), answer.text
        assert not refused or str(MOST_LEVELS) in answer.json()["detail"]


async def test_as_deep_as_the_limit(api: httpx.AsyncClient, user: Person, make: Make, fresh: str) -> None:
    await make("c4n4ry")
    headers = user.headers | {"Content-Type": "application/json"}
    answer = await api.post("/render", content=nested(MOST_LEVELS, f'"{PLACE}/{fresh}"'), headers=headers)
    assert (answer.status_code, len(answer.json()["replaced"])) == (200, 1)


def test_brackets_in_texts_do_not_count() -> None:
    assert not is_too_deep(b'["' + b"[" * 500 + b'\\"[[", {}]' + b",[]" * 500)
    assert is_too_deep(b'["",' + b"[" * 200)
    assert not is_too_deep(b"[]" * 2_000_000)


@pytest.mark.parametrize(
    "part", [b'\\"', b"\\\\", b'"[', b'"', b"[]", b"[" * 104 + b"]" * 104 + b",", b'{"a":"b"},'], ids=repr
)
def test_no_body_takes_long_to_be_looked_at(part: bytes) -> None:
    begun = time.process_time()
    is_too_deep(b'["' + part * (BODY_BYTES // len(part)) + b"[" * 200)
    assert time.process_time() - begun < 5


async def test_ten_thousand_references(api: httpx.AsyncClient, user: Person) -> None:
    answer = await render(api, user, [f"{PLACE}/x"] * 10_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "1000" in answer.json()["detail"]


async def test_fifty_megabytes(api: httpx.AsyncClient, user: Person) -> None:
    answer = await render(api, user, "x" * 50_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "4 MB" in answer.json()["detail"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_a_number_that_json_does_not_know(api: httpx.AsyncClient, user: Person, number: str) -> None:
    headers = user.headers | {"Content-Type": "application/json"}
    for path, body in (("/render", f'{{"document":[{number}]}}'), ("/hydrate", f'{{"controls":[{number}]}}')):
        answer = await api.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_half_a_surrogate_pair_comes_back(api: httpx.AsyncClient, user: Person) -> None:
    headers = user.headers | {"Content-Type": "application/json"}
    answer = await api.post("/render", content='{"document":["\\ud800","é"]}', headers=headers)
    assert answer.status_code in (200, 400)
