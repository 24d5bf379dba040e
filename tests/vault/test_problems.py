"""Vault's answers and hvac's exceptions as our errors: none is missed."""

import inspect
import re

import pytest
from hvac import exceptions as hvac_errors

from adapter import errors
from adapter.vault import hvac_problems, problems

PERMISSION_DENIED = "1 error occurred:\n\t* permission denied\n\n"


@pytest.mark.parametrize(
    ("status", "messages", "kind"),
    [
        (400, ["check-and-set parameter did not match the current version"], errors.Conflict),
        (400, ["check-and-set parameter required for this call"], errors.Conflict),
        (400, ["metadata check-and-set parameter does not match the current version"], errors.Conflict),
        (400, ["refused JSON input due to high complexity: exceeded maximum number of strings"], errors.TooLarge),
        (400, ["missing client token"], errors.NotSignedIn),
        (400, [problems.HTTP_AT_TLS], errors.Unreachable),
        (400, ["something else"], errors.Invalid),
        (401, [], errors.NotSignedIn),
        (403, ["permission denied"], errors.NotSignedIn),
        (403, ["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"], errors.NotSignedIn),
        (403, [PERMISSION_DENIED], errors.NotAllowed),
        (404, [], errors.NotFound),
        (405, ["unsupported operation"], errors.Invalid),
        (412, [], errors.Conflict),
        (413, [], errors.TooLarge),
        (429, ['request path "x": rate limit quota exceeded'], errors.RateLimited),
        (500, ["internal error"], errors.OutcomeUnknown),
        (500, ["put failed due to value being too large; got 156 bytes, max 1048576 bytes"], errors.TooLarge),
        (501, [], errors.Sealed),
        (502, [], errors.Unreachable),
        (503, ["Vault is sealed"], errors.Sealed),
        (504, [], errors.Unreachable),
    ],
)
def test_a_status_of_vault(status: int, messages: list[str], kind: type[errors.StatusError]) -> None:
    assert isinstance(problems.from_status(status, messages), kind)


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_has_an_error_that_says_what_to_do_and_repeats_nothing(status: int) -> None:
    error = problems.from_status(status, ["c4n4ry"])
    assert error.detail
    assert error.hint
    assert "c4n4ry" not in error.detail + error.hint


def test_every_exception_of_hvac_is_mapped() -> None:
    found = [
        cls for _, cls in inspect.getmembers(hvac_errors, inspect.isclass) if issubclass(cls, hvac_errors.VaultError)
    ]
    assert len(found) > 10
    for cls in found:
        if cls is not hvac_errors.VaultError:
            assert cls in hvac_problems._STATUS_OF_HVAC, cls
        assert isinstance(hvac_problems.from_hvac(cls("c4n4ry", errors=["c4n4ry"])), errors.StatusError)


def test_no_sentence_ends_without_a_full_stop() -> None:
    for text in re.findall(r'"([A-Z][^"]{20,})"', inspect.getsource(problems)):
        assert text.rstrip()[-1] in ".?!:", text
