"""A SQL datasource, rendered for a component, gets in at a real PostgreSQL server: by password, by certificate."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from adapter.rotation.postgres import in_memory, open_target
from tests.datasources.conftest import Rotation
from tests.datasources.test_rest_datasource import rendered
from tests.secret_types.authority import issue
from tests.support.postgres import PostgresServer
from tests.support.server import People, Person

PASSWORD = "p4ss w0rd/with:odd@chars"


def connect(config: dict[str, Any]) -> str:
    """Who the server says we are, after signing in as the configuration tells; nothing is left on disk."""
    with in_memory(open_target(config).place) as tls:
        place = {"host": config["host"], "port": config["port"], "dbname": config["database"], "user": config["user"]}
        with psycopg.connect(**place, password=config.get("password"), passfile=os.devnull, **tls) as connection:
            row = connection.execute("SELECT current_user").fetchone()
            assert row is not None
            return str(row[0])


def document(postgres: PostgresServer, **config: Any) -> dict[str, Any]:
    place = {"host": "127.0.0.1", "port": postgres.port, "database": "postgres"}
    return {"name": "Reports", "definitionId": "postgresql", "environment": "production", "config": place | config}


async def keep(api: httpx.AsyncClient, people: People, **secret: Any) -> str:
    made = await api.post("/secrets", json=secret, headers=people["developer"].headers)
    assert made.status_code == 201, made.text
    return f"secret://environment/production/{secret['name']}"


async def test_a_password(
    api: httpx.AsyncClient, people: People, component: Person, postgres: PostgresServer, fresh: str
) -> None:
    postgres.add(fresh, PASSWORD)
    user = await keep(api, people, name=f"{fresh}_user", type="CUSTOM", value=fresh)
    password = await keep(api, people, name=fresh, type="PASSWORD", value=PASSWORD)
    source = document(postgres, user=user, password=password)
    done = await rendered(api, component, source)
    assert connect(done["config"]) == fresh
    with pytest.raises(psycopg.OperationalError):
        connect({**source["config"], "user": fresh})


async def test_a_client_certificate_and_its_key(
    api: httpx.AsyncClient, people: People, component: Person, postgres: PostgresServer, fresh: str
) -> None:
    with suppress(psycopg.errors.DuplicateObject):
        postgres.add("by_certificate")
    start = datetime.now(UTC) - timedelta(days=1)
    client = issue("by_certificate", postgres.ca, start=start)
    body = {"name": f"{fresh}_tls", "type": "CERTIFICATE", "value": client.pem, "privateKey": client.key_pem}
    certificate = await keep(api, people, **body)
    ca = await keep(api, people, name=f"{fresh}_ca", type="CUSTOM", value=postgres.ca.pem)
    tls = {"ca": ca, "cert": certificate, "key": f"{certificate}#private_key"}
    done = await rendered(api, component, document(postgres, user="by_certificate", ssl=tls))
    assert connect(done["config"]) == "by_certificate"
    stranger = issue("by_certificate", issue("Another CA", ca=True, start=start), start=start)
    forged = {**done["config"]["ssl"], "cert": stranger.pem, "key": stranger.key_pem}
    with pytest.raises(psycopg.OperationalError):
        connect(done["config"] | {"ssl": forged})
    with pytest.raises(psycopg.OperationalError):
        connect(done["config"] | {"ssl": {"ca": done["config"]["ssl"]["ca"]}})


async def test_after_a_rotation_the_same_document_gets_in(
    api: httpx.AsyncClient, component: Person, rotation: Rotation
) -> None:
    rotation.postgres.add(rotation.account, PASSWORD)
    await rotation.keep(PASSWORD)
    source = document(rotation.postgres, user=rotation.account, password=rotation.ref)
    before = (await rendered(api, component, source))["config"]
    await rotation.rotate()
    after = (await rendered(api, component, source))["config"]
    assert connect(after) == rotation.account
    with pytest.raises(psycopg.OperationalError):
        connect(before)
