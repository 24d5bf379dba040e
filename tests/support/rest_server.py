"""A small real HTTP server that lets in who brings the right credentials, each way that a REST datasource knows."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class RestServer:
    """Its credentials are made anew with each server; a path asks for one kind of them."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    user: str = "reports"
    password: str = field(default_factory=lambda: "pä:ss " + secrets.token_urlsafe(12))
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    api_key: str = field(default_factory=lambda: secrets.token_hex(20))
    tenant: str = "11111111-2222-3333-4444-555555555555"
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lets_in(self, path: str, headers: Mapping[str, str]) -> bool:
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        sent = headers.get("Authorization", "")
        cookies = SimpleCookie(headers.get("Cookie", ""))
        match path:
            case "/bearer" | "/user" | "/v1.0/users":
                return sent == f"Bearer {self.token}"
            case "/basic" | "/remote.php/dav/files/reports":
                return sent == f"Basic {basic}"
            case "/cookie":
                return "session" in cookies and cookies["session"].value == self.session
            case "/custom":
                return headers.get("X-Api-Key") == self.api_key
            case "/headers":
                return headers.get("X-Tenant-Key") == f"key {self.api_key}" and sent == f"Bearer {self.token}"
            case _:
                return False

    def gives_token(self, path: str, form: Mapping[str, list[str]]) -> bool:
        """The client credentials grant, as Microsoft's identity platform has it."""
        return (
            path == f"/{self.tenant}/oauth2/v2.0/token"
            and form.get("client_id") == [self.user]
            and form.get("client_secret") == [self.password]
            and form.get("grant_type") == ["client_credentials"]
        )


@contextmanager
def running_rest_server() -> Iterator[RestServer]:
    known = RestServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the method's name is the library's
            self._answer(known.lets_in(self.path, self.headers), b'{"ok":true}')

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            self._answer(known.gives_token(self.path, form), f'{{"access_token":"{known.token}"}}'.encode())

        def _answer(self, good: bool, body: bytes) -> None:
            self.send_response(200 if good else 401)
            self.send_header("Content-Length", str(len(body) if good else 0))
            self.end_headers()
            if good:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join(timeout=10)
