"""Controls and their secret references, as STATUS's backend hydrates them."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest

from tests.api.conftest import Make
from tests.support.server import People, Person


class Hydrate:
    """The call, as a component that may use production's secrets."""

    def __init__(self, api: httpx.AsyncClient, user: Person) -> None:
        self._api, self._user = api, user

    async def __call__(self, controls: Any, shape: str | None = None, **more: object) -> Any:
        before = copy.deepcopy(controls)
        query = f"?shape={shape}" if shape else ""
        body = {"controls": controls, **more}
        answer = await self._api.post(f"/hydrate{query}", json=body, headers=self._user.headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert controls == before
        return answer.json()["controls"]


@pytest.fixture
def hydrate(api: httpx.AsyncClient, user: Person) -> Hydrate:
    return Hydrate(api, user)


async def test_values_go_into_params(hydrate: Hydrate, make: Make, fresh: str) -> None:
    by_id = await make("one")
    await make("two", name=f"{fresh}_b")
    refs = [
        {"id": by_id, "as": "first"},
        {"name": f"{fresh.upper()} B"},
        {"name": f"{fresh}_b", "environment": "production", "as": "third"},
        {"id": by_id},
    ]
    control = {"id": 7, "name": "c", "params": {"url": "https://x", "n": [1], "secretRefs": refs}, "extra": None}
    assert await hydrate([control]) == [
        {
            "id": 7,
            "name": "c",
            "extra": None,
            "params": {
                "url": "https://x",
                "n": [1],
                "first": "one",
                f"{fresh.upper()} B": "two",
                "third": "two",
                by_id: "one",
            },
        }
    ]


async def test_what_resolves_to_nothing(hydrate: Hydrate, make: Make, fresh: str) -> None:
    await make("one")
    for ref in ({"id": 4711}, {"id": "4711"}, {"name": "nothing"}, {"name": "a/b"}, {}, None, 5, {"id": True}):
        control = {"params": {"secretRefs": [ref, {"name": fresh, "as": "there"}], "4711": "old", "nothing": "old"}}
        [hydrated] = await hydrate([control])
        assert hydrated["secretErrors"] == [{"ref": ref, "error": "NOT_FOUND"}]
        assert hydrated["params"]["there"] == "one"
        key = str((ref or {}).get("id") or (ref or {}).get("name") or "") if isinstance(ref, dict) else ""
        assert key not in hydrated["params"]


async def test_the_last_one_wins_and_is_reported(hydrate: Hydrate, make: Make, fresh: str) -> None:
    await make("one")
    await make("two", name=f"{fresh}_b")
    refs = [{"name": fresh, "as": "k"}, {"name": f"{fresh}_b", "as": "k"}]
    [hydrated] = await hydrate([{"params": {"secretRefs": refs}}])
    assert hydrated == {"params": {"k": "two"}, "secretErrors": [{"ref": refs[1], "error": "DUPLICATE_KEY"}]}
    refs = [{"name": fresh, "as": "k"}, {"name": "nothing", "as": "k"}]
    [hydrated] = await hydrate([{"params": {"secretRefs": refs}}])
    assert hydrated["params"] == {}
    assert [error["error"] for error in hydrated["secretErrors"]] == ["DUPLICATE_KEY", "NOT_FOUND"]


async def test_what_is_there_and_cannot_be_read(api: httpx.AsyncClient, people: People, make: Make, fresh: str) -> None:
    await make()
    body = {"controls": [{"params": {"secretRefs": [{"name": fresh}]}}]}
    answer = await api.post("/hydrate", json=body, headers=people["viewer"].headers)
    errors = [{"ref": {"name": fresh}, "error": "DECRYPT_ERROR"}]
    assert answer.json()["controls"] == [{"params": {}, "secretErrors": errors}]


@pytest.mark.parametrize("controls", [[], {}, {"a": 1}, "x", None, 5, True])
async def test_what_is_no_list_comes_back_as_it_is(hydrate: Hydrate, controls: object) -> None:
    assert await hydrate(controls) == controls
    assert await hydrate(controls, shape="resolvedSecrets") == controls


async def test_odd_controls(hydrate: Hydrate) -> None:
    odd = [
        {"id": 1},
        {"id": 2, "params": None},
        {"id": 3, "params": {"secretRefs": None, "a": 1}},
        {"id": 4, "params": {"secretRefs": []}},
        {"id": 5, "params": {"a": {"secretRefs": [{"id": 1}]}}},
        None,
        "text",
        6,
    ]
    assert await hydrate(odd) == [
        {"id": 1, "params": {}},
        {"id": 2, "params": {}},
        {"id": 3, "params": {"a": 1}},
        {"id": 4, "params": {}},
        {"id": 5, "params": {"a": {"secretRefs": [{"id": 1}]}}},
        None,
        "text",
        6,
    ]


async def test_the_default_environment(hydrate: Hydrate, make: Make, fresh: str) -> None:
    await make("one")
    ref = {"name": fresh, "as": "k"}
    control = {"params": {"secretRefs": [ref]}}
    [hydrated] = await hydrate([control], defaultEnvironment="staging")
    assert hydrated["secretErrors"] == [{"ref": ref, "error": "NOT_FOUND"}]
    control = {"params": {"secretRefs": [ref | {"environment": "production"}]}}
    assert await hydrate([control], defaultEnvironment="staging") == [{"params": {"k": "one"}}]
    assert await hydrate([control], defaultEnvironment="production") == [{"params": {"k": "one"}}]


async def test_the_shape_of_an_older_release(hydrate: Hydrate, make: Make, fresh: str) -> None:
    await make("one")
    refs = [{"name": fresh, "as": "k"}, {"name": "nothing"}]
    hydrated = await hydrate([{"params": {"a": 1, "secretRefs": refs}}, {"id": 2}], shape="resolvedSecrets")
    errors = [{"ref": refs[1], "error": "NOT_FOUND"}]
    assert hydrated == [
        {"params": {"a": 1}, "resolvedSecrets": {"k": "one"}, "secretErrors": errors},
        {"id": 2, "params": {}, "resolvedSecrets": {}},
    ]


async def test_a_control_without_errors_has_no_such_key(hydrate: Hydrate) -> None:
    assert await hydrate([{"params": {}, "secretErrors": ["old"]}]) == [{"params": {}}]


async def test_order_is_kept_over_many(hydrate: Hydrate, make: Make, fresh: str) -> None:
    await make("one")
    controls = [{"id": n, "params": {"secretRefs": [{"name": fresh if n % 3 else "nothing"}]}} for n in range(300)]
    hydrated = await hydrate(controls)
    assert [control["id"] for control in hydrated] == list(range(300))
    assert all(("secretErrors" in control) == (control["id"] % 3 == 0) for control in hydrated)


async def test_refusals(api: httpx.AsyncClient, user: Person) -> None:
    many = {"controls": [{"params": {"secretRefs": [{"name": "x"}] * 100}}] * 100}
    for body, query, status in (
        (many, "", 413),
        ({"controls": [1], "defaultEnvironment": "a/b"}, "", 400),
        ({"controls": [1], "more": 1}, "", 400),
        ({"controls": [1]}, "?shape=other", 400),
        ({}, "", 400),
    ):
        answer = await api.post(f"/hydrate{query}", json=body, headers=user.headers)
        assert answer.status_code == status, answer.text
    assert "1000" in (await api.post("/hydrate", json=many, headers=user.headers)).json()["detail"]
