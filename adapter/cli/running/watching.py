"""Run a command and follow its secrets: new versions restart it, or are told by a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence

from adapter.cli.output import note
from adapter.cli.running.child import ENDING, Child
from adapter.cli.running.wanted import Values, Wanted, values_of
from adapter.cli.source import Keeper, Source
from adapter.errors import NotFound, StatusError
from adapter.model.address import Address

Environment = Callable[[Values], dict[str, str]]
Versions = dict[Address, int]

LOOK_AGAIN = 0.05
"""Seconds between two questions whether a look at the secrets has ended."""

LAST_LOOK = 2.0
"""Seconds that a look which is under way may take once the command has ended."""


class Watched:
    """The secrets behind a command's variables, and the versions that were seen last."""

    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source = source
        self._wanted = wanted
        self._keeper = Keeper(source)
        self._trouble = ""
        self._seen = self._versions()

    def changed(self) -> Values | None:
        """The new values, when there is a new version of one; None else, and when they cannot be had now."""
        try:
            versions, values = self._keeper.ask(self._look)
        except StatusError as error:
            self._tell(error.detail)
            return None
        if self._trouble:
            note("The secrets are followed again.")
        self._trouble, self._seen = "", versions
        return values

    def _look(self) -> tuple[Versions, Values | None]:
        versions = self._versions()
        return versions, values_of(self._source, self._wanted) if versions != self._seen else None

    def put_off(self, error: StatusError) -> None:
        """The new values could not be handed over: they are new at the next look as well."""
        self._seen = {}
        self._tell(error.detail)

    def _tell(self, trouble: str) -> None:
        """Once, however long it lasts."""
        if trouble != self._trouble:
            note(f"The secrets cannot be followed now, and are tried again: {trouble}")
        self._trouble = trouble

    def _versions(self) -> Versions:
        return {address: self._version(address) for address in sorted(self._wanted.followed)}

    def _version(self, address: Address) -> int:
        try:
            return self._source.current_version(address)
        except NotFound:
            return 0


class _Look(threading.Thread):
    """One look, beside the command: a vault that does not answer holds up neither signals nor the end."""

    def __init__(self, watched: Watched) -> None:
        super().__init__(daemon=True)
        self._watched = watched
        self._error: BaseException | None = None
        self._found: Values | None = None
        self.start()

    def run(self) -> None:
        try:
            self._found = self._watched.changed()
        except BaseException as error:  # noqa: BLE001  raised where it is waited for
            self._error = error

    def found(self) -> Values | None:
        """What `Watched.changed` answered, once the thread has ended."""
        if self._error is not None:
            raise self._error
        return self._found


def run_watched(
    command: Sequence[str],
    watched: Watched,
    environment: Environment,
    values: Values,
    *,
    mask: bool,
    every: float,
    number: signal.Signals | None,
) -> int:
    """The command's exit code. With `number` it is told of new versions by that signal, else started anew.

    `mask`: hide in its output the values of every version that it was given.
    """
    hidden: set[str] = set()
    ending: list[int] = []

    def passed_on(passed: int) -> None:
        if passed in ENDING:
            ending.append(passed)

    def start(variables: dict[str, str]) -> Child:
        hidden.update(values.hidden)
        return Child(command, variables, sorted(hidden) if mask else None)

    child = start(environment(values))
    try:
        while True:
            new = _next(child, watched, every, passed_on)
            if child.exit_code is not None:
                return child.exit_code
            if new is None or new == values:
                continue
            try:
                variables = environment(new)
            except StatusError as error:  # the command goes on with what it has
                watched.put_off(error)
                continue
            values = new
            if number is not None:
                note(f"There are new versions; sending {number.name}.")
                child.send(number)
                continue
            note("There are new versions; starting the command anew.")
            child.stop(passed_on)
            if ending:
                return child.exit_code or 0
            child = start(variables)
    finally:
        if child.exit_code is None:
            child.stop(passed_on)


def _next(child: Child, watched: Watched, every: float, passed_on: Callable[[int], None]) -> Values | None:
    """What the next look finds, `every` seconds from now; None as well when the command has ended."""
    if child.wait(every, passed_on) is not None:
        return None
    look = _Look(watched)
    while look.is_alive():
        if child.wait(LOOK_AGAIN, passed_on) is not None:
            look.join(LAST_LOOK)
            return None
    return look.found()
