"""The palette: what can be done now, each with its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding
from textual.command import DiscoveryHit, Hit, Hits, Provider


def listed(app: App[Any], bindings: dict[str, ActiveBinding]) -> Iterator[tuple[str, ActiveBinding]]:
    """The named actions among `bindings` with the keys that stand for them; each once, the footer's first."""
    seen: set[str] = set()
    for node, binding, enabled, tooltip in sorted(bindings.values(), key=lambda one: not one.binding.show):
        if binding.id and binding.description and binding.id not in seen:
            seen.add(binding.id)
            yield app.get_key_display(binding), ActiveBinding(node, binding, enabled, tooltip)


class Actions(Provider):
    """Reads the bindings of the screen below the palette: nothing to keep in step."""

    def _actions(self) -> Iterator[tuple[str, str, ActiveBinding]]:
        for key, active in listed(self.app, self.screen.active_bindings):
            if active.enabled and active.binding.action != "app.commands":
                yield f"{active.binding.description}  ({key})", active.tooltip, active

    async def _run(self, active: ActiveBinding) -> None:
        await self.app.run_action(active.binding.action, active.node)

    async def discover(self) -> Hits:
        for text, tooltip, active in self._actions():
            yield DiscoveryHit(text, lambda active=active: self._run(active), help=tooltip or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, tooltip, active in self._actions():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), lambda active=active: self._run(active), help=tooltip or None)
