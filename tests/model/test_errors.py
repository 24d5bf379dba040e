"""The error tree: stable codes, and the way over HTTP and back."""

from adapter import errors

STATUS_OF = {
    "not_found": 404,
    "exists": 409,
    "conflict": 409,
    "not_allowed": 403,
    "not_signed_in": 401,
    "invalid": 400,
    "too_large": 413,
    "rate_limited": 429,
    "sealed": 503,
    "unreachable": 502,
    "outcome_unknown": 500,
    "setup_failed": 500,
}
EXIT_OF = {
    "not_signed_in": 3,
    "not_allowed": 3,
    "not_found": 4,
    "exists": 5,
    "conflict": 5,
    "sealed": 6,
    "unreachable": 6,
}


def test_codes_and_statuses_are_those_of_the_api() -> None:
    assert {code: cls.status for code, cls in errors.BY_CODE.items()} == STATUS_OF
    assert {code: errors.BY_CODE[code].exit_code for code in EXIT_OF} == EXIT_OF


def test_every_error_class_is_in_the_tree_of_the_docstring() -> None:
    doc = errors.__doc__ or ""
    for cls in errors.StatusError.__subclasses__():
        if cls.__module__ == errors.__name__:
            assert f"{cls.__name__} " in doc
            assert cls.code in doc


def test_an_error_survives_the_way_over_http() -> None:
    for cls in errors.BY_CODE.values():
        error = cls("What happened.", hint="What to do.")
        again = errors.from_body(error.status, error.body())
        assert type(again) is cls
        assert (again.detail, again.hint) == (error.detail, error.hint)
    fields = errors.from_body(400, errors.Invalid.field("name", "No.").body()).fields
    assert fields == (errors.FieldProblem("name", "No."),)


def test_an_answer_that_is_no_problem_body_is_an_error_all_the_same() -> None:
    assert type(errors.from_body(401, None)) is errors.NotSignedIn
    assert type(errors.from_body(418, "teapot")) is errors.OutcomeUnknown


def test_a_title_of_its_own_comes_over_the_wire() -> None:
    error = errors.from_body(409, errors.Prevented("That is you yourself.").body())
    assert (type(error), error.title) == (errors.Conflict, "Not possible")
