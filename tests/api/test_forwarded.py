"""From where a caller comes: a header is believed only when a trusted proxy wrote it."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from adapter.api.forwarded import client_address, networks
from adapter.errors import Invalid
from adapter.settings import load_settings


def request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("10.0.0.1", ["203.0.113.9"], [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], ["10.0.0.2"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1, 203.0.113.9, 10.0.0.7"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1", "203.0.113.9"], ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
        ("10.0.0.1", [], ["10.0.0.0/8"], "10.0.0.1"),
        ("::1", ["2001:db8::1"], ["::1"], "2001:db8::1"),
        (None, ["203.0.113.9"], ["10.0.0.0/8"], None),
        ("testclient", ["203.0.113.9"], ["10.0.0.0/8"], "testclient"),
    ],
)
def test_address(peer: str | None, forwarded: list[str], trusted: list[str], address: str | None) -> None:
    assert client_address(request(peer, *forwarded), networks(trusted)) == address


def test_the_setting_is_a_list_of_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert load_settings().trusted_proxies == ("127.0.0.1", "10.0.0.0/8")
    monkeypatch.setenv("STATUS_TRUSTED_PROXIES", "proxy.example")
    with pytest.raises(Invalid, match="STATUS_TRUSTED_PROXIES"):
        load_settings()
