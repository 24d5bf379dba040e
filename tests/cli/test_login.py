"""`status-secrets login` as a person and as a script runs it."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys

import httpx

from tests.support.oidc import make_issuer, remove_issuer
from tests.support.server import People, Server


def start(server: Server, *arguments: str) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **server.environment()}
    command = [sys.executable, "-m", "adapter.cli", "login", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_password_from_the_standard_input(server: Server, people: People) -> None:
    person = people["developer"]
    out, err = start(server, "--username", person.name).communicate(f"{person.password.get_secret_value()}\n", 60)
    assert err.startswith(f"Signed in as {person.name}, until ")
    trust = ssl.create_default_context(cafile=str(server.cacert) if server.cacert else None)
    headers = {"X-Vault-Token": out.strip()}
    answer = httpx.get(f"{server.url}/v1/auth/token/lookup-self", headers=headers, verify=trust, trust_env=False)
    assert answer.json()["data"]["meta"] == {"username": person.name}


def test_what_stops_it_is_said_with_an_exit_code(server: Server, people: People) -> None:
    for arguments, given, code, words in [
        (("--username", people["viewer"].name), "c4n4ry\n", 3, "wrong"),
        ((), "c4n4ry\n", 2, "user name is missing"),
        (("--method", "approle", "--role-id", "x"), "c4n4ry\n", 3, "secret id"),
        (("--method", "oidc", "--mount", "nowhere"), "", 2, "no sign-in with OpenID Connect"),
    ]:
        process = start(server, *arguments)
        out, err = process.communicate(given, 60)
        assert (process.returncode, out) == (code, ""), err
        assert words in err
        assert "c4n4ry" not in err
        assert "Traceback" not in err


def test_with_the_browser(server: Server, people: People, fresh: str) -> None:
    issuer = asyncio.run(make_issuer(server, people["developer"], fresh))
    process = start(server, "--method", "oidc", "--mount", fresh)
    try:
        assert process.stderr is not None
        url = next(line.strip() for line in process.stderr if line.strip().startswith(f"{server.url}/"))
        back = asyncio.run(issuer.sign_in(url, people["developer"]))
        assert httpx.get(back, trust_env=False).status_code == 200
        out, err = process.communicate(timeout=60)
        assert (process.returncode, "Signed in as " in err) == (0, True), err
        assert len(out.strip()) > 20
    finally:
        process.kill()
        asyncio.run(remove_issuer(issuer))
