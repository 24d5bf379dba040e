"""What the real `bao` sees after a rename or move, and renames of what it wrote."""

from __future__ import annotations

import json
from typing import Any

import httpx

from adapter.model.address import Address
from tests.interop.test_bao_cli import CANARY, bao
from tests.support.server import People, Person, Server

PLACE = "environment/production"


async def put(server: Server, person: Person, path: str, value: str) -> None:
    await bao(server, person, "kv", "put", "-mount=status", path, "value=-", stdin=value)


async def got(server: Server, person: Person, path: str, *options: str) -> str:
    return await bao(server, person, "kv", "get", "-mount=status", "-field=value", *options, path)


async def metadata(server: Server, person: Person, path: str) -> dict[str, Any]:
    text = await bao(server, person, "kv", "metadata", "get", "-mount=status", "-format=json", path)
    return dict(json.loads(text)["data"])


async def changed(api: httpx.AsyncClient, person: Person, path: str, **change: str) -> dict[str, Any]:
    answer = await api.patch(f"/secrets/{Address(path).id}", json=change, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def history(api: httpx.AsyncClient, person: Person, path: str) -> list[dict[str, Any]]:
    return list((await api.get(f"/secrets/{Address(path).id}/versions", headers=person.headers)).json())


async def test_a_renamed_secret_is_one_like_any_other(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    body = {"name": fresh, "type": "PASSWORD", "value": f"{CANARY}-1", "reason": "first"}
    await acting.post("/secrets", json=body, headers=developer.headers)
    await put(server, developer, f"{PLACE}/{fresh}", f"{CANARY}-2")
    await bao(
        server, admin, "kv", "metadata", "patch", "-mount=status", "-custom-metadata=team=ops", f"{PLACE}/{fresh}"
    )
    new = f"{PLACE}/{fresh}-n"
    await changed(acting, developer, f"{PLACE}/{fresh}", name=f"{fresh}-n")

    assert await got(server, admin, new) == f"{CANARY}-2"
    assert await got(server, admin, new, "-version=1") == f"{CANARY}-1"
    seen = await metadata(server, admin, new)
    assert (seen["current_version"], list(seen["versions"]), seen["custom_metadata"]["team"]) == (2, ["1", "2"], "ops")
    assert json.loads(seen["custom_metadata"]["v1"])["why"] == "first"
    await bao(server, admin, "kv", "rollback", "-mount=status", "-version=1", new)
    assert await got(server, admin, new, "-version=3") == f"{CANARY}-1"
    told = [(version["version"], version["origin"]) for version in await history(acting, people["viewer"], new)]
    assert told == [(3, "outside"), (2, "outside"), (1, "created")]

    await put(server, developer, f"{PLACE}/{fresh}", "another one under the old name")
    assert (await metadata(server, admin, f"{PLACE}/{fresh}"))["current_version"] == 1
    assert len((await acting.get(f"/secrets?q={fresh}", headers=people["viewer"].headers)).json()) == 2


async def test_names_of_the_cli_are_renamed_moved_and_adopted(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    odd = f"{PLACE}/{fresh} Größe/Ünter 50% ~x"
    for number in (1, 2):
        await put(server, developer, odd, f"{CANARY}-{number}")
    moved = await changed(acting, admin, odd, environment="staging")
    assert moved["name"] == f"{fresh} Größe/Ünter 50% ~x"
    there = f"environment/staging/{fresh} Größe/Ünter 50% ~x"
    assert await got(server, admin, there) == f"{CANARY}-2"
    renamed = await changed(acting, developer, there, name=f"{fresh} plain")
    assert (renamed["name"], set(renamed["flags"])) == (f"{fresh}_plain", {"unclassified", "record_missing"})
    adopted = await changed(acting, developer, f"environment/staging/{fresh}_plain", type="CUSTOM")
    assert adopted["flags"] == ["record_missing"]
    assert await got(server, admin, f"environment/staging/{fresh}_plain", "-version=1") == f"{CANARY}-1"


async def test_what_metadata_put_dropped_stays_missing_and_the_rest_is_kept(
    acting: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    developer, admin = people["developer"], people["admin"]
    body = {"name": fresh, "type": "PASSWORD", "value": CANARY, "reason": "first"}
    await acting.post("/secrets", json=body, headers=developer.headers)
    options = ("-custom-metadata=team=ops", "-max-versions=7", "-delete-version-after=240h")
    await bao(server, admin, "kv", "metadata", "put", "-mount=status", *options, f"{PLACE}/{fresh}")
    before = await history(acting, people["viewer"], f"{PLACE}/{fresh}")
    renamed = await changed(acting, developer, f"{PLACE}/{fresh}", name=f"{fresh}-n")
    assert set(renamed["flags"]) == {"unclassified", "record_missing"}
    assert await history(acting, people["viewer"], f"{PLACE}/{fresh}-n") == before
    seen = await metadata(server, admin, f"{PLACE}/{fresh}-n")
    assert (seen["max_versions"], seen["delete_version_after"], seen["custom_metadata"]["team"]) == (
        7, "240h0m0s", "ops",
    )  # fmt: skip
    assert await got(server, admin, f"{PLACE}/{fresh}-n") == CANARY
