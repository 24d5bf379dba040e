"""The reports: their rows, their pages, who may have them."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapter.audit.counts import DAY, by_day, by_scope
from adapter.audit.storage import open_index
from adapter.model.address import Address
from adapter.model.moves import CREATED_AT
from adapter.model.records import iso
from adapter.model.reports import Report, ReportColumn, ReportName
from adapter.model.wire import SecretView
from adapter.service import report_rows
from adapter.service.report_pages import as_csv, as_html, as_markdown
from adapter.service.views import view
from adapter.vault.answers import Metadata, VersionMeta
from tests.audit.reading import events_in, indexed, vector_lines
from tests.audit.test_unusual_calls import until
from tests.support.server import People

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def secret(name: str, age: int, **changes: Any) -> SecretView:
    """A secret that was made so many days ago."""
    made = iso(NOW - timedelta(days=age))
    body = {
        "id": f"environment~production~{name}",
        "name": name,
        "type": "PASSWORD",
        "environment": "production",
        "scope": "environment/production",
        "created_by": "ada",
        "created_at": made,
        "updated_at": made,
        "rotated_at": made,
        "version": 1,
    }
    return SecretView.model_validate({**body, **changes})


def names(made: report_rows.Made) -> list[str]:
    return [str(row["secret"]).rpartition("/")[2] for row in made.rows]


def day(days: int) -> str:
    return iso(NOW + timedelta(days=days))


def test_unused() -> None:
    found = [
        secret("young", 10),
        secret("never", 100),
        secret("long-ago", 100, last_used_at=day(-91)),
        secret("lately", 100, last_used_at=day(-89)),
    ]
    assert names(report_rows.unused(found, NOW, 90)) == ["never", "long-ago"]
    assert names(report_rows.unused(found, NOW, 5)) == ["young", "never", "long-ago", "lately"]


def test_never_rotated() -> None:
    found = [secret("one", 10), secret("two", 100), secret("rotated", 100, version=2)]
    made = report_rows.never_rotated(found, NOW, 0)
    assert names(made) == ["two", "one"]
    assert made.rows[0]["days"] == 100
    assert names(report_rows.never_rotated(found, NOW, 50)) == ["two"]


def test_expiring() -> None:
    found = [
        secret("later", 1, expires_at=day(31)),
        secret("soon", 1, expires_at=day(30)),
        secret("past", 1, expires_at=day(-3), expired=True),
        secret("no", 1),
    ]
    made = report_rows.expiring(found, NOW, 30)
    assert [(str(row["secret"])[-4:], row["daysLeft"]) for row in made.rows] == [("past", -3), ("soon", 30)]


@given(
    st.dictionaries(st.sampled_from(["rotate_every", "expires_at", "usage", "v1", CREATED_AT]), st.text(max_size=40))
)
@example({"expires_at": "some day", CREATED_AT: "never"})
@example({"v1": '{"by":"a","at":"9999-12-31T00:00:00.000Z","op":"created"}', "rotate_every": "99999w"})
def test_whatever_somebody_wrote_makes_a_report(custom: dict[str, str]) -> None:
    entry = Metadata(day(-100), day(-100), 1, 0, {"1": VersionMeta(day(-100))}, custom)
    seen = view(Address("environment/production/x"), entry, NOW)
    assert ("expiry_unreadable" in seen.flags) == (bool(custom.get("expires_at")) and seen.expires_at is None)
    for make in (report_rows.unused, report_rows.never_rotated, report_rows.expiring, report_rows.rotation_due):
        made = make([seen], NOW, 90)
        report = Report(
            name="x", title="", about="", made_at="", made_by="", columns=list(made.columns), rows=made.rows
        )
        for page in (as_html, as_markdown, as_csv):
            assert page(report)
    assert custom.get(CREATED_AT) != "never" or names(report_rows.unused([seen], NOW, 90)) == ["x"]


def test_days_left_are_whole_and_an_expiry_that_cannot_be_read_is_told() -> None:
    found = [
        secret("odd", 1, flags=["expiry_unreadable"]),
        secret("passed", 1, expires_at=iso(NOW - timedelta(hours=12)), expired=True),
        secret("today", 1, expires_at=iso(NOW + timedelta(hours=12))),
        secret("tomorrow", 1, expires_at=iso(NOW + timedelta(hours=36))),
    ]
    made = report_rows.expiring(found, NOW, 30)
    assert dict(zip(names(made), [row["daysLeft"] for row in made.rows], strict=True)) == {
        "passed": -1, "today": 0, "tomorrow": 1, "odd": None,
    }  # fmt: skip


def test_rotation_due() -> None:
    found = [
        secret("due", 100, rotate_every="90d"),
        secret("weeks", 100, rotate_every="14w"),
        secret("later", 100, rotate_every="101d"),
        secret("odd", 100, rotate_every="often"),
        secret("no", 100),
    ]
    made = report_rows.rotation_due(found, NOW, 0)
    assert [(row["rotateEvery"], row["days"]) for row in made.rows] == [("90d", 10), ("14w", 2), ("often", None)]
    assert len(report_rows.rotation_due(found, NOW, 1).rows) == 4


@pytest.mark.parametrize("every", ["\N{SUPERSCRIPT TWO}d", "99999999999d", "d", "-1d", "1 month"])
def test_an_interval_that_somebody_made_up_is_told(every: str) -> None:
    (row,) = report_rows.rotation_due([secret("odd", 100, rotate_every=every)], NOW, 0).rows
    assert (row["rotateEvery"], row["dueAt"]) == (every, None)


def test_counts_are_those_of_the_events(tmp_path: Path) -> None:
    path = indexed(tmp_path / "index", vector_lines())
    events = events_in(path)
    connection = open_index(path)
    counted, days = by_scope(connection, 0, 2**62), by_day(connection, 0, 2**62)
    connection.close()
    assert sum(one.count for one in counted) == sum(one.scope is not None for one in events)
    assert sum(one.count for one in days) == len(events)
    rows = report_rows.access(counted).rows
    scope = "environment/production"
    uses = {row["actor"]: row["uses"] for row in rows if row["scope"] == scope and row["actorKind"] == "person"}
    expected = [one for one in events if one.scope == scope and one.actor == "admin" and one.outcome == "done"]
    assert uses["admin"] == sum(one.act in ("used", "wrapped") for one in expected)
    denied = sum(int(row["denied"] or 0) for row in rows)
    assert denied == sum(one.outcome == "denied" for one in events if one.scope)


def test_every_day_is_a_row() -> None:
    counted = [report_rows.OfDay(day=100, act="used", outcome="done", count=7)]
    made = report_rows.activity(counted, 90 * DAY, 103 * DAY)
    assert [row["uses"] for row in made.rows] == [7, 0, 0, 0]
    assert made.rows[0]["day"] == "1970-04-11"
    assert len(report_rows.activity([], 0, 100_000 * DAY).rows) == 1


HOSTILE = ["<script>alert(1)</script>", "a|b", "[x](javascript:alert(1))", '"><img src=x onerror=y>', "*b* _i_ `c` # h"]


def hostile_report() -> Report:
    rows: list[dict[str, str | int | None]] = [{"secret": text, "n": 3, "at": None} for text in HOSTILE]
    columns = [
        ReportColumn(key="secret", label="<b>Secret"),
        ReportColumn(key="n", label="N", kind="number"),
        ReportColumn(key="at", label="At", kind="time"),
    ]
    made = {"made_at": iso(NOW), "made_by": "<i>ada", "start": iso(NOW), "end": iso(NOW), "known_since": iso(NOW)}
    return Report(name="x", title="<u>T", about="<s>A", columns=columns, rows=rows, **made)


def test_html_is_self_contained_and_escaped() -> None:
    page = as_html(hostile_report())
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9!]+)", page))
    known = {"!DOCTYPE", "html", "head", "meta", "title", "style", "body", "h1", "p", "dl", "dt", "dd", "table"}
    assert tags <= known | {"thead", "tbody", "tr", "th", "td"}
    assert not re.search(r"(?:src|href)=|url\(|@import", page.replace("&quot;&gt;&lt;img src=x", ""))
    assert page.count("<tr>") == len(HOSTILE) + 1
    assert "2026-11-25 12:00:00 UTC" in page


def test_markdown_is_escaped() -> None:
    page = as_markdown(hostile_report())
    rows = page.splitlines()[-len(HOSTILE) :]
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4
        assert not re.search(r"(?<!\\)[<>\[\]`*_]", row)


def test_csv_is_what_a_spreadsheet_reads_and_runs_nothing_of() -> None:
    report = hostile_report()
    report.rows.extend(
        [{"secret": '=HYPERLINK("//x","y")', "n": -3, "at": None}, {"secret": "a,\nb", "n": None, "at": "t"}]
    )
    rows = list(csv.reader(io.StringIO(as_csv(report), newline="")))
    assert rows[0] == ["secret", "n", "at"]
    assert [row[0] for row in rows[1:]] == [*HOSTILE, '\'=HYPERLINK("//x","y")', "a,\nb"]
    assert rows[-2][1:] == ["-3", ""]


def test_notes_stand_on_every_page() -> None:
    report = hostile_report().model_copy(update={"notes": ["<b>not all"]})
    assert "<p>&lt;b&gt;not all</p>" in as_html(report)
    assert "\\<b\\>not all" in as_markdown(report).splitlines()
    assert "- Made: 2026-11-25 12:00:00 UTC by \\<i\\>ada" in as_markdown(report).splitlines()
    listed = report.model_copy(update={"notes": ["- no list", "+ none"]})
    assert {"\\- no list", "\\+ none"} <= set(as_markdown(listed).splitlines())


async def test_each_report_from_the_real_server(watching: httpx.AsyncClient, people: People, fresh: str) -> None:
    admin = people["admin"]
    body = {
        "name": fresh,
        "type": "PASSWORD",
        "value": "v-77a0",
        "expiresAt": iso(datetime.now(UTC) + timedelta(days=5)),
    }
    assert (await watching.post("secrets", json=body, headers=admin.headers)).status_code == 201
    value = await watching.post(f"secrets/environment~production~{fresh}/value", json={}, headers=admin.headers)
    assert value.status_code == 200

    async def used() -> Any:
        params = {"secret": f"environment/production/{fresh}", "act": "used"}
        return (await watching.get("audit", params=params, headers=admin.headers)).json()["events"]

    await until(used)
    reports: dict[str, Any] = {}
    for name in ReportName:
        answer = await watching.get(f"reports/{name}", headers=admin.headers)
        assert answer.status_code == 200, answer.text
        reports[name] = answer.json()
        assert reports[name]["madeBy"] == admin.name
        assert all(set(row) <= {one["key"] for one in reports[name]["columns"]} for row in reports[name]["rows"])
        for format, kind in (("html", "text/html"), ("md", "text/markdown"), ("csv", "text/csv")):
            page = await watching.get(f"reports/{name}", params={"format": format}, headers=admin.headers)
            assert page.headers["content-type"].startswith(kind)
            assert "v-77a0" not in page.text
    address = f"environment/production/{fresh}"
    assert address in {row["secret"] for row in reports["never-rotated"]["rows"]}
    (expiring,) = [row for row in reports["expiring"]["rows"] if row["secret"] == address]
    assert expiring["daysLeft"] in (4, 5)
    assert address not in {row["secret"] for row in reports["unused"]["rows"]}
    assert "begins before the audit log does" in reports["unused"]["notes"][0]
    assert reports["expiring"]["notes"] == []
    access = [row for row in reports["access-per-scope"]["rows"] if row["actor"] == admin.name]
    assert max(row["uses"] for row in access if row["scope"] == "environment/production") >= 1
    assert reports["activity"]["rows"][-1]["day"] == datetime.now(UTC).date().isoformat()
    assert reports["activity"]["rows"][-1]["uses"] >= 1


@pytest.mark.parametrize(
    ("who", "name", "params", "status"),
    [
        ("viewer", "unused", {}, 403),
        ("developer", "activity", {}, 403),
        ("admin", "all", {}, 404),
        ("admin", "unused", {"days": -1}, 400),
        ("admin", "unused", {"days": 10**6}, 400),
        ("admin", "activity", {"from": "soon"}, 400),
        ("admin", "activity", {"from": "1d", "to": "2d"}, 400),
        ("admin", "unused", {"format": "pdf"}, 400),
    ],
)
async def test_what_is_refused(
    watching: httpx.AsyncClient, people: People, who: str, name: str, params: dict[str, Any], status: int
) -> None:
    async def answered() -> Any:
        answer = await watching.get(f"reports/{name}", params=params, headers=people[who].headers)
        return answer if answer.status_code != 502 else None

    answer = await until(answered)
    assert answer.status_code == status, answer.text
    assert answer.json()["code"]
