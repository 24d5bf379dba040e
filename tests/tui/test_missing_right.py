"""What is said of a denied event."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.model.audit import Event, EventAct
from statustui.missing_right import missing_right, needed
from tests.tui.fake_audit import event


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"act": "updated"},
            "DEVELOPER in environment/production. An ADMIN can grant it: "
            "status-secrets grants add person:developer DEVELOPER environment/production",
        ),
        (
            {"act": "used", "actorKind": "component", "actor": "node-red"},
            "USE in environment/production. An ADMIN can grant it: "
            "status-secrets grants add component:node-red USE environment/production",
        ),
        (
            {"act": "used"},
            "USE in environment/production, which only components hold. An ADMIN can let a person read one secret for "
            "a while: status-secrets temporary give environment/production/db_password person:developer --ttl 30m",
        ),
        ({"act": "deleted"}, "ADMIN. An ADMIN can grant it: status-secrets grants add person:developer ADMIN"),
        ({"act": "viewed", "actorKind": "token"}, "USER in environment/production. An ADMIN can grant it."),
        ({"act": "viewed", "scope": None}, "USER. An ADMIN can grant it."),
        ({"act": "signed_in"}, ""),
        ({"act": "updated", "outcome": "failed"}, ""),
        ({"act": "updated", "actor": "x; rm -rf /"}, None),
    ],
)
def test_the_sentence(changes: dict[str, Any], words: str | None) -> None:
    said = missing_right(Event.model_validate(event(0, **({"outcome": "denied"} | changes))))
    if words is None:
        assert "'person:x; rm -rf /'" in said
    else:
        assert said == words


def test_every_act_has_a_right_or_none_decides() -> None:
    without = {act for act in EventAct if needed(act) is None}
    assert without == {EventAct.SIGNED_IN, EventAct.SIGNED_OUT, EventAct.OTHER}
