"""A component as an AppRole, with the credentials that it signs in by."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from adapter.model.address import Scope
from adapter.model.roles import COMPONENT_POLICY, Role, policy_name
from adapter.vault import Caller
from tests.support.server import Server

COMPONENT = {"token_ttl": 600, "token_no_default_policy": True}


@dataclass(frozen=True)
class AppRole:
    role_id: str
    secret_id: SecretStr

    def environment(self) -> dict[str, str]:
        return {"STATUS_ROLE_ID": self.role_id, "STATUS_SECRET_ID": self.secret_id.get_secret_value()}


async def app_role(server: Server, *scopes: str, **options: object) -> AppRole:
    """An AppRole that may use the secrets of these scopes; `options` are the vault's of the role."""
    policies = [COMPONENT_POLICY, *(policy_name(Role.USE, Scope.parse(scope)) for scope in scopes)]
    path = f"auth/status-approle/role/test-{secrets.token_hex(6)}"
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        await root.send("POST", path, body={**COMPONENT, "token_policies": policies, **options})
        _, content = await root.send("GET", f"{path}/role-id")
        role_id = json.loads(content)["data"]["role_id"]
        _, content = await root.send("POST", f"{path}/secret-id", body={})
        return AppRole(role_id, SecretStr(json.loads(content)["data"]["secret_id"]))
