"""Addresses to listen on: how they are spelled, whether they are free, how they are reached."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass

from adapter.errors import SetupFailed
from adapter.settings import parse_host_port

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Listen:
    """A host and port to listen on."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, field: str) -> Listen:
        """`127.0.0.1:8200` or `[::1]:8200`. Raises Invalid."""
        return cls(*parse_host_port(text, field))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def reached_at(self) -> Listen:
        """Where this machine reaches it: a host that stands for all addresses is no place to connect to."""
        return Listen(_ANY.get(self.host, self.host), self.port)

    @property
    def names(self) -> tuple[str, ...]:
        """What a certificate must carry for it, beyond this machine's loopback names."""
        return (socket.gethostname(),) if self.host in _ANY else (self.host,)

    def check_free(self, change_with: str) -> None:
        """Raises SetupFailed when the port is taken or not ours to take; `change_with` names flag and setting."""
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                probe.listen(1)
        except OSError as error:
            raise _not_free(self, error, change_with) from None


def _not_free(listen: Listen, error: OSError, change_with: str) -> SetupFailed:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return SetupFailed(f"This machine has no address {listen.host}.", hint=f"Change it with {change_with}.")
    if error.errno == errno.EADDRINUSE:
        return SetupFailed(
            f"Another program listens on {listen}.", hint=f"Stop it, or choose another port with {change_with}."
        )
    if error.errno == errno.EACCES:
        return SetupFailed(
            f"The port {listen.port} may not be used by this user.", hint=f"Choose one above 1023 with {change_with}."
        )
    return SetupFailed(
        f"It is not possible to listen on {listen}: {os.strerror(error.errno or 0)}.",
        hint=f"Change it with {change_with}.",
    )


def free_loopback_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
