"""`status-secrets can-i`: whether one may do something, and what is missing for it."""

from __future__ import annotations

import click

from adapter.cli.options import as_json, ask
from adapter.cli.output import show_result
from adapter.cli.tables import show_json
from adapter.model.rights import CanI, Question, Verdict

NOT_ALLOWED = 3


@click.command()
@click.argument("act")
@click.argument("place", required=False)
@click.option("--who", metavar="WHO", help="Somebody else, for ADMINs: person:NAME, component:NAME …")
@as_json
def command(act: str, place: str | None, who: str | None, as_json: bool) -> int:
    """Whether you may do ACT on PLACE: a secret's address or id, or a scope. Exit code 3 for a no.

    Acts: view, create, update, edit, roll_back, rename, move, delete, delete_version, undelete_version,
    destroy_version, use, wrap, encrypt, decrypt, rewrap, manage_keys; without a place: see_access, audit, manage,
    operate.
    """
    body = CanI(acts=[_question(act, place)], **({"who": who} if who else {}))
    (verdict,) = ask("can-i", lambda client: client.can_i(body))
    if as_json:
        show_json(verdict)
    else:
        show_result(_words(verdict))
    return 0 if verdict.allowed else NOT_ALLOWED


def _question(act: str, place: str | None) -> Question:
    """A place is a scope when it is `global`, or has a kind and one name; else a secret."""
    act = act.replace("-", "_")
    if place is None:
        return Question(act=act)
    head, _, label = place.partition("/")
    if place == "global" or (head in ("environment", "service", "custom") and "/" not in label):
        return Question(act=act, scope=place)
    return Question(act=act, secret=place)


def _words(verdict: Verdict) -> str:
    lines = ["yes"] if verdict.allowed else [f"no: {verdict.message}", verdict.ask_for or ""]
    return "\n".join([*filter(None, lines), *(verdict.notes or ())])
