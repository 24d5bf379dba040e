"""`status-secrets run`: a command with secrets, and nothing kept afterwards; on the real server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.running.files import MARK
from adapter.vault import Caller
from tests.cli.started import SCOPE, Run, ended, lines_of, put, python
from tests.support.server import People, Server

PRINT = "import os,sys; print(os.environ.get('A'), os.environ.get('B'))"


@pytest.mark.parametrize("options", [[], ["--mask"]])
def test_a_command_gets_its_secrets(run: Run, secret: str, options: list[str]) -> None:
    code = "import os; print(len(os.environ['A']), os.environ['B'][:9], [n for n in os.environ if 'SECRET_ID' in n])"
    code += "; raise SystemExit(7)"
    pairs = ["--env", f"A={secret}", "--env", f"B=postgres://u:${{{secret}}}@h"]
    assert ended(run(*options, *pairs, *python(code))) == (7, "13 postgres: []\n", "")


def test_it_is_the_command_from_then_on(run: Run, secret: str) -> None:
    process = run("--env", f"A={secret}", *python("import os; print(os.getpid())"))
    assert ended(process)[:2] == (0, f"{process.pid}\n")


@pytest.mark.parametrize("options", [[], ["--mask"], ["--watch"]])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_passed_on(run: Run, secret: str, options: list[str], number: signal.Signals) -> None:
    code = f"import signal,time; signal.signal({int(number)}, lambda *_: exit(40)); "
    code += "print('up', flush=True); time.sleep(60)"
    process = run(*options, "--env", f"A={secret}", *python(code))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    assert ended(process)[0] == 40


@pytest.mark.parametrize("options", [[], ["--mask"]])
def test_a_command_that_a_signal_ends(run: Run, secret: str, options: list[str]) -> None:
    code = "import os,signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert ended(run(*options, "--env", f"A={secret}", *python(code)))[0] in (-9, 137)


@pytest.mark.parametrize("options", [[], ["--mask"], ["--watch"], ["--files", "/dev/shm/none"]])
def test_a_missing_secret_starts_nothing(run: Run, secret: str, tmp_path: Path, options: list[str]) -> None:
    pairs = ["--env", f"A={secret}", "--env", f"B={secret}x", "--env", f"C={secret}#nothing"]
    code, out, err = ended(run(*options, *pairs, "--", "touch", str(tmp_path / "started")))
    assert (code, out) == (4, "")
    assert "B: " in err
    assert "C: " in err
    assert "nothing was started" in err
    assert "r4nc4n4ry" not in err
    assert not (tmp_path / "started").exists()
    assert not Path("/dev/shm/none").exists()


def test_what_is_refused_before_anything_is_asked(run: Run, secret: str, tmp_path: Path) -> None:
    for arguments, code in (
        (["--env", f"A={secret}", *python("1")[:1], "/does/not/exist"], 127),
        (["--env", f"A={secret}", "--", str(tmp_path)], 126),
        (["--mask", "--env", f"A={secret}", "--", "does-not-exist"], 127),
        (["--env", "A=plain", "--", "true"], 2),
        (["--env", f"1A={secret}", "--", "true"], 2),
        (["--env", "A=secret://nowhere/x", "--", "true"], 2),
        (["--signal", "HUP", "--env", f"A={secret}", "--", "true"], 2),
        (["--files", str(tmp_path / "disk"), "--env", f"A={secret}", "--", "true"], 2),
        (["--env", f"A={secret}"], 2),
    ):
        assert ended(run(*arguments))[0] == code, arguments
    assert not (tmp_path / "disk").exists()


def test_who_may_not_is_told(run: Run, people: People, secret: str) -> None:
    environment = {"STATUS_ROLE_ID": "", "VAULT_TOKEN": people["developer"].token.get_secret_value()}
    code, _, err = ended(run("--env", f"A={secret}", "--", "true", **environment))
    assert (code, "the right use" in err) == (3, True)
    for wrong in ({"STATUS_SECRET_ID": "wrong"}, {"STATUS_ROLE_ID": "", "VAULT_TOKEN": "s.wrong"}):
        assert ended(run("--env", f"A={secret}", "--", "true", **wrong))[0] == 3
    assert ended(run("--env", f"A={secret}", "--", "true", VAULT_ADDR="https://127.0.0.1:1"))[0] == 6


def test_a_scope_and_a_file(run: Run, server: Server, secret: str, fresh: str, tmp_path: Path) -> None:
    put(server, f"{fresh}.two-b", "r4nc4n4ry-two")
    put(server, f"{fresh}-gone", "r4nc4n4ry-gone")

    async def delete() -> None:
        async with server.vault() as vault:
            await vault.session(Caller(server.token)).send("DELETE", "status/data", SCOPE, f"{fresh}-gone")

    asyncio.run(delete())
    file = tmp_path / "app.env"
    file.write_text(f"A={secret}\n# note\nPLAIN='x y'\nURL=\"http://u:${{{secret}}}@h\"\n{fresh.upper()}=mine\n")
    code = "import json,os; print(json.dumps(dict(os.environ)))"
    status, out, err = ended(run("--scope", SCOPE, "--env-file", str(file), *python(code)))
    seen = json.loads(out)
    assert status == 0, err
    assert (seen["A"], seen["PLAIN"], seen["URL"]) == ("r4nc4n4ry-one", "x y", "http://u:r4nc4n4ry-one@h")
    assert (seen[f"{fresh.upper()}_TWO_B"], seen[fresh.upper()]) == ("r4nc4n4ry-two", "mine")
    assert f"{fresh.upper()}_GONE" not in seen
    assert f"{fresh.upper()}_GONE is left out" in err


def test_nothing_is_kept(run: Run, server: Server, secret: str, tmp_path: Path, own_home: Path) -> None:
    code = "import os,glob; print(*[open(f'/proc/{os.getppid()}/cmdline').read()], *glob.glob('/tmp/*r4nc4' + 'n4ry*'))"
    _, out, err = ended(run("--mask", "--env", f"A={secret}", *python(code)))
    assert "r4nc4n4ry" not in out + err
    assert [path for path in own_home.rglob("*") if path.is_file()] == []
    if server.audit_log is None:
        return
    lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()[-12:]]
    assert lines[-1]["request"]["path"] == "auth/token/revoke-self"
    assert "r4nc4n4ry" not in server.audit_log.read_text()


def test_the_output_shows_no_value(run: Run, server: Server, fresh: str, tmp_path: Path) -> None:
    value = "-----BEGIN X-----\nr4nc4n4ry-line-one\nr4nc4n4ry-line-two\n-----END X-----\n"
    put(server, fresh, value)
    code = (
        "import os,sys,time,json\n"
        "v=os.environ['A']\n"
        "for c in 'see '+v.splitlines()[1]+' end\\n': sys.stdout.write(c); sys.stdout.flush(); time.sleep(0.002)\n"
        "print(v, file=sys.stderr)\n"
        "print(json.dumps(v))\n"
        "print('r4nc4n4ry-line-on')\n"
    )
    status, out, err = ended(run("--mask", "--env", f"A=secret://{SCOPE}/{fresh}", *python(code)))
    assert status == 0
    assert out == 'see ******** end\n"********"\nr4nc4n4ry-line-on\n'
    assert "line" not in err


def files_of(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        file.name: (file.read_text(), file.stat().st_mode & 0o777) for file in folder.iterdir() if file.name != MARK
    }


def test_values_in_files(run: Run, secret: str, shm: Path) -> None:
    code = "import os; p=os.environ['A_FILE']; print(p, open(p).read(), 'A' in os.environ)"
    code += "; print(*(oct(os.stat(q).st_mode & 0o777) for q in (p, os.path.dirname(p))), flush=True); exit(5)"
    status, out, _ = ended(run("--files", str(shm), "--env", f"A={secret}", *python(code)))
    assert (status, out) == (5, f"{shm / 'A'} r4nc4n4ry-one False\n0o600 0o700\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_files_are_gone_after_a_signal(run: Run, secret: str, shm: Path, number: signal.Signals) -> None:
    process = run("--files", str(shm), "--env", f"A={secret}", "--", "sh", "-c", "echo up; exec sleep 60")
    assert lines_of(process)() == "up\n"
    assert files_of(shm) == {"A": ("r4nc4n4ry-one", 0o600)}
    process.send_signal(number)
    assert ended(process)[0] == 128 + number


def test_what_a_killed_run_left_is_cleared(run: Run, secret: str, shm: Path) -> None:
    first = run("--files", str(shm), "--env", f"A={secret}", "--", "sh", "-c", "echo $$; exec sleep 60")
    assert first.stdout is not None
    child = int(first.stdout.readline())
    second = ended(run("--files", str(shm), "--env", f"A={secret}", "--", "true"))
    assert (second[0], "in use" in second[2]) == (2, True)
    first.kill()
    first.wait()
    os.kill(child, signal.SIGKILL)
    assert shm.exists()
    (shm / MARK).write_text("1")  # as in a container, whose next first process has the same number
    assert ended(run("--files", str(shm), "--env", f"A={secret}", "--", "true"))[0] == 0


def test_a_folder_of_somebody_elses_is_left_alone(run: Run, secret: str, shm: Path) -> None:
    shm.mkdir()
    (shm / "mine").write_text("x")
    code, _, err = ended(run("--files", str(shm), "--env", f"A={secret}", "--", "true"))
    assert (code, "something else" in err) == (2, True)
    assert (shm / "mine").read_text() == "x"
    (shm / "mine").unlink()
    shm.rmdir()


def test_a_new_version_restarts_the_command(run: Run, server: Server, secret: str, fresh: str) -> None:
    code = "import os,time; print(os.environ['A'], flush=True); time.sleep(60)"
    process = run("--watch", "--watch-every", "0.2", "--env", f"A={secret}", *python(code))
    line = lines_of(process)
    assert line() == "r4nc4n4ry-one\n"
    put(server, fresh, "r4nc4n4ry-two")
    assert line() == "r4nc4n4ry-two\n"
    process.terminate()
    code_, _, err = ended(process)
    assert (code_, "new versions" in err, "r4nc4n4ry" in err) == (143, True, False)


def test_a_new_version_is_told_by_a_signal(run: Run, server: Server, secret: str, fresh: str, shm: Path) -> None:
    code = "import os,signal,time\ndef show(*_): print(open(os.environ['A_FILE']).read(), flush=True)\n"
    code += "signal.signal(signal.SIGHUP, show); show()\nwhile True: time.sleep(1)"
    options = ["--watch", "--watch-every", "0.2", "--signal", "HUP", "--mask", "--files", str(shm)]
    process = run(*options, "--env", f"A={secret}", *python(code))
    line = lines_of(process)
    assert line() == "********\n"
    put(server, fresh, "r4nc4n4ry-two")
    assert line() in ("********\n", "r4nc4n4ry-two\n")
    assert (shm / "A").read_text() == "r4nc4n4ry-two"
    process.terminate()
    assert ended(process)[0] == 143


def test_an_end_meanwhile_is_an_end(run: Run, secret: str) -> None:
    begun = time.monotonic()
    assert ended(run("--watch", "--watch-every", "30", "--env", f"A={secret}", *python("exit(3)")))[0] == 3
    assert time.monotonic() - begun < 15


def test_commands_import_little() -> None:
    code = "import adapter.cli.run, adapter.vault.quick, adapter.vault.connection, sys; "
    code += "print(*{'pydantic', 'hvac', 'httpx', 'aiohttp', 'asyncio', 'fastapi', 'msgspec'} & set(sys.modules))"
    out: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "\n"
