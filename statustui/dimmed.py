"""Keys that stay in sight where they may not be used, with the reason when they are pressed or clicked."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

NARROW_BELOW = 100
"""Columns of the terminal."""


def offered(key: str, action: str, label: str, *, id: str, tooltip: str, show: bool = True) -> list[Binding]:
    """The binding of `action`, and below it the one that explains why it is dimmed, for `action_explain`."""
    return [
        Binding(key, action, label, id=id, tooltip=tooltip, show=show),
        Binding(key, f"explain('{action}')", show=False),
    ]


class KeyFooter(Footer):
    """A click on a key does what pressing it does, dimmed or not.

    `labels` stand in place of the bindings' own; `short` as well where there is little room, or too little for the long
    ones; empty ones for keys that are left out there.
    """

    def __init__(self, *, labels: Mapping[str, str] | None = None, short: Mapping[str, str] | None = None) -> None:
        super().__init__(show_command_palette=False)
        self._labels = labels or {}
        self._short = short or {}
        self._shown: object = None

    def relabel(self, labels: Mapping[str, str]) -> None:
        """Other labels from the next time on that the bindings are looked at (`refresh_bindings`)."""
        self._labels = labels

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Made anew only where something else is to be shown: that takes longer than all else when a cursor moves."""
        if self.is_attached and screen is self.screen and screen.app.app_focus:
            keys = [
                (key, one.binding.action, one.enabled)
                for key, one in screen.active_bindings.items()
                if one.binding.show
            ]
            shown = (keys, dict(self._labels), self.app.size.width)
            if shown == self._shown:
                return
            self._shown = shown
        super().bindings_changed(screen)

    def compose(self) -> ComposeResult:
        made = list(super().compose())
        keys = [one for one in made if isinstance(one, FooterKey)]
        labels = dict(self._labels)
        if self.app.size.width < NARROW_BELOW or self._taken(keys) > self.app.size.width:
            labels |= self._short
        for key in keys:
            key._disabled = False  # the class that dims it is set already; this one would only ring the bell
            key.description = labels.get(key.description, key.description)
        yield from (one for one in made if not isinstance(one, FooterKey) or one.description)

    def _taken(self, keys: list[FooterKey]) -> int:
        """Cells that the keys take with their long labels."""
        labels = [self._labels.get(one.description, one.description) for one in keys]
        return sum(cell_len(one.key_display) + cell_len(label) + 3 for one, label in zip(keys, labels, strict=True))
