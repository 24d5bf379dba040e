"""The steps of provisioning: each can say what differs, and mend it. All touch only what is named `status…`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.errors import Invalid, NotAllowed, NotFound, NotSignedIn, StatusError
from adapter.vault.answers import decode_any
from adapter.vault.session import VaultSession

Check = Callable[[], Awaitable[list[str]]]
Apply = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """`check` answers what differs, a line each, nothing when all is as wanted; `apply` None: a person must do it."""

    title: str
    check: Check
    apply: Apply | None


async def read(
    session: VaultSession, *segments: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """The `data` at a path, None when there is nothing."""
    try:
        _, content = await session.send("GET", *segments, headers=headers)
    except NotFound:
        return None
    except Invalid:  # Vault answers 400 for a header that is not audited
        return None
    return decode_any(content)


def differences(now: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> list[str]:
    """What of `wanted` is otherwise, a line each."""
    if now is None:
        return ["missing"]
    return [
        f"{key}: {_plain(now.get(key))} → {_plain(value)}" for key, value in wanted.items() if now.get(key) != value
    ]


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def setting(
    session: VaultSession,
    title: str,
    path: str,
    body: Mapping[str, Any],
    *,
    compare: Mapping[str, Any] | None = None,
) -> Step:
    """A path that shall hold `body`; `compare` where Vault answers in other words than it is told."""

    async def check() -> list[str]:
        return differences(await read(session, path), compare if compare is not None else body)

    async def apply() -> None:
        await session.send("POST", path, body=dict(body))

    return Step(title, check, apply)


def absent(session: VaultSession, title: str, path: str) -> Step:
    """A path that shall hold nothing."""

    async def check() -> list[str]:
        return ["not wanted any more"] if await read(session, path) else []

    async def apply() -> None:
        await session.send("DELETE", path)

    return Step(title, check, apply)


def mount(session: VaultSession, title: str, path: str, kind: str, options: Mapping[str, str] | None = None) -> Step:
    """A secrets engine (`sys/mounts/…`) or auth method (`sys/auth/…`). One of another type is left alone."""

    async def check() -> list[str]:
        table, _, name = path.removeprefix("sys/").partition("/")
        mounts = await read(session, "sys", table) or {}
        now = mounts.get(f"{name}/")
        if now is None:
            return ["missing"]
        version = (now.get("options") or {}).get("version")
        if now.get("type") != kind or (options and version != options.get("version")):
            raise Invalid(
                f"Something else is mounted at {name}/.",
                hint="Choose another place with STATUS_MOUNT, STATUS_USERPASS_MOUNT or STATUS_APPROLE_MOUNT.",
            )
        return []

    async def apply() -> None:
        await session.send("POST", path, body={"type": kind, **({"options": dict(options)} if options else {})})

    return Step(title, check, apply)


def kv_settings(session: VaultSession, path: str, max_versions: int) -> Step:
    """The mount's `max_versions`. A KV v2 mount is not ready in the moment it is made, so this waits for it."""
    inner = setting(session, f"{path} keeps {max_versions} versions", f"{path}/config", {"max_versions": max_versions})

    async def check() -> list[str]:
        try:
            return await inner.check()
        except StatusError as error:
            if error.code == "not_allowed":
                raise
            return ["missing"]

    async def apply() -> None:
        for attempt in range(50):
            try:
                await session.send("POST", path, "config", body={"max_versions": max_versions})
            except (Invalid, NotFound):
                if attempt == 49:
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    return Step(inner.title, check, apply)


def policy(session: VaultSession, name: str, text: str) -> Step:
    """One ACL policy; a change of its text is shown rule by rule."""

    async def check() -> list[str]:
        now = await read(session, "sys/policies/acl", name)
        if now is None:
            return ["missing"]
        return changed_rules(str(now.get("policy", "")), text)

    async def apply() -> None:
        await session.send("PUT", "sys/policies/acl", name, body={"policy": text})

    return Step(f"policy {name}", check, apply)


def changed_rules(old: str, new: str) -> list[str]:
    """The rules that go (`-`) and come (`+`), whole; empty when the texts are the same."""
    if old == new:
        return []
    before, after = ([block.strip() for block in text.split("\n\n")] for text in (old, new))
    gone = [("-", block) for block in before if block not in after]
    come = [("+", block) for block in after if block not in before]
    lines = [f"{sign} {line}" for sign, block in gone + come for line in block.splitlines()]
    return lines or ["the order of its rules"]


def group(session: VaultSession, name: str, policies: list[str]) -> Step:
    """One internal identity group; its members stay as they are."""
    return setting(
        session, f"group {name}", f"identity/group/name/{name}", {"type": "internal", "policies": sorted(policies)}
    )


def audited_header(session: VaultSession, header: str) -> Step:
    """A request header that the audit log keeps in plain text."""
    path = f"sys/config/auditing/request-headers/{header}"

    async def check() -> list[str]:
        now = await read(session, path, headers=session.vault.of_root)
        return differences((now or {}).get(header) or (now or {}).get(header.lower()), {"hmac": False})

    async def apply() -> None:
        await session.send("POST", path, body={"hmac": False}, headers=session.vault.of_root)

    return Step(f"audited header {header}", in_reach(session, check), apply)


def in_reach(session: VaultSession, check: Check) -> Check:
    """A check of what the root namespace alone has: a token of another one can see nothing of it, nor change it."""

    async def checked() -> list[str]:
        try:
            return await check()
        except (NotAllowed, NotSignedIn):
            if session.vault.in_namespace:
                return []
            raise

    return checked
