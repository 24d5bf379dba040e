"""The keys that move about in a table, beside the arrows."""

from __future__ import annotations

from textual.binding import Binding

ROW_KEYS = [
    Binding("j", "cursor_down", show=False),
    Binding("k", "cursor_up", show=False),
    Binding("g,home", "scroll_top", show=False),
    Binding("G,end", "scroll_bottom", show=False),
]
