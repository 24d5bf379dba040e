"""Encryption keys as rows among the secrets, and what is shown about one."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from adapter.model.keys import KeyView
from adapter.model.records import parse_time
from adapter.model.wire import SecretView
from statustui.theme import STATUS, VARIABLES
from statustui.times import ago, zoned
from statustui.wording import DASH, one_line

FLAGS = {
    "exportable": "somebody made it exportable",
    "plaintext_backup": "it can be backed up in plain text",
    "deletion_allowed": "it can be deleted",
    "other_type": "not an AES-256-GCM key",
}


class KeyRow(SecretView):
    """A key where a secret is expected; `id` is the row's own, for a secret may have the same address."""

    key: KeyView


def as_row(key: KeyView) -> KeyRow:
    return KeyRow(
        id=f"key {key.id}",
        name=key.name,
        type=key.type,
        environment=key.environment,
        scope=key.scope,
        created_by=None,
        created_at=key.created_at,
        updated_at=key.rotated_at,
        rotated_at=key.rotated_at,
        version=key.version,
        flags=key.flags,
        key=key,
    )


def key_rows(row: KeyRow, now: datetime) -> list[tuple[str, Text]]:
    """Label and text of each line of the details."""
    earlier = [str(version.version) for version in row.key.versions if version.version < row.version]
    decrypting = f"{', '.join(earlier)}: what they encrypted is still decrypted" if earlier else DASH
    rows = [
        ("Type", Text("Encryption key, AES-256-GCM" if "other_type" not in row.flags else "Encryption key")),
        ("Scope", Text(one_line(row.scope))),
        ("Version", Text(f"{row.version}, which encrypts now")),
        ("Earlier", Text(decrypting)),
        ("Rotated", _when(row.rotated_at, now)),
        ("Created", _when(row.created_at, now)),
        ("Key", Text("never leaves the vault", f"italic {VARIABLES['quiet']}")),
        ("Id", Text(one_line(row.key.id), STATUS.primary)),
    ]
    if row.flags:
        words = "; ".join(FLAGS.get(flag, one_line(flag)) for flag in row.flags)
        rows.append(("Note", Text(words, STATUS.warning or "")))
    return rows


def _when(text: str, now: datetime) -> Text:
    moment = parse_time(text) if text else None
    if moment is None:
        return Text(DASH, VARIABLES["faint"])
    return Text(f"{zoned(moment)}\n").append(ago(moment, now), VARIABLES["quiet"])
