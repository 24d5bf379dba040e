"""From where a caller comes: the connection's own address, or what a proxy that is trusted says."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.requests import Request

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks, `10.0.0.0/8`. Raises ValueError."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def client_address(request: Request, trusted: Sequence[Network]) -> str | None:
    """The last address in `X-Forwarded-For` that is no trusted proxy's; the peer's where that is not trusted.

    What stands before it could be written by anybody.
    """
    peer = request.scope.get("client")
    address: str | None = peer[0] if peer else None
    if not trusted or address is None or not _is_in(address, trusted):
        return address
    hops = [hop.strip() for line in request.headers.getlist("X-Forwarded-For") for hop in line.split(",")]
    for hop in reversed(hops):
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            break
        if not _is_in(address, trusted):
            break
    return address


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
