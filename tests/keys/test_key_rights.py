"""Who may do what with encryption keys: through the API, and straight at the vault with the same token."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapter.errors import NotAllowed
from adapter.model.address import Address
from adapter.vault import Caller
from tests.keys.conftest import b64, create
from tests.support.server import People, Person, Server

PLACE = "status-keys/environment/production"

MAY: dict[str, set[str]] = {
    "outsider": set(),
    "viewer": {"see"},
    "developer": {"see", "create", "rotate", "encrypt", "rewrap"},
    "component": {"see", "encrypt", "rewrap", "decrypt"},
    "admin": {"see", "create", "rotate", "encrypt", "rewrap", "decrypt"},
}


@pytest.fixture
def everybody(people: People, component: Person) -> dict[str, Person]:
    return {**people, "component": component}


@pytest.fixture
async def sealed(api: httpx.AsyncClient, people: People, key: str) -> str:
    body = {"key": key, "items": [{"plaintext": b64("x")}]}
    answer = await api.post("/encrypt", json=body, headers=people["admin"].headers)
    return answer.json()["results"][0]["ciphertext"]


@pytest.mark.parametrize("who", MAY)
async def test_through_the_api(
    api: httpx.AsyncClient, everybody: dict[str, Person], key: str, sealed: str, who: str, fresh: str
) -> None:
    person = everybody[who]
    listed = (await api.get("/keys", headers=person.headers)).json()
    answers = {
        "create": await create(api, person, f"{fresh}-{who}"),
        "rotate": await api.post(f"/keys/{key}/rotate", json={}, headers=person.headers),
    }
    for act, item in (
        ("encrypt", {"plaintext": ""}),
        ("rewrap", {"ciphertext": sealed}),
        ("decrypt", {"ciphertext": sealed}),
    ):
        answers[act] = await api.post(f"/{act}", json={"key": key, "items": [item]}, headers=person.headers)
    done = {act for act, answer in answers.items() if answer.status_code < 300}
    assert done | ({"see"} if key in {entry["id"] for entry in listed} else set()) == MAY[who]
    for act, answer in answers.items():
        if act not in done:
            unseen = who == "outsider" and act != "create"
            expected = (404, "not_found") if unseen else (403, "not_allowed")
            assert (answer.status_code, answer.json()["code"]) == expected, act
            if not unseen:
                assert "needs the role" in answer.json()["detail"]


@pytest.mark.parametrize("who", MAY)
async def test_straight_at_the_vault(
    server: Server, everybody: dict[str, Person], key: str, sealed: str, who: str, fresh: str
) -> None:
    name = Address.from_id(key).name
    acts: dict[str, tuple[str, str, dict[str, Any] | None]] = {
        "see": ("GET", f"keys/{name}", None),
        "create": ("POST", f"keys/{fresh}-{who}-v", {"type": "aes256-gcm96"}),
        "rotate": ("POST", f"keys/{name}/rotate", {}),
        "encrypt": ("POST", f"encrypt/{name}", {"plaintext": ""}),
        "rewrap": ("POST", f"rewrap/{name}", {"ciphertext": sealed}),
        "decrypt": ("POST", f"decrypt/{name}", {"ciphertext": sealed}),
    }
    assert {act for act, call in acts.items() if await _works(server, everybody[who], *call)} == MAY[who]


@pytest.mark.parametrize("who", MAY)
async def test_nobody_gets_a_key_out_or_rid_of_it(
    server: Server, everybody: dict[str, Person], key: str, who: str, fresh: str
) -> None:
    name = Address.from_id(key).name
    for method, path, body in (
        ("POST", f"keys/{name}/config", {"exportable": True}),
        ("POST", f"keys/{name}/config", {"deletion_allowed": True}),
        ("POST", f"keys/{name}/config", {"allow_plaintext_backup": True}),
        ("POST", f"keys/{name}/config", {"min_decryption_version": 2}),
        ("POST", f"keys/{name}/trim", {"min_available_version": 1}),
        ("POST", f"keys/{fresh}-e", {"type": "aes256-gcm96", "exportable": True}),
        ("POST", f"keys/{fresh}-e", {"exportable": True}),
        ("POST", f"keys/{fresh}-e", {"type": "rsa-2048"}),
        ("POST", f"keys/{fresh}-e", {"allow_plaintext_backup": True}),
        ("POST", f"keys/{fresh}-e/import", {"ciphertext": "x"}),
        ("POST", f"encrypt/{fresh}-e", {"plaintext": ""}),
        ("POST", f"datakey/plaintext/{name}", {}),
        ("GET", f"export/encryption-key/{name}", None),
        ("GET", f"backup/{name}", None),
        ("POST", f"restore/{fresh}-e", {"backup": "x"}),
        ("POST", "cache-config", {"size": 0}),
        ("DELETE", f"keys/{name}", None),
    ):
        assert not await _works(server, everybody[who], method, path, body), path


async def _works(server: Server, person: Person, method: str, path: str, body: dict[str, Any] | None) -> bool:
    async with server.vault() as vault:
        try:
            await vault.session(Caller(person.token)).send(method, PLACE, path, body=body)
        except NotAllowed:
            return False
        return True
