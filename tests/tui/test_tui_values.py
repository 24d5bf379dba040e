"""Where a value comes from in a form: generated, from a file, pasted; and what it is said to be."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from adapter.errors import Invalid, TooLarge
from adapter.secret_types import certificate
from statustui.create import CreateScreen
from statustui.fields import Field
from statustui.from_file import FileScreen, read_text
from statustui.generate import REQUEST, GenerateScreen
from statustui.value_entry import PAUSE
from statustui.value_field import ValueField
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import NOW, FakeAdapter
from tests.tui.pictures import settle
from tests.tui.steps import fill_new_secret, screen_text, set_text, type_text

CANARY = "canary-5d1e0c"


async def looked(pilot: Pilot[Any]) -> str:
    """What stands on the screen once the value was looked at."""
    await pilot.pause(PAUSE + 0.2)
    await settle(pilot)
    return screen_text(pilot)


def value(pilot: Pilot[Any]) -> str:
    return pilot.app.screen.query_one("#value", Input).value


async def generating(pilot: Pilot[Any], type: str, **chosen: str) -> None:
    """From the list: a new secret of a type, and its value generated."""
    await fill_new_secret(pilot, name="fresh", value="")
    pilot.app.screen.query_one("#type", Select).value = type
    await settle(pilot)
    await pilot.click("#generate")
    await settle(pilot)
    assert isinstance(pilot.app.screen, GenerateScreen)
    for key, text in chosen.items():
        control = pilot.app.screen.query_one(f"#{key}")
        assert isinstance(control, Input | Select)
        control.value = text
        await settle(pilot)
    await pilot.press("ctrl+s")
    await settle(pilot)


@pytest.mark.parametrize(
    ("kind", "chosen", "shape"),
    [
        ("PASSWORD", {"classes": "words", "words": "7"}, lambda text: text.count("-") >= 6),
        ("API_KEY", {"prefix": "sk_live_"}, lambda text: text.startswith("sk_live_")),
    ],
)
async def test_generated(fake: FakeAdapter, opened: Opened, kind: str, chosen: dict[str, str], shape: Any) -> None:
    async with opened(who="developer", size=(100, 40)) as pilot:
        await generating(pilot, kind, **chosen)
        assert isinstance(pilot.app.screen, CreateScreen)
        made = value(pilot)
        assert shape(made)
        assert made[:12] not in screen_text(pilot), "masked"
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1]["value"] == made


async def test_a_generated_pair_keeps_its_comment_and_passphrase(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(100, 40)) as pilot:
        await generating(pilot, "SSH_KEY", comment="me@here", passphrase=CANARY)
        assert CANARY not in screen_text(pilot)
        assert "SHA256:" in await looked(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, CreateScreen)
        field, made = screen.query_one(ValueField), value(pilot)
        set_text(pilot, "value", "another")
        assert field.further() == {}
        set_text(pilot, "value", made)
        await pilot.press("ctrl+s")
        await settle(pilot)
        body = fake.bodies[-1]
        assert (body["publicKey"].split()[-1], body["passphrase"]) == ("me@here", CANARY)


async def test_a_certificate_and_a_request(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(100, 40)) as pilot:
        await generating(pilot, "CERTIFICATE", commonName="gateway.test", names="10.0.0.1", days="30")
        assert "BEGIN CERTIFICATE" in value(pilot)
        assert "BEGIN PRIVATE KEY" in value(pilot)
        assert "CN=gateway.test · ECDSA P-256 · until 2026-12-23" in await looked(pilot)
        await pilot.click("#generate")
        await settle(pilot)
        pilot.app.screen.query_one("#kind", Select).value = REQUEST
        set_text(pilot, "commonName", "later.test")
        await settle(pilot)
        assert "Valid for" not in screen_text(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "request, no certificate yet" in await looked(pilot)


async def test_a_recipe_that_does_not_fit_stays_open(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await generating(pilot, "PASSWORD", length="soon")
        assert "That is no whole number." in screen_text(pilot)
        set_text(pilot, "length", "3")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The length is from 8 to 1024." in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CreateScreen)
        assert value(pilot) == ""


async def test_from_a_file(fake: FakeAdapter, opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", file], check=True, capture_output=True, text=True).stdout
    async with opened(who="developer", size=(100, 40)) as pilot:
        await fill_new_secret(pilot, name="fresh", value="")
        pilot.app.screen.query_one("#type", Select).value = "SSH_KEY"
        await settle(pilot)
        await pilot.click("#from-file")
        await settle(pilot)
        assert isinstance(pilot.app.screen, FileScreen)
        await type_text(pilot, "nowhere")
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert "That file cannot be read." in screen_text(pilot)
        set_text(pilot, "path", str(file))
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert value(pilot) == file.read_text()
        assert shown.split()[1] in await looked(pilot)
        assert "PRIVATE KEY" not in screen_text(pilot)


def test_what_is_no_file_of_text(tmp_path: Path) -> None:
    assert read_text(Path(__file__)).get_secret_value() == Path(__file__).read_text()
    (tmp_path / "der").write_bytes(bytes(range(256)))
    (tmp_path / "large").write_bytes(b"x" * 1_048_577)
    (tmp_path / "dos").write_bytes(b"\xef\xbb\xbfa\r\nb\r")
    assert read_text(tmp_path / "dos") == SecretStr("a\nb\n")
    for name, error in (("der", Invalid), ("large", TooLarge), ("absent", Invalid), (".", Invalid)):
        with pytest.raises(error):
            read_text(tmp_path / name)


async def test_what_a_value_is_shows_once_the_typing_pauses(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(100, 40)) as pilot:
        await fill_new_secret(pilot, name="fresh", value="")
        await type_text(pilot, "password1")
        await settle(pilot)
        assert [path for _, path in fake.calls if path == "/check"] == []
        assert "□□□□ guessed at once." in await looked(pilot)
        assert [path for _, path in fake.calls if path == "/check"] == ["/check"]
        set_text(pilot, "value", "nine more words of no meaning at all")
        assert "■■■■ strong." in await looked(pilot)
        assert not pilot.app.screen.query_one("#save", Button).disabled
        set_text(pilot, "value", f"-----BEGIN CERTIFICATE-----\n{CANARY}\n")
        pilot.app.screen.query_one("#type", Select).value = "CERTIFICATE"
        text = await looked(pilot)
        assert "A PEM block does not end." in text, "before it is saved"
        assert CANARY not in text
        assert pilot.app.screen.query_one("#save", Button).disabled
        pilot.app.screen.query_one("#type", Select).value = "PASSWORD"
        assert "A PEM block" not in await looked(pilot)
        assert not pilot.app.screen.query_one("#save", Button).disabled


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_an_expired_certificate_is_taken_once_that_is_ticked(
    fake: FakeAdapter, opened: Opened, size: tuple[int, int]
) -> None:
    recipe = certificate.Recipe(common_name="gateway.test", days=30)
    pem = certificate.generate(recipe, NOW - timedelta(days=90)).value
    assert pem is not None
    async with opened(who="developer", size=size) as pilot:
        await fill_new_secret(pilot, name="old_gateway", value="")
        assert "take it although" not in screen_text(pilot), "of certificates only"
        pilot.app.screen.query_one("#type", Select).value = "CERTIFICATE"
        await settle(pilot)
        assert "certificate, chain and private key in one paste" in screen_text(pilot)
        set_text(pilot, "value", pem.get_secret_value())
        await looked(pilot)
        assert "tick Allow expired in the form" in pilot.app.screen.query_one("#field-value", Field).problem
        assert pilot.app.screen.query_one("#save", Button).disabled
        pilot.app.screen.query_one("#allowExpired").focus()
        await pilot.press("space")
        assert "CN=" in await looked(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1]["allowExpired"] is True
        assert fake.bodies[-1]["type"] == "CERTIFICATE"


async def test_a_custom_secrets_rule(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="pin", value="abc")
        assert not pilot.app.screen.query_one("#field-rule").display
        pilot.app.screen.query_one("#type", Select).value = "CUSTOM"
        set_text(pilot, "rule", "regex:[0-9]+")
        await settle(pilot)
        assert pilot.app.screen.query_one("#field-rule").display
        await looked(pilot)
        assert pilot.app.screen.query_one("#save", Button).disabled, "the value breaks it"
        set_text(pilot, "value", "1234")
        set_text(pilot, "rule", "digits")
        assert "Write regex:PATTERN" in await looked(pilot)
        set_text(pilot, "rule", "regex:[0-9]+")
        await looked(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1]["rule"] == "regex:[0-9]+"


async def test_named_fields_are_said_to_be_the_apis(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="pin", value="")
        for kind in ("CUSTOM", "OTHER"):
            pilot.app.screen.query_one("#type", Select).value = kind
            await settle(pilot)
            assert "several named fields in one secret: over the API" in screen_text(pilot)


async def test_the_example_of_a_file_is_of_the_type(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="gateway", value="")
        pilot.app.screen.query_one("#type", Select).value = "CERTIFICATE"
        await settle(pilot)
        await pilot.click("#from-file")
        await settle(pilot)
        assert "certificate and key in one file" in screen_text(pilot)
