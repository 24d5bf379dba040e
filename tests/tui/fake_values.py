"""Values as the adapter makes and checks them: its own code, which needs no server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import SecretStr, TypeAdapter

from adapter.errors import Invalid
from adapter.model.generating import Generated, Recipe
from adapter.model.wire import dump
from adapter.secret_types import Submission, secret_type
from adapter.secret_types.password import strength
from adapter.service.generating import make

_RECIPE: TypeAdapter[Any] = TypeAdapter(Recipe)


def generated(body: Any, now: datetime) -> dict[str, Any]:
    recipe = _RECIPE.validate_python(body)
    made, prepared = make(recipe, now)
    return dump(Generated(type=recipe.type, value=made.value, facts=prepared.facts, **dict(made.fields)))


def checked(body: Any, now: datetime) -> dict[str, Any]:
    value = SecretStr(body["value"])
    fields = {"passphrase": SecretStr(body["passphrase"])} if "passphrase" in body else {}
    options: dict[str, object] = {"rule": body["rule"]} if body.get("rule") else {}
    if body.get("allowExpired"):
        options["allow_expired"] = True
    found: dict[str, Any] = {}
    if body["type"] == "PASSWORD":
        judged = strength(value)
        found["strength"] = {"score": judged.score, "warning": judged.warning}
    try:
        found["facts"] = secret_type(body["type"]).prepare(Submission(value, fields, options), now).facts
    except Invalid as error:
        found["problems"] = [{"field": one.field, "reason": one.reason, "hint": error.hint} for one in error.fields]
    return found
