"""`status-secrets run`: start a command with secrets in its environment, or in files in memory."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from adapter.cli.output import note
from adapter.cli.running.not_started import not_started
from adapter.cli.running.wanted import CREDENTIALS, Values, Wanted, values_of, wanted
from adapter.cli.source import Source, open_source
from adapter.errors import Invalid

if TYPE_CHECKING:
    from adapter.cli.running.files import MemoryFiles

SIGNALS = {"HUP": signal.SIGHUP, "USR1": signal.SIGUSR1, "USR2": signal.SIGUSR2}


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--env", "pairs", multiple=True, metavar="NAME=REF", help="A variable and its reference; repeatable.")
@click.option("--env-file", type=click.Path(path_type=Path), help="Lines NAME=…, references or plain text.")
@click.option("--scope", metavar="SCOPE", help="Every secret of a scope: db-password becomes DB_PASSWORD.")
@click.option("--files", type=click.Path(path_type=Path), help="Put values into files there, in memory-backed storage.")
@click.option("--mask", is_flag=True, help="Hide the values in the command's output.")
@click.option("--watch", is_flag=True, help="Start the command anew when a secret gets a new version.")
@click.option(
    "--watch-every", type=click.FloatRange(0.1), default=10.0, metavar="SECONDS", help="How often to look: 10."
)
@click.option("--signal", "signal_name", type=click.Choice(list(SIGNALS)), help="With --files: send this instead.")
@click.option("--reason", help="Why, for the vault's log.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def command(
    pairs: tuple[str, ...],
    env_file: Path | None,
    scope: str | None,
    files: Path | None,
    mask: bool,
    watch: bool,
    watch_every: float,
    signal_name: str | None,
    reason: str | None,
    command: tuple[str, ...],
) -> int:
    """Start COMMAND with secrets; its exit code is this one's. When one has no value, nothing is started."""
    if signal_name is not None and not (watch and files):
        raise Invalid(
            "--signal needs --watch and --files.", hint="The environment of a command that runs cannot be changed."
        )
    with open_source("run", reason) as source:
        plan = wanted(source, scope, env_file, pairs)
        if files is not None or mask or watch:
            number = SIGNALS[signal_name] if signal_name else None
            return _beside(source, plan, command, Beside(files, mask, watch_every if watch else None, number))
        values = values_of(source, plan)
    return _become(command, _environment(values, None))


@dataclass(frozen=True, slots=True)
class Beside:
    """How to stay beside the command: `every` is in seconds, None: its secrets are not followed."""

    files: Path | None
    mask: bool
    every: float | None
    number: signal.Signals | None


def _beside(source: Source, plan: Wanted, command: Sequence[str], how: Beside) -> int:
    if not hasattr(signal, "sigtimedwait"):
        raise Invalid("--files, --mask and --watch need Linux.", hint="Without them the command gets its environment.")
    from adapter.cli.running.child import Child, hold_signals, release_signals
    from adapter.cli.running.files import MemoryFiles
    from adapter.cli.running.watching import Watched, run_watched

    watched = Watched(source, plan) if how.every is not None else None  # before the values: none slips through
    values = values_of(source, plan)
    hold_signals()
    folder = MemoryFiles(how.files) if how.files is not None else None
    try:
        if how.mask:
            _tell_of_short_ones(values)

        def environment(new: Values) -> dict[str, str]:
            return _environment(new, folder)

        if watched is not None and how.every is not None:
            return run_watched(command, watched, environment, values, mask=how.mask, every=how.every, number=how.number)
        source.close()
        return Child(command, environment(values), sorted(values.hidden) if how.mask else None).wait(None) or 0
    finally:
        if folder is not None:
            folder.remove()
        release_signals()


def _environment(values: Values, folder: MemoryFiles | None) -> dict[str, str]:
    """This process's environment without what it signs in with, and the values, or where their files are."""
    inherited = {name: text for name, text in os.environ.items() if name not in CREDENTIALS}
    if folder is None:
        nul = next((name for name, value in values.texts.items() if "\0" in value), None)
        if nul is not None:
            raise Invalid(f"The value of {nul} cannot be in an environment: it has a NUL.", hint="Use --files.")
        return inherited | values.texts
    return inherited | values.plain | folder.store(values.secret)


def _tell_of_short_ones(values: Values) -> None:
    from adapter.cli.running.masking import is_too_short

    for name, inside in values.secrets.items():
        if any(map(is_too_short, inside)):
            note(f"The value of {name} is too short to be hidden.")


def _become(command: Sequence[str], environment: dict[str, str]) -> NoReturn:
    """Be the command from now on: nothing of this program is left to pass signals or keep values."""
    sys.stdout.flush()
    sys.stderr.flush()
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python; what is ignored stays so in the command
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606  what the user asked for
    except (OSError, ValueError) as error:
        raise not_started(error, command, environment) from None
