"""A marked value goes through every flow of real processes; nothing but the vault may hold it, and the vault sealed."""

from __future__ import annotations

import base64
import gc
import json
import logging
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapter.client import AsyncClient
from adapter.errors import StatusError
from adapter.model.generating import CheckBody
from adapter.model.transfer import ImportBody
from adapter.model.wire import Rollback, SecretCreate, SecretPatch
from statustui.app import StatusApp
from tests.cli.conftest import COMMAND, Dev, Finished, MakeDev, client_of
from tests.support.tools import need
from tests.tui.pictures import settle
from tests.tui.running import RunningBackend
from tests.tui.steps import set_text

SCOPE = "environment/production"
CANARY = "c4n4ryX7f3e9b1d5a2c8f6e4"
"""Of a length that base64 leaves whole, and of characters that no encoding changes."""

FORMS = tuple(form.encode() for form in (CANARY, CANARY.swapcase(), CANARY[::-1])) + tuple(
    base64.b64encode(b" " * shift + CANARY.encode())[4:-4] for shift in range(3)
)


def holders(folder: Path) -> list[Path]:
    """The files in a folder that hold the value, as it is or in base64."""
    found = []
    for file in folder.rglob("*"):
        if file.is_file() and any(form in file.read_bytes() for form in FORMS):
            found.append(file)
    return found


