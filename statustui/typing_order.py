"""Keys that move the focus, taken in the order in which they were typed."""

from __future__ import annotations

from textual.binding import Binding

# Without priority, Tab waits in the focused input's queue while the keys after it (a password manager types fast)
# are already being sent to that same input: part of a password would land in the name.
TAB_IN_ORDER = [
    Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
]
