"""How wide each column of the versions is. Pure."""

from __future__ import annotations

from enum import StrEnum

from statustui.columns import GAP


class Key(StrEnum):
    NUMBER = "#"
    STATE = "State"
    CREATED = "Created"
    BY = "By"
    REASON = "Reason"


_FIXED = {Key.NUMBER: 4, Key.STATE: 9, Key.CREATED: 19}
_MOST_OF_A_NAME = 24


def widths(width: int) -> dict[Key, int]:
    """The columns that fill `width` cells, gaps included: a third of what is left for the name, the rest to reasons."""
    room = max(width - GAP * len(Key) - sum(_FIXED.values()), 12)
    name = min(room // 3, _MOST_OF_A_NAME)
    return {**_FIXED, Key.BY: name, Key.REASON: room - name}
