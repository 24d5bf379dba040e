"""Names that try to be paths, in every place where a name can stand: none leads to another place in the vault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes

import httpx
import pytest

from adapter.vault.transport import Transport
from tests.support.server import People, Server

FOREIGN = "service/tricked"
CANARY = "c4n4ry-9931"

TRICKS = (
    "..",
    ".",
    "../..",
    "../../sys/health",
    "..\\..",
    "a/../../b",
    "a//b",
    "//",
    "/",
    "~",
    "~~",
    "~..~..~sys~health",
    f"global~..~{FOREIGN.replace('/', '~')}~x",
    f"global/../{FOREIGN}/x",
    "global~~x",
    "~-2e~-2e",
    "global~~-2e~-2e~x",
    "global~x~-2fy",
    "global~x~-00",
    "global~x~-0ay",
    "%2e%2e",
    "%2e%2e%2fsys",
    "global%2f..%2fx",
    "%252e%252e%252f",
    "%c0%ae%c0%ae%c0%af",
    "x%00",
    "x\0y",
    "x\r\nX-Vault-Token: y",
    "x?list=true",
    "x#y",
    "x;y=z",
    "+",
    "*",
    "global~*",
    f"{FOREIGN.replace('/', '~')}~*",
    "GLOBAL~x",
    "Environment~Production~x",
    "environment~PRODUCTION~x",
    "environment~production/x",
    "․․~x",  # noqa: RUF001  one dot leaders
    "．．／x",  # noqa: RUF001  full width
    "‥/x",
    "global∕x",  # noqa: RUF001  division slash
    "globаl~x",  # noqa: RUF001  a Cyrillic letter
    "global~x\u202e",
    "global~x\u200d",
    "\ud800",
    "environment~-production~x",
    "-",
    "{{identity.entity.id}}",
    "x" * 9000,
)

_PARAMETER = re.compile(r"\{[a-z_]+\}")
_READING = re.compile(r"/v1/(status/|status-keys/|sys/capabilities-self|auth/token/lookup-self|identity/|sys/)")


class Watch:
    """What was asked of the vault."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, str]] = []
        send = Transport._send_once

        async def watched(transport: Transport, method: str, path: str, *rest: Any) -> Any:
            self.asked.append((method, path))
            return await send(transport, method, path, *rest)

        monkeypatch.setattr(Transport, "_send_once", watched)

    def check(self, what: object) -> None:
        """Every path is one that says where it leads: Vault decodes it once, and joins nothing."""
        for _, path in self.asked:
            assert path.startswith("/v1/"), what
            assert "?" not in path, what
            assert "#" not in path, what
            parts = unquote(path, errors="strict").removeprefix("/v1/").removesuffix("/").split("/")
            assert not {"", ".", ".."} & set(parts), (what, path)
            assert all(part.isprintable() for part in parts), (what, path)
        self.asked.clear()


async def ask(app: Any, method: str, raw_path: str, headers: dict[str, str], body: object) -> tuple[int, str]:
    """A request with its path as it is: a client would tidy it up first."""
    content = json.dumps(body, ensure_ascii=True).encode()
    path, _, query = raw_path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            *((name.lower().encode(), text.encode("latin-1")) for name, text in headers.items()),
            (b"content-type", b"application/json"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("adapter", 80),
    }
    answered: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in answered).decode()
    return answered[0]["status"], text


@pytest.fixture
async def app(acting: httpx.AsyncClient, server: Server, people: People) -> Any:
    """The adapter, with a secret in a scope that only ADMIN has."""
    admin = people["admin"].headers
    await acting.post("/scopes", json={"scope": FOREIGN}, headers=admin)
    await acting.post(
        "/secrets", json={"name": CANARY, "type": "PASSWORD", "value": CANARY, "scope": FOREIGN}, headers=admin
    )
    return acting._transport.app  # type: ignore[attr-defined]


def calls(app: Any) -> Iterator[tuple[str, str]]:
    """Every call that has a name in its path, but for streams."""
    for path, item in app.openapi()["paths"].items():
        if _PARAMETER.search(path):
            yield from ((method.upper(), path) for method in item)


async def test_in_the_path_of_every_call(app: Any, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch)
    headers = people["developer"].headers
    tried = 0
    for method, path in calls(app):
        for trick in TRICKS:
            if "versions/{number}" in path:
                filled = path.replace("{secret_id}", "global~x").replace("{number}", _in_path(trick))
            else:
                filled = _PARAMETER.sub(lambda _, trick=trick: _in_path(trick), path)
            status, text = await ask(app, method, filled, headers, {})
            tried += 1
            # A diagnosis says of what is not there, or not to be seen, that it is not there.
            expected = (200,) if path.endswith("/diagnose") else (400, 401, 403, 404, 405)
            assert status in (*expected, 404), (method, path, trick, status, text)
            assert CANARY not in text
            assert status == 200 or FOREIGN not in text.replace(trick, "")
            watch.check((method, path, trick))
    assert tried > 500


