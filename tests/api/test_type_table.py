"""What each type takes, refuses and derives, cell by cell, through the API and on the real server."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.secret_types.test_vectors import FILES, read
from tests.support.server import People
from tests.support.tools import need

SCOPE = "environment/staging"


class Caller:
    def __init__(self, api: httpx.AsyncClient, people: People, name: str) -> None:
        self._api, self._people, self._name, self._count = api, people, name, 0

    async def create(self, kind: str, value: str | None = None, **more: Any) -> httpx.Response:
        self._count += 1
        body = {"name": f"{self._name}.{self._count}", "type": kind, "scope": SCOPE, **more}
        body |= {"value": value} if value is not None else {}
        return await self._api.post("/secrets", json=body, headers=self._people["developer"].headers)

    async def made(self, kind: str, value: str | None = None, **more: Any) -> dict[str, Any]:
        answer = await self.create(kind, value, **more)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def refused(self, says: str, field: str, kind: str, value: str | None = None, **more: Any) -> None:
        answer = await self.create(kind, value, **more)
        assert answer.status_code == 400, answer.text
        problem = answer.json()
        assert (problem["errors"][0]["field"], says in problem["detail"], bool(problem["hint"])) == (field, True, True)
        for line in (value or "").splitlines():
            assert len(line) < 12 or line.startswith("-----") or line not in answer.text


@pytest.fixture
def caller(api: httpx.AsyncClient, people: People, fresh: str) -> Caller:
    return Caller(api, people, fresh)


async def test_every_vector(caller: Caller) -> None:
    """The shared files: PEM, OpenSSH and PKCS#8 keys of each algorithm, DSA, short RSA, hostile and damaged ones."""
    for file in FILES:
        head, value = read(file)
        kind = head.pop("type").upper()
        given = {"passphrase": head.pop("passphrase")} if "passphrase" in head else {}
        if file.name.startswith("ok-"):
            assert (await caller.made(kind, value, **given))["facts"] == head, file.name
        else:
            await caller.refused(head["says"], head["field"], kind, value, **given)


async def test_passwords(caller: Caller) -> None:
    lines = await caller.made("PASSWORD", "many\nlines\ttoo ü 🔑")
    assert (lines["facts"], lines["value"]) == ({}, "many\nlines\ttoo ü 🔑")
    await caller.refused("empty", "value", "PASSWORD", " \n")
    await caller.refused("empty", "value", "PASSWORD")
    await caller.refused("strength is 0 of 4", "value", "PASSWORD", "password1", minStrength=3)
    strong = await caller.made("PASSWORD", "nine more words of no meaning at all", minStrength=4)
    assert not any("trength" in key for key in strong["facts"])


async def test_api_keys(caller: Caller) -> None:
    key = await caller.made("API_KEY", "any text", expiresAt="2099-06-30")
    assert (key["expiresAt"], key["facts"]) == ("2099-06-30T23:59:59.000Z", {})
    assert (await caller.made("TOKEN", "any text"))["type"] == "TOKEN"
    await caller.refused("in the past", "expiresAt", "API_KEY", "any text", expiresAt="2020-01-01")
    await caller.refused("no date", "expiresAt", "API_KEY", "any text", expiresAt="soon")
    await caller.refused("empty", "value", "TOKEN", "")


async def test_custom_secrets(caller: Caller) -> None:
    assert (await caller.made("OTHER", "any text"))["type"] == "OTHER"
    named = await caller.made("CUSTOM", fields={"user": "u", "password": "p"})
    assert named["facts"] == {}
    for rule, good, bad in (
        ("regex:[a-z]+[0-9]", "abc1", "ABC1-refused"),
        ("length:8..12", "exactly 10", "much longer than that"),
        ('schema:{"type":"object","required":["user"]}', '{"user": "u"}', '{"password": "refused"}'),
    ):
        assert (await caller.made("CUSTOM", good, rule=rule))["facts"]["rule"].startswith(rule.split(":")[0])
        await caller.refused("", "value", "CUSTOM", bad, rule=rule)
    await caller.refused("", "rule", "CUSTOM", "x", rule='schema:{"$ref":"https://example.org/schema.json"}')
    await caller.refused("", "rule", "CUSTOM", "x", rule="regex:(?=look)ahead")
    await caller.refused("", "rule", "CUSTOM", "x", rule="regex:" + "a" * 600)


