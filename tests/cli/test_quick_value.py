"""The server's short way for one value: bytes on a real connection, of the plain case and of all that is not plain."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from adapter.vault import Caller
from tests.support.server import Server, component
from tests.support.serving import serving

SCOPE = "environment/production"
NAME = "answered_by_the_server_itself"
CANARY = "c4n4ry-quick"


async def _prepare(server: Server) -> str:
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        await root.send("POST", "status/data", SCOPE, NAME, body={"data": {"value": CANARY}})
    return (await component(server, SCOPE)).token.get_secret_value()


@pytest.fixture(scope="module")
def token(server: Server, people: object) -> str:
    return asyncio.run(_prepare(server))


@pytest.fixture(scope="module")
def port(server: Server) -> Iterator[int]:
    with serving(server) as url:
        yield urlsplit(url).port or 0


class Wire:
    """One connection; answers are read by their length."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._left = b""

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._socket.sendall(piece)
            time.sleep(0.02)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, body."""
        while b"\r\n\r\n" not in self._left:
            self._more()
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers["content-length"])
        while len(self._left) < length:
            self._more()
        body, self._left = self._left[:length], self._left[length:]
        return int(first.split()[1]), headers, body

    def _more(self) -> None:
        data = self._socket.recv(65536)
        assert data, "the connection was closed"
        self._left += data

    def is_closed(self) -> bool:
        return self._socket.recv(1) == b""

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def wire(port: int) -> Iterator[Wire]:
    wire = Wire(port)
    yield wire
    wire.close()


def call(token: str, body: bytes = b"{}", *more: str, path: str = NAME, version: str = "1.1") -> bytes:
    lines = [
        f"POST /api/v1/secrets/environment~production~{path}/value HTTP/{version}",
        "Host: here",
        f"X-Vault-Token: {token}",
        *([] if any(line.startswith("Transfer") for line in more) else [f"Content-Length: {len(body)}"]),
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


HEALTH = b"GET /api/v1/health HTTP/1.1\r\nHost: here\r\n\r\n"


def served(answer: tuple[int, dict[str, str], bytes]) -> None:
    status, headers, body = answer
    assert (status, json.loads(body)) == (200, {"value": CANARY, "version": 1})
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "application/json"
    assert "date" in headers


def test_one_after_the_other_and_between_other_calls(wire: Wire, token: str) -> None:
    for _ in range(3):
        wire.send(call(token))
        served(wire.answer())
        wire.send(HEALTH)
        assert wire.answer()[0] == 200


def test_all_at_once(wire: Wire, token: str) -> None:
    """Pipelined: answers come in the order of the requests."""
    wire.send(call(token) + call(token, path="none") + HEALTH + call(token) + call(token, b'{"version":9}'))
    served(wire.answer())
    assert wire.answer()[0] == 404
    assert b'"vault":' in wire.answer()[2]
    served(wire.answer())
    assert wire.answer()[0] == 404


@pytest.mark.parametrize("cut", [10, 60, -1, -2])
def test_in_pieces(wire: Wire, token: str, cut: int) -> None:
    whole = call(token)
    wire.send(whole[:cut], whole[cut:])
    served(wire.answer())
    wire.send(*(call(token, b'{"reason": "by bytes"}')[at : at + 40] for at in range(0, 400, 40)))
    served(wire.answer())


def test_chunked(wire: Wire, token: str) -> None:
    wire.send(call(token, b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), call(token))
    served(wire.answer())
    served(wire.answer())


def test_what_asks_to_be_told_to_continue(wire: Wire, token: str) -> None:
    whole = call(token, b"{}", "Expect: 100-continue")
    wire.send(whole[:-2])
    wire._more()
    assert wire._left.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    wire._left = wire._left.partition(b"\r\n\r\n")[2]
    wire.send(whole[-2:])
    served(wire.answer())


def test_a_connection_that_is_asked_to_stay(wire: Wire, token: str) -> None:
    wire.send(call(token, b"{}", "Connection: keep-alive"))
    served(wire.answer())
    wire.send(call(token))
    served(wire.answer())


@pytest.mark.parametrize(("version", "more"), [("1.1", ("Connection: close",)), ("1.0", ())])
def test_the_connection_ends_when_it_shall(wire: Wire, token: str, version: str, more: tuple[str, ...]) -> None:
    wire.send(call(token, b"{}", *more, version=version))
    served(wire.answer())
    assert wire.is_closed()


def test_a_path_that_is_written_otherwise(wire: Wire, token: str) -> None:
    wire.send(call(token, path=NAME.replace("y", "%79")))
    served(wire.answer())


def test_a_query_is_refused_as_everywhere(wire: Wire, token: str) -> None:
    wire.send(call(token, path=f"{NAME}/value?x=1#").replace(b"#/value", b""))
    status, _, body = wire.answer()
    assert (status, json.loads(body)["code"]) == (400, "invalid")


def test_a_page_s_call_is_answered_where_cross_origin_rules_are(wire: Wire, token: str) -> None:
    wire.send(call(token, b"{}", "Origin: https://elsewhere.example"))
    served(wire.answer())


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"{", 400, "invalid"),
        (b'{"unknown": 1}', 400, "invalid"),
        (b"[" * 10_000, 413, "too_large"),
        (b'{"reason": "' + b"x" * 5_000_000 + b'"}', 413, "too_large"),
        (b'{"version": 7}', 404, "not_found"),
    ],
)
def test_bad_bodies(wire: Wire, token: str, body: bytes, status: int, word: str) -> None:
    wire.send(call(token, body))
    found = wire.answer()
    assert (found[0], json.loads(found[2])["code"]) == (status, word)
    assert found[1]["content-type"] == "application/problem+json"
    assert found[1]["cache-control"] == "no-store"


def test_without_a_token_and_with_a_wrong_one(wire: Wire) -> None:
    for token in ("", "s.wrong"):
        wire.send(call(token))
        status, headers, body = wire.answer()
        assert (status, json.loads(body)["code"]) == (401, "not_signed_in")
        assert headers["www-authenticate"] == "Bearer"


def test_a_caller_who_leaves_harms_nobody(port: int, token: str) -> None:
    for _ in range(20):
        gone = Wire(port)
        gone.send(call(token) * 3)
        gone.close()
    stays = Wire(port)
    stays.send(call(token))
    served(stays.answer())
    stays.close()


def test_it_is_counted_like_other_calls(wire: Wire, token: str) -> None:
    before = _counted(wire, token)
    wire.send(call(token), call(token), call(token, path="none"))
    served(wire.answer())
    served(wire.answer())
    assert wire.answer()[0] == 404
    after = _counted(wire, token)
    assert [after[status] - before[status] for status in ("200", "404")] == [2, 1]


def _counted(wire: Wire, token: str) -> dict[str, float]:
    wire.send(b"GET /api/v1/metrics HTTP/1.1\r\nHost: here\r\nX-Vault-Token: " + token.encode() + b"\r\n\r\n")
    text = wire.answer()[2].decode()
    start = 'status_http_requests_total{method="POST",route="/secrets/{secret_id}/value",status="'
    lines = [line.removeprefix(start).split('"} ') for line in text.splitlines() if line.startswith(start)]
    return {"200": 0.0, "404": 0.0} | {status: float(count) for status, count in lines}
