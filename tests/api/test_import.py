"""Import through the API: what each format holds, and what one bad entry does to the others: nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.vault import Caller
from tests.support.server import People, Server

SCOPE = "environment/development"
CANARY = "c4n4ry-imp0rt"


async def bring(api: httpx.AsyncClient, people: People, content: Any, form: str = "env", **more: Any) -> Any:
    body = {"format": form, "scope": SCOPE, "content": content, **more}
    answer = await api.post("/import", json=body, headers=people["developer"].headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert CANARY not in answer.text
    return answer.json()


def names(part: list[dict[str, Any]]) -> list[str]:
    return [entry["name"] for entry in part]


async def see(api: httpx.AsyncClient, people: People, name: str) -> httpx.Response:
    return await api.get(f"/secrets/environment~development~{name}", headers=people["viewer"].headers)


async def test_a_dotenv_file(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    text = f"""# the relay
export {fresh}_PASSWORD="{CANARY} with a # and a 'quote'"
{fresh}_API_KEY={CANARY}   # a comment
{fresh}_URL='https://x/${{HOME}}'
{fresh}_EMPTY=
{fresh}_NONE
no assignment here
"""
    planned = await bring(api, people, text, dryRun=True)
    assert planned["dryRun"] is True
    assert [(e["name"], e["type"], e["version"]) for e in planned["created"]] == [
        (f"{fresh}_password", "PASSWORD", 1),
        (f"{fresh}_api_key", "API_KEY", 1),
        (f"{fresh}_url", "CUSTOM", 1),
    ]
    assert names(planned["refused"]) == [f"{fresh}_empty", "line 6", "line 7"]
    assert all(entry["reason"] for entry in planned["refused"])
    assert (await see(api, people, f"{fresh}_url")).status_code == 404

    done = await bring(api, people, text, reason="first import")
    assert done["created"] == planned["created"]
    history = await api.get(f"/secrets/{done['created'][0]['id']}/versions", headers=people["viewer"].headers)
    assert [(v["reason"], v["createdBy"]) for v in history.json()] == [("first import", people["developer"].name)]


async def test_values_arrive_as_they_are(api: httpx.AsyncClient, people: People, fresh: str, server: Server) -> None:
    await bring(api, people, f"{fresh}_A='${{HOME}} $x'\n{fresh}_B=\"two\\nlines\"\n{fresh}_C=ünï\n")
    async with server.vault() as vault:
        session = vault.session(Caller(server.token))
        values = []
        for letter in "abc":
            _, content = await session.send("GET", "status/data", SCOPE, f"{fresh}_{letter}")
            values.append(json.loads(content)["data"]["data"]["value"])
    assert values == ["${HOME} $x", "two\nlines", "ünï"]


async def test_what_is_there_gets_a_new_version_and_keeps_its_type(
    api: httpx.AsyncClient, people: People, fresh: str
) -> None:
    body = {"name": fresh, "type": "TOKEN", "value": "first", "scope": SCOPE, "description": "stays"}
    await api.post("/secrets", json=body, headers=people["developer"].headers)
    planned = await bring(api, people, f"{fresh}={CANARY}", dryRun=True)
    assert [(e["name"], e["type"], e["version"]) for e in planned["changed"]] == [(fresh, "TOKEN", 2)]
    done = await bring(api, people, f"{fresh}={CANARY}")
    assert (names(done["changed"]), done["created"], done["refused"]) == ([fresh], [], [])
    secret = (await see(api, people, fresh)).json()
    assert (secret["version"], secret["type"], secret["description"]) == (2, "TOKEN", "stays")


async def test_names_that_become_one_are_all_refused(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    content = {f"{fresh} Key": CANARY, f"{fresh}_KEY": CANARY, f"{fresh}_other": CANARY}
    done = await bring(api, people, content, "json")
    assert names(done["refused"]) == [f"{fresh}_key", f"{fresh}_key"]
    assert "Several entries" in done["refused"][0]["reason"]
    assert names(done["created"]) == [f"{fresh}_other"]
    twice = await bring(api, people, f"{fresh}_x=1\n{fresh}_x=2\n", dryRun=True)
    assert [entry["source"] for entry in twice["refused"]] == ["line 1", "line 2"]


async def test_json_of_every_shape(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    body = {
        f"{fresh}_plain": CANARY,
        f"{fresh}_full": {
            "type": "api_key", "value": CANARY, "description": "relay", "tags": ["mail"], "expiresAt": "2099-01-01",
            "rotateEvery": "90d", "usage": "node-red",
        },
        f"{fresh}_fields": {"fields": {"user": "u", "password": CANARY}},
        f"{fresh}_number": 5,
        f"{fresh}_bad_type": {"type": "NONSENSE", "value": CANARY},
        f"{fresh}_unknown": {"value": CANARY, CANARY: 1},
        f"{fresh}_past": {"value": CANARY, "expiresAt": "2001-01-01"},
        f"{fresh}_kind": {"value": {"a": CANARY}},
        "not a nämé": CANARY,
    }  # fmt: skip
    for content in (body, json.dumps(body)):
        planned = await bring(api, people, content, "json", dryRun=True)
        assert names(planned["created"]) == [f"{fresh}_plain", f"{fresh}_full", f"{fresh}_fields"]
        assert len(planned["refused"]) == 6
    await bring(api, people, body, "json")
    full = (await see(api, people, f"{fresh}_full")).json()
    assert (full["type"], full["description"], full["tags"], full["usage"]) == (
        "API_KEY",
        "relay",
        ["mail"],
        "node-red",
    )
    assert (full["expiresAt"], full["rotateEvery"]) == ("2099-01-01T23:59:59.000Z", "90d")


async def test_an_export_with_values_added_comes_in_again(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    body = {"name": fresh, "type": "PASSWORD", "value": "x", "scope": "global", "tags": ["a"], "description": "d"}
    assert (await api.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
    exported = (await api.get(f"/export?q={fresh}", headers=people["developer"].headers)).json()
    done = await bring(api, people, [entry | {"value": CANARY} for entry in exported], "json")
    assert names(done["created"]) == [fresh]
    secret = (await see(api, people, fresh)).json()
    assert (secret["type"], secret["description"], secret["tags"], secret["scope"]) == ("PASSWORD", "d", ["a"], SCOPE)


async def test_repeated_json_keys_are_refused(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    text = f'{{"{fresh}_a": "1", "{fresh}_a": "2", "{fresh}_b": {{"value": "1", "value": "2"}}, "{fresh}_c": "3"}}'
    planned = await bring(api, people, text, "json", dryRun=True)
    assert names(planned["refused"]) == [f"{fresh}_a", f"{fresh}_b"]
    assert names(planned["created"]) == [f"{fresh}_c"]


async def test_a_part_of_the_entries(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    text = f"{fresh}_a=1\n{fresh}_b=2\n"
    done = await bring(api, people, text, names=[f"{fresh}_b"])
    assert (names(done["created"]), done["refused"]) == ([f"{fresh}_b"], [])
    assert (await see(api, people, f"{fresh}_a")).status_code == 404


async def test_lines_of_a_private_key_are_never_repeated(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    text = f"{fresh}_k=-----BEGIN PRIVATE KEY-----\n{CANARY}\n{CANARY}abc==\n-----END PRIVATE KEY-----\n{fresh}_z=1\n"
    planned = await bring(api, people, text, dryRun=True)
    assert names(planned["refused"]) == [f"{fresh}_k"]
    assert "quotation marks" in planned["refused"][0]["reason"]
    assert names(planned["created"]) == [f"{fresh}_z"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a server's folder holds: a leaf of an authority with its key, a self-signed one, SSH keys, other files."""
    place = tmp_path_factory.mktemp("pem")

    def openssl(command: str) -> None:
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True, cwd=place)

    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    own = "live/example.org"
    (place / own).mkdir(parents=True)
    openssl(f"req -x509 {new_key} -days 30 -subj /CN=root.test -keyout ../root.key -out ca.crt")
    openssl(f"req {new_key} -subj /CN=gateway.test -keyout gateway.key -out ../gateway.csr")
    openssl("x509 -req -in ../gateway.csr -CA ca.crt -CAkey ../root.key -out gateway.crt -days 9")
    openssl(f"req -x509 {new_key} -days 9 -subj /CN=example.org -keyout {own}/privkey.pem -out {own}/cert.pem")
    openssl(f"req {new_key} -subj /CN=later.test -keyout later.key -out later.csr")
    for name, kind in (("id_ed25519", "ed25519"), ("id_ecdsa", "ecdsa")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "me@here", "-f", place / name], check=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / "other"], check=True)
    (place / "other").unlink()
    (place / "README").write_text("keys of the gateway")
    return place


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


