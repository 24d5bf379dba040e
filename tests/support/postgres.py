"""A real PostgreSQL server: on loopback, on a free port, its data in a folder of its own, run by no superuser."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import psycopg
from cryptography import x509

from tests.secret_types.authority import Issued, issue
from tests.support.bao import free_port
from tests.support.tools import need

FOLDERS = os.pathsep.join([*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), os.defpath])
USER = "postgres"

SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = off
ssl = on
ssl_cert_file = '{folder}/server.pem'
ssl_key_file = '{folder}/server.key'
ssl_ca_file = '{folder}/ca.pem'
password_encryption = md5
log_statement = all
log_min_messages = info
log_connections = on
"""
"""`md5` is what must not be used for a password that we set, though the server would."""

RULES = """
local all postgres trust
hostssl all by_certificate 127.0.0.1/32 cert
hostnossl all by_certificate 127.0.0.1/32 reject
host all let_in 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class PostgresServer:
    """`folder` holds the socket on which its superuser gets in without a password; `ca` signs client certificates."""

    folder: Path
    port: int
    ca: Issued

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """A statement of the superuser's."""
        with psycopg.connect(host=str(self.folder), port=self.port, user="postgres", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def add(self, user: str, password: str | None = None, options: str = "") -> None:
        """An account; its password, as every other, as a SCRAM verifier."""
        self.run(f'CREATE ROLE "{user}" LOGIN {options}')
        if password is not None:
            self.run(f"SET password_encryption = 'scram-sha-256'; ALTER ROLE \"{user}\" PASSWORD '{password}'")

    def lets_in(self, user: str, password: str, database: str = "postgres") -> bool:
        place = {"host": "127.0.0.1", "port": self.port, "dbname": database, "passfile": os.devnull}
        try:
            psycopg.connect(**place, user=user, password=password).close()  # type: ignore[arg-type]
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Started with Debian's `initdb` and `postgres`; stopped, and its folder removed, at the end."""
    initdb, postgres = (need(name, why="tests of rotation", folders=FOLDERS) for name in ("initdb", "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="status-postgres-"))
    try:
        as_user = _unprivileged(folder)
        options = ["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run([initdb, "-D", str(folder / "data"), *options], check=True, capture_output=True, **as_user)
        port, ca = free_port(), _certificates(folder, as_user)
        with (folder / "data/postgresql.conf").open("a") as file:
            file.write(SETTINGS.format(port=port, folder=folder))
        (folder / "data/pg_hba.conf").write_text(RULES)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([postgres, "-D", str(folder / "data")], stdout=log, stderr=log, **as_user)
        try:
            server = PostgresServer(folder, port, ca)
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so then the user that Debian's package makes runs it."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    environment: Mapping[str, str] = {"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C"}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder, "env": environment}


def _certificates(folder: Path, as_user: Mapping[str, Any]) -> Issued:
    start = datetime.now(UTC) - timedelta(days=1)
    ca = issue("Test CA", ca=True, start=start)
    server = issue("127.0.0.1", ca, sans=[x509.IPAddress(IPv4Address("127.0.0.1"))], start=start)
    for name, text in (("ca.pem", ca.pem), ("server.pem", server.pem), ("server.key", server.key_pem)):
        path = folder / name
        path.write_text(text)
        path.chmod(0o600)
        if as_user:
            os.chown(path, as_user["user"], as_user["group"])
    return ca


def _wait(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            assert process.poll() is None, server.log
            assert time.monotonic() < deadline, server.log
            time.sleep(0.1)
        else:
            return
