"""Times, cuts, columns, checks: what is pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from adapter.errors import Invalid
from adapter.model.roles import Role
from adapter.model.signing_in import Me
from statustui import checks, times
from statustui.columns import GAP, Key, layout
from statustui.scope_tree import scope_rows
from statustui.session import Session
from statustui.wording import cut_end, cut_middle, one_line, short_scope

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=6, hours=23), "6 d"),
        (timedelta(days=7), "16 Nov"),
        (timedelta(days=265), "3 Mar"),
        (timedelta(days=400), "Oct 2025"),
        (timedelta(days=-400), "Dec 2027"),
    ],
)
def test_times_in_a_column(before: timedelta, shown: str) -> None:
    assert times.short(NOW - before, NOW, UTC) == shown
    assert len(shown) <= 8


def test_times_in_words() -> None:
    assert times.ago(NOW - timedelta(seconds=5), NOW) == "just now"
    assert times.ago(NOW + timedelta(days=88), NOW) == "in 88 d"
    assert times.both(NOW - timedelta(hours=2), NOW, UTC) == "2026-11-23 07:12:00 UTC · 2 h ago"
    assert times.left(NOW + timedelta(minutes=58), NOW) == "58 min left"
    assert times.left(NOW + timedelta(hours=9), NOW) == "9 h left"
    assert times.left(NOW, NOW) == "ended"


@pytest.mark.parametrize("text", ["billing_token", "a" * 200, "数据库密码" * 20, "x", ""])
@pytest.mark.parametrize("width", [0, 1, 2, 5, 13, 40])
def test_a_cut_never_takes_more_than_its_room(text: str, width: int) -> None:
    assert cell_len(cut_middle(text, width)) <= width
    assert cell_len(cut_end(text, width)) <= width


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert cut_middle("status_jwt_shared_key_backend", 15) == "status_…backend"


def test_foreign_text_cannot_move_the_cursor() -> None:
    assert one_line("a\x1b[31mb\n\u202ec") == "a\ufffd[31mb\ufffd\ufffdc"


def test_scopes_in_a_column() -> None:
    assert [short_scope(one) for one in ("environment/production", "service/graph", "global")] == [
        "production",
        "service/graph",
        "global",
    ]


@pytest.mark.parametrize("width", [40, 57, 76, 95, 140])
@pytest.mark.parametrize("narrow", [True, False])
def test_the_columns_fill_the_width(width: int, narrow: bool) -> None:
    columns = layout(width, narrow=narrow)
    if width >= 76 or narrow:
        assert sum(column.width + GAP for column in columns) == width
    assert [column.key for column in columns] == [
        key for key in Key if not (narrow and key in (Key.DESCRIPTION, Key.CREATED))
    ]


def test_the_scopes_are_counted_by_kind() -> None:
    rows = scope_rows(["global", "environment/a", "environment/a", "other place"], ["environment/b"])
    assert [(row.label, row.count, row.depth) for row in rows] == [
        ("all", 4, 0),
        ("global", 1, 0),
        ("environment", 2, 0),
        ("a", 2, 1),
        ("b", 0, 1),
        ("outside scopes", 1, 0),
    ]
    folded = scope_rows(["environment/a"], [], frozenset({"environment"}))
    assert [row.label for row in folded] == ["all", "environment"]


@pytest.mark.parametrize(
    ("text", "expiry"),
    [("", None), ("2d", "2026-11-25T09:12:00.000Z"), ("2026-11-23", "2026-11-23"), ("2026-12-01", "2026-12-01")],
)
def test_an_expiry_is_read(text: str, expiry: str | None) -> None:
    assert checks.read_expiry(text, NOW) == expiry


@pytest.mark.parametrize("text", ["soon", "2026-11-01", "0d", "2026-13-01", "99999w"])
def test_an_expiry_that_is_none_is_refused(text: str) -> None:
    if text == "99999w":
        assert checks.read_expiry(text, NOW)
        return
    with pytest.raises(Invalid):
        checks.read_expiry(text, NOW)


def test_tags_are_read_once_each() -> None:
    assert checks.read_tags(" a, b ,,a") == ["a", "b"]


def test_what_a_session_may_write() -> None:
    one = Session.of(Me(name="a", expires_at=None, roles={"global": "USER", "service/b": "DEVELOPER", "x": "BOSS"}))
    assert one.writable(["custom/c"]) == ["service/b"]
    assert one.highest is Role.DEVELOPER
    everywhere = Session.of(Me(name="a", expires_at=None, roles={"*": "ADMIN"}))
    assert everywhere.writable(["custom/c"]) == ["custom/c", "global"]
    assert everywhere.holds(Role.ADMIN, "anything")
    assert Session.of(Me(name="a", expires_at=None, roles={})).highest is None


@pytest.mark.parametrize(
    ("expiry", "text"),
    [
        (None, ""),
        ("2026-12-01T23:59:59.000Z", "2026-12-01"),
        ("2026-12-01T12:30:00.000Z", "2026-12-01T12:30:00Z"),
    ],
)
def test_an_expiry_stands_in_the_form_as_one_would_type_it(expiry: str | None, text: str) -> None:
    assert checks.expiry_text(expiry) == text
