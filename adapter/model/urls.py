"""Which addresses a token may be sent to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host name or address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> str:
    """An https address, or a plain http one on loopback. Raises ValueError with the reason."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ValueError("an address's port is a number from 1 to 65535") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("an address starts with https:// and names a host")
    if parts.username or parts.password:
        raise ValueError("an address holds no user name or password")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("plain http is refused except on loopback; use https")
    return url.rstrip("/")
