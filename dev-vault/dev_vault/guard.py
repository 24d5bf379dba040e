"""Starts a program that ends when its parent ends, even when the parent is killed; run as a script.

It is a process of its own, not a `preexec_fn`: those may deadlock in a program that has threads. Where the system has
no such signal (only Linux has), the pid file lets the next start end what was left.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """SIGTERM for this process as soon as `parent` ends; ends at once when it has ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    os.umask(0o077)
    die_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command comes from our own process module