async def test_a_folder_of_pem_and_ssh_files(api: httpx.AsyncClient, people: People, folder: Path) -> None:
    planned = await bring(api, people, texts(folder), "files", dryRun=True)
    assert {(e["name"], e["type"], e["source"]) for e in planned["created"]} == {
        ("gateway", "CERTIFICATE", "gateway.crt, gateway.key, ca.crt"),
        ("example.org", "CERTIFICATE", "live/example.org/cert.pem, live/example.org/privkey.pem"),
        ("later", "CERTIFICATE", "later.csr, later.key"),
        ("id_ed25519", "SSH_KEY", "id_ed25519, id_ed25519.pub"),
        ("id_ecdsa", "SSH_KEY", "id_ecdsa, id_ecdsa.pub"),
    }
    assert sorted(names(planned["refused"])) == ["README", "other.pub"]
    done = await bring(api, people, texts(folder), "files")
    assert done["created"] == planned["created"]
    gateway = (await see(api, people, "gateway")).json()
    assert "gateway.test" in gateway["facts"]["subject"]
    assert "root.test" in gateway["facts"]["issuer"]
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", folder / "id_ed25519"], check=True, capture_output=True, text=True
    ).stdout
    assert (await see(api, people, "id_ed25519")).json()["facts"]["fingerprint"] == shown.split()[1]
    again = await bring(api, people, texts(folder), "files", dryRun=True)
    assert len(again["changed"]) == 5
    for entry in done["created"]:
        await api.delete(f"/secrets/{entry['id']}", headers=people["admin"].headers)