def processes_that_show_it() -> list[str]:
    """Command lines and environments of all that runs."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                content = (process / name).read_bytes()
            except OSError:
                continue
            if any(form in content for form in FORMS):
                found.append(f"{process.name}/{name}")
    return found


class Watched:
    """Looks at all processes after each flow, and keeps what the commands said."""

    def __init__(self, environment: dict[str, str], place: Path) -> None:
        self._environment, self._place = environment, place
        self.said: list[str] = []

    def run(self, *words: object, text: str | None = None) -> str:
        argv = [*COMMAND, *map(str, words)]
        with subprocess.Popen(
            argv, env=self._environment, cwd=self._place, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert processes_that_show_it() == []
            out, err = process.communicate(text, timeout=60)
        self.said += [out, err]
        assert process.returncode == 0, err
        return out


async def over_http(developer: AsyncClient, admin: AsyncClient) -> list[StatusError]:
    """Create, update, roll back, edit, compare, rename, hand out; and what is refused."""
    value, errors = SecretStr(CANARY), []
    body = SecretCreate(name="canary", type="PASSWORD", value=value, scope=SCOPE, description="a bird")
    secret = await developer.create(body)
    await developer.edit(secret.id, SecretPatch(value=SecretStr(f"{CANARY} two"), reason="louder"))
    await developer.roll_back(secret.id, Rollback(version=1))
    await developer.edit(secret.id, SecretPatch(description="still a bird", tags=["a"]))
    await developer.compare(secret.id, 1, 2)
    await developer.check(CheckBody(type="PASSWORD", value=value))
    renamed = await developer.edit(secret.id, SecretPatch(name="canary_bird"))
    refused: list[Any] = [
        developer.create(SecretCreate(name="c", type="CERTIFICATE", value=value, scope=SCOPE)),
        developer.create(SecretCreate(name="c", type="SSH_KEY", value=value, private_key=value, scope=SCOPE)),
        developer.create(SecretCreate(name="c", type="CUSTOM", value=value, rule=f"schema:{CANARY}", scope=SCOPE)),
        developer.create(SecretCreate(name=f"{CANARY} ü", type="PASSWORD", value=value, scope=SCOPE)),
        developer.create(SecretCreate(name="c", type=CANARY, value=value, scope="nowhere")),
        developer.edit(renamed.id, SecretPatch(value=value, if_version=99)),
        developer.edit(renamed.id, SecretPatch(value=SecretStr(CANARY * 50_000))),
        admin.login("admin", value),
        admin.login_with_token(value),
    ]
    for call in refused:
        with pytest.raises(StatusError) as caught:
            await call
        errors.append(caught.value)
    env = ImportBody(format="env", scope=SCOPE, content=SecretStr(f"A_KEY={CANARY}\n{CANARY}\nB='{CANARY}"))
    assert CANARY not in (await developer.import_secrets(env)).model_dump_json()
    return errors


async def on_screen(client: AsyncClient, password: SecretStr) -> list[str]:
    """Create with the confirmation, in the terminal UI: every screen as a picture, but the one that shows it."""
    pictures = []
    app = StatusApp(RunningBackend(client))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        set_text(pilot, "username", "developer")
        set_text(pilot, "password", password.get_secret_value())
        pilot.app.screen.query_one("#password").focus()
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        set_text(pilot, "name", "canary_on_screen")
        set_text(pilot, "value", CANARY)
        await pilot.pause(0.5)
        await settle(pilot)
        pictures.append(app.export_screenshot())
        await pilot.press("ctrl+s")
        await settle(pilot)
        pictures.append(app.export_screenshot())
        await pilot.press("s")
        await settle(pilot)
        assert CANARY in app.export_screenshot(), "this once"
        await pilot.press("y")
        await settle(pilot)
        pictures.append(app.export_screenshot())
        assert "canary_on_screen" in pictures[-1]
        pictures += [note.message for note in app._notifications]
    return pictures


async def test_a_value_stays_in_the_vault(
    dev: MakeDev, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scratch, work, home = tmp_path / "tmp", tmp_path / "work", tmp_path / "home"
    for folder in (scratch, work, home):
        folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(tempfile, "tempdir", None)
    one: Dev = dev(finished.folder)
    ready = one.ready()
    async with client_of(ready) as developer, client_of(ready) as admin:
        session = await developer.login("developer", finished.passwords["developer"])
        errors = await over_http(developer, admin)
        assert all(CANARY not in f"{error!r} {error.body()}" for error in errors)
        of_admin = await admin.login("admin", finished.passwords["admin"])
        handed = await admin._send("POST", "secrets/environment~production~canary_bird/value", content={})
        assert handed.json()["value"] == CANARY, "only what is handed out holds it"
        assert processes_that_show_it() == []
        pictures = await on_screen(client_of(ready), finished.passwords["developer"])
        assert not any(CANARY in picture for picture in pictures)

        base = {"VAULT_ADDR": ready["vault"], "VAULT_CACERT": ready["ca"], "TMPDIR": str(scratch), "HOME": str(home)}
        environment = {name: text for name, text in os.environ.items() if not name.startswith("GIVEN_")} | base
        by_developer = Watched(environment | {"VAULT_TOKEN": session.token.get_secret_value()}, work)
        by_developer.run("import", "-", "--format", "json", "--scope", SCOPE, text=json.dumps({"canary_in": CANARY}))
        by_developer.run("export")
        by_admin = Watched(environment | {"VAULT_TOKEN": of_admin.token.get_secret_value()}, work)
        subprocess.run([need("age-keygen"), "-o", work / "key"], check=True, capture_output=True)
        made = subprocess.run(["age-keygen", "-y", work / "key"], check=True, capture_output=True, text=True)
        by_admin.run("backup", "--recipient", made.stdout.strip(), "-o", work / "all.age")
        await admin.delete("environment~production~canary_in")
        by_admin.run("restore", work / "all.age", "--identity", work / "key")
        again = await admin._send("POST", "secrets/environment~production~canary_in/value", content={})
        assert again.json()["value"] == CANARY
        assert not any(CANARY in said for said in [*by_developer.said, *by_admin.said])
        assert processes_that_show_it() == []
    code, out, err = one.end(signal.SIGTERM)
    assert (code, CANARY in out + err) == (0, False)
    assert CANARY not in caplog.text
    assert Path(ready["auditLog"]).stat().st_size > 100_000
    for folder in (finished.folder, scratch, work, home):
        assert holders(folder) == []
    del handed, again
    gc.collect()
    (work / "control").write_text(f"a {CANARY} b")
    assert holders(work) == [work / "control"], "the search finds what is there"
