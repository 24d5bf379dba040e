""" "May I?" and who can use a secret: for oneself by the vault's word, for others from grants, and both agree."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapter.service.rights import ACTS
from adapter.vault import Caller
from tests.access.test_components import token_of
from tests.support.server import People, Server

PLACE = {"scope": "environment/staging"}


def questions(**place: str) -> list[dict[str, str]]:
    return [{"act": act, **(place if need.has_place else {})} for act, need in ACTS.items()]


async def ask(
    api: httpx.AsyncClient, headers: dict[str, str], acts: list[dict[str, str]], who: str | None = None
) -> list[dict[str, Any]]:
    body = {"acts": acts} | ({"who": who} if who else {})
    answer = await api.post("/can-i", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    assert [one["act"] for one in found] == [one["act"] for one in acts]
    return found


@pytest.mark.parametrize("who", ["viewer", "developer", "admin", "outsider"])
@pytest.mark.parametrize(
    "place", [PLACE, {"scope": "custom/not-there"}, {"secret": "environment~production~x"}, {"secret": "global/x"}]
)
async def test_the_vault_and_the_grants_say_the_same(
    api: httpx.AsyncClient, people: People, who: str, place: dict[str, str]
) -> None:
    acts = questions(**place)
    own = await ask(api, people[who].headers, acts)
    about = await ask(api, people["admin"].headers, acts, f"person:{people[who].name}")
    keys = {"encrypt", "rewrap", "decrypt", "manage_keys"} if place == {"scope": "custom/not-there"} else set()
    same = [
        ((one["act"], one["allowed"]), (other["act"], other["allowed"]))
        for one, other in zip(own, about, strict=True)
        if one["act"] not in keys
    ]
    assert [one for one, _ in same] == [other for _, other in same]


async def test_a_no_names_the_grant_the_sentence_and_whom_to_ask(api: httpx.AsyncClient, people: People) -> None:
    viewer = people["viewer"].headers
    update, delete, use, manage = await ask(
        api, viewer, [{"act": act, **PLACE} for act in ("update", "delete", "use")] + [{"act": "manage"}]
    )
    assert update["missing"] == {"role": "DEVELOPER", "scope": "environment/staging"}
    refused = await api.post(
        "/secrets/environment~staging~none/versions", json={"value": "x"}, headers=people["outsider"].headers
    )
    assert update["message"] == refused.json()["detail"]
    assert update["askFor"] == refused.json()["hint"]
    assert delete["missing"] == {"role": "ADMIN", "scope": "*"}
    assert use["missing"] == {"role": "ADMIN", "scope": "*"}
    assert "temporary access" in use["askFor"]
    assert manage["missing"] == {"role": "ADMIN", "scope": "*"}
    (view,) = await ask(api, viewer, [{"act": "view", **PLACE}])
    assert view == {"act": "view", "scope": "environment/staging", "allowed": True}


async def test_the_grant_that_is_missing_makes_it_a_yes(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin, scope = people["admin"].headers, f"custom/{fresh}"
    await api.post("/scopes", json={"scope": scope}, headers=admin)
    person = people["outsider"]
    (no,) = await ask(api, person.headers, [{"act": "roll_back", "scope": scope}])
    grant = {"who": f"person:{person.name}", **no["missing"]}
    assert (await api.post("/grants", json=grant, headers=admin)).status_code == 201
    (yes,) = await ask(api, person.headers, [{"act": "roll_back", "scope": scope}])
    assert yes["allowed"]
    assert (await api.request("DELETE", "/grants", json=grant, headers=admin)).status_code == 204


async def test_a_component(api: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
    admin = people["admin"].headers
    added = await api.post("/components", json={"name": fresh, "scopes": ["environment/staging"]}, headers=admin)
    token = await token_of(server, added.json())
    acts = [{"act": act, **PLACE} for act in ("use", "decrypt", "view", "update")]
    acts.append({"act": "use", "scope": "environment/production"})
    own = await ask(api, {"X-Vault-Token": token}, acts)
    about = await ask(api, admin, acts, f"component:{fresh}")
    assert [one["allowed"] for one in own] == [one["allowed"] for one in about] == [True, True, True, False, False]
    assert "missing" not in own[3]
    assert own[4]["missing"] == about[4]["missing"] == {"role": "USE", "scope": "environment/production"}


async def test_marks_where_a_login_adds_policies(
    api: httpx.AsyncClient, server: Server, people: People, fresh: str
) -> None:
    admin = people["admin"].headers
    made = {"who": f"person:{fresh}", "role": "USER", "scope": "environment/staging"}
    await api.post("/people", json={"name": fresh}, headers=admin)
    await api.post("/grants", json=made, headers=admin)
    (plain,) = await ask(api, admin, [{"act": "view", **PLACE}], f"person:{fresh}")
    assert plain["allowed"]
    assert "notes" not in plain
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        body = {"token_policies": ["status-admin"]}
        await session.send("POST", "auth/userpass/users", fresh, "policies", body=body)
    (marked,) = await ask(api, admin, [{"act": "view", **PLACE}], f"person:{fresh}")
    assert "adds policies" in marked["notes"][0]
    await api.post("/access/disable", json={"who": f"person:{fresh}"}, headers=admin)
    (off,) = await ask(api, admin, [{"act": "view", **PLACE}], f"person:{fresh}")
    assert not off["allowed"]
    assert "disabled" in off["notes"][0]


@pytest.mark.parametrize("who", ["viewer", "developer", "outsider"])
async def test_about_others_only_an_admin_asks(api: httpx.AsyncClient, people: People, who: str) -> None:
    headers = people[who].headers
    about = [f"person:{people['admin'].name}", "person:nobody-of-that-name", "component:none"]
    answers = [
        await api.post("/can-i", json={"acts": [{"act": "view", **PLACE}], "who": name}, headers=headers)
        for name in about
    ]
    answers += [await api.get(f"/secrets/environment~production~{name}/access", headers=headers) for name in "ab"]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 2


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"act": "fly", **PLACE}, "acts.0.act"),
        ({"act": "view"}, "acts.0.secret"),
        ({"act": "view", "secret": "global~x", "scope": "global"}, "acts.0.secret"),
        ({"act": "view", "scope": "nowhere"}, "acts.0.scope"),
        ({"act": "view", "secret": "a/../b"}, "acts.0.secret"),
        ({"act": "view", "secret": "~~"}, "acts.0.secret"),
    ],
)
async def test_what_is_no_question(
    api: httpx.AsyncClient, people: People, question: dict[str, str], field: str
) -> None:
    answer = await api.post("/can-i", json={"acts": [question]}, headers=people["viewer"].headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


async def test_who_can_use_a_secret(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin, scope = people["admin"].headers, f"custom/{fresh}"
    await api.post("/scopes", json={"scope": scope}, headers=admin)
    body = {"name": "s", "type": "PASSWORD", "value": "v", "scope": scope}
    await api.post("/secrets", json=body, headers=admin)
    await api.post("/components", json={"name": fresh, "scopes": [scope]}, headers=admin)
    outsider = f"person:{people['outsider'].name}"
    account = f"account:{int(fresh[1:9], 16)}"
    for who, role in ((outsider, "DEVELOPER"), (account, "USER")):
        await api.post("/grants", json={"who": who, "role": role, "scope": scope}, headers=admin)
    answer = await api.get(f"/secrets/custom~{fresh}~s/access", headers=admin)
    assert answer.status_code == 200, answer.text
    found = {one["who"]: one for one in answer.json()}
    rights = {who: (one["view"], one["change"], one["use"]) for who, one in found.items()}
    assert rights[outsider] == (True, True, False)
    assert rights[account] == (True, False, False)
    assert rights[f"component:{fresh}"] == (True, False, True)
    assert rights[f"person:{people['admin'].name}"] == (True, True, True)
    assert f"person:{people['viewer'].name}" not in rights
    assert found[outsider]["via"] == {"role": "DEVELOPER", "scope": scope}
    assert (await api.get(f"/secrets/custom~{fresh}~t/access", headers=admin)).status_code == 404
    grant = {"who": outsider, "role": "DEVELOPER", "scope": scope}
    await api.request("DELETE", "/grants", json=grant, headers=admin)
