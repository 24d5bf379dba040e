"""Which columns of the audit table fit into a width, and how wide each is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Key(StrEnum):
    TIME = "Time"
    ACT = "Act"
    SECRET = "Secret"  # noqa: S105
    SCOPE = "Scope"
    VERSION = "Version"
    WHO = "Who"
    WHY = "Reason"
    ADDRESS = "From"
    CLIENT = "With"


MARK = 2
"""Cells at the left for the mark of what is unusual."""
GAP = 2
"""Cells between columns."""
_ANY = (Key.TIME, Key.ACT, Key.SECRET, Key.SCOPE, Key.WHO, Key.WHY, Key.ADDRESS, Key.CLIENT)
_ONE_SECRET = (Key.TIME, Key.ACT, Key.VERSION, Key.WHO, Key.WHY, Key.ADDRESS, Key.CLIENT)
_ONLY_WIDE = frozenset({Key.WHY, Key.ADDRESS, Key.CLIENT})
_FIXED = {Key.TIME: 8, Key.ACT: 17, Key.SCOPE: 11, Key.VERSION: 7, Key.ADDRESS: 12, Key.CLIENT: 4}
_ROOMY = {Key.SCOPE: 16, Key.ADDRESS: 15, Key.ACT: 20, Key.CLIENT: 6}
_SHARE = {Key.SECRET: 5, Key.WHO: 4, Key.WHY: 5}
_NOT_SLIM = frozenset({Key.SCOPE, Key.VERSION})
SLIM_BELOW, _WIDE_FROM, _ROOMY_FROM = 64, 96, 140


@dataclass(frozen=True, slots=True)
class Column:
    key: Key
    width: int


def layout(width: int, *, one_secret: bool = False) -> list[Column]:
    """The columns that fill `width` cells, mark and gaps included."""
    left_out = _ONLY_WIDE if width < _WIDE_FROM else frozenset()
    left_out |= _NOT_SLIM if width < SLIM_BELOW else frozenset()
    keys = [key for key in (_ONE_SECRET if one_secret else _ANY) if key not in left_out]
    fixed = {**_FIXED, **(_ROOMY if width >= _ROOMY_FROM else {})}
    flexible = [key for key in keys if key not in fixed]
    taken = MARK + GAP * len(keys) + sum(fixed[key] for key in keys if key in fixed)
    room = max(width - taken, 6 * len(flexible))
    shares = sum(_SHARE[key] for key in flexible)
    widths = {key: room * _SHARE[key] // shares for key in flexible}
    widths[flexible[-1]] += room - sum(widths.values())
    return [Column(key, fixed.get(key) or widths[key]) for key in keys]
