"""A few reads through an adapter, for a command that ends soon."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapter.errors import BY_CODE, Invalid, OutcomeUnknown, StatusError, Unreachable, from_body
from adapter.model.address import Address, Scope, secret_not_found
from adapter.model.references import MOST_REFERENCES, Reference
from adapter.model.served import VALUE, Found, Served
from adapter.quick_http import LAST_WORDS, Answer, Failure, QuickHttp


def _failed(kind: Failure) -> StatusError:
    if kind == "outcome_unknown":
        return OutcomeUnknown("The adapter did not say whether the act took place.", hint="Look before you repeat it.")
    if kind == "untrusted":
        hint = "Give the CA with STATUS_ADAPTER_CACERT."
        return Unreachable("The adapter's certificate is not trusted.", hint=hint)
    if kind == "timed_out":
        return Unreachable("The adapter did not answer in time.", hint="Try again, or raise STATUS_TIMEOUT.")
    hint = "Check its address, https:// or http:// too, and that it runs: status-secrets serve."
    return Unreachable("The adapter cannot be reached.", hint=hint)


def _trust(cacert: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(cacert) if cacert else None)
    except (OSError, ssl.SSLError):
        raise Invalid(
            "The file with the CA of the adapter's certificate cannot be used.", hint="Check STATUS_ADAPTER_CACERT."
        ) from None


class QuickAdapter:
    """As `adapter.vault.quick.QuickVault`, by way of the API at `url`, which ends with the API's prefix."""

    def __init__(self, url: str, *, cacert: Path | None, timeout: float, client: str, reason: str = "") -> None:
        context = _trust(cacert) if url.startswith("https:") else None
        self._http = QuickHttp(url, context=context, timeout=timeout, failed=_failed)
        self._token = ""
        self._is_own = False
        self._headers = {"X-Status-Client": client}
        if reason:
            self._headers["X-Status-Reason"] = reason.encode().decode("latin-1")

    def use(self, token: str) -> None:
        """Go on with a token that is somebody's already. Raises NotSignedIn for what cannot be one."""
        if not token.isascii() or not token.isprintable():
            raise from_body(401, {"detail": "The token is none that the vault could accept."})
        self._token = token

    def sign_in(self, role_id: str, secret_id: str) -> float:
        """Sign in with an AppRole; the seconds that the token lasts, 0 when that is not known."""
        body = {"method": "approle", "roleId": role_id, "secretId": secret_id}
        answer = self._ask("POST", "/auth/login", body)
        self.use(str(answer.get("token")))
        self._is_own = True
        return _seconds_until(answer.get("expiresAt"))

    def renew(self) -> float:
        """Let the token live on; the seconds that it lasts from now."""
        return _seconds_until(self._ask("POST", "/auth/renew").get("expiresAt"))

    def resolve(self, references: Iterable[Reference]) -> dict[Reference, Found | StatusError]:
        """Each reference's value, or why there is none."""
        waiting = list(dict.fromkeys(references))
        found: dict[Reference, Found | StatusError] = {}
        while waiting:
            batch, waiting = waiting[:MOST_REFERENCES], waiting[MOST_REFERENCES:]
            answer = self._ask("POST", "/resolve", {"refs": [str(one) for one in batch]}, repeat=True)
            results = answer.get("results") or []
            found.update({one: _outcome(result) for one, result in zip(batch, results, strict=True)})
        return found

    def fields(self, address: Address, version: int | None = None) -> Served:
        """A version with all its fields."""
        body = {} if version is None else {"version": version}
        answer = self._ask("POST", f"/secrets/{address.id}/value", body, repeat=True)
        data = {VALUE: answer.get("value"), **(answer.get("fields") or {})}
        return Served(int(answer.get("version") or 0), bool(answer.get("expired")), data)

    def current_version(self, address: Address) -> int:
        """Raises NotFound."""
        current = int(self._ask("GET", f"/secrets/{address.id}", repeat=True).get("version") or 0)
        if not current:
            raise secret_not_found()
        return current

    def names(self, scope: Scope) -> list[str]:
        """The names of a scope's secrets, sorted."""
        answer = self._send("GET", f"/secrets?scope={quote(str(scope))}", repeat=True).json()
        listed = answer if isinstance(answer, list) else []
        return sorted(str(secret["name"]) for secret in listed if "/" not in str(secret["name"]))

    def close(self) -> None:
        """End the token, if this made it, and the connection."""
        if self._is_own and self._token:
            self._http.hurry(LAST_WORDS)
            with suppress(StatusError):  # it ends by itself
                self._send("POST", "/auth/logout")
        self._token = ""
        self._http.close()

    def _ask(self, method: str, path: str, body: Any = None, *, repeat: bool = False) -> Mapping[str, Any]:
        answer = self._send(method, path, body, repeat=repeat).json()
        if not isinstance(answer, dict):
            raise OutcomeUnknown("The adapter's answer could not be read.", hint="Check its address and its version.")
        return answer

    def _send(self, method: str, path: str, body: Any = None, *, repeat: bool = False) -> Answer:
        headers = {**self._headers, **({"X-Vault-Token": self._token} if self._token else {})}
        answer = self._http.send(method, path, headers, body, repeat=repeat)
        if answer.status < 300:
            return answer
        raise from_body(answer.status, answer.json(), answer.retry_after)


def _outcome(result: Mapping[str, Any]) -> Found | StatusError:
    if "error" in result:
        kind = BY_CODE.get(str(result["error"]), OutcomeUnknown)
        return kind(str(result.get("message") or ""))
    return Found(str(result["value"]), int(result["version"]), bool(result.get("expired")))


def _seconds_until(text: object) -> float:
    from datetime import UTC, datetime

    from adapter.model.records import parse_time

    moment = parse_time(text) if isinstance(text, str) else None
    return (moment - datetime.now(UTC)).total_seconds() if moment else 0.0
