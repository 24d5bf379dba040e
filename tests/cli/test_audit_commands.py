"""`status-secrets audit`: the list, JSON, following, after an incident, the index anew."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapter.audit.follow import WriterLock
from adapter.cli import root
from adapter.errors import Conflict, Invalid, NotAllowed
from tests.support.bao_cli import bao
from tests.support.server import People, Server

Run = Callable[..., Result]
CANARY = "c4n4ry-leak-"


@pytest.fixture
def audit_environment(server: Server, audit_index: Path) -> dict[str, str]:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    log = {"STATUS_AUDIT_LOG": str(server.audit_log), "STATUS_AUDIT_INDEX": str(audit_index)}
    return server.environment() | log


@pytest.fixture
def run(audit_environment: dict[str, str], people: People, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in audit_environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, who: str = "admin", stdin: str | None = None) -> Result:
        monkeypatch.setenv("VAULT_TOKEN", people[who].token.get_secret_value())
        result = CliRunner().invoke(root, ["audit", *arguments], input=stdin, standalone_mode=False)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


async def put(server: Server, people: People, name: str, value: str = "by hand") -> None:
    path = f"environment/production/{name}"
    await bao(server, people["developer"], "kv", "put", "-mount=status", path, "value=-", stdin=value)


async def test_what_was_done(run: Run, server: Server, people: People, fresh: str) -> None:
    await put(server, people, fresh)
    await bao(server, people["admin"], "kv", "get", "-mount=status", f"environment/production/{fresh}")
    result = await asyncio.to_thread(run, "--secret", f"environment/production/{fresh}")
    header, *rows = result.stdout.splitlines()
    assert header.split()[:4] == ["TIME", "ACT", "OUTCOME", "ACTOR"]
    assert [row.split()[2:7] for row in rows] == [
        ["created", "done", "developer", f"environment/production/{fresh}", "v1"],
        ["used", "done", "admin", f"environment/production/{fresh}", "v1"],
    ]
    result = await asyncio.to_thread(run, "--text", fresh, "--act", "used", "--json", who="viewer")
    assert [json.loads(line)["actor"] for line in result.stdout.splitlines()] == ["admin"]
    result = await asyncio.to_thread(run, "--text", fresh, "--limit", "1")
    assert "newest 1 of 2" in result.stderr


async def test_all_that_fits_as_a_file(run: Run, server: Server, people: People, fresh: str) -> None:
    for _ in range(3):
        await put(server, people, fresh, "=1+1")
    result = await asyncio.to_thread(run, "--text", fresh, "--limit", "1", "--export", "jsonl")
    assert [json.loads(line)["version"] for line in result.stdout.splitlines()] == [3, 2, 1]
    result = await asyncio.to_thread(run, "--text", fresh, "--act", "-created", "--export", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert [(row["act"], row["version"]) for row in rows] == [("updated", "3"), ("updated", "2")]
    for arguments in (["--export", "csv", "--follow"], ["--export", "csv", "--json"]):
        with pytest.raises(Invalid):
            await asyncio.to_thread(run, *arguments)
    with pytest.raises(NotAllowed):
        await asyncio.to_thread(run, "--export", "csv", who="outsider")


async def test_what_does_not_fit_or_is_not_allowed(run: Run) -> None:
    with pytest.raises(Invalid, match="There is no such act"):
        await asyncio.to_thread(run, "--act", "eaten")
    with pytest.raises(NotAllowed):
        await asyncio.to_thread(run, who="outsider")
    for command in (("investigate", "--actor", "admin"), ("find-leak",)):
        with pytest.raises(NotAllowed):
            await asyncio.to_thread(run, *command, who="developer", stdin="word")


async def test_after_an_incident(run: Run, server: Server, people: People, fresh: str) -> None:
    value = CANARY + fresh
    await put(server, people, fresh, value)
    await bao(server, people["admin"], "kv", "get", "-mount=status", f"environment/production/{fresh}")
    assert (await asyncio.to_thread(run, "--text", fresh)).stdout.count("\n") == 3
    used = await asyncio.to_thread(run, "investigate", "--secret", f"environment/production/{fresh}")
    assert used.stdout.splitlines()[1].split()[4:7] == ["1", "1", "admin"]
    assert "developer  wrote it" in used.stdout
    result = await asyncio.to_thread(run, "find-leak", stdin=f"{value}\n")
    assert [row.rsplit("  ", 1)[-1] for row in result.stdout.splitlines()[1:]] == [
        "answered: data.value", "sent: data.value",
    ]  # fmt: skip
    assert value not in result.stdout + result.stderr
    touched = await asyncio.to_thread(run, "investigate", "--actor", "developer", "--json")
    assert f"environment/production/{fresh}" in touched.stdout


async def test_the_index_anew(
    run: Run, audit_environment: dict[str, str], server: Server, people: People, fresh: str
) -> None:
    await put(server, people, fresh)
    before = (await asyncio.to_thread(run, "--text", fresh, "--json")).stdout
    assert "lines read" in (await asyncio.to_thread(run, "rebuild")).stdout
    assert (await asyncio.to_thread(run, "--text", fresh, "--json")).stdout == before
    lock = WriterLock(Path(audit_environment["STATUS_AUDIT_INDEX"]))
    assert lock.acquire()
    with pytest.raises(Conflict):
        await asyncio.to_thread(run, "rebuild")
    lock.release()


@asynccontextmanager
async def following(
    environment: dict[str, str], token: str, *options: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    argv = [sys.executable, "-P", "-m", "adapter.cli", "audit", "--follow", *options]
    process = await asyncio.create_subprocess_exec(
        *argv,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "VAULT_TOKEN": token, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_following_until_ctrl_c(
    audit_environment: dict[str, str], server: Server, people: People, fresh: str
) -> None:
    await put(server, people, f"{fresh}_before")
    token = people["viewer"].token.get_secret_value()
    async with following(audit_environment, token, "--text", fresh, "--json") as process:
        assert process.stdout is not None
        first = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        assert first["secret"].endswith(f"{fresh}_before")
        await put(server, people, f"{fresh}_after")
        second = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))
        assert (second["act"], second["secret"]) == ("created", f"environment/production/{fresh}_after")
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 10) == 130
