"""Everything about one secret but its value, line by line. Pure."""

from __future__ import annotations

from datetime import datetime

from rich.table import Table
from rich.text import Text

from adapter.model.details import interval_of
from adapter.model.records import parse_time
from adapter.model.wire import SecretView
from statustui.path_text import PathText
from statustui.theme import STATUS, VARIABLES
from statustui.times import ago, both, zoned
from statustui.wording import DASH, cut_end, cut_middle, one_line, parse_scope, public_key, reference, type_label

_QUIET = VARIABLES["quiet"]
LABEL_WIDTH = 12
_KEY_WIDTH = 56
FLAGS = {
    "author_differs": "the log names another author",
    "record_missing": "no record of who made this version",
    "expiry_unreadable": "its expiry is no date that can be read",
    "moving": "is being renamed, or that ended half way",
    "outside": "written without STATUS",
    "reason_missing": "no reason was given, though the scope asks for one",
    "unclassified": "made without STATUS: no type is known; A adopts it",
}


def detail_rows(secret: SecretView, now: datetime) -> list[tuple[str, Text]]:
    """Label and text of each line. Foreign text goes through `Text`, never through markup."""
    rows = [
        ("Type", Text(type_label(secret.type))),
        ("Description", or_dash(secret.description)),
        ("Scope", Text(one_line(secret.scope)) if parse_scope(secret.scope) else Text("outside every scope")),
        ("Version", Text(str(secret.version))),
        ("Changed", _when_who(secret.rotated_at, secret.changed_by, now)),
        ("Reason", or_dash(secret.reason)),
        ("Created", _when_who(secret.created_at, secret.created_by, now)),
        ("Expires", _expiry(secret, now)),
        ("Rotation", _rotation(secret, now)),
        ("Tags", or_dash(", ".join(secret.tags))),
        ("Usage", or_dash(secret.usage)),
        ("Last used", Text(both(time_of(secret.last_used_at), now)) if secret.last_used_at else or_dash("")),
        *((_fact_label(name), or_dash(text)) for name, text in secret.facts.items() if name != "public_key"),
        *([("Public key", _public_key(public_key(secret)))] if public_key(secret) else ()),
        ("Value", Text("never shown", f"italic {_QUIET}")),
        ("Reference", PathText(one_line(reference(secret)), STATUS.primary or "")),
    ]
    if secret.flags:
        rows.append(
            ("Note", Text("; ".join(FLAGS.get(one, one_line(one)) for one in secret.flags), STATUS.warning or ""))
        )
    return rows


def _rotation(secret: SecretView, now: datetime) -> Text:
    if not secret.rotate_every:
        return or_dash("")
    text = Text(f"every {one_line(secret.rotate_every)}")
    every, since = interval_of(secret.rotate_every), time_of(secret.rotated_at)
    if every is None or since is None:
        return text
    due = since + every
    return text.append(f", due {ago(due, now)}", f"bold {STATUS.warning}" if due <= now else _QUIET)


def _fact_label(name: str) -> str:
    """`not_after` as `Not after`."""
    return cut_end(one_line(name.replace("_", " ").capitalize()), LABEL_WIDTH)


def time_of(text: str | None) -> datetime | None:
    return parse_time(text) if text else None


def or_dash(text: str | None) -> Text:
    return Text(one_line(text)) if text else Text(DASH, VARIABLES["faint"])


def _public_key(line: str) -> Text:
    """Enough of it to tell it from another; the copy is whole."""
    return Text(cut_middle(one_line(line), _KEY_WIDTH)).append("\nC copies it", _QUIET)


def _when_who(time: str, who: str | None, now: datetime) -> Text:
    moment = time_of(time)
    if moment is None:
        return or_dash(one_line(time))
    text = Text(f"{zoned(moment)}\n")
    text.append(ago(moment, now), _QUIET)
    if who:
        text.append(" by ", _QUIET).append(one_line(who))
    return text


def _expiry(secret: SecretView, now: datetime) -> Text:
    moment = time_of(secret.expires_at)
    if moment is None:
        return or_dash(secret.expires_at or "")
    if secret.expired:
        return Text(f"expired {ago(moment, now)}\n{zoned(moment)}", f"bold {STATUS.error}")
    return Text(zoned(moment)).append(f"\n{ago(moment, now)}", _QUIET)


def one_column(rows: list[tuple[str, Text]]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=LABEL_WIDTH, style=_QUIET)
    grid.add_column(ratio=1, overflow="fold")
    for label, text in rows:
        grid.add_row(label, text)
    return grid


def two_columns(rows: list[tuple[str, Text]]) -> Table:
    """Side by side, as many lines at the left as at the right."""
    grid = Table.grid(padding=(0, 3, 0, 0), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    half = next((i for i, (label, _) in enumerate(rows) if label == "Expires"), len(rows) // 2)
    grid.add_row(one_column(rows[:half]), one_column(rows[half:]))
    return grid
