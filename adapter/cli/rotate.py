"""`status-secrets rotate`: a new password in the vault and at the place where it is used, together."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from adapter import rotation
from adapter.cli.output import note, show_result
from adapter.cli.references import parse_ref
from adapter.cli.signed_in import signed_in
from adapter.client import AsyncClient
from adapter.errors import Invalid
from adapter.model.records import check_reason
from adapter.model.references import Reference
from adapter.rotation import Kept, Login, Outcome
from adapter.settings import Settings, load_settings

MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be rotated, and how to get in. `place` is what the options say; it wins over the datasource's."""

    reference: Reference
    using: str
    place: Mapping[str, Any]
    datasource: Any
    admin: Reference | None
    admin_user: str | None
    pair: tuple[str, str] | None
    reason: str


@click.command()
@click.argument("ref")
@click.option("--using", type=click.Choice(rotation.target_names()), required=True, help="The kind of place.")
@click.option("--datasource", type=click.Path(path_type=Path), help="A STATUS datasource (JSON) that says where it is.")
@click.option("--host")
@click.option("--port", type=click.IntRange(1, 65535))
@click.option("--user", help="The account, where the secret has no field username.")
@click.option("--database")
@click.option("--admin", metavar="REF", help="Sign in with this secret to change the password; else as the account.")
@click.option("--admin-user", help="Its account, where that secret has no field username.")
@click.option("--alternate", nargs=2, metavar="A B", help="Two accounts in turn: no moment without a good version.")
@click.option("--reason", default="", help="Why; it stands with the new version and in the vault's log.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def command(
    ref: str,
    using: str,
    datasource: Path | None,
    admin: str | None,
    admin_user: str | None,
    alternate: tuple[str, str] | None,
    reason: str,
    as_json: bool,
    **place: Any,
) -> None:
    """Give the account a new password, in the vault and at its place.

    It needs a token that may read REF's value (use) and write a new version (DEVELOPER), as `bao login` leaves one,
    or BAO_TOKEN or VAULT_TOKEN. A run that was interrupted is finished by the next one.
    """
    wanted = Wanted(
        reference=parse_ref(ref),
        using=using,
        place={name: value for name, value in place.items() if value is not None},
        datasource=_read_datasource(datasource) if datasource else {},
        admin=parse_ref(admin) if admin else None,
        admin_user=admin_user,
        pair=alternate,
        reason=check_reason(reason) or f"rotated with status-secrets rotate --using {using}",
    )
    try:
        outcome = asyncio.run(_rotate(load_settings(), wanted))
    except KeyboardInterrupt:
        note("Interrupted. The vault and the place may differ now: run it again, it looks first and finishes.")
        raise
    show_result(_as_json(wanted, outcome) if as_json else _as_words(wanted, outcome))


async def _rotate(settings: Settings, wanted: Wanted) -> Outcome:
    async with signed_in(settings, "rotate") as client:
        config = await _rendered(client, wanted)
        target = rotation.open_target(wanted.using, {**config, **wanted.place})
        kept = Kept(client, wanted.reference, target.user, wanted.reason)
        await kept.check_rights()
        admin = await _admin(client, wanted)
        if wanted.pair is not None:
            return await rotation.alternate(kept, target, admin, wanted.pair)
        return await rotation.rotate(kept, target, admin)


async def _rendered(client: AsyncClient, wanted: Wanted) -> dict[str, Any]:
    """The datasource's `config` with its references replaced, but for the password that is about to change."""
    document = wanted.datasource
    config = document.get("config", document) if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise Invalid("The datasource is no JSON object.", hint='It has "config": {"host": …, "user": …}.')
    config = {name: value for name, value in config.items() if name != "password"}
    if not config:
        return {}
    answer = (await client.render(config, reason=wanted.reason)).document
    return dict(answer)


async def _admin(client: AsyncClient, wanted: Wanted) -> Login | None:
    if wanted.admin is None:
        return None
    kept = Kept(client, wanted.admin, wanted.admin_user, wanted.reason, "--admin-user")
    return (await kept.read()).login


def _read_datasource(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Invalid("The datasource is larger than 1 MB.", hint="Name the file of one datasource.")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise Invalid("The file of the datasource cannot be read, or is no JSON.", hint="Check --datasource.") from None


def _as_words(wanted: Wanted, outcome: Outcome) -> str:
    done = f"{wanted.reference.address.path}: version {outcome.version}, account {outcome.account}"
    if outcome.finished:
        return f"{done}; a rotation that had been interrupted is finished"
    if outcome.gap is None:
        return f"{done}; the current version worked at every moment"
    return f"{done}; the current version did not work for at most {outcome.gap * 1000:.1f} ms"


def _as_json(wanted: Wanted, outcome: Outcome) -> str:
    return json.dumps(
        {
            "ref": str(wanted.reference),
            "version": outcome.version,
            "account": outcome.account,
            "gapMs": None if outcome.gap is None else round(outcome.gap * 1000, 3),
            "finished": outcome.finished,
        }
    )
