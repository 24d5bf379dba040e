"""A command that cannot be run."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence

from adapter.errors import SetupFailed


class NotStarted(SetupFailed):
    """The exit codes are the shell's: 127 for what is not there, 126 for what cannot be run."""

    title = "Not started"

    def __init__(self, detail: str, exit_code: int, hint: str = "Check the command after --.") -> None:
        super().__init__(detail, hint=hint)
        self.exit_code = exit_code  # type: ignore[misc]


def not_started(error: OSError | ValueError, command: Sequence[str], environment: Mapping[str, str]) -> NotStarted:
    """Why the system did not start the command (execve(2)), in words that say what to change."""
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.E2BIG:
        return NotStarted(
            "The environment and the arguments are larger than the system takes.",
            126,
            hint="Let the values go to files: --files DIR. One variable may have 128 KiB, its name included.",
        )
    if number in (errno.ENOENT, errno.ENOTDIR):
        if not _is_there(command[0], environment):
            return NotStarted("There is no such command.", 127)
        hint = "Check the script's first line, and whether the program is one for this system."
        return NotStarted("The command's interpreter is not there.", 126, hint=hint)
    if number == errno.ENOEXEC:
        hint = "A script needs a first line that names its interpreter: #!/bin/sh."
        return NotStarted("The command is no program.", 126, hint=hint)
    if number in (errno.EACCES, errno.EPERM):
        hint = "Check its mode (chmod +x), and that it is a file."
        return NotStarted("The command may not be executed.", 126, hint=hint)
    said = os.strerror(number) if number else "what it would be given has characters that no process can get"
    return NotStarted(f"The command could not be started: {said}.", 126)


def _is_there(name: str, environment: Mapping[str, str]) -> bool:
    if "/" in name:
        return os.path.exists(name)
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    return any(os.path.exists(os.path.join(folder, name)) for folder in folders)
