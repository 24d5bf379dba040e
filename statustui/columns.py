"""Which columns of the list fit into a width, and how wide each is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Key(StrEnum):
    NAME = "name"
    TYPE = "type"
    DESCRIPTION = "description"
    SCOPE = "scope"
    CREATED = "created"
    USED = "used"


LABELS = {
    Key.NAME: "Name",
    Key.TYPE: "Type",
    Key.DESCRIPTION: "Description",
    Key.SCOPE: "Scope",
    Key.CREATED: "Created",
    Key.USED: "Used",
}
ORDER = tuple(Key)
NARROW = frozenset({Key.DESCRIPTION, Key.CREATED})
GAP = 2
"""Cells between columns: the padding of both neighbours."""
_FIXED = {Key.TYPE: 8, Key.CREATED: 9, Key.USED: 8}
_SHARE = {Key.NAME: 4, Key.DESCRIPTION: 4, Key.SCOPE: 3}
_ROOMY = 88


@dataclass(frozen=True, slots=True)
class Column:
    key: Key
    width: int


def layout(width: int, *, narrow: bool) -> list[Column]:
    """The columns that fill `width` cells, gaps included."""
    keys = [key for key in ORDER if not (narrow and key in NARROW)]
    fixed = {key: cells for key, cells in _FIXED.items() if key in keys}
    if width >= _ROOMY or narrow:
        fixed[Key.TYPE] = 11
    flexible = [key for key in keys if key not in fixed]
    room = max(width - GAP * len(keys) - sum(fixed.values()), 6 * len(flexible))
    shares = sum(_SHARE[key] for key in flexible)
    widths = {key: room * _SHARE[key] // shares for key in flexible}
    widths[Key.NAME] += room - sum(widths.values())
    return [Column(key, fixed.get(key) or widths[key]) for key in keys]
