"""A DEVELOPER of one scope at the vault itself, with paths and parameters that no client would send."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import ssl
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from adapter.model.address import Address, Scope
from adapter.model.roles import Role, policy_name
from adapter.provision import Wanted, apply
from adapter.vault import Caller
from adapter.vault.answers import decode_auth
from adapter.vault.kv import KvStore
from tests.support.server import People, Server

CANARY = "c4n4ry-7120"


@dataclass(frozen=True)
class Case:
    """`own`: the scope that the token is DEVELOPER in; `other`: one with a secret `x` that holds the canary."""

    server: Server
    token: SecretStr
    own: str
    other: str

    def send(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> tuple[int, str]:
        """A request with its path as it is."""
        place = urlsplit(self.server.url)
        trust = ssl.create_default_context(cafile=str(self.server.cacert) if self.server.cacert else None)
        host, port = place.hostname or "", place.port or 443
        line: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, port, context=trust, timeout=20)
            if place.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=20)
        )
        with closing(line):
            headers = {"X-Vault-Token": self.token.get_secret_value(), "Content-Type": kind}
            content = None if body is None else json.dumps(body)
            line.putrequest(method, path, skip_host=False)
            for name, text in {**headers, "Content-Length": str(len(content or ""))}.items():
                line.putheader(name, text)
            line.endheaders(content.encode() if content else None)
            answer = line.getresponse()
            return answer.status, answer.read().decode(errors="replace")


@pytest.fixture(scope="module")
def case(server: Server, people: People) -> Case:
    name = f"t{secrets.token_hex(6)}"
    own, other = f"custom/{name}a", f"custom/{name}b"

    async def prepare() -> SecretStr:
        async with server.vault() as vault:
            await apply(vault, server.token, Wanted(scopes=(Scope.parse(own), Scope.parse(other))))
            root = vault.session(Caller(server.token))
            store = KvStore(root)
            await store.write(Address(f"{other}/x"), {"value": SecretStr(CANARY)}, cas=0)
            await store.write(Address(f"{own}/x"), {"value": SecretStr("mine")}, cas=0)
            body = {"policies": [policy_name(Role.DEVELOPER, Scope.parse(own))], "no_parent": True, "ttl": "5m"}
            _, content = await root.send("POST", "auth/token/create", body=body)
            return SecretStr(decode_auth(content).client_token)

    return Case(server, asyncio.run(prepare()), own, other)


def others_value(case: Case) -> list[str]:
    """Every version of the other scope's secret, as root sees it."""

    async def look() -> list[str]:
        async with case.server.vault() as vault:
            store = KvStore(vault.session(Caller(case.server.token)))
            address = Address(f"{case.other}/x")
            versions = (await store.metadata(address)).current_version
            found = [await store.read_version(address, number) for number in range(1, versions + 1)]
            return [one["value"].get_secret_value() for one in found]

    return asyncio.run(look())


def spellings(case: Case) -> list[str]:
    """Ways to write the other scope's place, from below the own one and otherwise."""
    own, other, label = case.own, case.other, case.other.partition("/")[2]
    return [
        f"{other}/x",
        f"{own}/../{label}/x",
        f"{own}/%2e%2e/{label}/x",
        f"{own}/.%2e/{label}/x",
        f"{own}/..%2f{label}/x",
        f"{own}%2f..%2f{label}%2fx",
        f"{own}/x/../../{label}/x",
        f"{own}//../{label}/x",
        f"{own}/./../{label}/x",
        f"{own}\\..\\{label}\\x",
        f"{own}/..;/{label}/x",
        f"/{other}/x",
        f"./{other}/x",
        f"%2e/{other}/x",
        f"{other.upper()}/x",
        f"{other.replace('/', '%2f')}/x",
        f"{other}/x%00",
        f"{other}/x%20",
        f"{other}/x?version=1",
        f"{other}/x#{own}/x",
        f"{other.replace('custom', 'cust%6fm')}/x",
        "custom/*/x",
        "custom/+/x",
        f"custom/{label}/%78",
    ]


def test_no_spelling_leads_to_another_scope(case: Case) -> None:
    metadata = {"custom_metadata": {"v1": "forged"}}
    value = {"data": {"value": "overwritten"}}
    for prefix in ("/v1/status", "/v1//status", "/v1/STATUS", "/v1/./status", "/v1/sys/../status"):
        for spelling in spellings(case)[: None if prefix == "/v1/status" else 2]:
            for method, folder, body, kind in (
                ("GET", "data", None, "application/json"),
                ("GET", "subkeys", None, "application/json"),
                ("POST", "data", value, "application/json"),
                ("PUT", "data", value, "application/json"),
                ("PATCH", "data", value, "application/merge-patch+json"),
                ("DELETE", "data", None, "application/json"),
                ("PATCH", "metadata", metadata, "application/merge-patch+json"),
                ("POST", "destroy", {"versions": [1]}, "application/json"),
            ):
                _, text = case.send(method, f"{prefix}/{folder}/{spelling}", body, kind)
                assert CANARY not in text, (method, folder, spelling)
    assert others_value(case) == [CANARY]


@pytest.mark.parametrize(
    "setting", ["max_versions", "MAX_VERSIONS", "Max_Versions", "delete_version_after", "Delete_Version_After"]
)
@pytest.mark.parametrize(
    ("method", "kind"),
    [("PATCH", "application/merge-patch+json"), ("POST", "application/json"), ("PUT", "application/json")],
)
def test_no_spelling_shortens_a_history(case: Case, setting: str, method: str, kind: str) -> None:
    body = {setting: 1 if "ersions" in setting.lower() and "after" not in setting.lower() else "1s"}
    status, _ = case.send(method, f"/v1/status/metadata/{case.own}/x", body, kind)
    assert status in (403, 405, 415)

    async def look() -> tuple[int, int]:
        async with case.server.vault() as vault:
            found = await KvStore(vault.session(Caller(case.server.token))).metadata(Address(f"{case.own}/x"))
            return found.max_versions, len(found.versions)

    assert asyncio.run(look()) == (0, 1)


def test_no_list_shows_another_scope(case: Case) -> None:
    label = case.other.partition("/")[2]
    for path in (
        "/v1/status/metadata/custom?list=true",
        "/v1/status/metadata?list=true",
        "/v1/status/detailed-metadata/custom?list=true",
        "/v1/status/metadata/?scan=true",
        f"/v1/status/metadata/{case.own}/../?list=true",
        f"/v1/status/metadata/{case.other}?list=true",
        f"/v1/status/metadata/.scopes/{case.other}",
        "/v1/status/metadata/.scopes?list=true",
        "/v1/sys/policies/acl?list=true",
        "/v1/identity/group/name?list=true",
        "/v1/sys/internal/ui/resultant-acl",
    ):
        for method in ("GET", "LIST", "SCAN"):
            _, text = case.send(method, path)
            assert label not in text, (method, path)
