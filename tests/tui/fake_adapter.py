"""A test double of the adapter: in memory, for fast tests of the screens. The real server has tests of its own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from adapter.client import AsyncClient
from adapter.errors import Conflict, Exists, Invalid, NotAllowed, NotFound, NotSignedIn, StatusError
from adapter.model.address import Address, normalise_name
from adapter.model.records import iso
from adapter.model.wire import MASK
from statustui.backend import Started
from tests.tui.fake_audit import FakeAudit, finding, sample_events
from tests.tui.fake_import import imported
from tests.tui.fake_values import checked, generated

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
SCOPES = ("global", "environment/production", "environment/staging", "environment/development")
PASSWORDS = {"viewer": "viewer-pass-9d2K", "developer": "developer-pass-7xQ", "admin": "admin-pass-3LmW"}
METHODS = [
    {"method": "userpass", "mount": "userpass", "type": "userpass", "description": ""},
    {"method": "token", "mount": None, "type": "token", "description": ""},
]
ROLES = {"viewer": "USER", "developer": "DEVELOPER", "admin": "ADMIN"}


def clock() -> datetime:
    return NOW


def secret(name: str, scope: str = "environment/production", **changes: Any) -> dict[str, Any]:
    """One secret as the adapter lists it."""
    kind, _, label = scope.partition("/")
    body = {
        "id": Address(f"{scope}/{name}").id,
        "name": name,
        "type": "PASSWORD",
        "environment": label if kind == "environment" else None,
        "scope": scope,
        "description": "",
        "createdBy": "developer",
        "createdAt": iso(NOW - timedelta(days=40)),
        "updatedAt": iso(NOW - timedelta(hours=2)),
        "rotatedAt": iso(NOW - timedelta(hours=2)),
        "changedBy": "developer",
        "version": 1,
        "value": MASK,
    }
    return {**body, **changes}


def version(number: int, state: str = "earlier", **changes: Any) -> dict[str, Any]:
    """One version as the adapter lists it."""
    body = {
        "version": number,
        "createdAt": iso(NOW - timedelta(days=40 - number)),
        "createdBy": "developer",
        "reason": None,
        "state": state,
        "origin": "updated" if number > 1 else "created",
        "rolledBackFrom": None,
        "flags": [],
    }
    return {**body, **changes}


@dataclass
class FakeAdapter:
    """`gate` holds every answer back while it is cleared; `fail` is raised once by the next call but a sign-in."""

    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    fail: StatusError | None = None
    session_length: timedelta | None = timedelta(minutes=58)
    methods: list[dict[str, Any]] | None = None
    renewals: list[timedelta | None] = field(default_factory=list)
    logins: list[Any] = field(default_factory=list)
    person: str | None = None
    audit: FakeAudit = field(default_factory=FakeAudit)

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    def add(self, *secrets: dict[str, Any]) -> None:
        self.secrets.update({one["id"]: one for one in secrets})

    def client(self) -> AsyncClient:
        """It asks once: a failure is meant to be seen."""
        transport = httpx.MockTransport(self._answer)
        return AsyncClient("http://adapter/api/v1", transport=transport, name="tui/test", attempts=1)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        self.calls.append((request.method, path))
        body = json.loads(request.content) if request.content else {}
        await self.gate.wait()
        try:
            return self._route(request, path, body)
        except StatusError as error:
            return httpx.Response(error.status, json=error.body())

    def _route(self, request: httpx.Request, path: str, body: Any) -> httpx.Response:
        method = request.method
        if path == "/auth/login":
            return httpx.Response(200, json=self._sign_in(body))
        if path == "/auth/methods":
            return httpx.Response(200, json=self.methods or METHODS)
        if path == "/check":
            return httpx.Response(200, json=checked(body, NOW))
        if path == "/me" and self.person is not None:
            roles = dict.fromkeys(SCOPES, ROLES[self.person])
            return httpx.Response(200, json={"name": self.person, "expiresAt": None, "roles": roles})
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error
        if "x-vault-token" not in request.headers or self.person is None:
            raise NotSignedIn("There is no session.", hint="Sign in.")
        if path == "/auth/renew":
            return httpx.Response(200, json=self._renew())
        if path == "/auth/logout":
            self.person = None
            return httpx.Response(204)
        if path in ("/audit", "/audit/unusual", "/audit/investigate"):
            return self.audit.answer(path, dict(request.url.params))
        if path.startswith("/reports/"):
            return self.audit.report(path.removeprefix("/reports/"), dict(request.url.params))
        if path.startswith("/audit/request-"):
            return self.audit.lines(path.removeprefix("/audit/"))
        if path == "/audit/stream":
            return self.audit.stream(dict(request.url.params))
        if path == "/import":
            return httpx.Response(200, json=imported(self, body))
        if path == "/generate":
            return httpx.Response(200, json=generated(body, NOW))
        if path == "/secrets":
            if method == "GET":
                return httpx.Response(200, json=list(self.secrets.values()))
            return httpx.Response(201, json=self._create(body))
        if path == "/keys":
            return httpx.Response(200, json=self.keys)
        identity, _, rest = path.removeprefix("/secrets/").partition("/")
        if rest == "audit":
            asked = {"secret": Address.from_id(identity).path, **dict(request.url.params)}
            return httpx.Response(200, json=self.audit.page(asked))
        if rest:
            return self._versions(method, identity, rest, body)
        return self._one(method, identity, body)

    def _renew(self) -> dict[str, Any]:
        """The next of `renewals` is what is left then, from `NOW`; None: it cannot be renewed."""
        length = self.renewals.pop(0)
        if length is None:
            raise Invalid("This token cannot be renewed.", hint="Sign in again when it ends.")
        roles = dict.fromkeys(SCOPES, ROLES[self.person or ""])
        return {"name": self.person, "expiresAt": iso(NOW + length), "roles": roles}

    def _sign_in(self, body: Any) -> dict[str, Any]:
        self.logins.append(body)
        name = body["token"].removeprefix("token-of-") if body["method"] == "token" else body.get("username")
        known = body["method"] in ("userpass", "token")
        if not known or (body["method"] == "userpass" and PASSWORDS.get(name) != body["password"]) or name not in ROLES:
            raise NotSignedIn("User name or password is wrong.", hint="Check both; an ADMIN can set a new password.")
        self.person = name
        return {
            "token": f"s.{name}",
            "name": name,
            "expiresAt": iso(NOW + self.session_length) if self.session_length else None,
            "roles": dict.fromkeys(SCOPES, ROLES[name]),
        }

    def _create(self, body: Any) -> dict[str, Any]:
        self.bodies.append(body)
        if ROLES[self.person or ""] == "USER":
            raise NotAllowed("You may not create here.")
        made = secret(normalise_name(body["name"]), body["scope"], type=body["type"], createdBy=self.person)
        made |= {key: body[key] for key in ("description", "expiresAt", "tags", "reason") if key in body}
        if made["id"] in self.secrets:
            raise Exists("There is a secret of that name.", hint="Choose another name, or update its value.")
        if "server says no" in body.get("description", ""):
            raise Invalid.field("description", "The server does not take this description.")
        made |= {"createdAt": iso(NOW), "updatedAt": iso(NOW)}
        self.add(made)
        return {**made, "value": body["value"], "message": "created"}

    def _one(self, method: str, identity: str, body: Any) -> httpx.Response:
        found = self.secrets.get(identity)
        if found is None:
            raise NotFound("There is no such secret.")
        if method == "DELETE":
            del self.secrets[identity]
            return httpx.Response(204)
        if method == "PATCH":
            self.bodies.append(body)
            if body.get("ifVersion", found["version"]) != found["version"]:
                raise Conflict(f"Somebody was faster: version {found['version']} was made by admin.")
            found |= {
                key: value
                for key, value in body.items()
                if key in ("description", "tags", "usage", "reason", "expiresAt")
            }
            found["version"] += "value" in body
            if "type" in body:
                found |= {"type": body["type"], "flags": []}
            if {"name", "scope"} & body.keys():
                return httpx.Response(200, json=self._move(found, body))
            return httpx.Response(200, json={**found, "message": "saved"})
        return httpx.Response(200, json=found)

    def _move(self, found: dict[str, Any], body: Any) -> dict[str, Any]:
        scope, name = body.get("scope", found["scope"]), body.get("name", found["name"])
        if scope != found["scope"] and ROLES[self.person or ""] != "ADMIN":
            raise NotAllowed("Moving secrets to another scope needs the role ADMIN, which you do not hold.")
        to = Address(f"{scope}/{name}").id
        if to in self.secrets:
            raise Exists("There is already a secret of that name.", hint="Choose another name.")
        old = found["id"]
        self.versions[to] = self.versions.pop(old, [])
        self.secrets[to] = self.secrets.pop(old) | {"id": to, "name": name, "scope": scope}
        return {**self.secrets[to], "message": f"{found['name']}: renamed to {name}; its id is now {to}"}

    def _versions(self, method: str, identity: str, rest: str, body: Any) -> httpx.Response:
        kept = self.versions.get(identity, [])
        if rest == "versions" and method == "GET":
            return httpx.Response(200, json=kept)
        if rest == "compare":
            fields = [{"field": "value", "change": "changed"}, {"field": "host", "change": "added"}]
            return httpx.Response(200, json={"from": 5, "to": 7, "same": False, "fields": fields})
        self.bodies.append(body)
        if rest == "rollback":
            return httpx.Response(201, json=self._roll_back(identity, kept, body))
        number, _, change = rest.removeprefix("versions/").partition("/")
        if ROLES[self.person or ""] != "ADMIN" and change == "destroy":
            raise NotAllowed("You may not destroy versions.")
        found = next(one for one in kept if one["version"] == int(number))
        alive = "current" if found is kept[0] else "earlier"
        found["state"] = {"": "deleted", "undelete": alive, "destroy": "destroyed"}[change]
        return httpx.Response(200, json=found)

    def _roll_back(self, identity: str, kept: list[dict[str, Any]], body: Any) -> dict[str, Any]:
        if body["ifVersion"] != kept[0]["version"]:
            raise Conflict(
                f"Somebody was faster: version {kept[0]['version']} was made by {kept[0]['createdBy']}.",
                hint="Look at the new version, then repeat.",
            )
        made = version(
            kept[0]["version"] + 1,
            "current",
            createdAt=iso(NOW),
            createdBy=self.person,
            reason=body.get("reason"),
            origin="rolled_back",
            rolledBackFrom=body["version"],
        )
        kept[0]["state"] = "earlier" if kept[0]["state"] == "current" else kept[0]["state"]
        kept.insert(0, made)
        self.secrets[identity] |= {"version": made["version"], "reason": made["reason"], "changedBy": self.person}
        return made


class FakeBackend:
    """Starts at once, or fails as often as `failures` says."""

    def __init__(
        self,
        adapter: FakeAdapter,
        *,
        failures: list[StatusError] | None = None,
        first_run: bool = False,
        token: str | None = None,
        wait: asyncio.Event | None = None,
    ) -> None:
        self.adapter = adapter
        self.failures = failures or []
        self.first_run = first_run
        self.token = SecretStr(token) if token else None
        self.wait = wait
        self.shown = 0
        self.stopped = False

    async def start(self, report: Any) -> Started:
        report("Starting the vault…")
        if self.wait is not None:
            await self.wait.wait()
        if self.failures:
            raise self.failures.pop(0)
        accounts = {name: SecretStr(text) for name, text in PASSWORDS.items()} if self.first_run else None
        lost = "All passwords lost? Read on."
        return Started(self.adapter.client(), "embedded vault", accounts, self.token, passwords_lost=lost)

    async def stop(self) -> None:
        self.stopped = True

    def confirm_shown(self) -> None:
        self.shown += 1


def sample(adapter: FakeAdapter) -> None:
    """A realistic list for pictures."""
    day = timedelta(days=1)

    def add(
        name: str, scope: str, kind: str, description: str, created: timedelta, used: timedelta | None, **more: Any
    ) -> None:
        adapter.add(
            secret(
                name,
                scope,
                type=kind,
                description=description,
                createdAt=iso(NOW - created),
                updatedAt=iso(NOW - (used or created)),
                lastUsedAt=iso(NOW - used) if used is not None else None,
                **more,
            )
        )

    production, staging, development = SCOPES[1:]
    add("billing_token", production, "API_KEY", "Invoices API", 265 * day, timedelta(hours=2), tags=["billing"])
    add(
        "db_password",
        production,
        "PASSWORD",
        "Main database",
        295 * day,
        timedelta(minutes=4),
        version=7,
        reason="quarterly rotation",
        tags=["database", "postgres"],
        rotateEvery="90d",
        usage="node-red and reports read it",
        expiresAt=iso(NOW + 88 * day),
    )
    add("grafana_admin", production, "PASSWORD", "Dashboards", 120 * day, 3 * day)
    add(
        "github_app_private_token",
        production,
        "TOKEN",
        "Checks out mashups",
        30 * day,
        timedelta(hours=9),
        expired=True,
        expiresAt=iso(NOW - 2 * day),
    )
    add("smtp_relay", production, "PASSWORD", "Outgoing mail of the reports", 400 * day, 11 * day)
    add("openai_key", staging, "API_KEY", "Summaries in staging", 5 * day, timedelta(minutes=31))
    add("db_password", staging, "PASSWORD", "Staging database", 61 * day, timedelta(hours=20))
    add("redis_password", staging, "PASSWORD", "Session cache", 61 * day, 6 * day)
    add("webhook_signing_secret", development, "CUSTOM", "Signs webhooks of the evidence collector", 2 * day, None)
    add("db_password", development, "PASSWORD", "Local database", 2 * day, timedelta(seconds=20))
    add(
        "status_jwt_shared_key_of_the_platform_backend",
        "global",
        "CUSTOM",
        "Shared key of the platform",
        500 * day,
        day,
    )
    add("registry_pull", "global", "PASSWORD", "Container registry, read only", 90 * day, timedelta(hours=5))
    add("microsoft_graph_client_secret", "service/graph", "API_KEY", "Tenant evidence", 14 * day, 9 * day)
    adapter.audit.log = sample_events()
    adapter.audit.findings = [finding(6), finding(120, rule="root_token", actor="root", actorKind="root", count=1)]
    adapter.versions[Address(f"{production}/db_password").id] = [
        version(7, "current", reason="quarterly rotation", createdAt=iso(NOW - timedelta(hours=2))),
        version(6, createdBy=None, origin="outside", flags=["record_missing"]),
        version(5, origin="rolled_back", rolledBackFrom=3, reason="the staging host got this one by mistake"),
        version(4, "destroyed", createdBy="status_jwt_administrator_of_the_platform", reason="wrong database"),
        version(3),
        version(2, "deleted", createdBy="admin", reason="leaked in a log"),
        version(1),
    ]
