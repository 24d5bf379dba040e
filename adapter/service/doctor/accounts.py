"""Whether STATUS accounts can call, where the settings mean them to."""

from __future__ import annotations

from adapter.service.app import Act
from adapter.service.doctor.checks import Check, Finding
from adapter.service.platform_jwt import SHORT_KEY
from adapter.settings import Settings, jwt_keys, own_secret_id


async def look(act: Act, settings: Settings) -> list[Finding]:
    """Findings for a key that can be guessed, and for one that nothing can be minted with. Raises Invalid."""
    keys = jwt_keys(settings)
    found = []
    if any(len(key.get_secret_value().encode()) < SHORT_KEY for key in keys):
        what = f"A key of STATUS's tokens is shorter than {SHORT_KEY} bytes: who has a token can try to guess it."
        found.append(
            Finding(what, "Change the platform's JWT_SECRET, and STATUS_JWT_SECRET with it: openssl rand -hex 32")
        )
    if keys and (settings.adapter_role_id is None or own_secret_id(settings) is None):
        what = "STATUS_JWT_SECRET is set, and the adapter has no identity of its own: STATUS accounts are refused."
        found.append(Finding(what, "Set STATUS_ADAPTER_ROLE_ID and STATUS_ADAPTER_SECRET_ID_FILE."))
    return found


check = Check("status-accounts", "STATUS accounts: the platform's key, and what they are signed in with", look)
