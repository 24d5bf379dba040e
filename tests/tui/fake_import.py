"""Import as the adapter does it, without its checks of values: what the content holds is read by its own code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from adapter.model.address import Address
from adapter.service.candidates import without_collisions
from adapter.service.env_source import env_candidates

if TYPE_CHECKING:
    from tests.tui.fake_adapter import FakeAdapter


def imported(fake: FakeAdapter, body: Any) -> dict[str, Any]:
    """A `.env` text only. What is stored is noted in `fake.bodies`, but for a dry run."""
    scope, wanted = body["scope"], body.get("names")
    found: dict[str, list[dict[str, Any]]] = {"created": [], "changed": [], "refused": []}
    for one in without_collisions(env_candidates(SecretStr(body["content"]))):
        if wanted is not None and one.name not in wanted:
            continue
        identity = Address(f"{scope}/{one.name}").id
        there = fake.secrets.get(identity)
        entry: dict[str, Any] = {"name": one.name, "source": one.source, "reason": one.refused or "new"}
        if one.body is None:
            found["refused"].append(entry)
            continue
        entry |= {"type": one.body.type, "id": identity, "version": there["version"] + 1 if there else 1}
        found["changed" if there else "created"].append(entry)
    if not body.get("dryRun"):
        fake.bodies.append({key: value for key, value in body.items() if key != "content"})
    counts = ", ".join(f"{len(part)} {kind}" for kind, part in found.items())
    message = f"{scope}: {'would be: ' if body.get('dryRun') else ''}{counts}"
    return {"dryRun": bool(body.get("dryRun")), "scope": scope, **found, "message": message}
