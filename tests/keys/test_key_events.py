"""What is done with encryption keys, as the audit view names it, wherever STATUS's mounts are."""

import pytest

from adapter.audit.paths import Layout, place_of
from adapter.model.audit import EventAct
from adapter.vault.policies import keys_prefix


@pytest.mark.parametrize("mount", ["status", "evidence"])
@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("keys/export/rotate", EventAct.KEY_ROTATED),
        ("keys/export", EventAct.CREATED),
        ("encrypt/export", EventAct.ENCRYPTED),
        ("rewrap/export", EventAct.ENCRYPTED),
        ("decrypt/export", EventAct.DECRYPTED),
    ],
)
def test_acts(mount: str, path: str, act: EventAct) -> None:
    place = place_of(Layout(mount), f"{keys_prefix(mount)}/environment/production/{path}", "update")
    assert place is not None
    assert (place.act, place.scope) == (act, "environment/production")
    assert place.secret == f"{mount}-keys/environment/production/export"
