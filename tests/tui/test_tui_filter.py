"""The filter line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import Input

from adapter.model.records import iso
from adapter.model.wire import SecretView
from statustui.filter import parse
from statustui.secret_table import SecretTable
from tests.tui.conftest import Opened
from tests.tui.fake_adapter import NOW, secret
from tests.tui.pictures import settle
from tests.tui.steps import screen_text

SECRETS = [
    SecretView.model_validate(one)
    for one in (
        secret("billing_token", type="API_KEY", description="Invoices API", tags=["billing", "EU"]),
        secret("db_password", expiresAt=iso(NOW + timedelta(days=10))),
        secret("db_password", "environment/staging", expiresAt=iso(NOW + timedelta(days=60))),
        secret("old_key", "service/graph", type="TOKEN", expiresAt=iso(NOW - timedelta(days=1))),
        secret("shared", "global", type="CUSTOM", usage="read by node-red"),
        secret("production", "custom/production", tags=["the finance team"]),
    )
]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", {0, 1, 2, 3, 4, 5}),
        ("DB", {1, 2}),
        ("node-red", {4}),
        ("invoices billing", {0}),
        ("invoices staging", set()),
        ("type:api", {0}),
        ("type:tok", {3}),
        ("type:api_key", {0}),
        ("type:password type:custom", {1, 2, 4, 5}),
        ("scope:environment", {0, 1, 2}),
        ("scope:environment/staging", {2}),
        ("scope:production", {0, 1, 5}),
        ("tag:eu", {0}),
        ("tag:e", {0, 5}),
        ("tag:z", set()),
        ("scope:prod", {0, 1, 5}),
        ("scope:graph", {3}),
        ('tag:"finance team"', {5}),
        ("tag:finance team", {5}),
        ('"invoices api"', {0}),
        ('"api invoices"', set()),
        ('"', {0, 1, 2, 3, 4, 5}),
        ('type:"api key"', {0}),
        ("expiring:30d", {1, 3}),
        ("expiring:9w", {1, 2, 3}),
        ("expiring:", {0, 1, 2, 3, 4, 5}),
        ("type:", {0, 1, 2, 3, 4, 5}),
        ("expiring:30d scope:environment", {1}),
        ("[/foo]", set()),
    ],
)
def test_what_a_line_finds(line: str, found: set[int]) -> None:
    assert parse(line).select(SECRETS, NOW) == [SECRETS[index] for index in sorted(found)]


@pytest.mark.parametrize("line", ["expiring:soon", "expiring:30", "expiring:-1d", "expiring:d"])
def test_a_span_that_is_none_is_explained_and_filters_nothing(line: str) -> None:
    assert "expiring:" in parse(line).problem
    assert parse(line).empty


@pytest.mark.parametrize("line", ["type:passwort", "owner:me", "type:x db"])
def test_a_term_that_is_none_is_explained(line: str) -> None:
    assert parse(line).problem


@pytest.mark.parametrize("line", ["type:pass", "type:", "type:ssh-key", "tag:x", "db_password"])
def test_a_term_that_may_become_one_is_not(line: str) -> None:
    assert not parse(line).problem


async def test_a_hint_goes_with_its_text_and_esc_leads_to_the_list(opened: Opened) -> None:
    async with opened(who="developer", size=(80, 24)) as pilot:
        await pilot.press("slash")
        pilot.app.screen.query_one("#filter", Input).value = "owner:me"
        await pilot.pause(0.2)
        await settle(pilot)
        assert "Terms are type:" in screen_text(pilot)
        assert "Nothing matches." in screen_text(pilot)
        pilot.app.screen.query_one("#filter", Input).value = "ownerless"
        await pilot.pause(0.2)
        assert "Terms are type:" not in screen_text(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen.query_one(SecretTable).has_focus
        assert "billing_token" in screen_text(pilot)
