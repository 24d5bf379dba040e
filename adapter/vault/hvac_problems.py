"""What hvac raises itself, as our errors."""

from __future__ import annotations

from hvac import exceptions as hvac_errors

from adapter.errors import StatusError
from adapter.vault.problems import from_status

_STATUS_OF_HVAC: dict[type[hvac_errors.VaultError], int] = {
    hvac_errors.InvalidRequest: 400,
    hvac_errors.ParamValidationError: 400,
    hvac_errors.Unauthorized: 401,
    hvac_errors.Forbidden: 403,
    hvac_errors.InvalidPath: 404,
    hvac_errors.UnsupportedOperation: 405,
    hvac_errors.PreconditionFailed: 412,
    hvac_errors.RateLimitExceeded: 429,
    hvac_errors.InternalServerError: 500,
    hvac_errors.UnexpectedError: 500,
    hvac_errors.VaultNotInitialized: 501,
    hvac_errors.BadGateway: 502,
    hvac_errors.VaultDown: 503,
}


def from_hvac(error: hvac_errors.VaultError) -> StatusError:
    """The error for an exception that hvac raised itself."""
    return from_status(_STATUS_OF_HVAC.get(type(error), 500), [str(e) for e in error.errors or ()])
