"""A backup, and a restore, show as themselves: by whom and why, and never as uses of the values."""

from __future__ import annotations

from pathlib import Path

import httpx

from adapter.audit.folding import WITHOUT_INTENT
from adapter.model.address import Address, Scope
from adapter.model.backup import SavedSecret
from adapter.provision.people import adapter_credentials
from adapter.service.acting import ActingIdentity
from adapter.service.app import Services
from adapter.service.backing_up import back_up
from adapter.service.restoring import restore_secret
from adapter.vault import Caller
from tests.audit.reading import events_in, indexed
from tests.audit.test_rename_events import told
from tests.conftest import WANTED
from tests.support.server import People, Server

SCOPE = Scope.parse("environment/development")


async def test_backup_and_restore(
    watching: httpx.AsyncClient, server: Server, people: People, fresh: str, tmp_path: Path
) -> None:
    developer, admin = people["developer"].headers, people["admin"].headers
    body = {"name": fresh, "type": "PASSWORD", "value": "1", "scope": str(SCOPE), "reason": "first"}
    secret = (await watching.post("/secrets", json=body, headers=developer)).json()["id"]
    await watching.post(f"/secrets/{secret}/versions", json={"value": "2", "reason": "second"}, headers=developer)
    address = Address.from_id(secret)
    async with server.vault() as vault:
        role_id, secret_id = await adapter_credentials(vault, server.token, WANTED)
        services = Services(vault, acting=ActingIdentity(vault, role_id, secret_id))
        act = services.act(Caller(people["admin"].token, reason="nightly", client="backup"))
        lines = [line async for line in back_up(act, [SCOPE])]
        saved = next(line for line in lines if isinstance(line, SavedSecret) and line.path == address.path)
        assert (await watching.delete(f"/secrets/{secret}", headers=admin)).status_code == 204
        act = services.act(Caller(people["admin"].token, reason="after the fire", client="restore"))
        await restore_secret(act, saved, dry_run=False)
    events = await told(watching, people, fresh, "restored")
    assert [(event["act"], event["actor"], event["reason"], event["flags"]) for event in events] == [
        ("created", people["developer"].name, "first", []),
        ("updated", people["developer"].name, "second", []),
        ("backed_up", people["admin"].name, "nightly", []),
        ("deleted", people["admin"].name, None, []),
        ("restored", people["admin"].name, "after the fire", []),
    ]
    check_intents(server, address, tmp_path)
    found = await watching.get("/audit/investigate", params={"secret": secret}, headers=admin)
    assert [(use["act"], use["actor"]) for use in found.json()["uses"]] == [("backed_up", people["admin"].name)]
    seen = (await watching.get(f"/secrets/{secret}", headers=people["viewer"].headers)).json()
    assert (seen["lastUsedAt"], seen["usedBy"], seen["changedBy"]) == (None, [], people["developer"].name)
    versions = (await watching.get(f"/secrets/{secret}/versions", headers=people["viewer"].headers)).json()
    assert [(one["createdBy"], one["origin"], one["flags"]) for one in versions] == [
        (people["developer"].name, "restored", [])
    ] * 2


def check_intents(server: Server, address: Address, folder: Path) -> None:
    """Without the ADMIN's intent in the scope's entry they are flagged; in whatever order the lines come."""
    if server.audit_log is None:
        return
    lines = server.audit_log.read_bytes().splitlines()
    intents = [line for line in lines if b"metadata/.scopes/" in line and b'"pending_' in line]
    others = [line for line in lines if line not in set(intents)]
    assert len(lines) > len(others)

    def flags(name: str, *chunks: list[bytes]) -> set[tuple[str, ...]]:
        events = events_in(indexed(folder / name, *chunks), secret=address.path, act="backed_up,restored")
        assert {event.act for event in events} == {"backed_up", "restored"}
        return {tuple(event.flags) for event in events}

    assert flags("straight", lines) == {()}
    assert flags("without", others) == {(WITHOUT_INTENT,)}
    assert flags("late", others, intents) == {()}
    assert flags("backwards", *([line] for line in lines[::-1])) == {()}
