"""The audit view of the fake adapter: a log of events, asked in pages and followed live."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, overload

import httpx

from adapter.errors import StatusError
from adapter.model.audit import PAGE
from adapter.model.records import iso

NOW = datetime.fromisoformat("2026-11-23T09:12:00+00:00")


def event(number: int, **changes: Any) -> dict[str, Any]:
    """One event as the adapter sends it, `number` half minutes ago; number 0 is the newest."""
    body = {
        "time": iso(NOW - timedelta(seconds=30 * number)),
        "actor": "developer",
        "actorKind": "person",
        "role": "DEVELOPER",
        "act": "viewed",
        "secret": "environment/production/db_password",
        "version": None,
        "scope": "environment/production",
        "reason": None,
        "component": None,
        "client": "tui/0.1.0",
        "address": "10.0.1.4",
        "outcome": "done",
        "flags": [],
        "requestIds": [f"request-{number}"],
    }
    return {**body, **changes}


def use(number: int, actor: str, *, kind: str, version: int) -> dict[str, Any]:
    """One row of an investigation: uses until `number` half minutes ago."""
    last = iso(NOW - timedelta(seconds=30 * number))
    first = iso(NOW - timedelta(days=20))
    return {
        "actor": actor,
        "actorKind": kind,
        "secret": "environment/production/db_password",
        "version": version,
        "count": 1204,
        "first": first,
        "last": last,
        "address": "10.0.3.7",
        "client": "api/1.2",
    }


def finding(number: int, **changes: Any) -> dict[str, Any]:
    body = {
        "rule": "denial_burst",
        "first": iso(NOW - timedelta(seconds=30 * number + 60)),
        "last": iso(NOW - timedelta(seconds=30 * number)),
        "count": 6,
        "actor": "viewer",
        "actorKind": "person",
        "secret": "environment/production/gateway_cert",
        "scope": "environment/production",
        "address": "10.0.1.9",
        "words": "viewer was denied 6 times within a minute.",
        "requestIds": [f"request-{number}"],
    }
    return {**body, **changes}


def report(name: str) -> dict[str, Any]:
    """A report as the adapter sends it: 30 days of activity, or one secret."""
    body = {"name": name, "title": name, "about": f"About {name}.", "madeAt": iso(NOW), "madeBy": "admin"}
    if name == "activity":
        keys = ("day", "uses", "changes", "looks", "denied", "failed")
        columns = [{"key": key, "label": key.capitalize(), "kind": "number"} for key in keys]
        columns[0]["kind"] = "text"
        days = [(NOW - timedelta(days=29 - number)).date().isoformat() for number in range(30)]
        rows = [
            dict(zip(keys, (day, 40 + (n * 37) % 50, n % 7, n, 9 * (n == 20), 0), strict=True))
            for n, day in enumerate(days)
        ]
        return {**body, "columns": columns, "rows": rows, "knownSince": iso(NOW - timedelta(days=400))}
    columns = [
        {"key": "secret", "label": "Secret", "kind": "text"},
        {"key": "type", "label": "Type", "kind": "text"},
        {"key": "createdAt", "label": "Created", "kind": "time"},
        {"key": "days", "label": "Days old", "kind": "number"},
    ]
    row = {"secret": f"global/[/{name}]", "type": "PASSWORD", "createdAt": iso(NOW), "days": 1204}
    return {**body, "columns": columns, "rows": [] if name == "rotation-due" else [row]}


class Many(Sequence[dict[str, Any]]):
    """A log of any length that is made as it is read."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [event(one, reason=f"reason {one}") for one in range(*index.indices(self._length))]
        return event(index, reason=f"reason {index}")


