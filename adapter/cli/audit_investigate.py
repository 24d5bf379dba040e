"""`status-secrets audit investigate`: who could have a value, or what somebody touched."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask
from adapter.cli.tables import show_json, show_rows
from adapter.model.audit import Investigation, Touched, Use, had_it, is_written
from adapter.model.rights import TemporaryView


@click.command()
@click.option("--secret", metavar="SECRET", help="Everyone who could have its value.")
@click.option("--actor", metavar="NAME", help="All that this person touched.")
@click.option("--component", metavar="NAME", help="All that this component touched.")
@as_json
def command(secret: str | None, actor: str | None, component: str | None, as_json: bool) -> None:
    """Each use with from where, how often, first and last time. For ADMINs; name one of the three."""
    found = ask("audit", lambda client: client.investigate(secret=secret, actor=actor, component=component))
    if as_json:
        show_json(found)
    else:
        _show(found)


def _show(found: Investigation) -> None:
    if found.kind == "secret":
        rows = [*map(_may_read, found.may_read or ()), *map(_use, had_it(found))]
        show_rows(("LAST", "FIRST", "TIMES", "VERSION", "WHO", "HOW", "FROM", "CLIENT"), rows)
        if found.may_read is None:
            click.echo("Temporary access that has not ended is not among it: you may not see that.", err=True)
        click.echo(f"The value is of {_time(found.rotated_at)}; what was used before that is an earlier one.", err=True)
    else:
        show_rows(("LAST", "FIRST", "WHAT", "ACTS"), map(_touched, found.touched))
    click.echo(f"Nothing is known of what was before {_time(found.known_since)}.", err=True)


def _use(use: Use) -> tuple[str, ...]:
    version = str(use.version or "-")
    times = _time(use.last), _time(use.first), str(use.count)
    who = f"{use.actor} (temporary)" if use.temporary else use.actor
    how = "wrote it" if is_written(use) else use.act
    return *times, version, who, how, use.address or "-", use.client or "-"


def _may_read(given: TemporaryView) -> tuple[str, ...]:
    left = "-" if given.uses_left is None else f"{given.uses_left} left"
    return "-", _time(given.at), left, "-", given.who, f"may still read it until {_time(given.expires_at)}", "-", "-"


def _touched(one: Touched) -> tuple[str, ...]:
    acts = ", ".join(f"{name} {count}" for name, count in one.acts.items())
    return _time(one.last), _time(one.first), one.secret, acts


def _time(text: str | None) -> str:
    return text[:19].replace("T", " ") if text else "a time that the log does not tell"
