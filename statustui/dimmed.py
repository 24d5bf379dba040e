"""Keys that stay in sight where they may not be used, with the reason when they are pressed or clicked."""

from __future__ import annotations

from collections.abc import Mapping

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

    `labels` stand in place of the bindings' own; `short` as well where there is little room, empty ones for keys that
    are left out there.
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
            shown = (keys, self._all_labels())
            if shown == self._shown:
                return
            self._shown = shown
        super().bindings_changed(screen)

    def _all_labels(self) -> dict[str, str]:
        return {**self._labels, **(self._short if self.app.size.width < NARROW_BELOW else {})}

    def compose(self) -> ComposeResult:
        labels = self._all_labels()
        for key in super().compose():
            if isinstance(key, FooterKey):
                key._disabled = False  # the class that dims it is set already; this one would only ring the bell
                key.description = labels.get(key.description, key.description)
                if not key.description:
                    continue
            yield key
