"""Names side by side, to be clicked; the one that one is at stands out by more than colour."""

from __future__ import annotations

from textual.content import Content


def word(label: str, *, at: bool, click: str) -> Content:
    """`click`: the action that a click on it runs."""
    return Content.styled(label, f"{'bold underline $accent' if at else '$side'} @click={click}")