@dataclass
class FakeAudit:
    """`happen` adds an event and sends it to whoever follows; `fail` is raised by every page while it is set."""

    log: Sequence[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    behind: int = 0
    fail: StatusError | None = None
    findings: list[dict[str, Any]] = field(default_factory=list)
    followers: list[tuple[dict[str, str], asyncio.Queue[dict[str, Any] | None]]] = field(default_factory=list)

    def answer(self, path: str, params: dict[str, str]) -> httpx.Response:
        if path == "/audit/unusual":
            body = self.unusual(params)
        elif path == "/audit/investigate":
            body = self.investigate(params)
        elif form := params.pop("format", ""):
            lines = [json.dumps(one) if form == "jsonl" else one["time"] for one in self.log if matches(one, params)]
            return httpx.Response(200, text="".join(f"{line}\n" for line in lines))
        else:
            body = self.page(params)
        return httpx.Response(200, json=body)

    def unusual(self, params: dict[str, str]) -> dict[str, Any]:
        self.asked.append(params)
        found = [] if params.get("limit") == "0" else self.findings
        rules = [
            {"name": name, "what": "…", "on": name != "unusual_hours"} for name in ("denial_burst", "unusual_hours")
        ]
        return {"findings": found, "count": len(self.findings), "rules": rules}

    def investigate(self, params: dict[str, str]) -> dict[str, Any]:
        self.asked.append(params)
        since = iso(NOW - timedelta(days=400))
        if "secret" in params:
            uses = [use(0, "node-red", kind="component", version=7), use(120, "root", kind="root", version=6)]
            rotated = iso(NOW - timedelta(minutes=2))
            return {
                "subject": params["secret"],
                "kind": "secret",
                "knownSince": since,
                "rotatedAt": rotated,
                "uses": uses,
                "wrote": [use(110, "ada", kind="person", version=6) | {"act": "updated"}],
                "mayRead": [self.may_read()],
            }
        touched = [
            {"secret": f"environment/production/{name}", "acts": {"used (denied)": 3}, "first": since, "last": iso(NOW)}
            for name in ("db_password", "smtp_relay")
        ]
        return {"subject": params["actor"], "kind": "actor", "knownSince": since, "touched": touched}

    def may_read(self) -> dict[str, Any]:
        """Temporary access that ends in 25 minutes."""
        body = {"id": "0a1b2c3d4e5f", "who": "person:erika", "secret": "environment~production~db_password"}
        times = {"expiresAt": iso(NOW + timedelta(minutes=25)), "at": iso(NOW - timedelta(minutes=5))}
        return body | times | {"address": "environment/production/db_password", "uses": 1, "usesLeft": 1, "by": "admin"}

    def lines(self, request: str) -> httpx.Response:
        about = {"id": request, "data": "hmac-sha256:[/x]"}
        lines = [json.dumps({"type": kind, **about}, indent=2) for kind in ("request", "response")]
        return httpx.Response(200, json={"requestId": request, "lines": lines})

    def report(self, name: str, params: dict[str, str]) -> httpx.Response:
        self.asked.append({"report": name, **params})
        if "format" in params:
            return httpx.Response(200, text=f"{params['format']} page of {name}")
        return httpx.Response(200, json=report(name))

    def page(self, params: dict[str, str]) -> dict[str, Any]:
        self.asked.append(params)
        if self.fail is not None:
            raise self.fail
        fits: Sequence[dict[str, Any]] = self.log
        if _terms(params):
            fits = [one for one in self.log if matches(one, params)]
        start = int(params.get("cursor", "0")) + int(params.get("offset", "0"))
        end = start + int(params.get("limit", PAGE))
        return {
            "events": fits[start:end],
            "next": str(end) if end < len(fits) else None,
            "total": len(fits),
            "reading": {"events": len(self.log), "behindBytes": self.behind, "since": iso(NOW - timedelta(days=400))},
        }

    def happen(self, made: dict[str, Any]) -> None:
        self.log = [made, *self.log]
        for params, queue in self.followers:
            if matches(made, params):
                queue.put_nowait(made)

    def break_off(self) -> None:
        """Every live stream ends, as when the adapter is restarted."""
        for _, queue in self.followers:
            queue.put_nowait(None)
        self.followers.clear()

    def stream(self, params: dict[str, str]) -> httpx.Response:
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.followers.append((params, queue))
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=_Live(queue))


class _Live(httpx.AsyncByteStream):
    def __init__(self, queue: asyncio.Queue[dict[str, Any] | None]) -> None:
        self._queue = queue

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (one := await self._queue.get()) is not None:
            yield f"id: {one['requestIds'][0]}\ndata: {json.dumps(one)}\n\n".encode()


def _terms(params: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in params.items() if key not in ("limit", "cursor", "offset")}


def matches(one: dict[str, Any], params: dict[str, str]) -> bool:
    for key, value in _terms(params).items():
        if key == "q":
            if not all(word.casefold() in json.dumps(one).casefold() for word in value.split()):
                return False
        elif key in ("from", "to"):
            moment = NOW - timedelta(days=int(value[:-1])) if value[-1] == "d" else datetime.fromisoformat(value)
            at = datetime.fromisoformat(one["time"])
            if (at < moment) if key == "from" else (at > moment):
                return False
        elif key == "client":
            if not (one["client"] or "").startswith(value):
                return False
        elif one[key] not in value.split(","):
            return False
    return True


def sample_events() -> list[dict[str, Any]]:
    """A morning's events, newest first."""
    production, staging = "environment/production", "environment/staging"
    node_red = {"actor": "node-red", "actorKind": "component", "component": "node-red", "role": "use"}
    flow = 'flow 7c3 "nightly evidence"'
    used = {**node_red, "act": "used", "version": 7, "client": "api/1.2", "address": "10.0.3.7", "reason": flow}
    viewer = {"actor": "viewer", "role": "USER", "client": "cli/2.7", "address": "10.0.1.9"}
    admin = {"actor": "admin", "role": "ADMIN", "address": "10.0.1.2"}
    return [
        event(0, **used),
        event(4, act="updated", version=7, reason="quarterly rotation"),
        event(6, **viewer, act="used", secret=f"{production}/gateway_cert", outcome="denied", flags=["denial_burst"]),
        event(7, **viewer, act="used", secret=f"{production}/smtp_relay", outcome="denied", flags=["denial_burst"]),
        event(9, act="viewed"),
        event(30, act="rolled_back", version=5, reason="the staging host got this one [by mistake]"),
        event(31, act="updated", secret=f"{staging}/redis_password", scope=staging, version=3, outcome="unknown"),
        event(60, **admin, act="granted", secret="component:node-red", scope=production, reason="nightly evidence"),
        event(90, act="created", secret=f"{staging}/openai_key", scope=staging, version=1, outcome="failed"),
        event(120, actor="root", actorKind="root", role=None, act="used", version=6, client=None, flags=["root_token"]),
        event(2900, act="signed_in", secret="userpass", scope=None),
        event(9000, **admin, act="version_destroyed", version=4, reason="wrong database"),
    ]
