"""A command as a child process: signals passed on to it, its exit code passed back, its output masked if wanted."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from adapter.cli.running.masking import Masker
from adapter.cli.running.not_started import not_started

PASSED_ON = frozenset(
    {
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGTERM,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGALRM,
        signal.SIGWINCH,
    }
)
ENDING = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM})
_WAITED_FOR = PASSED_ON | {signal.SIGCHLD}
_BY_TERMINAL = 128
"""SI_KERNEL (sigaction(2)): the terminal has sent it to the whole process group, so the command has it already."""

IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
"""A command starts without that: what a process ignores stays ignored in the program that it becomes."""

GRACE = 10.0
OUTPUT_AFTER_END = 2.0
"""Seconds: for the command to end when it is restarted; for output of what it left running."""


def _program(name: str, environment: Mapping[str, str]) -> str:
    """Its path, as execvp(3) finds it. Raises FileNotFoundError."""
    if "/" in name:
        return name
    path = environment.get("PATH", os.defpath)
    found = shutil.which(name, path=path) or shutil.which(name, mode=os.F_OK, path=path)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return found


class Child:
    """One run of the command. `masked`: values that its output shall not show, None: its output is its own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], masked: Sequence[str] | None) -> None:
        self._threads: list[threading.Thread] = []
        actions: list[tuple[int, ...]] = []
        ends: list[int] = []
        for number in (1, 2) if masked is not None else ():
            reader, writer = os.pipe()
            actions.append((os.POSIX_SPAWN_DUP2, writer, number))
            ends.append(writer)
            copier = threading.Thread(target=_copy, args=(reader, number, Masker(masked or ())), daemon=True)
            self._threads.append(copier)
        try:
            self.pid = os.posix_spawn(
                _program(command[0], environment),
                list(command),
                dict(environment),
                file_actions=actions,
                setsigmask=[],
                setsigdef=IGNORED_BY_PYTHON,
            )
        except (OSError, ValueError) as error:
            raise not_started(error, command, environment) from None
        finally:
            for end in ends:
                os.close(end)
        for thread in self._threads:
            thread.start()
        self.exit_code: int | None = None

    def wait(self, seconds: float | None, note: Callable[[int], None] | None = None) -> int | None:
        """Wait for the end, passing signals on, at most for so long: the exit code, 128 and the signal's number for
        one that a signal ended, None while it runs. `note` is told each signal that was passed on."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self._has_ended():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            info = signal.sigwaitinfo(_WAITED_FOR) if left is None else signal.sigtimedwait(_WAITED_FOR, left)
            if info is None or info.si_signo == signal.SIGCHLD:
                continue
            if info.si_code != _BY_TERMINAL or _is_hang_up(info.si_signo):
                self.send(info.si_signo)
            if note is not None:
                note(info.si_signo)
        for thread in self._threads:
            thread.join(OUTPUT_AFTER_END)
        return self.exit_code

    def _has_ended(self) -> bool:
        while self.exit_code is None:
            pid, status = os.waitpid(-1, os.WNOHANG)  # as a container's first process, orphans are ours as well
            if not pid:
                break
            if pid == self.pid:
                code = os.waitstatus_to_exitcode(status)
                self.exit_code = code if code >= 0 else 128 - code
        return self.exit_code is not None

    def send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def stop(self, note: Callable[[int], None]) -> None:
        """End it, with force where it does not end in time."""
        self.send(signal.SIGTERM)
        if self.wait(GRACE, note) is None:
            self.send(signal.SIGKILL)
            self.wait(None, note)


def hold_signals() -> None:
    """From now on signals wait for `Child.wait`; a child starts without that."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _WAITED_FOR)


def release_signals() -> None:
    """Once the command has ended: what was meant for it is dropped, what comes now is for this program."""
    while signal.sigtimedwait(_WAITED_FOR, 0) is not None:
        pass
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAITED_FOR)


def _is_hang_up(number: int) -> bool:
    """The terminal is gone: it says so to the session's first process alone, not to the group."""
    return number == signal.SIGHUP and os.getsid(0) == os.getpid()


def _copy(reader: int, out: int, masker: Masker) -> None:
    with suppress(OSError):  # nobody reads our output any more: the command learns of it by its own pipe
        while chunk := os.read(reader, 65536):
            _write(out, masker.feed(chunk))
        _write(out, masker.end())
    os.close(reader)


def _write(out: int, data: bytes) -> None:
    while data:
        data = data[os.write(out, data) :]
