"""Every type of secret through the API, made and read with the field's own tools."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import People


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """A self-signed certificate and its key, of openssl."""
    key, leaf = tmp_path / "key.pem", tmp_path / "leaf.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=gateway.test"
    subprocess.run([*command.split(), "-keyout", key, "-out", leaf], check=True, capture_output=True)
    return leaf.read_text(), key.read_text()


@pytest.fixture
def ssh_key(tmp_path: Path) -> tuple[str, str, str]:
    """A key, its public key and its fingerprint, of ssh-keygen."""
    file = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me", "-f", file], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", file], check=True, capture_output=True, text=True).stdout
    return file.read_text(), (tmp_path / "id.pub").read_text(), shown.split()[1]


async def create(api: httpx.AsyncClient, people: People, name: str, kind: str, **more: Any) -> httpx.Response:
    return await api.post("/secrets", json={"name": name, "type": kind, **more}, headers=people["developer"].headers)


async def test_a_certificate(api: httpx.AsyncClient, people: People, fresh: str, certificate: tuple[str, str]) -> None:
    leaf, key = certificate
    made = await create(api, people, fresh, "CERTIFICATE", value=key + leaf)
    assert made.status_code == 201, made.text
    secret = made.json()
    assert "gateway.test" in secret["facts"]["subject"]
    assert secret["expiresAt"] is not None
    assert secret["value"].strip() == leaf.strip()
    seen = await api.get(f"/secrets/{secret['id']}", headers=people["viewer"].headers)
    assert seen.json()["facts"] == secret["facts"]
    assert "PRIVATE KEY" not in seen.text


async def test_a_certificate_in_parts_that_do_not_belong_together(
    api: httpx.AsyncClient, people: People, fresh: str, certificate: tuple[str, str], ssh_key: tuple[str, str, str]
) -> None:
    leaf, _ = certificate
    refused = await create(api, people, fresh, "CERTIFICATE", value=leaf, privateKey=ssh_key[0])
    assert refused.status_code == 400
    assert "PRIVATE KEY" not in refused.text
    assert refused.json()["hint"]


async def test_an_ssh_key(api: httpx.AsyncClient, people: People, fresh: str, ssh_key: tuple[str, str, str]) -> None:
    private, public, fingerprint = ssh_key
    secret = (await create(api, people, fresh, "SSH_KEY", value=private, publicKey=public)).json()
    assert secret["facts"]["fingerprint"] == fingerprint
    assert secret["facts"]["public_key"] == public.strip()
    seen = await api.get(f"/secrets/{secret['id']}", headers=people["viewer"].headers)
    assert seen.json()["facts"] == secret["facts"]


async def test_a_rule_holds_for_every_later_version(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    made = await create(api, people, fresh, "CUSTOM", value="abc", rule="regex:[a-z]+")
    assert made.status_code == 201, made.text
    path = f"/secrets/{made.json()['id']}/versions"
    assert made.json()["facts"] == {"rule": "regex:[a-z]+"}
    refused = await api.post(path, json={"value": "ABC-c4n4ry"}, headers=people["developer"].headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert "c4n4ry" not in refused.text
    assert (await api.post(path, json={"value": "def"}, headers=people["developer"].headers)).status_code == 201


async def test_several_named_fields(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    made = await create(api, people, fresh, "CUSTOM", fields={"user": "u", "password": "p"})
    assert made.status_code == 201, made.text


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("PASSWORD", {}, "value"),
        ("PASSWORD", {"value": "password", "minStrength": 3}, "value"),
        ("PASSWORD", {"value": "x", "chain": "y"}, "chain"),
        ("CERTIFICATE", {"value": "no PEM"}, "value"),
        ("SSH_KEY", {"value": "no key"}, "value"),
        ("CUSTOM", {"value": "x", "rule": "nonsense"}, "rule"),
    ],
)
async def test_what_a_type_refuses(
    api: httpx.AsyncClient, people: People, fresh: str, kind: str, more: dict[str, Any], field: str
) -> None:
    answer = await create(api, people, fresh, kind, **more)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["hint"]


async def test_a_type_changes_only_where_the_value_need_not_be_looked_at(
    api: httpx.AsyncClient, people: People, fresh: str, ssh_key: tuple[str, str, str]
) -> None:
    path = f"/secrets/{(await create(api, people, fresh, 'PASSWORD', value='x')).json()['id']}"
    developer = people["developer"].headers
    assert (await api.patch(path, json={"type": "TOKEN"}, headers=developer)).json()["type"] == "TOKEN"
    refused = await api.patch(path, json={"type": "SSH_KEY"}, headers=developer)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "type")
    changed = await api.patch(path, json={"type": "SSH_KEY", "value": ssh_key[0]}, headers=developer)
    assert (changed.json()["type"], changed.json()["facts"]["fingerprint"]) == ("SSH_KEY", ssh_key[2])
    back = await api.patch(path, json={"type": "PASSWORD", "value": "y"}, headers=developer)
    assert (back.json()["version"], back.json()["facts"]) == (3, {})
