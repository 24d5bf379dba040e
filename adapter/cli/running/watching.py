"""Run a command and follow its secrets: new versions restart it, or are told by a signal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence

from adapter.cli.output import note
from adapter.cli.running.child import ENDING, Child
from adapter.cli.running.wanted import Wanted, values_of
from adapter.cli.source import Keeper, Source
from adapter.errors import NotFound, StatusError
from adapter.model.address import Address

Environment = Callable[[Mapping[str, str]], dict[str, str]]
Versions = dict[Address, int]


class Watched:
    """The secrets behind a command's variables, and the versions that were seen last."""

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self._keeper = Keeper(source)
        self._seen = self._versions()

    def changed(self) -> dict[str, str] | None:
        """The new values, when there is a new version of one; None else, and when they cannot be had now."""
        try:
            self._keeper.keep()
            versions = self._versions()
            if versions == self._seen:
                return None
            values = values_of(self._source, self._wanted)
        except StatusError as error:
            note(f"The secrets cannot be followed now, and are tried again: {error.detail}")
            return None
        self._seen = versions
        return values

    def _versions(self) -> Versions:
        return {address: self._version(address) for address in sorted(self._wanted.followed)}

    def _version(self, address: Address) -> int:
        try:
            return self._source.current_version(address)
        except NotFound:
            return 0


def run_watched(
    command: Sequence[str],
    watched: Watched,
    environment: Environment,
    values: dict[str, str],
    *,
    hidden: Callable[[Mapping[str, str]], Mapping[str, str]] | None,
    every: float,
    number: signal.Signals | None,
) -> int:
    """The command's exit code. With `number` it is told of new versions by that signal, else started anew.

    `hidden`: which of the values its output shall not show; None: its output is its own.
    """
    ending: list[int] = []
    masked: set[str] | None = None

    def passed_on(passed: int) -> None:
        if passed in ENDING:
            ending.append(passed)

    def start() -> Child:
        nonlocal masked
        if hidden is not None:
            masked = (masked or set()) | set(hidden(values).values())
        return Child(command, environment(values), sorted(masked) if masked is not None else None)

    child = start()
    while True:
        code = child.wait(every, passed_on)
        if code is not None:
            return code
        new = watched.changed()
        if new is None or new == values:
            continue
        values = new
        if number is not None:
            environment(values)
            note(f"There are new versions; sending {number.name}.")
            child.send(number)
            continue
        note("There are new versions; starting the command anew.")
        child.stop(passed_on)
        if ending:
            return child.exit_code or 0
        child = start()
