"""Generate a value, and check one, without storing it."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from adapter.errors import Invalid, TooLarge
from adapter.model.generating import (
    ApiKeyRecipe,
    CertificateRecipe,
    CheckBody,
    Checked,
    CheckProblem,
    Generated,
    PasswordRecipe,
    SshKeyRecipe,
    Strength,
)
from adapter.secret_types import Prepared, Submission, secret_type
from adapter.service.app import Act
from adapter.service.values import prepare

AnyRecipe = PasswordRecipe | ApiKeyRecipe | CertificateRecipe | SshKeyRecipe


async def generate(act: Act, recipe: AnyRecipe) -> Generated:
    """A value and what goes with it. Raises Invalid for a recipe out of range, NotSignedIn."""
    await act.identity()
    made, prepared = await asyncio.to_thread(make, recipe, act.now)
    assert made.value is not None
    return Generated(
        type=recipe.type, value=made.value, facts=prepared.facts, expires_at=prepared.expires_at, **dict(made.fields)
    )


def make(recipe: AnyRecipe, now: datetime) -> tuple[Submission, Prepared]:
    """A value as it would be submitted, and what would be stored for it. Raises Invalid."""
    submission = _submission(recipe, now)
    return submission, secret_type(recipe.type).prepare(submission, now)


def _submission(recipe: AnyRecipe, now: datetime) -> Submission:
    from adapter.secret_types import api_key, certificate, password, ssh_key

    match recipe:
        case PasswordRecipe():
            return password.generate(password.Recipe(**_arguments(recipe, password.Recipe)))
        case ApiKeyRecipe():
            return api_key.generate(api_key.Recipe(**_arguments(recipe, api_key.Recipe)))
        case SshKeyRecipe():
            return ssh_key.generate(ssh_key.Recipe(**_arguments(recipe, ssh_key.Recipe)))
        case CertificateRecipe():
            wanted = _arguments(recipe, certificate.Recipe)
            return certificate.generate(certificate.Recipe(**wanted | {"names": tuple(recipe.names)}), now)


def _arguments(recipe: AnyRecipe, kind: Any) -> dict[str, Any]:
    """The recipe of a type takes the same names; a passphrase left blank is none."""
    given = {one.name: getattr(recipe, one.name) for one in fields(kind)}
    passphrase = given.get("passphrase")
    if isinstance(passphrase, SecretStr) and not passphrase.get_secret_value():
        given["passphrase"] = None
    return given


async def check(act: Act, body: CheckBody) -> Checked:
    """What a value is, or why it does not fit its type. Raises Invalid for a type that is not known, NotSignedIn."""
    await act.identity()
    kind = secret_type(body.type)
    strength = await asyncio.to_thread(_strength, body)
    try:
        prepared = await prepare(act, kind, body)
    except (Invalid, TooLarge) as error:
        found = [CheckProblem(field=one.field, reason=one.reason, hint=error.hint) for one in error.fields]
        whole = [CheckProblem(field="value", reason=error.detail, hint=error.hint)]
        return Checked(problems=found or whole, strength=strength)
    return Checked(facts=prepared.facts, expires_at=prepared.expires_at, strength=strength)


def _strength(body: CheckBody) -> Strength | None:
    if body.type.upper() != "PASSWORD" or body.value is None or not body.value.get_secret_value():
        return None
    from adapter.secret_types.password import strength

    found = strength(body.value)
    return Strength(score=found.score, warning=found.warning, suggestions=list(found.suggestions))
