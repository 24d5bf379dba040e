"""Which auth methods a server shows to somebody who has not signed in."""

from __future__ import annotations

import msgspec

from adapter.errors import Invalid, NotAllowed, NotFound, NotSignedIn, OutcomeUnknown
from adapter.vault.answers import decode_data
from adapter.vault.session import VaultSession


class VisibleMount(msgspec.Struct, frozen=True):
    type: str
    description: str = ""


class _Visible(msgspec.Struct):
    auth: dict[str, VisibleMount] = {}


async def visible(session: VaultSession) -> dict[str, VisibleMount]:
    """The auth methods tuned to `listing_visibility=unauth`, by mount without the slash at its end.

    Empty for a server that answers nothing of the kind. https://openbao.org/api-docs/system/internal-ui-mounts/
    """
    try:
        _, content = await session.send("GET", "sys/internal/ui/mounts")
        found = decode_data(content, _Visible).auth
    except (Invalid, NotAllowed, NotFound, NotSignedIn, OutcomeUnknown):
        return {}
    return {mount.strip("/"): method for mount, method in found.items()}
