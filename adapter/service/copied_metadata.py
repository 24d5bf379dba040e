"""What stands in `custom_metadata` at the new place of a secret that is renamed or moved."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from adapter.model.moves import (
    COPIED_TIMES,
    CREATED_AT,
    RENAMED,
    RENAMED_FROM,
    Mark,
    encode_times,
    lasting,
    mark_keys,
    renamed_note,
)
from adapter.model.records import parse_time, record_key
from adapter.service.fields import METADATA_KEYS, OWN_ROOM, Changes
from adapter.service.views import secret_time, version_time
from adapter.vault.answers import Metadata

TRACES = frozenset({RENAMED, RENAMED_FROM, CREATED_AT, COPIED_TIMES})
"""The lasting keys that a rename adds: who, from where, when the secret and its versions were made."""


def carried(entry: Metadata, target: Metadata, mark: Mark) -> Changes:
    """What has to change at the new place, whose mark is `mark`, so that it is complete, and says so."""
    wanted = _without_traces(entry) | _traces(entry, mark)
    room = METADATA_KEYS - OWN_ROOM - len(wanted)
    wanted |= dict(islice(_filler_records(entry, target, mark), max(room, 0)))
    wanted |= replace(mark, complete=True).encode()
    left: Changes = {key: None for key in target.custom if key not in wanted and key not in mark_keys(target.custom)}
    return left | {key: text for key, text in wanted.items() if target.custom.get(key) != text}


def _without_traces(entry: Metadata) -> dict[str, str]:
    return {key: text for key, text in lasting(entry.custom).items() if key not in TRACES}


def _traces(entry: Metadata, mark: Mark) -> dict[str, str]:
    times = {int(number): parse_time(version_time(entry, int(number))) for number in entry.versions}
    traces = {
        RENAMED: renamed_note(mark.record, entry.current_version),
        CREATED_AT: secret_time(entry),
        COPIED_TIMES: encode_times({number: time for number, time in times.items() if time is not None}),
    }
    if mark.other is not None:  # a scope that the secret has left is not told to those of the new one
        traces[RENAMED_FROM] = mark.other.path
    return {key: text for key, text in traces.items() if text}


def _filler_records(entry: Metadata, target: Metadata, mark: Mark) -> list[tuple[str, str]]:
    """Who made the versions that only keep the numbering, newest first."""
    numbers = sorted({*map(int, target.versions)} - {*map(int, entry.versions)}, reverse=True)
    return [(record_key(number), mark.record.encode()) for number in numbers]
