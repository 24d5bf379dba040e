"""A use with temporary access is that of whom it was given to, where the log has the token's mint, and only there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.model.audit import Event
from tests.access.test_components import straight
from tests.access.test_temporary import CANARY, give, read, secret, token_of
from tests.audit.reading import events_in, indexed, whole
from tests.support.server import People, Server

__all__ = ["secret"]


@pytest.fixture
def logged(server: Server) -> Any:
    """The lines of the vault's log since now."""
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    log, size = server.audit_log, server.audit_log.stat().st_size
    return lambda: log.read_bytes()[size:].splitlines()


def in_short(events: list[Event], address: str) -> list[tuple[str, str, str | None, str | None]]:
    return [(e.actor, e.actor_kind, e.role, e.component) for e in events if e.secret == address and e.act == "used"]


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("person:outsider", ("outsider", "person", "TEMPORARY", None)),
        ("person:userpass/outsider", ("outsider", "person", "TEMPORARY", None)),
        ("component", ("{component}", "component", "TEMPORARY", "{component}")),
    ],
)
async def test_it_is_theirs(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, logged: Any, tmp_path: Path, who: str,
    shown: tuple[str | None, ...], fresh: str,
) -> None:  # fmt: skip
    name = f"c-{fresh}".lower()
    if who == "component":
        body = {"name": name, "scopes": ["environment/production"]}
        assert (await api.post("/components", json=body, headers=people["admin"].headers)).status_code == 201
        who = f"component:{name}"
    token = await token_of(server, await give(api, people, secret, who=who))
    assert (await read(api, secret, token)).json()["value"] == CANARY
    lines, address = logged(), secret.replace("~", "/")
    expected = [tuple(part and part.replace("{component}", name) for part in shown)]
    assert in_short(events_in(indexed(tmp_path / "whole.db", lines)), address) == expected
    assert in_short(events_in(tmp_path / "whole.db", actor=shown[0].replace("{component}", name)), address) == expected  # type: ignore[union-attr]
    one_by_one = indexed(tmp_path / "backwards.db", *([line] for line in reversed(lines)))
    assert whole(one_by_one) == whole(tmp_path / "whole.db")
    unproven = [line for line in lines if b'"path":"auth/token/create/status-temporary"' not in line]
    assert len(unproven) == len(lines) - 2
    ((actor, kind, role, component),) = in_short(events_in(indexed(tmp_path / "other.db", unproven)), address)
    assert (actor, kind, role, component) == (f"temporary-{who}", "token", None, None)


async def test_nobody_makes_somebody_else_the_reader(
    api: httpx.AsyncClient, server: Server, people: People, secret: str, logged: Any, tmp_path: Path
) -> None:
    """A token with such a policy that was not made through the token role, whatever its maker wrote on it."""
    given = await give(api, people, secret)
    body = {
        "policies": [f"status-temp-{given.json()['id']}"],
        "no_default_policy": True,
        "display_name": "temporary-outsider",
        "meta": {"for": "person:outsider", "temporary": given.json()["id"], "secret": secret, "by": "admin"},
    }
    made = await straight(server, "POST", "auth/token/create", server.token.get_secret_value(), body)
    forged = made.json()["auth"]["client_token"]
    assert (await read(api, secret, forged)).json()["value"] == CANARY
    # nor by unwrapping, with it, what belongs to a real one
    wrapped = given.json()["wrapToken"]
    await straight(server, "POST", "sys/wrapping/unwrap", forged, {"token": wrapped})
    events = events_in(indexed(tmp_path / "index.db", logged()))
    assert in_short(events, secret.replace("~", "/")) == [("temporary-person:outsider", "token", None, None)]
    assert not [event for event in events if event.actor == "outsider"]


async def test_an_investigation_finds_it(
    watching: httpx.AsyncClient, server: Server, people: People, secret: str
) -> None:
    token = await token_of(server, await give(watching, people, secret))
    assert (await read(watching, secret, token)).status_code == 200
    admin, address = people["admin"].headers, secret.replace("~", "/")
    for _ in range(100):
        query = {"actor": people["outsider"].name}
        found = (await watching.get("/audit/investigate", params=query, headers=admin)).json()
        uses = [use for use in found["uses"] if use["secret"] == address]
        if uses:
            break
        await asyncio.sleep(0.2)
    (use,) = uses
    assert (use["actor"], use["actorKind"], use["act"], use["temporary"]) == ("outsider", "person", "used", True)
    assert address in [one["secret"] for one in found["touched"]]
