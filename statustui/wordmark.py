"""The product's name as drawn on the first screens."""

from __future__ import annotations

from textual.content import Content

_LINES = (
    "┏━┓╺┳╸┏━┓╺┳╸╻ ╻┏━┓",
    "┗━┓ ┃ ┣━┫ ┃ ┃ ┃┗━┓",
    "┗━┛ ╹ ╹ ╹ ╹ ┗━┛┗━┛",
)


def wordmark(place: str) -> Content:
    """The name, and under it what it works with."""
    drawn = Content.styled("\n".join(_LINES), "$accent")
    return Content.assemble(
        drawn, "\n", ("s e c r e t s", "bold $foreground"), ("\n" + place if place else "", "$quiet")
    )
