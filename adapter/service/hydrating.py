"""Hydrate controls: the values of `params.secretRefs` go where the platform's mashups look for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.errors import Invalid, NotFound
from adapter.model.address import Address, Scope, ScopeKind, normalise_name
from adapter.model.references import Reference
from adapter.model.retrieval import Shape
from adapter.model.served import Found
from adapter.service.app import Act
from adapter.service.fields import chosen_scope
from adapter.service.resolving import Outcome, check_count, resolve

REFS = "secretRefs"
ERRORS = "secretErrors"
JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry of `secretRefs`: as it was sent, the key for its value, the secret (None: it names none)."""

    sent: object
    key: str | None
    reference: Reference | None


async def hydrate(act: Act, controls: Any, default_environment: str | None, shape: Shape) -> Any:
    """The controls with their values, in order; what is no list, or an empty one, comes back as it is.

    A reference without a value is told in its control's `secretErrors`. Raises Invalid, TooLarge, and what `resolve`
    raises.
    """
    if not isinstance(controls, list) or not controls:
        return controls
    default = Scope.parse(f"{ScopeKind.ENVIRONMENT}/{default_environment or 'production'}", "defaultEnvironment")
    wanted = [list(_wanted(control, default)) for control in controls]
    check_count(sum(map(len, wanted)))
    outcomes = await resolve(act, [one.reference for refs in wanted for one in refs if one.reference])
    return [_hydrated(control, refs, outcomes, shape) for control, refs in zip(controls, wanted, strict=True)]


def _wanted(control: object, default: Scope) -> Iterator[Wanted]:
    params = control.get("params") if isinstance(control, dict) else None
    refs = params.get(REFS) if isinstance(params, dict) else None
    for ref in refs if isinstance(refs, list) else ():
        named = ref if isinstance(ref, dict) else {}
        yield Wanted(ref, _key(named), _reference(named, default))


def _key(ref: Mapping[str, Any]) -> str | None:
    return next((text for name in ("as", "name", "id") if (text := _text(ref.get(name)))), None)


def _text(value: object) -> str:
    """An id may be a number or a string; empty for whatever else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _reference(ref: Mapping[str, Any], default: Scope) -> Reference | None:
    identity, name = _text(ref.get("id")), ref.get("name")
    try:
        if identity:
            return Reference(Address.from_id(identity))
        if isinstance(name, str):
            return Reference(Address.of(_scope(ref, default), normalise_name(name)))
    except (Invalid, NotFound):
        pass
    return None


def _scope(ref: Mapping[str, Any], default: Scope) -> Scope:
    scope, environment = (ref.get(name) or None for name in ("scope", "environment"))
    if scope is None and environment is None:
        return default
    return chosen_scope(None if scope is None else str(scope), None if environment is None else str(environment))


def _hydrated(control: Any, wanted: list[Wanted], outcomes: Mapping[Reference, Outcome], shape: Shape) -> Any:
    if not isinstance(control, dict):
        return control
    given = control.get("params")
    params: Any = {} if given is None else given
    if isinstance(params, dict):
        params = {name: value for name, value in params.items() if name != REFS}
    values, errors = _values(wanted, outcomes)
    hydrated: JsonObject = {name: value for name, value in control.items() if name != ERRORS} | {"params": params}
    if shape == "resolvedSecrets":
        hydrated["resolvedSecrets"] = {key: value for key, value in values.items() if value is not None}
    else:
        for key, value in values.items():
            params.pop(key, None)
            if value is not None:
                params[key] = value
    return hydrated | ({ERRORS: errors} if errors else {})


def _values(wanted: list[Wanted], outcomes: Mapping[Reference, Outcome]) -> tuple[dict[str, str | None], list[Any]]:
    """The value for each key, None for one that has none; and the errors, in the references' order."""
    values: dict[str, str | None] = {}
    errors = []
    for one in wanted:
        outcome = outcomes[one.reference] if one.reference else None
        if one.key in values:
            errors.append({"ref": one.sent, "error": "DUPLICATE_KEY"})
        if not isinstance(outcome, Found):
            missing = outcome is None or isinstance(outcome, NotFound)
            errors.append({"ref": one.sent, "error": "NOT_FOUND" if missing else "DECRYPT_ERROR"})
        if one.key is not None:
            values[one.key] = outcome.value if isinstance(outcome, Found) else None
    return values, errors
