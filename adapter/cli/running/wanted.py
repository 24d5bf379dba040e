"""Which variables a command shall get, and their values: all of them, or an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapter.cli.output import note
from adapter.cli.source import Source
from adapter.errors import Invalid, NotFound, StatusError
from adapter.model.address import Address, Scope
from adapter.model.failing import combined
from adapter.model.references import Reference
from adapter.model.served import Found
from adapter.model.templates import filled, parsed, references_in

CREDENTIALS = (
    "STATUS_ROLE_ID",
    "STATUS_SECRET_ID",
    "STATUS_SECRET_ID_FILE",
    "STATUS_TOKEN_FILE",
    "VAULT_TOKEN",
    "BAO_TOKEN",
)
"""What this program signs in with is not handed on."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`texts`: what each variable is made from; `optional`: those that a scope gave, which may be deleted."""

    texts: Mapping[str, str]
    optional: frozenset[str]

    def secret(self, values: Mapping[str, str]) -> dict[str, str]:
        """Those of the values that hold a secret; the others are plain text of the file."""
        return {name: value for name, value in values.items() if references_in(self.texts[name])}

    @property
    def followed(self) -> set[Address]:
        """The secrets whose new versions change something."""
        references = [parsed(ref) for text in self.texts.values() for ref in references_in(text)]
        return {one.address for one in references if isinstance(one, Reference) and one.version is None}


def wanted(source: Source, scope: str | None, env_file: Path | None, pairs: Iterable[str]) -> Wanted:
    """What `--scope`, `--env-file` and `--env` ask for; a later one wins. Raises StatusError."""
    by_scope = _of_scope(source, Scope.parse(scope)) if scope is not None else {}
    given = (_of_file(env_file) if env_file is not None else {}) | dict(map(_pair, pairs))
    return Wanted(by_scope | given, frozenset(by_scope.keys() - given.keys()))


def _of_scope(source: Source, scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in source.names(scope):
        variable = re.sub(r"[^A-Za-z0-9]", "_", name).upper()
        variable = f"_{variable}" if variable[0].isdigit() else variable
        if variable in found:
            raise Invalid(
                f"Two secrets of {scope} would both be {variable}.", hint="Name what is wanted with --env instead."
            )
        found[variable] = str(Reference(Address.of(scope, name)))
    return found


def _of_file(file: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    try:
        with file.open(encoding="utf-8") as stream:
            values = dotenv_values(stream=stream, interpolate=False)
    except (OSError, UnicodeDecodeError):
        raise Invalid("The file that --env-file names cannot be read.", hint="It is UTF-8 text: NAME=…") from None
    return {_checked(name): value for name, value in values.items() if value is not None}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not references_in(value):
        raise Invalid("--env takes a name and a reference.", hint="Write --env NAME=secret://SCOPE/NAME.")
    return _checked(name), value


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid(
            "A variable's name has characters that do not belong there.",
            hint="Letters, digits and _ are allowed; it does not start with a digit.",
        )
    return name


def values_of(source: Source, wanted: Wanted) -> dict[str, str]:
    """Every variable's value; a deleted secret of a scope is left out. Raises StatusError when one has none."""
    texts = {ref: parsed(ref) for text in wanted.texts.values() for ref in references_in(text)}
    outcomes = source.resolve(one for one in texts.values() if isinstance(one, Reference))
    values: dict[str, str] = {}
    failed: list[tuple[str, StatusError]] = []
    for name, text in wanted.texts.items():
        outcome = _filled(text, {ref: _outcome(one, outcomes) for ref, one in texts.items()})
        if isinstance(outcome, str):
            values[name] = outcome
        elif name in wanted.optional and isinstance(outcome, NotFound):
            note(f"{name} is left out: {outcome.detail}")
        else:
            failed.append((name, outcome))
    if failed:
        raise combined(failed, "nothing was started")
    return values


def _outcome(one: Reference | Invalid, outcomes: Mapping[Reference, Found | StatusError]) -> Found | StatusError:
    return outcomes[one] if isinstance(one, Reference) else one


def _filled(text: str, outcomes: Mapping[str, Found | StatusError]) -> str | StatusError:
    def value_of(ref: str) -> str:
        outcome = outcomes[ref]
        if isinstance(outcome, StatusError):
            raise outcome
        return outcome.value

    bad = [error for ref in references_in(text) if isinstance(error := outcomes[ref], StatusError)]
    return bad[0] if bad else filled(text, value_of)
