"""The adapter as a process of its own, over plain HTTP on loopback, in front of the tests' server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.bao import free_port
from tests.support.server import Server


@contextmanager
def serving(server: Server, **environment: str) -> Iterator[str]:
    """The address of the API, with its prefix."""
    address = f"127.0.0.1:{free_port()}"
    argv = [sys.executable, "-m", "adapter.cli", "serve", "--no-tls", "--listen", address]
    process = subprocess.Popen(argv, env=os.environ | server.environment() | environment, stderr=subprocess.DEVNULL)
    try:
        url = f"http://{address}/api/v1"
        _until_ready(process, f"{url}/health")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert process.poll() is None, "the adapter ended"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
