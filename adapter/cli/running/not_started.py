"""A command that cannot be run."""

from __future__ import annotations

from adapter.errors import SetupFailed


class NotStarted(SetupFailed):
    """The exit codes are the shell's: 127 for what is not there, 126 for what is no program."""

    title = "Not started"

    def __init__(self, detail: str, exit_code: int) -> None:
        super().__init__(detail, hint="Check the command after --.")
        self.exit_code = exit_code  # type: ignore[misc]