async def test_who_may_not_write_is_refused_as_a_whole(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    body = {"format": "env", "scope": SCOPE, "content": f"{fresh}={CANARY}"}
    for dry in (True, False):
        for who in ("viewer", "outsider"):
            answer = await api.post("/import", json=body | {"dryRun": dry}, headers=people[who].headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), (who, dry)
            assert CANARY not in answer.text
    assert (await see(api, people, fresh)).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "yaml"}, "format"),
        ({"scope": "nowhere"}, "scope"),
        ({"scope": "environment/absent"}, "scope"),
        ({"content": 5}, "content"),
        ({"content": {"A": "b"}}, "content"),
        ({"format": "json", "content": f"{{'{CANARY}'"}, "content"),
        ({"format": "json", "content": '"text"'}, "content"),
        ({"format": "json", "content": "[" * 100_000}, "content"),
        ({"format": "files", "content": "text"}, "content"),
        ({"format": "files", "content": {"a": 1}}, "content"),
        ({"surplus": 1}, "body"),
    ],
)
async def test_what_cannot_be_read_at_all(
    api: httpx.AsyncClient, people: People, change: dict[str, Any], field: str
) -> None:
    body = {"format": "env", "scope": SCOPE, "content": f"A={CANARY}"} | change
    answer = await api.post("/import", json=body, headers=people["admin"].headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"].startswith(field), answer.text
    assert CANARY not in answer.text


async def test_a_scope_that_asks_for_reasons(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = people["admin"].headers
    scope = f"custom/{fresh}"
    assert (await api.post("/scopes", json={"scope": scope, "requireReason": True}, headers=admin)).status_code == 201
    body = {"format": "env", "scope": scope, "content": f"A={CANARY}"}
    for more in ({"dryRun": True}, {}):
        refused = await api.post("/import", json=body | more, headers=admin)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    done = await api.post("/import", json=body | {"reason": "moved here"}, headers=admin)
    assert names(done.json()["created"]) == ["a"]
    await api.delete(f"/secrets/{done.json()['created'][0]['id']}?reason=x", headers=admin)
