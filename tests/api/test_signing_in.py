"""Sign in, sign out, see oneself: over HTTP, on the real server."""

import httpx
import pytest

from tests.support.server import People


async def test_a_user_name_and_password_give_a_token_with_roles(api: httpx.AsyncClient, people: People) -> None:
    person = people["developer"]
    body = {"method": "userpass", "username": person.name, "password": person.password.get_secret_value()}
    answer = await api.post("/auth/login", json=body)
    assert answer.status_code == 200
    session = answer.json()
    assert session["name"] == person.name
    assert session["expiresAt"].endswith("Z")
    assert session["roles"]["environment/production"] == "DEVELOPER"
    assert answer.headers["Cache-Control"] == "no-store"
    me = await api.get("/me", headers={"X-Vault-Token": session["token"]})
    assert me.json() == {key: session[key] for key in ("name", "expiresAt", "roles")}


async def test_roles_are_those_of_vaults_groups(api: httpx.AsyncClient, people: People) -> None:
    async def roles(name: str) -> set[str]:
        return set((await api.get("/me", headers=people[name].headers)).json()["roles"].values())

    assert await roles("viewer") == {"USER"}
    assert await roles("developer") == {"DEVELOPER"}
    assert await roles("admin") == {"ADMIN"}
    assert await roles("outsider") == set()


async def test_signing_out_ends_the_token_at_once(api: httpx.AsyncClient, people: People) -> None:
    person = people["viewer"]
    body = {"method": "userpass", "username": person.name, "password": person.password.get_secret_value()}
    headers = {"Authorization": f"Bearer {(await api.post('/auth/login', json=body)).json()['token']}"}
    assert (await api.get("/secrets", headers=headers)).status_code == 200
    assert (await api.post("/auth/logout", headers=headers)).status_code == 204
    for call in (api.get("/me", headers=headers), api.get("/secrets", headers=headers)):
        answer = await call
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_signed_in"


async def test_a_token_can_sign_in(api: httpx.AsyncClient, people: People) -> None:
    token = people["viewer"].token.get_secret_value()
    answer = await api.post("/auth/login", json={"method": "token", "token": token})
    assert (answer.status_code, answer.json()["name"]) == (200, people["viewer"].name)


CANARY = "c4n4ry-4711"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"method": "userpass", "username": "developer", "password": CANARY}, 401, "not_signed_in"),
        ({"method": "userpass", "username": CANARY, "password": "x"}, 401, "not_signed_in"),
        ({"method": "userpass", "username": f"../{CANARY}", "password": "x"}, 401, "not_signed_in"),
        ({"method": "userpass", "username": "", "password": CANARY}, 401, "not_signed_in"),
        ({"method": "token", "token": CANARY}, 401, "not_signed_in"),
        ({"method": "token", "token": f"{CANARY}\r\nX-Evil: 1"}, 401, "not_signed_in"),
        ({"method": CANARY}, 400, "invalid"),
        ({"method": "userpass", "password": CANARY}, 400, "invalid"),
        ({"method": "token", "token": {"x": CANARY}}, 400, "invalid"),
        ({"method": "token", "token": "x", CANARY: 1}, 400, "invalid"),
        ([CANARY], 400, "invalid"),
        (CANARY, 400, "invalid"),
        ({}, 400, "invalid"),
    ],
)
async def test_a_refused_sign_in_is_a_problem_that_repeats_nothing(
    api: httpx.AsyncClient, body: object, status: int, code: str
) -> None:
    answer = await api.post("/auth/login", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert CANARY not in answer.text


async def test_calls_without_a_token_are_refused(api: httpx.AsyncClient) -> None:
    for method, path in [
        ("GET", "/me"),
        ("GET", "/secrets"),
        ("POST", "/auth/logout"),
        ("DELETE", "/secrets/global~x"),
    ]:
        answer = await api.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
