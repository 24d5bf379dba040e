"""A few reads for a command that ends soon: synchronous, and without what the adapter's own requests import.

The same questions to Vault, and the same words for its answers, as `adapter.service.retrieval` has.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from adapter.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, OutcomeUnknown, StatusError
from adapter.model import served
from adapter.model.address import Address, Scope, secret_not_found
from adapter.model.moves import find_mark, half_done
from adapter.model.references import Reference
from adapter.model.served import Found, Served
from adapter.quick_http import LAST_WORDS, Answer, Failure, QuickHttp
from adapter.vault import problems
from adapter.vault.connection import Connection

_SCOPES = ".scopes"


def _failed(kind: Failure) -> StatusError:
    return {
        "untrusted": problems.untrusted,
        "unreachable": problems.unreachable,
        "timed_out": problems.timed_out,
        "outcome_unknown": problems.outcome_unknown,
    }[kind]()


class QuickVault:
    """One caller at one server. It holds the caller's token in memory; every call raises StatusError."""

    def __init__(
        self, connection: Connection, *, mount: str, approle_mount: str, client: str, reason: str = ""
    ) -> None:
        secure = connection.url.startswith("https:")
        self._http = QuickHttp(
            connection.url,
            context=connection.ssl_context() if secure else None,
            timeout=connection.timeout,
            failed=_failed,
            server_name=connection.server_name,
        )
        self._mount = mount
        self._approle_mount = approle_mount
        self._token = ""
        self._is_own = False
        self._refusing: dict[Scope, bool] = {}
        self._headers = {
            "X-Vault-Request": "true",
            "X-Status-Client": client,
            "X-Status-Request": uuid.uuid4().hex,
        }
        if reason:
            self._headers["X-Status-Reason"] = reason.encode().decode("latin-1")
        if connection.namespace:
            self._headers["X-Vault-Namespace"] = connection.namespace

    def use(self, token: str) -> None:
        """Go on with a token that is somebody's already. Raises NotSignedIn for what cannot be one."""
        if not token.isascii() or not token.isprintable():
            raise problems.not_signed_in()
        self._token = token

    def sign_in(self, role_id: str, secret_id: str) -> float:
        """Sign in with an AppRole; the seconds that the token lasts. Raises NotSignedIn when it is refused."""
        body = {"role_id": role_id, "secret_id": secret_id}
        self._token = ""
        try:
            answer = self._ask("POST", "auth", self._approle_mount, "login", body=body)
        except (Invalid, NotAllowed, NotFound):
            raise NotSignedIn(
                "The role id or the secret id is wrong, or the secret id has ended.",
                hint="An ADMIN can hand out a new secret id.",
            ) from None
        auth = _part(answer, "auth")
        self.use(str(auth.get("client_token")))
        self._is_own = True
        return float(auth.get("lease_duration") or 0)

    def renew(self) -> float:
        """Let the token live on; the seconds that it lasts from now."""
        answer = self._ask("POST", "auth/token/renew-self", body={})
        return float(_part(answer, "auth").get("lease_duration") or 0)

    def resolve(self, references: Iterable[Reference]) -> dict[Reference, Found | StatusError]:
        """Each reference's value, or why there is none. Raises what concerns all: no sign-in, no answer, sealed."""
        read: dict[tuple[Address, int | None], Served | StatusError] = {}
        found: dict[Reference, Found | StatusError] = {}
        for reference in references:
            key = reference.address, reference.version
            if key not in read:
                read[key] = self._served(*key)
            outcome = read[key]
            try:
                found[reference] = outcome if isinstance(outcome, StatusError) else outcome.found(reference.field)
            except NotFound as error:
                found[reference] = error
        return found

    def fields(self, address: Address, version: int | None = None) -> Served:
        """A version with all its fields."""
        outcome = self._served(address, version)
        if isinstance(outcome, StatusError):
            raise outcome
        return outcome

    def _served(self, address: Address, version: int | None) -> Served | StatusError:
        try:
            return self._read(address, version)
        except (Conflict, Invalid, NotAllowed, NotFound) as error:
            return error

    def _read(self, address: Address, version: int | None) -> Served:
        if address.path.startswith(f"{_SCOPES}/"):
            raise secret_not_found()
        query = f"?version={version}" if version is not None else ""
        try:
            answer = self._ask("GET", self._mount, "data", address.path, query=query, ok=404)
        except (problems.VaultRefusal, Invalid):
            raise self._refusal(address, served.use_refused(address)) from None
        if answer.status == 404 and not _body(answer).get("data"):
            current = self._current(address) if version is not None else 0
            raise served.version_not_found(current) if current else secret_not_found()
        data = _part(answer, "data")
        about = data.get("metadata") or {}
        custom = about.get("custom_metadata") or {}
        self._check_unmoved(address, custom)
        expired = self._check_expiry(address, custom)
        if data.get("data") is None:
            raise served.version_gone(destroyed=bool(about.get("destroyed")))
        return Served(int(about["version"]), expired, data["data"])

    def _check_unmoved(self, address: Address, custom: Mapping[str, str]) -> None:
        """Raises Conflict while the secret is half renamed or moved; a new name counts when the old one is gone."""
        mark = find_mark(custom)
        if mark is None:
            return
        old = mark.other if mark.new and mark.complete else None
        if old is None or old.scope != address.scope or self._current(old):
            raise half_done()

    def _check_expiry(self, address: Address, custom: Mapping[str, str]) -> bool:
        if not served.has_expired(custom, datetime.now(UTC)):
            return False
        if address.scope is not None and self._refuses_expired(address.scope):
            raise served.expired_refused(address)
        return True

    def _refuses_expired(self, scope: Scope) -> bool:
        if scope not in self._refusing:
            try:
                data = self._metadata(Address(f"{_SCOPES}/{scope}"))
            except (Invalid, NotFound):
                return False
            except NotAllowed:
                return True
            self._refusing[scope] = (data.get("custom_metadata") or {}).get("expired") == "refuse"
        return self._refusing[scope]

    def _refusal(self, address: Address, error: NotAllowed) -> StatusError:
        """To be seen and not to be used: the right that is missing; else as if it did not exist."""
        return error if self._current(address) else secret_not_found()

    def _current(self, address: Address) -> int:
        """The current version's number; 0 for what is not there, or not to be seen."""
        try:
            return int(self._metadata(address).get("current_version") or 0)
        except (Invalid, NotAllowed, NotFound):
            return 0

    def _metadata(self, address: Address) -> Mapping[str, Any]:
        return _part(self._ask("GET", self._mount, "metadata", address.path), "data")

    def current_version(self, address: Address) -> int:
        """Raises NotFound."""
        current = self._current(address)
        if not current:
            raise secret_not_found()
        return current

    def names(self, scope: Scope) -> list[str]:
        """The names of a scope's secrets, sorted. Raises NotAllowed for one that the caller does not hold."""
        try:
            answer = self._ask("LIST", self._mount, "metadata", str(scope))
        except NotFound:
            return []
        except problems.VaultRefusal:
            raise NotAllowed(
                f"You hold no right in {scope}, or there is no such scope.", hint="An ADMIN can grant it."
            ) from None
        return sorted(str(name) for name in _part(answer, "data").get("keys") or () if not str(name).endswith("/"))

    def close(self) -> None:
        """End the token, if this made it, and the connection."""
        if self._is_own and self._token:
            self._http.hurry(LAST_WORDS)
            with suppress(StatusError):  # it ends by itself
                self._ask("POST", "auth/token/revoke-self", body={})
        self._token = ""
        self._http.close()

    def _ask(self, method: str, *segments: str, query: str = "", body: Any = None, ok: int = 200) -> Answer:
        path = "/v1/" + "/".join(quote(segment, safe="/") for segment in segments) + query
        headers = {**self._headers, **({"X-Vault-Token": self._token} if self._token else {})}
        answer = self._http.send(method, path, headers, body, repeat=method != "POST")
        if answer.status < 300 or answer.status == ok:
            return answer
        texts = _body(answer).get("errors") or ([problems.HTTP_AT_TLS] if problems.at_tls(answer.content) else [])
        raise problems.from_status(answer.status, [str(text) for text in texts], retry_after=answer.retry_after)


def _body(answer: Answer) -> Mapping[str, Any]:
    body = answer.json()
    return body if isinstance(body, dict) else {}


def _part(answer: Answer, name: str) -> Mapping[str, Any]:
    part = _body(answer).get(name)
    if not isinstance(part, dict):
        raise OutcomeUnknown("The vault's answer could not be read.", hint="Is this address a Vault or OpenBao server?")
    return part
