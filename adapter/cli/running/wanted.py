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


@dataclass(frozen=True, slots=True, repr=False)
class Values:
    """`texts`: each variable's. `secrets`: the values of secrets in it, for each variable that holds one."""

    texts: dict[str, str]
    secrets: dict[str, list[str]]

    @property
    def plain(self) -> dict[str, str]:
        """The variables without a secret: text of the file that `--env-file` names."""
        return {name: text for name, text in self.texts.items() if name not in self.secrets}

    @property
    def secret(self) -> dict[str, str]:
        """The variables that hold a secret, perhaps in a longer text."""
        return {name: self.texts[name] for name in self.secrets}

    @property
    def hidden(self) -> set[str]:
        """What no output shall show: those variables' texts, and each secret in them on its own."""
        return {*self.secret.values(), *(value for inside in self.secrets.values() for value in inside)}


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`texts`: what each variable is made from; `optional`: those that a scope gave, which may be deleted."""

    texts: Mapping[str, str]
    optional: frozenset[str]

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
    """Raises Invalid with the line that is none: a variable that is left out would be missed too late."""
    from dotenv.parser import parse_stream

    try:
        with file.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError):
        raise Invalid("The file that --env-file names cannot be read.", hint="It is UTF-8 text: NAME=…") from None
    bad = next((one for one in bindings if one.error or (one.key is not None and one.value is None)), None)
    if bad is not None:
        raise Invalid(
            f"Line {bad.original.line} of the file that --env-file names is not of the form NAME=value.",
            hint="Quote a value of several lines, or with spaces.",
        )
    return {_checked(one.key): one.value for one in bindings if one.key is not None and one.value is not None}


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


def values_of(source: Source, wanted: Wanted) -> Values:
    """Every variable's value; a deleted secret of a scope is left out. Raises StatusError when one has none."""
    texts = {ref: parsed(ref) for text in wanted.texts.values() for ref in references_in(text)}
    outcomes = source.resolve(one for one in texts.values() if isinstance(one, Reference))
    by_ref = {ref: _outcome(one, outcomes) for ref, one in texts.items()}
    values = Values({}, {})
    failed: list[tuple[str, StatusError]] = []
    for name, text in wanted.texts.items():
        outcome = _filled(text, by_ref)
        if isinstance(outcome, str):
            values.texts[name] = outcome
            if inside := [found.value for ref in references_in(text) if isinstance(found := by_ref[ref], Found)]:
                values.secrets[name] = inside
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
