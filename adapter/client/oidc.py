"""Sign in with OpenID Connect from a program: its own loopback address receives what the provider sends (RFC 8252).

The address is that of `bao login -method=oidc`, `http://localhost:8250/oidc/callback`, so a role of the vault that
allows the one allows the other. Where that port is taken another is used; the vault compares loopback addresses
without their port (RFC 8252, section 7.3).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from adapter.client.signing_in import SigningIn
from adapter.errors import NotSignedIn, SetupFailed
from adapter.model.signing_in import SignedIn

PORT = 8250
PATH = "/oidc/callback"
WAITS = 300.0
"""Seconds that the person has at the provider; the vault forgets a sign-in that was begun after about as long."""

_REQUEST_BYTES = 16 * 1024
_READ_SECONDS = 10.0
_PAGE = (
    "<!doctype html><meta charset=utf-8><title>STATUS Secrets</title>"
    "<body style='font:16px system-ui;margin:15vh auto;max-width:30em'><h1>{title}</h1><p>{words}</p>"
)
_DONE = _PAGE.format(title="Back to the terminal", words="STATUS Secrets goes on there. You can close this page.")
_NOTHING = _PAGE.format(title="Nothing here", words="This address only waits for a sign-in.")


class Redirect:
    """Waits at a loopback address for the one answer that carries `state`; everything else is turned away."""

    def __init__(self) -> None:
        self.uri = ""
        self.state: str | None = None
        self._answer: asyncio.Future[SecretStr] = asyncio.get_running_loop().create_future()

    async def code(self) -> SecretStr:
        """The provider's code. Raises NotSignedIn when the provider refused, or nobody came in time."""
        try:
            async with asyncio.timeout(WAITS):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            raise NotSignedIn("Nobody signed in at the provider in time.", hint="Begin it again.") from None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_READ_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                is_ours = self._take(head.partition(b"\r\n")[0].decode("ascii"))
                writer.write(_response(is_ours))
                await writer.drain()
        writer.close()

    def _take(self, request_line: str) -> bool:
        method, target, _ = request_line.split(" ")
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        state = query.get("state", "")
        if method != "GET" or parts.path != PATH or not self.state or not secrets.compare_digest(state, self.state):
            return False
        if not self._answer.done():
            if code := query.get("code"):
                self._answer.set_result(SecretStr(code))
            else:
                self._answer.set_exception(NotSignedIn("The provider refused the sign-in.", hint="Ask who runs it."))
        return True


def _response(is_ours: bool) -> bytes:
    page = (_DONE if is_ours else _NOTHING).encode()
    lines = [
        f"HTTP/1.1 {'200 OK' if is_ours else '404 Not Found'}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(page)}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + page


@asynccontextmanager
async def listening() -> AsyncIterator[Redirect]:
    """A `Redirect` that listens on this machine alone. Raises SetupFailed when no port can be had."""
    redirect = Redirect()
    for host, port in (("localhost", PORT), ("127.0.0.1", PORT), ("127.0.0.1", 0)):
        if server := await _bound(redirect, host, port):
            break
    else:
        raise SetupFailed("No port on this machine is free for the answer of the provider.", hint="Sign in otherwise.")
    async with server:
        redirect.uri = f"http://localhost:{server.sockets[0].getsockname()[1]}{PATH}"
        yield redirect


async def _bound(redirect: Redirect, host: str, port: int) -> asyncio.Server | None:
    try:
        return await asyncio.start_server(redirect.serve, host, port, limit=_REQUEST_BYTES)
    except OSError:
        return None


async def sign_in(client: SigningIn, go_to: Callable[[str], None], *, mount: str | None = None) -> SignedIn:
    """Sign in at the provider: `go_to` is told the address to open. Raises NotSignedIn, and as the client does."""
    nonce = SecretStr(secrets.token_urlsafe(24))
    async with listening() as redirect:
        started = await client.begin_oidc(redirect.uri, nonce, mount=mount)
        redirect.state = started.state
        go_to(started.auth_url)
        code = await redirect.code()
        return await client.end_oidc(started.state, code, nonce, mount=mount)
