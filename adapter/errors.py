"""The errors of STATUS Secrets, the same in the API, the command and the terminal UI.

    StatusError
    ├── NotFound          404  not_found        no such secret, or none that the caller may see
    ├── Exists            409  exists           the name is taken
    ├── Conflict          409  conflict         somebody was faster (check-and-set), or it is Prevented as things stand
    ├── NotAllowed        403  not_allowed      a Vault policy does not grant it
    ├── NotSignedIn       401  not_signed_in    no token, or one that Vault does not accept
    ├── Invalid           400  invalid          a field does not fit; `fields` says which and why
    ├── TooLarge          413  too_large        more than the server takes
    ├── RateLimited       429  rate_limited     a quota of the server
    ├── Sealed            503  sealed           the vault is sealed or not initialised
    ├── Unreachable       502  unreachable      no answer, or no trusted one
    ├── OutcomeUnknown    500  outcome_unknown  the act may or may not have taken place
    └── SetupFailed       500  setup_failed     the machine: ports, folders, programs (never sent by the API)

Each carries a title, a sentence and a hint of what to do next. None repeats its input, so none can carry a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: its name as the API spells it, and the reason as a sentence."""

    field: str
    reason: str


class StatusError(Exception):
    """An error with a title, a sentence (`detail`) and a hint.

    `exit_code` is what `status-secrets` ends with (docs/cli.md).
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: str
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str, *, hint: str = "", fields: Iterable[FieldProblem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.fields = tuple(fields)

    def body(self) -> dict[str, Any]:
        """The `application/problem+json` body (RFC 9457), with `message` for STATUS's front end."""
        body: dict[str, Any] = {
            "type": f"urn:status-secrets:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "hint": self.hint,
            "message": self.detail,
        }
        if self.fields:
            body["errors"] = [{"field": f.field, "reason": f.reason} for f in self.fields]
        return body


class NotFound(StatusError):
    code = "not_found"
    status = 404
    title = "Not found"
    exit_code = 4


class Exists(StatusError):
    code = "exists"
    status = 409
    title = "Name already exists"
    exit_code = 5


class Conflict(StatusError):
    code = "conflict"
    status = 409
    title = "Changed meanwhile"
    exit_code = 5


class Prevented(Conflict):
    """Nobody was faster: as things stand, it would do harm."""

    title = "Not possible"


class NotAllowed(StatusError):
    code = "not_allowed"
    status = 403
    title = "Not allowed"
    exit_code = 3


class NotSignedIn(StatusError):
    code = "not_signed_in"
    status = 401
    title = "Not signed in"
    exit_code = 3


class Invalid(StatusError):
    code = "invalid"
    status = 400
    title = "Not valid"
    exit_code = 2

    @classmethod
    def field(cls, field: str, reason: str, *, hint: str = "") -> Invalid:
        """One field that does not fit; the reason is the sentence shown."""
        return cls(reason, hint=hint, fields=[FieldProblem(field, reason)])


class TooLarge(StatusError):
    code = "too_large"
    status = 413
    title = "Too large"
    exit_code = 2


class RateLimited(StatusError):
    """`retry_after` is in seconds, None when the server named no time."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.retry_after = retry_after


class Sealed(StatusError):
    code = "sealed"
    status = 503
    title = "The vault is sealed"
    exit_code = 6


class Unreachable(StatusError):
    code = "unreachable"
    status = 502
    title = "The vault cannot be reached"
    exit_code = 6


class OutcomeUnknown(StatusError):
    code = "outcome_unknown"
    status = 500
    title = "Outcome unknown"


class SetupFailed(StatusError):
    code = "setup_failed"
    status = 500
    title = "Cannot start"


BY_CODE: dict[str, type[StatusError]] = {
    cls.code: cls
    for cls in (
        NotFound,
        Exists,
        Conflict,
        NotAllowed,
        NotSignedIn,
        Invalid,
        TooLarge,
        RateLimited,
        Sealed,
        Unreachable,
        OutcomeUnknown,
        SetupFailed,
    )
}


def from_body(status: int, body: Any, retry_after: float | None = None) -> StatusError:
    """The error that a problem body stands for; the inverse of `StatusError.body`."""
    problem = body if isinstance(body, dict) else {}
    cls = BY_CODE.get(str(problem.get("code"))) or {401: NotSignedIn, 403: NotAllowed, 404: NotFound}.get(
        status, OutcomeUnknown
    )
    detail = str(problem.get("detail") or f"The adapter answered with status {status}.")
    hint = str(problem.get("hint") or "")
    if cls is RateLimited:
        return RateLimited(detail, hint=hint, retry_after=retry_after)
    items = problem.get("errors") or []
    fields = [FieldProblem(str(e.get("field")), str(e.get("reason"))) for e in items if isinstance(e, dict)]
    error = cls(detail, hint=hint, fields=fields)
    if isinstance(title := problem.get("title"), str) and title:
        error.title = title
    return error