class Authority:
    """Files of openssl: a root, an intermediate, a leaf with many names, a key of somebody else, an encrypted key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        names = ",".join(f"DNS:host{number}.example.org" for number in range(60))
        self.openssl(f"req -x509 {new} -days 30 -subj /CN=root.test -keyout root.key -out root")
        self.openssl(f"req -x509 {new} -days 30 -subj /CN=stranger.test -keyout other.key -out other")
        (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\n")
        (folder / "leaf.ext").write_text(f"subjectAltName={names}\n")
        for name, by in (("middle", "root"), ("leaf", "middle")):
            self.openssl(f"req {new} -subj /CN={name}.test -keyout {name}.key -out {name}.csr")
            extension = "ca.ext" if name == "middle" else "leaf.ext"
            made = f"x509 -req -in {name}.csr -CA {by} -CAkey {by}.key -days 9 -extfile {extension} -out {name}"
            self.openssl(made)
        self.openssl("pkey -in leaf.key -aes256 -passout pass:tell-nobody -out locked.key")

    def openssl(self, command: str) -> str:
        argv = [need("openssl"), *command.split()]
        return subprocess.run(argv, capture_output=True, text=True, cwd=self._folder, check=True).stdout

    def __getitem__(self, name: str) -> str:
        return (self._folder / name).read_text()


async def test_certificates(caller: Caller, tmp_path: Path) -> None:
    of = Authority(tmp_path)
    whole = await caller.made("CERTIFICATE", of["root"] + of["leaf.key"] + of["middle"] + of["leaf"])
    parts = await caller.made("CERTIFICATE", of["leaf"], privateKey=of["leaf.key"], chain=of["root"] + of["middle"])
    assert whole["facts"] == parts["facts"]
    facts = whole["facts"]
    assert (facts["subject"], facts["issuer"], facts["key_type"]) == ("CN=leaf.test", "CN=middle.test", "ECDSA P-256")
    assert facts["sans"].startswith("DNS:host0.example.org, ")
    assert facts["sans"].endswith(" more")
    serial = of.openssl("x509 -in leaf -noout -serial").strip()
    fingerprint = of.openssl("x509 -in leaf -noout -fingerprint -sha256").strip()
    assert serial == f"serial={facts['serial']}"
    assert fingerprint.split("=")[1] == facts["fingerprint"]
    assert whole["expiresAt"] == facts["not_after"] != facts["not_before"]

    locked = await caller.made("CERTIFICATE", of["leaf"] + of["locked.key"], passphrase="tell-nobody")
    assert "passphrase" not in locked["facts"]
    await caller.refused("encrypted", "passphrase", "CERTIFICATE", of["leaf"] + of["locked.key"])
    wrong = {"privateKey": of["locked.key"], "passphrase": "guess"}
    await caller.refused("does not open", "passphrase", "CERTIFICATE", of["leaf"], **wrong)
    await caller.refused("not PEM", "value", "CERTIFICATE", "MIIB")
    await caller.refused("not the certificate's", "privateKey", "CERTIFICATE", of["leaf"], privateKey=of["other.key"])
    await caller.refused("does not lead", "chain", "CERTIFICATE", of["leaf"], chain=of["middle"] + of["other"])
    head, expired = read(next(file for file in FILES if file.name == "bad-cert-expired"))
    await caller.refused(head["says"], "value", "CERTIFICATE", expired)
    kept = await caller.made("CERTIFICATE", expired, allowExpired=True)
    assert kept["expired"] is True


async def test_ssh_keys(caller: Caller, tmp_path: Path) -> None:
    keys = {}
    for name in ("one", "two"):
        command = [need("ssh-keygen"), "-q", "-t", "rsa", "-b", "4096", "-N", "", "-C", "me", "-f", tmp_path / name]
        subprocess.run(command if name == "one" else [*command[:3], "ed25519", *command[6:]], check=True)
        keys[name] = (tmp_path / name).read_text(), (tmp_path / f"{name}.pub").read_text()
    made = await caller.made("SSH_KEY", keys["one"][0], publicKey=keys["one"][1])
    assert (made["facts"]["algorithm"], made["facts"]["bits"]) == ("RSA", "4096")
    assert made["facts"]["public_key"] == keys["one"][1].strip(), "longer than one value of the metadata"
    await caller.refused("not the private key's", "publicKey", "SSH_KEY", keys["one"][0], publicKey=keys["two"][1])
    await caller.refused("public key", "value", "SSH_KEY", keys["one"][1])
