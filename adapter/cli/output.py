"""How the command speaks: results on stdout, everything else on stderr; an error is its title, sentence and hint."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

from adapter.errors import SetupFailed, StatusError


def show_error(error: StatusError) -> None:
    """The words of an error, the same as in the API and the terminal UI."""
    click.echo(f"{click.style(error.title, fg='red', bold=True)}: {error.detail}", err=True)
    for problem in error.fields:
        if problem.reason != error.detail:
            click.echo(f"  {problem.field}: {problem.reason}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)


def say(words: str) -> None:
    """Progress, for the person who waits; nobody may be there any more."""
    with suppress(OSError):
        click.echo(f"{words} …", err=True)


def note(words: str) -> None:
    """A remark beside the result; nobody may be there any more."""
    with suppress(OSError):
        click.echo(words, err=True)


def show_result(text: str | bytes, *, end: bool = True) -> None:
    """Something on stdout that must not get lost, in UTF-8; `end`: with a line break after it.

    Raises SetupFailed when nobody can read it.
    """
    try:
        click.echo(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text, nl=end)
    except OSError:
        # What is left in the buffer would be tried, and reported, once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SetupFailed(
            "Nobody reads the standard output, so what had to be shown was lost.", hint="Run it again in a terminal."
        ) from None


@contextmanager
def progress(length: int, label: str) -> Iterator[ProgressBar[int]]:
    """A bar on stderr; where that is no terminal, nothing."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(range(length), length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar
