"""A backup, and a restore, show as themselves: by whom and why, and never as uses of the values."""

from __future__ import annotations

import httpx

from adapter.model.address import Address, Scope
from adapter.model.backup import SavedSecret
from adapter.provision.people import adapter_credentials
from adapter.service.acting import ActingIdentity
from adapter.service.app import Services
from adapter.service.backing_up import back_up
from adapter.service.restoring import restore_secret
from adapter.vault import Caller
from tests.audit.test_rename_events import told
from tests.conftest import WANTED
from tests.support.server import People, Server

SCOPE = Scope.parse("environment/development")


async def test_backup_and_restore(watching: httpx.AsyncClient, server: Server, people: People, fresh: str) -> None:
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
    found = await watching.get("/audit/investigate", params={"secret": secret}, headers=admin)
    assert [(use["act"], use["actor"]) for use in found.json()["uses"]] == [("backed_up", people["admin"].name)]
    seen = (await watching.get(f"/secrets/{secret}", headers=people["viewer"].headers)).json()
    assert (seen["lastUsedAt"], seen["usedBy"], seen["changedBy"]) == (None, [], people["developer"].name)
    versions = (await watching.get(f"/secrets/{secret}/versions", headers=people["viewer"].headers)).json()
    assert [(one["createdBy"], one["origin"], one["flags"]) for one in versions] == [
        (people["developer"].name, "restored", [])
    ] * 2
