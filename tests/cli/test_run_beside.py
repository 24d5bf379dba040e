"""`status-secrets run` in bad company: commands that cannot start, a vault that does not answer, a lost terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapter.cli.running.files import MemoryFiles
from adapter.cli.source import Keeper
from adapter.errors import NotSignedIn, SetupFailed
from tests.cli.started import Run, ended, lines_of, put, python, remove, revoke_components
from tests.support.component import AppRole
from tests.support.relay import relay
from tests.support.server import Server
from tests.support.tools import need


@pytest.mark.parametrize("options", [[], ["--mask"]])
def test_what_cannot_be_started_is_said(
    run: Run, server: Server, secret: str, fresh: str, tmp_path: Path, options: list[str]
) -> None:
    put(server, f"{fresh}-large", "x" * 200_000)
    programs = {"plain": ("echo up\n", 0o755), "closed": ("#!/bin/sh\n", 0o644), "bad": ("#!/does/not/exist\n", 0o755)}
    for name, (text, mode) in programs.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    for reference, name, code, words in (
        (f"{secret}-large", "/bin/true", 126, "--files"),
        (secret, str(tmp_path / "plain"), 126, "#!/bin/sh"),
        (secret, str(tmp_path / "closed"), 126, "chmod +x"),
        (secret, str(tmp_path / "bad"), 126, "interpreter"),
        (secret, "plain", 127, "no such command"),
    ):
        status, out, err = ended(run(*options, "--env", f"A={reference}", "--", name))
        assert (status, out, words in err) == (code, "", True), (name, err)
    remove(server, f"{fresh}-large")


@pytest.mark.parametrize("options", [[], ["--mask"]])
def test_what_python_ignores_the_command_does_not(run: Run, secret: str, options: list[str]) -> None:
    status, out, _ = ended(run(*options, "--env", f"A={secret}", "--", "grep", "SigIgn", "/proc/self/status"))
    ignored = int(out.split()[1], 16)
    assert (status, [number for number in (signal.SIGPIPE, signal.SIGXFSZ) if ignored >> number - 1 & 1]) == (0, [])


@pytest.mark.parametrize("line", ["FOO BAR=secret://x", "ALONE", 'OPEN="a'])
def test_no_line_of_a_file_is_passed_over(run: Run, secret: str, tmp_path: Path, line: str) -> None:
    (tmp_path / "app.env").write_text(f"A={secret}\n\n# note\n{line}\n")
    code, out, err = ended(run("--env-file", str(tmp_path / "app.env"), "--", "echo", "up"))
    assert (code, out, "Line 4" in err, "FOO" in err) == (2, "", True, False)


def test_a_secret_in_a_longer_text_is_hidden_on_its_own(run: Run, secret: str) -> None:
    code = "import os; print(os.environ['A'], os.environ['A'].split(':')[2].split('@')[0])"
    url = f"A=postgres://u:${{{secret}}}@h"
    assert ended(run("--mask", "--env", url, *python(code))) == (0, "******** ********\n", "")


def test_whatever_the_command_left_among_the_files_is_gone(run: Run, secret: str, shm: Path) -> None:
    code = (
        "import os; d=os.path.dirname(os.environ['A_FILE']); os.mkdir(d+'/a'); open(d+'/a/b', 'w'); open(d+'/c', 'w')"
    )
    assert ended(run("--files", str(shm), "--env", f"A={secret}", *python(code))) == (0, "", "")


def test_a_whole_file_system_is_no_folder_for_files(run: Run, secret: str) -> None:
    before = Path("/dev/shm").stat().st_mode
    code, _, err = ended(run("--files", "/dev/shm", "--env", f"A={secret}", "--", "true"))
    assert (code, "below it" in err) == (2, True)
    assert Path("/dev/shm").stat().st_mode == before


def test_files_that_cannot_be_written_are_an_error_of_ours(shm: Path) -> None:
    files = MemoryFiles(shm)
    assert files.store({"A": "one"}) == {"A_FILE": str(shm / "A")}
    with pytest.raises(SetupFailed):
        files.store({"A": "two", "x" * 255: "too long a name"})
    assert (sorted(os.listdir(shm))[1:], (shm / "A").read_text()) == (["A"], "one")
    files.remove()


async def test_a_vault_that_does_not_answer_holds_up_nothing(run: Run, server: Server, secret: str, fresh: str) -> None:
    async with relay(server.url) as between:
        code = "import signal,time; signal.signal(15, lambda *_: exit(9)); print('up', flush=True); time.sleep(60)"
        options = ["--watch", "--watch-every", "0.2", "--env", f"A={secret}"]
        process = run(*options, *python(code), VAULT_ADDR=between.url, STATUS_TIMEOUT="20")
        assert await asyncio.to_thread(lines_of(process)) == "up\n"
        between.delay = 60
        await asyncio.sleep(1)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 9
        assert time.monotonic() - begun < 10


async def test_a_vault_that_is_away_is_told_once(run: Run, server: Server, secret: str, fresh: str) -> None:
    async with relay(server.url) as between:
        code = "import os,time; print(os.environ['A'], flush=True); time.sleep(60)"
        options = ["--watch", "--watch-every", "0.2", "--env", f"A={secret}"]
        process = run(*options, *python(code), VAULT_ADDR=between.url)
        line = lines_of(process)
        assert await asyncio.to_thread(line) == "r4nc4n4ry-one\n"
        between.cut()
        between.drop = 10_000
        await asyncio.sleep(2)
        await asyncio.to_thread(put, server, fresh, "r4nc4n4ry-two")
        between.drop = 0
        got = await asyncio.to_thread(line)
        assert got == "r4nc4n4ry-two\n", process.communicate()
        process.terminate()
        status, _, err = await asyncio.to_thread(ended, process)
    assert (status, err.count("cannot be followed now"), err.count("followed again")) == (143, 1, 1)


def test_a_revoked_token_is_followed_by_a_new_sign_in(run: Run, server: Server, secret: str, fresh: str) -> None:
    code = "import os,time; print(os.environ['A'], flush=True); time.sleep(60)"
    process = run("--watch", "--watch-every", "0.2", "--env", f"A={secret}", *python(code))
    line = lines_of(process)
    first = line()
    revoke_components(server)
    put(server, fresh, "of the new token")
    assert (line(), first != "of the new token\n") == ("of the new token\n", True)
    process.send_signal(signal.SIGTERM)
    _, _, err = ended(process)
    assert "cannot be followed" not in err


def test_a_lost_terminal_ends_the_command(server: Server, role: AppRole, secret: str) -> None:
    environment = os.environ | server.environment() | role.environment()
    argv = [sys.executable, "-m", "adapter.cli", "run", "--watch", "--env", f"A={secret}"]
    argv += ["--", "sh", "-c", "echo up $$; exec sleep 60"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, environment)
    said = b""
    while b"\n" not in said:
        said += os.read(terminal, 100)
    command = int(said.split()[1])
    os.close(terminal)
    deadline = time.monotonic() + 10
    while not (ended_now := os.waitpid(pid, os.WNOHANG)[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
    if not ended_now:
        os.kill(pid, signal.SIGKILL)
        os.kill(command, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert ended_now
    with pytest.raises(ProcessLookupError):
        os.kill(command, 0)


class OfATokenFile:
    """A source whose token has ended."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def renew(self) -> float:
        raise NotSignedIn("ended")

    def use(self, token: str) -> None:
        self.tokens.append(token)


def test_a_token_file_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("s.second\n")
    monkeypatch.setenv("STATUS_TOKEN_FILE", str(file))
    source = OfATokenFile()
    Keeper(source).keep()  # type: ignore[arg-type]
    assert source.tokens == ["s.second"]
    file.unlink()
    Keeper(source).keep()  # type: ignore[arg-type]
    assert source.tokens == ["s.second"]


def test_as_first_process_it_waits_for_orphans(server: Server, role: AppRole, secret: str) -> None:
    """In a PID namespace of its own, as in a container."""
    unshare = need("unshare", why="for a PID namespace")
    environment = os.environ | server.environment() | role.environment()
    # An orphan ends; the shell then looks whether it is still there as a zombie.
    script = "(sleep 0.1 & echo $! >&3) 3>&1 | { read p; sleep 0.6; grep State /proc/$p/status || echo gone; }"
    argv = [unshare, "--pid", "--fork", "--mount-proc", sys.executable, "-m", "adapter.cli", "run", "--watch"]
    argv += ["--env", f"A={secret}", "--", "sh", "-c", script]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30)
    if "Operation not permitted" in done.stderr:
        pytest.skip("no PID namespaces here")
    assert (done.returncode, done.stdout) == (0, "gone\n"), done.stderr
