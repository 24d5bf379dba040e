"""The form of a new secret, and its one confirmation."""

from __future__ import annotations

import gc

import pytest
from pydantic import SecretStr
from textual import events
from textual.widgets import Button, Input, Select

from adapter.errors import Invalid, NotSignedIn, Unreachable
from statustui.create import CreateScreen
from statustui.created import CreatedScreen
from statustui.secret_table import SecretTable
from statustui.secrets_screen import SecretsScreen
from statustui.signin import SignInAgain
from statustui.wording import MASKED
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import PASSWORDS, FakeAdapter
from tests.tui.pictures import settle
from tests.tui.steps import fill_new_secret, screen_text, type_new_secret, type_text

CANARY = "canary-7f3e9b"


async def test_create_confirms_once_and_forgets(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        seen = []
        await type_new_secret(pilot, name="Stripe Key", value=CANARY, description="Payments")
        seen.append(screen_text(pilot))
        assert "will be stored as stripe_key" in seen[-1]
        await pilot.press("ctrl+s")
        await settle(pilot)
        seen.append(screen_text(pilot))
        assert isinstance(pilot.app.screen, CreatedScreen)
        assert "stripe_key was created" in seen[-1]
        assert MASKED in seen[-1]
        assert not any(CANARY in one for one in seen), "masked until asked for"

        await pilot.press("s")
        await settle(pilot)
        assert CANARY in screen_text(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert pilot.app.clipboard == ""
        await pilot.press("enter")
        await settle(pilot)

        text = screen_text(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert CANARY not in text
        assert "stripe_key: version 1 created" in text
        current = pilot.app.screen.query_one(SecretTable).current
        assert current is not None
        assert current.name == "stripe_key"
        assert fake.bodies[-1] == {
            "name": "stripe_key",
            "type": "PASSWORD",
            "value": CANARY,
            "scope": "environment/production",
            "description": "Payments",
        }
        fake.bodies.clear()
        assert not [one for one in pilot.app._notifications if CANARY in one.message]
        gc.collect()
        kept = [one for one in gc.get_objects() if isinstance(one, SecretStr) and one.get_secret_value() == CANARY]
        assert kept == []


async def test_the_value_hides_again(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await fill_new_secret(pilot, name="x", value=CANARY)
        await pilot.press("ctrl+s")
        await settle(pilot)
        await pilot.press("s")
        screen = pilot.app.screen
        assert isinstance(screen, CreatedScreen)
        for _ in range(10):
            screen._tick()
        await pilot.pause()
        assert CANARY not in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CreatedScreen), "esc does not lose the value"


async def test_problems_stand_under_their_fields(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="bad/name", value="v")
        text = screen_text(pilot)
        assert "The name may not contain '/'." in text
        assert pilot.app.screen.query_one("#save", Button).disabled
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CreateScreen)
        assert pilot.app.screen.query_one("#name").has_focus
        pilot.app.screen.query_one("#name", Input).value = "billing_token"
        await settle(pilot)
        assert "billing_token exists already in" in screen_text(pilot)
        pilot.app.screen.query_one("#name", Input).value = "fine"
        pilot.app.screen.query_one("#expiresAt", Input).value = "2020-01-01"
        await settle(pilot)
        assert "That date has passed." in screen_text(pilot)
        pilot.app.screen.query_one("#expiresAt", Input).value = "90d"
        await settle(pilot)
        assert not pilot.app.screen.query_one("#save", Button).disabled


async def test_an_empty_form_does_not_scold_and_saves_nothing(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await pilot.press("n")
        await settle(pilot)
        assert "empty" not in screen_text(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The name is empty." in screen_text(pilot)
        assert "The value is empty." in screen_text(pilot)
        assert not fake.bodies


async def test_the_servers_problem_stands_under_its_field(opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await fill_new_secret(pilot, name="fresh", value=CANARY, description="server says no")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The server does not take this description." in screen_text(pilot)
        assert pilot.app.screen.query_one("#value", Input).value == CANARY, "nothing typed is lost"
        assert pilot.app.screen.query_one("#description").has_focus


async def test_another_error_stands_at_the_top(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await fill_new_secret(pilot, name="fresh", value=CANARY)
        fake.fail = Unreachable("The vault does not answer.", hint="Try again.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        text = screen_text(pilot)
        assert "The vault does not answer." in text
        assert CANARY not in text
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CreatedScreen)


async def test_a_form_survives_a_session_that_ends(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await fill_new_secret(pilot, name="fresh", value=CANARY)
        fake.fail = NotSignedIn("The session has ended.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SignInAgain)
        await type_text(pilot, "wrong")
        await pilot.press("enter")
        await settle(pilot)
        assert "User name or password is wrong." in screen_text(pilot)
        await type_text(pilot, PASSWORDS["developer"])
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, CreatedScreen), "the save went on by itself"
        assert fake.bodies[-1]["value"] == CANARY


async def test_typed_input_is_not_thrown_away_unasked(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await fill_new_secret(pilot, name="fresh", value=CANARY)
        for leave in ("escape", "ctrl+q"):
            await pilot.press(leave)
            await settle(pilot)
            assert "Throw this away?" in screen_text(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert isinstance(pilot.app.screen, CreateScreen)
        await pilot.press("escape", "left", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen), "an empty form closes without a question"


async def test_the_value_is_masked_and_cannot_be_copied_out(opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await fill_new_secret(pilot, name="fresh", value=CANARY)
        await pilot.press("ctrl+shift+a", "ctrl+c")
        assert pilot.app.clipboard == ""
        assert CANARY not in screen_text(pilot)
        await pilot.click("#show-value")
        await settle(pilot)
        assert CANARY in screen_text(pilot)
        await pilot.click("#generate")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        value = pilot.app.screen.query_one("#value", Input)
        assert len(value.value) == 24
        assert value.value not in screen_text(pilot)


async def test_a_pasted_value_keeps_its_lines(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer") as pilot:
        await fill_new_secret(pilot, name="pem", value="")
        pilot.app.screen.query_one("#value").post_message(events.Paste("one\rtwo\rthree\r"))
        await settle(pilot)
        assert "4 lines, 14 characters." in screen_text(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1]["value"] == "one\ntwo\nthree\n"


async def test_save_does_not_overtake_what_was_typed(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(120, 40)) as pilot:
        await pilot.press("n")
        await settle(pilot)
        for key in (*"quick", "tab", "tab", "tab", *"value", "ctrl+s"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert fake.bodies[-1]["name"] == "quick"
        assert fake.bodies[-1]["value"] == "value"


async def test_the_confirmation_says_what_each_key_did(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="x", value=CANARY)
        await pilot.press("ctrl+s")
        await settle(pilot)
        text = screen_text(pilot)
        assert "People cannot look" in text
        assert "you included." in text
        assert "Done, I have it" in text.splitlines()[-1], "the foot has a key for it"
        await pilot.press("s")
        await settle(pilot)
        assert "hidden again in" in screen_text(pilot)
        await pilot.press("c")
        await settle(pilot)
        text = screen_text(pilot)
        assert "Copied to your terminal's clipboard." in text
        assert "it and select it." in text, "not cut off"
        assert CANARY in text
        await pilot.press("escape")
        await settle(pilot)
        assert "Choose Done once you have it" in screen_text(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(pilot.app.screen, SecretsScreen)
        assert CANARY not in screen_text(pilot)


async def test_a_certificate_takes_a_passphrase(
    fake: FakeAdapter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statustui.value_entry.PAUSE", 60.0)  # what is typed here is no PEM, and would be said so
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="gateway_cert", value="PEM")
        assert "Passphrase" not in screen_text(pilot)
        pilot.app.screen.query_one("#type", Select).value = "CERTIFICATE"
        await settle(pilot)
        text = screen_text(pilot)
        assert "Passphrase" in text
        assert "Generate" in text
        pilot.app.screen.query_one("#passphrase", Input).value = CANARY
        fake.fail = Invalid.field("privateKey", "The private key is not the certificate's.")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert "The private key is not the certificate's." in screen_text(pilot)
        assert pilot.app.screen.query_one("#value").has_focus
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert fake.bodies[-1]["type"] == "CERTIFICATE"
        assert fake.bodies[-1]["passphrase"] == CANARY
        assert "Done, I have it" in screen_text(pilot)


async def test_a_passphrase_of_another_type_is_not_sent(fake: FakeAdapter, opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await fill_new_secret(pilot, name="x", value="v")
        for kind in ("SSH_KEY", "PASSWORD"):
            pilot.app.screen.query_one("#type", Select).value = kind
            pilot.app.screen.query_one("#passphrase", Input).value = CANARY
            await settle(pilot)
        pilot.app.screen.query_one("#rotateEvery", Input).value = "90d"
        pilot.app.screen.query_one("#usage", Input).value = "node-red"
        await pilot.press("ctrl+s")
        await settle(pilot)
        body = fake.bodies[-1]
        assert "passphrase" not in body
        assert (body["rotateEvery"], body["usage"]) == ("90d", "node-red")
