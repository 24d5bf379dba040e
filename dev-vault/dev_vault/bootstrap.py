"""What a first start makes of an empty server: STATUS's mounts and policies, three accounts, the adapter's identity."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from adapter.model.address import GLOBAL, Scope
from adapter.model.roles import Role
from adapter.provision import Wanted, apply
from adapter.provision.people import adapter_credentials, add_person
from adapter.vault import Vault
from dev_vault.embedded import FirstStart
from dev_vault.layout import DataFolder, explained, write_private

Accounts = Mapping[str, SecretStr]
"""The name of each account with its password."""

SCOPES = (GLOBAL, *(Scope.parse(f"environment/{name}") for name in ("production", "staging", "development")))
ROLES = {"viewer": Role.USER, "developer": Role.DEVELOPER, "admin": Role.ADMIN}

_ALPHABET = "abcdefghjkmnpqrstuvwxyz123456789"
"""32 characters, none of which is taken for another: no i, l, o, 0."""


def new_password() -> SecretStr:
    """Five groups of four characters: 100 bits that can be typed."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(5))
    return SecretStr("-".join(groups))


async def prepare(
    first: FirstStart, *, extra_scopes: tuple[Scope, ...] = (), report: Callable[[str], None] = lambda _: None
) -> Accounts:
    """Provision the server, add the accounts, keep the adapter's credentials in the folder. Raises StatusError."""
    wanted = Wanted(scopes=(*SCOPES, *extra_scopes), userpass_mount="userpass", own_server=True)
    accounts = {name: new_password() for name in ROLES}
    async with Vault.open(first.vault.url, cacert=first.vault.cacert) as vault:
        report("Setting up secrets, scopes and policies")
        await apply(vault, first.root_token, wanted)
        report("Creating the accounts")
        for name, password in accounts.items():
            await add_person(vault, first.root_token, wanted, name, password, ROLES[name])
        role_id, secret_id = await adapter_credentials(vault, first.root_token, wanted)
    folder = DataFolder(first.vault.data_dir)
    with explained(folder.root):
        write_private(folder.role_id, role_id.encode())
        write_private(folder.secret_id, secret_id.get_secret_value().encode())
    return accounts
