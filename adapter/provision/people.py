"""The accounts of people who sign in with a user name, and the adapter's own credentials."""

from __future__ import annotations

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.roles import Role, policy_name
from adapter.provision.wanted import Wanted
from adapter.vault import identity
from adapter.vault.answers import decode_any
from adapter.vault.session import Caller, Vault, VaultSession

SIGN_IN_LASTS = {"token_ttl": "1h", "token_max_ttl": "12h"}


def _session(vault: Vault, token: SecretStr) -> VaultSession:
    return vault.session(Caller(token, reason="provisioning", client="provision"))


async def add_person(
    vault: Vault, token: SecretStr, wanted: Wanted, name: str, password: SecretStr, role: Role
) -> None:
    """An account that holds `role` in every scope that is wanted: user, entity, alias, group memberships."""
    if wanted.userpass_mount is None:
        raise Invalid("There is no sign-in by user name here.", hint="Provision with --userpass.")
    session = _session(vault, token)
    body = {"password": password.get_secret_value(), **SIGN_IN_LASTS}
    await session.send("POST", "auth", wanted.userpass_mount, "users", name, body=body)
    entity = await _entity(session, wanted.userpass_mount, name)
    scopes = [None] if role is Role.ADMIN else list(wanted.scopes)
    for scope in scopes:
        await identity.change_members(session, policy_name(role, scope), entity, member=True)


async def _entity(session: VaultSession, mount: str, name: str) -> str:
    """The id of the person's entity: the one that signs in under this name, or a new one."""
    accessor = (await identity.auth_mounts(session))[mount].accessor
    entity = await identity.entity_of_alias(session, name, accessor)
    return (entity or await identity.make_entity(session, f"person-{name}", name, accessor)).id


async def adapter_credentials(vault: Vault, token: SecretStr, wanted: Wanted) -> tuple[str, SecretStr]:
    """The adapter's role id and a new secret id. The caller keeps them (0600) and shows them nowhere."""
    session = _session(vault, token)
    role = ("auth", wanted.approle_mount, "role/status-adapter")
    _, content = await session.send("GET", *role, "role-id")
    role_id = str(decode_any(content)["role_id"])
    _, content = await session.send("POST", *role, "secret-id", body={})
    return role_id, SecretStr(decode_any(content)["secret_id"])
