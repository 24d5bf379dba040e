"""`status-secrets dev`: one line when ready, both stopped cleanly, whatever ends first."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapter.model.wire import SecretCreate
from tests.cli.conftest import COMMAND, Finished, MakeDev, client_of, until
from tests.support.bao import free_port
from tests.support.processes import none_left, running_for


async def test_the_first_start_prints_the_accounts_once(dev: MakeDev, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = dev(folder)
    ready = first.ready()
    assert list(ready) == ["adapter", "vault", "ca", "auditLog", "accounts"]
    assert ready["adapter"] == f"https://127.0.0.1:{first.port}"
    assert Path(ready["auditLog"]).exists()
    assert list(ready["accounts"]) == ["viewer", "developer", "admin"]
    passwords = {name: SecretStr(account["password"]) for name, account in ready["accounts"].items()}
    kept = SecretCreate(name="kept", type="PASSWORD", value=SecretStr("v"), scope="environment/staging", reason="test")
    async with client_of(ready) as client:
        me = await client.login("developer", passwords["developer"])
        assert set(me.roles.values()) == {"DEVELOPER"}
        await client.create(kept)
    code, out, err = first.end(signal.SIGTERM)
    assert (code, out) == (0, "")
    assert none_left(folder, 0.5)
    _nobody_else_reads(folder, [password.get_secret_value() for password in passwords.values()], err)

    ready = dev(folder).ready()
    assert "accounts" not in ready
    async with client_of(ready) as client:
        await client.login("viewer", passwords["viewer"])
        assert [secret.name for secret in await client.secrets()] == ["kept"]


def _nobody_else_reads(folder: Path, passwords: list[str], err: str) -> None:
    """Nothing that was shown once is kept anywhere, nor can another user read a file."""
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
        if path.is_file():
            content = path.read_bytes()
            assert not [word for word in passwords if word.encode() in content], path
    secret_id = (folder / "adapter-secret-id").read_text()
    for word in (*passwords, secret_id):
        assert word not in err
        assert word not in (folder / "adapter.log").read_text()


async def test_samples(dev: MakeDev, finished: Finished) -> None:
    one = dev(finished.folder, "--json", "--demo")
    async with client_of(one.ready()) as client:
        await client.login("developer", finished.passwords["developer"])
        found = await client.secrets()
    assert len(found) == 25
    assert {secret.scope for secret in found} >= {"global", "environment/production", "service/billing"}
    assert {secret.type.upper() for secret in found} == {"PASSWORD", "API_KEY", "CUSTOM"}
    assert max(secret.version for secret in found) == 4
    assert {secret.created_by for secret in found} == {"developer", "admin"}
    assert "first start" in one.end(signal.SIGHUP)[2]


@pytest.mark.parametrize("child", ["server", "adapter"])
async def test_a_child_that_is_killed_ends_the_other(dev: MakeDev, finished: Finished, child: str) -> None:
    one = dev(finished.folder)
    one.ready()
    os.kill(one.child(child), signal.SIGKILL)
    code, out, err = one.end(None)
    assert (code, out) == (1, "")
    assert f"Stopped: The {'vault' if child == 'server' else child} ended unexpectedly (signal 9)." in err
    assert "Traceback" not in err
    assert none_left(finished.folder)


async def test_killed_itself_it_leaves_nothing_and_starts_again(dev: MakeDev, finished: Finished) -> None:
    one = dev(finished.folder)
    one.ready()
    one.end(signal.SIGKILL)
    again = dev(finished.folder)  # at once, while the children may still be going down
    async with client_of(again.ready()) as client:
        await client.login("admin", finished.passwords["admin"])


async def test_stopped_during_its_first_start_it_begins_anew(dev: MakeDev, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    one = dev(folder)
    await until(lambda: (folder / "recovery.key").exists())
    code, out, err = one.end(signal.SIGTERM)
    assert (code, out) == (0, "")
    assert "Traceback" not in err
    assert none_left(folder, 0.5)
    assert "accounts" in dev(folder).ready()


async def test_accounts_that_nobody_could_read_are_made_anew(dev: MakeDev, tmp_path: Path) -> None:
    one = dev(tmp_path / "data")
    assert one.process is not None
    assert one.process.stdout is not None
    one.process.stdout.close()
    one.process.stdout = None
    code, _, err = one.end(None)
    assert code == 1
    assert "Nobody reads the standard output" in err
    assert "Traceback" not in err
    assert '"complete": false' in (tmp_path / "data" / "state.json").read_text()


async def test_a_folder_that_another_one_runs(dev: MakeDev, finished: Finished) -> None:
    dev(finished.folder).ready()
    before = running_for(finished.folder)
    second = dev(finished.folder)
    code, out, err = second.end(None)
    assert (code, out) == (1, "")
    assert "runs the data folder" in err
    assert running_for(finished.folder) == before


async def test_the_settings_of_other_servers_stay_out(dev: MakeDev, finished: Finished, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('vault_addr = "https://elsewhere.example"\nvault_namespace = "team"\nmount = "elsewhere"\n')
    one = dev(
        finished.folder,
        STATUS_CONFIG=str(file),
        VAULT_ADDR="https://elsewhere.example",
        BAO_ADDR="https://elsewhere.example",
        VAULT_TOKEN="hvs.not-for-the-children",
        VAULT_NAMESPACE="team",
        BAO_API_ADDR="https://elsewhere.example",
        STATUS_USERPASS_MOUNT="people",
    )
    async with client_of(one.ready()) as client:
        await client.login("viewer", finished.passwords["viewer"])
        assert len(await client.secrets()) == 25
    # The adapter's process lets nobody but root look.
    for name in ("server", "adapter") if os.geteuid() == 0 else ("server",):
        assert b"not-for-the-children" not in Path(f"/proc/{one.child(name)}/environ").read_bytes()


async def test_for_a_person_over_plain_http(dev: MakeDev, finished: Finished) -> None:
    one = dev(finished.folder, "--no-tls")
    assert one.process is not None
    assert one.process.stdout is not None
    out = "".join(iter(one.process.stdout.readline, "Ctrl+C stops both.\n"))
    assert out.startswith("STATUS Secrets is running.\n")
    assert f"http://127.0.0.1:{one.port}/api/v1" in out
    assert f"VAULT_CACERT={finished.folder}/tls/ca.pem" in out
    place = {"adapter": f"http://127.0.0.1:{one.port}", "ca": finished.folder / "tls" / "ca.pem"}
    async with client_of(place) as client:
        assert (await client.health()).status == "ok"
    code, _, err = one.end(signal.SIGINT)
    assert code == 0
    assert "Starting the vault" in err


def _refused(*options: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*COMMAND, "dev", *options], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done


def test_the_port_of_the_adapter_is_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = _refused("--data-dir", str(tmp_path / "data"), "--listen", listen)
    assert done.returncode == 1
    assert f"Cannot start: Another program listens on {listen}." in done.stderr
    assert "STATUS_LISTEN" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_port_of_the_vault_is_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        vault_listen = f"127.0.0.1:{taken.getsockname()[1]}"
        options = ("--listen", f"127.0.0.1:{free_port()}", "--vault-listen", vault_listen)
        done = _refused("--data-dir", str(tmp_path / "data"), *options)
    assert done.returncode == 1
    assert "STATUS_VAULT_LISTEN" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--no-tls", "--listen", "0.0.0.0:8350"), "loopback only"),
        (("--listen", "nonsense"), "not an address"),
        (("--vault-listen", "127.0.0.1:99999"), "not an address"),
        (("--listen", "127.0.0.1:8201", "--vault-listen", "127.0.0.1:8201"), "same address"),
        (("--nonsense",), "No such option"),
    ],
)
def test_wrong_usage(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = _refused("--data-dir", str(tmp_path / "data"), *options)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "data").exists()
