"""Values made and checked through the API, held against openssl and ssh-keygen."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from adapter.service.app import Services
from adapter.vault import Caller
from tests.support.server import People, Server
from tests.support.tools import need

CANARY = "c4n4ry-ch3ck"


async def made(api: httpx.AsyncClient, people: People, **recipe: Any) -> dict[str, Any]:
    answer = await api.post("/generate", json=recipe, headers=people["developer"].headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


async def stored(api: httpx.AsyncClient, people: People, name: str, generated: dict[str, Any]) -> dict[str, Any]:
    """What was generated, as a secret."""
    fields = {key: generated[key] for key in ("value", "privateKey", "publicKey", "passphrase") if generated.get(key)}
    body = {"name": name, "type": generated["type"], "scope": "environment/staging", **fields}
    answer = await api.post("/secrets", json=body, headers=people["developer"].headers)
    assert answer.status_code == 201, answer.text
    secret: dict[str, Any] = answer.json()
    return secret


async def test_passwords_and_api_keys(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    plain = await made(api, people, type="PASSWORD")
    assert len(plain["value"]) == 24
    pin = await made(api, people, type="PASSWORD", length=12, lower=False, upper=False, symbols=False)
    assert (len(pin["value"]), pin["value"].isdigit()) == (12, True)
    words = await made(api, people, type="PASSWORD", words=6, separator=" ")
    assert len(words["value"].split(" ")) == 6
    key = await made(api, people, type="API_KEY", prefix="sk_live_", size=40)
    assert key["value"].startswith("sk_live_")
    assert (await made(api, people, type="TOKEN"))["value"] != (await made(api, people, type="TOKEN"))["value"]
    assert (await stored(api, people, fresh, key))["type"] == "API_KEY"
    assert (await stored(api, people, f"{fresh}2", await made(api, people, type="CUSTOM")))["type"] == "CUSTOM"


@pytest.mark.parametrize(("algorithm", "bits"), [("ed25519", None), ("ecdsa", 384), ("rsa", 2048)])
async def test_ssh_keys(
    api: httpx.AsyncClient, people: People, fresh: str, tmp_path: Path, algorithm: str, bits: int | None
) -> None:
    recipe = {
        "type": "SSH_KEY",
        "algorithm": algorithm,
        "bits": bits,
        "comment": "me@here",
        "passphrase": "tell nobody",
    }
    generated = await made(api, people, **recipe)
    secret = await stored(api, people, fresh, generated)
    assert secret["facts"] == generated["facts"]
    file = tmp_path / "id"
    file.touch(0o600)
    file.write_text(generated["value"])
    ssh_keygen = need("ssh-keygen")
    shown = subprocess.run([ssh_keygen, "-l", "-f", file], check=True, capture_output=True, text=True).stdout.split()
    assert (shown[0], shown[1]) == (secret["facts"]["bits"], secret["facts"]["fingerprint"])
    derived = subprocess.run(
        [ssh_keygen, "-y", "-P", "tell nobody", "-f", file], check=True, capture_output=True, text=True
    ).stdout
    assert derived.split()[:2] == generated["publicKey"].split()[:2]
    assert generated["publicKey"].endswith("me@here")


@pytest.mark.parametrize("key", ["ecdsa-p256", "ed25519", "rsa-2048"])
async def test_a_self_signed_certificate(
    api: httpx.AsyncClient, people: People, fresh: str, tmp_path: Path, key: str
) -> None:
    names = ["gateway.test", "*.gateway.test", "10.0.0.1"]
    recipe = {"type": "CERTIFICATE", "commonName": "gateway.test", "names": names, "organization": "STATUS", "days": 30}
    generated = await made(api, people, **recipe, key=key)
    secret = await stored(api, people, fresh, generated)
    assert secret["facts"] == generated["facts"]
    assert secret["expiresAt"] == generated["expiresAt"]
    (tmp_path / "leaf.pem").write_text(generated["value"])
    (tmp_path / "key.pem").write_text(generated["privateKey"])

    def openssl(*words: str) -> str:
        command = [need("openssl"), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path).stdout

    assert openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey") == openssl("pkey", "-in", "key.pem", "-pubout")
    fingerprint = openssl("x509", "-in", "leaf.pem", "-noout", "-fingerprint", "-sha256").strip()
    assert fingerprint.split("=")[1] == secret["facts"]["fingerprint"]
    assert openssl("x509", "-in", "leaf.pem", "-noout", "-serial").strip() == f"serial={secret['facts']['serial']}"
    printed = openssl("x509", "-in", "leaf.pem", "-noout", "-ext", "subjectAltName")
    assert printed.split("\n")[1].strip() == secret["facts"]["sans"]
    openssl("verify", "-CAfile", "leaf.pem", "leaf.pem")


async def test_a_request_that_becomes_a_certificate(
    api: httpx.AsyncClient,
    acting: httpx.AsyncClient,
    server: Server,
    people: People,
    fresh: str,
    tmp_path: Path,
) -> None:
    """By a developer, who never sees the private key: it is kept for the certificate that comes for it."""
    recipe = {"commonName": "later.test", "request": True, "key": "rsa-2048", "passphrase": "tell nobody"}
    generated = await made(api, people, type="CERTIFICATE", **recipe)
    secret = await stored(api, people, fresh, generated)
    assert secret["facts"]["pending"] == "certificate request"
    (tmp_path / "later.csr").write_text(generated["value"])

    def openssl(command: str) -> None:
        subprocess.run([need("openssl"), *command.split()], check=True, capture_output=True, cwd=tmp_path)

    openssl("req -verify -in later.csr -noout")
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca.test -keyout ca.key -out ca.crt")
    openssl("x509 -req -in later.csr -CA ca.crt -CAkey ca.key -days 9 -out later.crt")
    path, developer = f"/secrets/{secret['id']}", people["developer"].headers
    body = {"value": (tmp_path / "later.crt").read_text(), "reason": "signed"}
    alone = await api.post(f"{path}/versions", json=body, headers=developer)
    assert (alone.status_code, "no identity of its own" in alone.json()["detail"]) == (403, True)
    stranger = await acting.post(
        f"{path}/versions", json={"value": (tmp_path / "ca.crt").read_text()}, headers=developer
    )
    assert (stranger.status_code, stranger.json()["errors"][0]["field"]) == (400, "privateKey")
    assert "PRIVATE KEY" not in stranger.text + alone.text
    saved = await acting.post(f"{path}/versions", json=body, headers=developer)
    assert (saved.status_code, saved.json()["version"], saved.json()["origin"]) == (201, 2, "updated"), saved.text
    facts = (await api.get(path, headers=people["viewer"].headers)).json()["facts"]
    assert ("pending" in facts, facts["issuer"]) == (False, "CN=ca.test")
    async with server.vault() as vault:
        store = Services(vault).act(Caller(people["admin"].token)).store
        fields = await store.read_version(Address.from_id(secret["id"]), 2)
        custom = (await store.metadata(Address.from_id(secret["id"]))).custom
    assert fields["private_key"].get_secret_value() == generated["privateKey"]
    assert fields["passphrase"].get_secret_value() == "tell nobody"
    assert not [key for key in custom if key.startswith("pending")]


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ({"type": "PASSWORD", "length": 1}, "length"),
        ({"type": "PASSWORD", "words": 2}, "words"),
        ({"type": "PASSWORD", "lower": False, "upper": False, "digits": False, "symbols": False}, "classes"),
        ({"type": "API_KEY", "size": 1}, "size"),
        ({"type": "API_KEY", "prefix": "a\nb"}, "prefix"),
        ({"type": "API_KEY", "length": 20}, "body"),
        ({"type": "SSH_KEY", "algorithm": "rsa", "bits": 1024}, "bits"),
        ({"type": "SSH_KEY", "algorithm": "dsa"}, "algorithm"),
        ({"type": "SSH_KEY", "passphrase": "abc"}, "passphrase"),
        ({"type": "CERTIFICATE"}, "commonName"),
        ({"type": "CERTIFICATE", "commonName": "a", "days": 0}, "days"),
        ({"type": "CERTIFICATE", "commonName": "a", "names": ["not a name"]}, "names"),
        ({"type": "OTHER THINGS"}, "body"),
        ({}, "body"),
    ],
)
async def test_recipes_out_of_range(api: httpx.AsyncClient, people: People, recipe: dict[str, Any], field: str) -> None:
    answer = await api.post("/generate", json=recipe, headers=people["developer"].headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == field


async def test_checking_a_value(api: httpx.AsyncClient, people: People) -> None:
    async def check(**body: Any) -> dict[str, Any]:
        answer = await api.post("/check", json=body, headers=people["developer"].headers)
        assert answer.status_code == 200, answer.text
        assert CANARY not in answer.text
        found: dict[str, Any] = answer.json()
        return found

    weak = await check(type="PASSWORD", value="password1")
    assert (weak["problems"], weak["strength"]["score"], bool(weak["strength"]["warning"])) == ([], 0, True)
    strong = await check(type="PASSWORD", value=f"{CANARY} and nine more words of no meaning")
    assert strong["strength"]["score"] == 4
    refused = await check(type="PASSWORD", value="password1", minStrength=3)
    assert (refused["problems"][0]["field"], refused["strength"]["score"]) == ("value", 0)
    assert [one["field"] for one in (await check(type="PASSWORD"))["problems"]] == ["value"]
    broken = await check(type="CERTIFICATE", value=f"-----BEGIN CERTIFICATE-----\n{CANARY}")
    assert "does not end" in broken["problems"][0]["reason"]
    rule = await check(type="CUSTOM", value=CANARY, rule="regex:[0-9]+")
    assert rule["problems"][0]["field"] == "value"
    pair = await made(api, people, type="CERTIFICATE", commonName="a.test")
    seen = await check(type="CERTIFICATE", value=pair["privateKey"] + pair["value"])
    assert (seen["facts"], seen["expiresAt"]) == (pair["facts"], pair["expiresAt"])
    unknown = await api.post("/check", json={"type": CANARY}, headers=people["developer"].headers)
    assert (unknown.status_code, CANARY in unknown.text) == (400, False)


async def test_neither_is_for_strangers(api: httpx.AsyncClient) -> None:
    for path, body in (("/generate", {"type": "PASSWORD"}), ("/check", {"type": "PASSWORD", "value": "x"})):
        assert (await api.post(path, json=body)).status_code == 401
        assert (await api.post(path, json=body, headers={"X-Vault-Token": "s.wrong"})).status_code == 401
