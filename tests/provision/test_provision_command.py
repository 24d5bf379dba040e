"""`status-secrets provision` as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from pydantic import SecretStr

from adapter.cli.provision import next_steps
from adapter.provision import Wanted
from tests.support.server import People, Server


def run(server: Server | None, token: SecretStr | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    if server is not None:
        environment |= server.environment()
    if token is not None:
        environment["VAULT_TOKEN"] = token.get_secret_value()
    command = [sys.executable, "-m", "adapter.cli", "provision", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_check_shows_then_provision_makes_then_nothing_is_left(server: Server, people: People, fresh: str) -> None:
    if not server.own and "audit device" in run(server, people["admin"].token, "--check").stdout:
        pytest.skip("the server that was given has no audit device, which provision does not leave unsaid")
    admin = people["admin"].token
    scope = ("--scope", f"custom/{fresh}")
    shown = run(server, admin, "--check", *scope)
    assert shown.returncode == 2
    assert f"+ policy status-developer-custom-{fresh}" in shown.stdout
    assert "~ policy status-admin" in shown.stdout
    assert run(server, admin, "--check", *scope).stdout == shown.stdout
    made = run(server, admin, *scope)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"done: scope custom/{fresh}" in made.stdout
    for arguments in (("--check", *scope), scope, ("--check",)):
        again = run(server, admin, *arguments)
        assert (again.returncode, again.stdout) == (0, "Everything is as it should be.\n")


def test_what_stops_it_is_said_with_a_hint_and_an_exit_code(server: Server, people: People) -> None:
    for given, token, arguments, code, words in [
        (server, None, (), 3, "bao login"),
        (server, SecretStr("s.wrong"), (), 3, "Sign in again"),
        (server, people["developer"].token, (), 3, "ADMIN"),
        (None, people["admin"].token, (), 2, "VAULT_ADDR"),
        (server, people["admin"].token, ("--scope", "nowhere"), 2, "environment/NAME"),
        (server, people["admin"].token, ("--nonsense",), 2, "--nonsense"),
    ]:
        ended = run(given, token, *arguments)
        assert ended.returncode == code, ended.stderr
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr
        assert token is None or token.get_secret_value() not in ended.stderr + ended.stdout


def test_http_to_a_server_of_tls_is_said_so(server: Server, people: People) -> None:
    if not server.url.startswith("https:"):
        pytest.skip("the server that was given speaks no TLS")
    plain = replace(server, url=server.url.replace("https:", "http:"))
    ended = run(plain, people["admin"].token, "--check")
    assert ended.returncode == 6
    assert "https://" in ended.stderr


def test_the_first_run_says_what_comes_next() -> None:
    text = next_steps(Wanted(userpass_mount="userpass", approle_mount="apps"))
    for words in ("people add NAME", "grants add person:NAME ADMIN", "auth/apps/role/status-adapter/role-id",
                  "STATUS_ADAPTER_SECRET_ID_FILE", "STATUS_AUDIT_LOG"):  # fmt: skip
        assert words in text
    assert "people add" not in next_steps(Wanted())
