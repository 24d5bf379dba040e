"""Vault's answers as our errors: the one place where a status becomes a StatusError.

Vault's own message is looked at, never passed on: it can repeat what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapter.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    RateLimited,
    Sealed,
    StatusError,
    TooLarge,
    Unreachable,
)

HTTP_AT_TLS = "Client sent an HTTP request to an HTTPS server."
"""What Go's net/http says, as plain text, before either server sees the request."""

SIGN_IN_AGAIN = "Sign in again."


class VaultRefusal(NotAllowed):
    """Vault's own "permission denied": what the use cases put into words of their own."""


class TimedOut(Unreachable):
    """No answer in time: asking again would only take as long again."""


def not_signed_in() -> NotSignedIn:
    return NotSignedIn(
        "The vault does not accept this token: it is wrong, has ended or was revoked.", hint=SIGN_IN_AGAIN
    )


def sealed() -> Sealed:
    return Sealed(
        "The vault is sealed, so it can neither read nor write.",
        hint="Whoever runs the server unseals it; nothing is lost meanwhile. One that is new: bao operator init.",
    )


def not_initialised() -> Sealed:
    return Sealed(
        "The vault is not initialised: it has no keys yet, and holds nothing.",
        hint="Whoever runs the server sets it up with: bao operator init.",
    )


def unreachable() -> Unreachable:
    return Unreachable(
        "The vault does not answer.", hint="Check that the server runs, and the address and CA in the settings."
    )


def untrusted() -> Unreachable:
    return Unreachable(
        "The server's certificate is not trusted: it is of a CA that is not known here, or for another name.",
        hint="Give the CA with VAULT_CACERT, or the name in the certificate with VAULT_TLS_SERVER_NAME.",
    )


def no_tls() -> Unreachable:
    return Unreachable(
        "No TLS connection to the server could be made.",
        hint="Check whether VAULT_ADDR begins with https:// or http://, and the client certificate, if it wants one.",
    )


def wants_tls() -> Unreachable:
    return Unreachable(
        "The server speaks TLS only, and was asked without.", hint="Let VAULT_ADDR begin with https:// there."
    )


def at_tls(content: bytes) -> bool:
    """Whether an answer is the one to plain HTTP at a server of TLS."""
    return content.startswith(HTTP_AT_TLS.encode())


def timed_out() -> TimedOut:
    return TimedOut("The vault did not answer in time.", hint="It may be busy; try again, or raise STATUS_TIMEOUT.")


def outcome_unknown() -> OutcomeUnknown:
    return OutcomeUnknown(
        "The vault did not say whether the act took place.",
        hint="Look at the secret before trying again: it may be done already.",
    )


def unaudited() -> OutcomeUnknown:
    """What both servers answer to everything while no audit device takes the log's lines (VAULT-FACTS, section 7)."""
    return OutcomeUnknown(
        "The vault refuses to work with an internal error: most often it cannot write its audit log.",
        hint="Whoever runs it makes room for the log, or mends the audit device. Look before you repeat a change: "
        "where only the answer could not be logged, it is done.",
    )


def _refused(errors: Sequence[str]) -> StatusError:
    """403: a token that is none, or a policy that does not grant it (VAULT-FACTS, section 11)."""
    text = "\n".join(errors)
    if list(errors) == ["permission denied"] or "invalid token" in text or "bad token" in text:
        return not_signed_in()
    return VaultRefusal("The vault's policies do not allow this.", hint="An ADMIN can grant the right.")


def _faster() -> Conflict:
    return Conflict(
        "Somebody else changed it meanwhile; nothing was overwritten.", hint="Look at it again, then repeat."
    )


def _bad_request(errors: Sequence[str]) -> StatusError:
    text = "\n".join(errors)
    if "check-and-set parameter" in text:
        return _faster()
    if "exceeded maximum number of strings" in text:
        return TooLarge("That is more fields than the vault takes in one request.", hint="Send fewer at once.")
    if "missing client token" in text:
        return not_signed_in()
    if HTTP_AT_TLS in text:
        return wants_tls()
    return Invalid("The vault refused the request as not valid.", hint="Check what was entered.")


def from_status(status: int, errors: Sequence[str], *, retry_after: float | None = None) -> StatusError:
    """The error for an answer of Vault that is no success; every status has one."""
    text = "\n".join(errors)
    match status:
        case 400:
            return _bad_request(errors)
        case 401:
            return not_signed_in()
        case 403:
            return _refused(errors)
        case 404:
            return NotFound("The vault has nothing there.", hint="Check the name and the scope.")
        case 413:
            return TooLarge("That is more than the vault takes.", hint="Send less at once.")
        case 412:
            return Conflict("The server asked is behind the others.", hint="Try again in a moment.")
        case 429:
            return RateLimited(
                "The vault takes no more requests for a moment.", hint="Try again shortly.", retry_after=retry_after
            )
        case 501:
            return not_initialised()
        case 503:
            return sealed()
        case 502 | 504:
            return unreachable()
        case 500 if "value being too large" in text:
            return TooLarge("That is larger than the vault stores in one entry.", hint="The limit is 1040 kB.")
        case 500 if "transaction commit failed" in text:  # OpenBao, when two write the same entry at the same time
            return _faster()
        case 500 if text.strip() == "internal error":
            return unaudited()
        case 405:
            return Invalid("The vault does not know this operation.", hint="Check that the mount is KV version 2.")
        case _:
            return outcome_unknown()
