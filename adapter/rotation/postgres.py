"""Accounts of a PostgreSQL server. A password is sent as a SCRAM-SHA-256 verifier: no statement or log has it.

https://www.postgresql.org/docs/current/libpq-misc.html (PQencryptPasswordConn), https://www.psycopg.org/psycopg3/docs/
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors as sql_errors
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from adapter.errors import Conflict, Invalid, NotAllowed, NotFound, StatusError
from adapter.rotation._target import Login, NotRotated, PlaceUnreachable

CONNECT_SECONDS = 10
LOCK_SECONDS = 20
"""How long another change of the same account is waited for."""

ALGORITHM = b"scram-sha-256"


class LoginRefused(NotAllowed):
    """The server runs, and does not let this login in."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is. `ca`, `cert` and `key` are PEM; with a `ca`, the server's name is checked as well."""

    host: str
    port: int = 5432
    database: str = ""
    user: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: SecretStr | None = field(default=None, repr=False)


def open_target(config: Mapping[str, Any]) -> Postgres:
    """The server of a STATUS datasource's `config`: host, port, user, database, `ssl.ca`, `ssl.cert`, `ssl.key`."""
    tls = config.get("ssl")
    tls = tls if isinstance(tls, Mapping) else {}
    host, port = config.get("host"), config.get("port", 5432)
    if not isinstance(host, str) or not host:
        raise Invalid.field("host", "There is no host.", hint="Give --host, or a datasource that has one.")
    if not str(port).isdigit() or not 0 < int(port) < 65536:
        raise Invalid.field("port", "The port is no number from 1 to 65535.", hint="PostgreSQL's own is 5432.")
    texts = {name: str(config[name]) for name in ("database", "user") if config.get(name)}
    key = SecretStr(str(tls["key"])) if tls.get("key") else None
    pems = {name: str(tls[name]) for name in ("ca", "cert") if tls.get(name)}
    return Postgres(Place(host, int(port), **texts, **pems, key=key))


class Postgres:
    """Signs in by password, over TLS wherever the server offers it; a password is never sent in the clear."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def user(self) -> str | None:
        return self.place.user

    async def accepts(self, login: Login) -> bool:
        try:
            connection = await self._connect(login)
        except LoginRefused:
            return False
        try:
            if not connection.pgconn.used_password:
                raise NotRotated(
                    "The database lets this account in without asking for its password, so none can be tried.",
                    hint="Let pg_hba.conf ask for scram-sha-256 from here, or rotate from where it does.",
                )
            return True
        finally:
            await connection.close()

    @asynccontextmanager
    async def change(self, by: Login, account: str, password: SecretStr) -> AsyncIterator[RoleChange]:
        connection = await self._connect(by)
        try:
            change = RoleChange(connection, account)
            await change.prepare(password)
            yield change
        finally:
            await connection.close()  # what is not committed is rolled back

    async def _connect(self, login: Login) -> psycopg.AsyncConnection[Any]:
        place = self.place
        where = make_conninfo(host=place.host, port=place.port, connect_timeout=CONNECT_SECONDS)
        with in_memory(place) as tls:
            options = make_conninfo(
                where,
                dbname=place.database or login.user,
                user=login.user,
                passfile=os.devnull,
                require_auth="!password",
                application_name="status-secrets rotate",
                **tls,
            )
            try:
                return await psycopg.AsyncConnection.connect(options, password=login.password.get_secret_value())
            except psycopg.OperationalError:
                pass
        # libpq does not say why in a form that a program can read, so ask whether anybody is there at all.
        if await asyncio.to_thread(pq.PGconn.ping, where.encode()) == pq.Ping.OK:
            raise LoginRefused(
                "The database refused the sign-in.", hint="Its log says why: password, pg_hba.conf, connection limit."
            )
        raise PlaceUnreachable("The database does not answer.", hint="Check host and port, and that it runs.")


class RoleChange:
    """One account's new password, in a transaction that is open."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], account: str) -> None:
        self._connection = connection
        self._account = account

    async def prepare(self, password: SecretStr) -> None:
        secret = password.get_secret_value().encode()
        with _explained():
            verifier = self._connection.pgconn.encrypt_password(secret, self._account.encode(), ALGORITHM)
            await self._connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(f"{LOCK_SECONDS}s"))
            await self._connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(self._account), sql.Literal(verifier.decode())
                )
            )

    async def commit(self) -> None:
        with _explained():
            await self._connection.commit()

    async def restore(self, password: SecretStr) -> None:
        with _explained():
            await self._connection.rollback()
        await self.prepare(password)
        await self.commit()


@contextmanager
def _explained() -> Iterator[None]:
    """PostgreSQL's refusals in our words; its own text is not passed on, for it can repeat the statement."""
    try:
        yield
    except psycopg.Error as error:
        raise _in_words(error) from None


def _in_words(error: psycopg.Error) -> StatusError:
    match error:
        case sql_errors.InsufficientPrivilege():
            return NotAllowed(
                "The database does not let this account change that password.",
                hint="Sign in with --admin as an account that may.",
            )
        case sql_errors.UndefinedObject():
            return NotFound("The database has no account of that name.", hint="Check --user and --alternate.")
        case sql_errors.SerializationFailure() | sql_errors.InternalError_() | sql_errors.LockNotAvailable():
            return Conflict("Somebody else is changing this account.", hint="Look again, then repeat.")
        case psycopg.OperationalError():
            return PlaceUnreachable("The connection to the database was lost.", hint="Run it again: it looks first.")
        case _:
            return NotRotated(
                f"The database refused the new password (SQLSTATE {error.sqlstate or 'none'}).",
                hint="Its log says why.",
            )


@contextmanager
def in_memory(place: Place) -> Iterator[dict[str, str]]:
    """libpq takes certificates and keys from files only: they are made in memory, and gone after the sign-in."""
    options = {"sslmode": "verify-full" if place.ca else "prefer"}
    key = place.key.get_secret_value() if place.key else None
    if (place.ca or place.cert or key) and not hasattr(os, "memfd_create"):
        raise Invalid("Certificates of a datasource can be used on Linux only.", hint="Run it on a Linux machine.")
    open_files = []
    try:
        for name, text in (("sslrootcert", place.ca), ("sslcert", place.cert), ("sslkey", key)):
            if text is not None:
                descriptor = os.memfd_create(name)
                open_files.append(descriptor)
                os.fchmod(descriptor, 0o600)
                os.write(descriptor, text.encode())
                options[name] = f"/proc/{os.getpid()}/fd/{descriptor}"
        yield options
    finally:
        for descriptor in open_files:
            os.close(descriptor)
