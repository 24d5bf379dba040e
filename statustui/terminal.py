"""Textual's hold on the terminal, that takes it up again only where it was stopped, and outlives a hang-up."""

from __future__ import annotations

from typing import Any

from textual.drivers.linux_driver import LinuxDriver


class Terminal(LinuxDriver):
    """A terminal that hangs up sends SIGCONT too. Textual would start reading keys on each one, also after leaving:
    with a thread that nobody ends, on a terminal that is gone.
    """

    def _sigcont_application(self, *_: Any) -> None:
        if self._must_signal_resume:
            super()._sigcont_application()

    def write(self, data: str) -> None:
        """Nothing, once the writing thread has met the end of the terminal: its queue would fill, and block."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def close(self) -> None:
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()
