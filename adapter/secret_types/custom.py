"""Custom secrets, which STATUS also calls other: any text, or several named fields, under a rule of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types._base import FIELD_NAME, VALUE, Prepared, Submission, check_names, text_option
from adapter.secret_types._rules import parse_rule
from adapter.secret_types._text import check_text

NAMES = ("CUSTOM", "OTHER")
LABEL = "custom"
FIELDS = None
OPTIONS = ("rule",)
FACTS = ("rule",)
"""The rule itself: the next version is submitted with it as the option `rule` again."""

MOST_FIELDS = 64


def prepare(submission: Submission, now: datetime) -> Prepared:
    """Fields without a value get all of them as a JSON object for their value, so that a reference finds something."""
    check_names(LABEL, Submission(options=submission.options), (), OPTIONS)
    further = _checked_fields(submission.fields)
    given = {name: text.get_secret_value() for name, text in further.items()}
    bundle = json.dumps(given, ensure_ascii=False, sort_keys=True)
    value = submission.value
    if further and (value is None or value.get_secret_value() in ("", bundle)):
        value = SecretStr(bundle)
    else:
        value = check_text(value)
        given = {VALUE: value.get_secret_value(), **given}
    return Prepared({VALUE: value, **further}, _kept_rule(text_option(submission.options, "rule"), given))


def _checked_fields(fields: Mapping[str, SecretStr]) -> dict[str, SecretStr]:
    if len(fields) > MOST_FIELDS:
        raise Invalid.field(
            "fields", f"There are more than {MOST_FIELDS} fields.", hint="Put them into one JSON value."
        )
    for name in fields:
        if not FIELD_NAME.fullmatch(name) or name == VALUE:
            raise Invalid.field(
                "fields",
                "A field's name is not valid.",
                hint="Up to 64 ASCII letters, digits, '_', '.' and '-', starting with a letter; not 'value'.",
            )
    return {name: check_text(text, name) for name, text in fields.items()}


def _kept_rule(text: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """The rule as a fact, when there is one and the fields obey it."""
    if not text:
        return {}
    rule = parse_rule(text)
    broken = rule.reason(given)
    if broken is not None:
        name, reason = broken
        subject = "value" if name == VALUE else f"field {name}"
        raise Invalid.field(name, f"The {subject} {reason}.", hint="Enter one that does, or change the rule first.")
    return {"rule": rule.text}
