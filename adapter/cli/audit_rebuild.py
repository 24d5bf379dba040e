"""`status-secrets audit rebuild`: the index anew, from all that is left of the log."""

from __future__ import annotations

import sqlite3
import time

import click

from adapter.cli.output import say
from adapter.errors import Conflict, Invalid, SetupFailed
from adapter.settings import load_settings


@click.command()
def command() -> None:
    """Make the index of the audit view anew, from the log that STATUS_AUDIT_LOG names and its rotated files.

    Nothing is lost that is still in the log. No adapter may be running on this index meanwhile.
    """
    from adapter.audit.follow import WriterLock, rebuild
    from adapter.service.auditing import place_of

    place = place_of(load_settings())
    if place is None:
        raise Invalid("No audit log is named.", hint="Set STATUS_AUDIT_LOG to the file of the vault's audit device.")
    say(f"Reading {', '.join(map(str, place.logs))}")
    begun = time.monotonic()
    lock = WriterLock(place.index)
    try:
        if not lock.acquire():
            raise Conflict("An adapter is writing this index now.", hint="Stop it, then rebuild; or let it go on.")
        read = rebuild(place)
    except (OSError, sqlite3.Error) as error:
        raise SetupFailed(f"The index could not be made: {error}.", hint=f"Check the disk of {place.index}.") from None
    finally:
        lock.release()
    click.echo(f"{read} lines read in {time.monotonic() - begun:.1f} s.")