def _in_path(trick: str) -> str:
    """As somebody would write it to get past a check: half of the tricks are encoded already."""
    return trick if "%" in trick else quote(trick.encode("utf-8", "surrogatepass"), safe="/~\\:;,@!$&'()*+=")


BODIES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/secrets", {"name": "§", "type": "PASSWORD", "value": "v"}),
    ("POST", "/secrets", {"name": "tricked", "type": "PASSWORD", "value": "v", "scope": "§"}),
    ("POST", "/secrets", {"name": "tricked", "type": "PASSWORD", "value": "v", "environment": "§"}),
    ("PATCH", "/secrets/environment~production~nothing", {"name": "§"}),
    ("PATCH", "/secrets/environment~production~nothing", {"scope": "§"}),
    ("GET", "/secrets?scope=§", None),
    ("GET", "/export?scope=§", None),
    ("POST", "/auth/login", {"method": "userpass", "username": "§", "password": "x"}),
    ("POST", "/auth/login", {"method": "userpass", "username": "x", "password": "x", "mount": "§"}),
    ("POST", "/auth/login", {"method": "ldap", "username": "§", "password": "x", "mount": "userpass"}),
    ("POST", "/auth/login", {"method": "approle", "roleId": "§", "secretId": "x"}),
    ("POST", "/auth/login", {"method": "approle", "roleId": "x", "secretId": "x", "mount": "§"}),
    ("POST", "/auth/login", {"method": "oidc", "redirectUri": "http://localhost/", "role": "§"}),
    ("POST", "/auth/login", {"method": "oidc", "redirectUri": "http://localhost/", "mount": "§"}),
    ("POST", "/auth/login", {"method": "oidc", "state": "§", "code": "§", "mount": "userpass"}),
    ("POST", "/auth/login", {"method": "token", "token": "§"}),
    ("POST", "/resolve", {"refs": ["secret://§", "secret://§/x", "secret://global/§"]}),
    ("POST", "/hydrate", {"controls": [{"params": {"secretRefs": [{"id": "§"}, {"name": "§"}]}}]}),
    ("POST", "/hydrate", {"controls": [{"params": {"secretRefs": [{"name": "x", "environment": "§"}]}}]}),
    ("POST", "/render", {"document": "a: secret://§/x\n", "partial": True}),
    ("POST", "/can-i", {"acts": [{"act": "created", "scope": "§"}]}),
    ("POST", "/encrypt", {"key": "§", "items": [{"plaintext": "eA=="}]}),
    ("POST", "/keys", {"name": "§", "scope": "environment/production"}),
    ("POST", "/keys", {"name": "x", "scope": "§"}),
    ("POST", "/grants", {"who": "person:§", "role": "USER", "scope": "global"}),
    ("POST", "/grants", {"who": "account:§", "role": "USER", "scope": "global"}),
    ("POST", "/grants", {"who": "component:§", "role": "USE", "scope": "global"}),
    ("POST", "/grants", {"who": "person:developer", "role": "§", "scope": "global"}),
    ("POST", "/grants", {"who": "person:developer", "role": "USER", "scope": "§"}),
    ("POST", "/scopes", {"scope": "§"}),
    ("POST", "/components", {"name": "§", "scopes": ["global"]}),
    ("POST", "/people", {"name": "§"}),
    ("POST", "/access/disable", {"who": "person:§"}),
)


def filled(template: Any, trick: str) -> Any:
    if isinstance(template, str):
        return template.replace("§", trick)
    if isinstance(template, list):
        return [filled(one, trick) for one in template]
    if isinstance(template, dict):
        return {key: filled(one, trick) for key, one in template.items()}
    return template


@pytest.mark.parametrize("who", ["developer", "admin"])
async def test_in_every_field(app: Any, people: People, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    """Also as ADMIN, who may reach every place, but none by another name than its own."""
    watch = Watch(monkeypatch)
    for method, path, template in BODIES:
        for trick in TRICKS:
            where = "/api/v1" + path.replace("§", quote(trick.encode("utf-8", "surrogatepass"), safe=""))
            status, text = await ask(app, method, where, people[who].headers, filled(template, trick))
            assert status < 500, (method, path, trick, status, text)
            if who == "developer":
                assert CANARY not in text
            watch.check((method, path, template, trick))
