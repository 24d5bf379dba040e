"""What a test knows of the server and of the people on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from adapter.model.address import Scope
from adapter.model.roles import COMPONENT_POLICY, Role, policy_name
from adapter.vault import Caller, Connection, Vault
from adapter.vault.answers import decode_auth


@dataclass(frozen=True)
class Server:
    """A running vault to test against, with a token that may do everything; `own`: no other tests use it."""

    url: str
    cacert: Path | None
    token: SecretStr
    own: bool = True
    audit_log: Path | None = None

    def vault(self, *, mount: str = "status", kind: Literal["auto", "openbao", "vault"] = "auto") -> Vault:
        return Vault(Connection(self.url, cacert=self.cacert), mount=mount, server_kind=kind)

    def environment(self) -> dict[str, str]:
        """What names this server to a command-line client or to the settings."""
        return {"VAULT_ADDR": self.url} | ({"VAULT_CACERT": str(self.cacert)} if self.cacert else {})


@dataclass(frozen=True)
class Person:
    name: str
    password: SecretStr
    token: SecretStr

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.get_secret_value()}"}


People = dict[str, Person]
"""By the name of what they are: viewer, developer, admin, outsider."""


async def component(server: Server, *scopes: str, name: str = "component", **more: object) -> Person:
    """Something that holds the right `use` in these scopes; `more` goes into its token's making."""
    policies = [COMPONENT_POLICY, *(policy_name(Role.USE, Scope.parse(scope)) for scope in scopes)]
    async with server.vault() as vault:
        body = {"policies": policies, "display_name": name, "no_parent": True, "no_default_policy": True, **more}
        _, content = await vault.session(Caller(server.token)).send("POST", "auth/token/create", body=body)
    return Person(name, SecretStr(""), SecretStr(decode_auth(content).client_token))
