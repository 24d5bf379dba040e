"""A real OpenID Connect issuer: the server's own identity provider, with an auth method that trusts it."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from adapter.client.oidc import PATH, PORT
from adapter.vault import Caller, VaultSession
from adapter.vault.answers import decode_any
from adapter.vault.tokens import lookup_self
from tests.support.server import Person, Server

REDIRECT = f"http://localhost:{PORT}{PATH}"


@dataclass(frozen=True)
class Issuer:
    """`mount`: the auth method; `provider`: the issuer's name on the server."""

    server: Server
    mount: str
    provider: str

    async def sign_in(self, auth_url: str, person: Person) -> str:
        """What the provider's page does for somebody who is signed in there: the address to be sent back to."""
        asked = urlsplit(auth_url)
        trust = ssl.create_default_context(cafile=str(self.server.cacert) if self.server.cacert else None)
        async with httpx.AsyncClient(base_url=self.server.url, verify=trust, trust_env=False) as browser:
            path = f"/v1/identity/oidc/provider/{self.provider}/authorize?{asked.query}"
            answer = await browser.get(path, headers={"X-Vault-Token": person.token.get_secret_value()})
        body = answer.json()
        assert answer.status_code == 200, body
        [back] = parse_qs(asked.query)["redirect_uri"]
        return f"{back}?code={body['code']}&state={body['state']}"


async def make_issuer(server: Server, person: Person, name: str) -> Issuer:
    """A provider, a client and an auth method named after `name`; `person` may sign in with it."""
    async with server.vault() as vault:
        root = vault.session(Caller(server.token))
        entity = (await lookup_self(vault.session(Caller(person.token)))).entity_id
        await _provider(root, name, entity)
        client = await _read(root, f"identity/oidc/client/{name}")
        await root.send("POST", f"sys/auth/{name}", body={"type": "oidc", "config": {"listing_visibility": "unauth"}})
        config = {
            "oidc_discovery_url": f"{server.url}/v1/identity/oidc/provider/{name}",
            "oidc_discovery_ca_pem": server.cacert.read_text() if server.cacert else "",
            "oidc_client_id": client["client_id"],
            "oidc_client_secret": client["client_secret"],
            "default_role": "people",
        }
        await root.send("POST", f"auth/{name}/config", body=config)
        role = {"user_claim": "username", "allowed_redirect_uris": [REDIRECT], "oidc_scopes": ["who"]}
        await root.send("POST", f"auth/{name}/role/people", body={**role, "token_ttl": "1h", "token_max_ttl": "2h"})
    return Issuer(server, name, name)


async def remove_issuer(issuer: Issuer) -> None:
    async with issuer.server.vault() as vault:
        root = vault.session(Caller(issuer.server.token))
        name = issuer.provider
        await root.send("DELETE", f"sys/auth/{issuer.mount}")
        for kind in ("provider", "client", "assignment", "key"):
            await root.send("DELETE", f"identity/oidc/{kind}/{name}")


async def _provider(root: VaultSession, name: str, entity: str) -> None:
    oidc = "identity/oidc"
    await root.send("POST", f"{oidc}/key/{name}", body={"allowed_client_ids": ["*"]})
    await root.send("POST", f"{oidc}/assignment/{name}", body={"entity_ids": [entity]})
    body = {"key": name, "assignments": [name], "redirect_uris": [REDIRECT]}
    await root.send("POST", f"{oidc}/client/{name}", body=body)
    template = json.dumps({"username": "{{identity.entity.name}}"}).replace('"{{', "{{").replace('}}"', "}}")
    await root.send("POST", f"{oidc}/scope/who", body={"template": template})
    provider = {"issuer": root.vault.transport.connection.url, "allowed_client_ids": ["*"], "scopes_supported": ["who"]}
    await root.send("POST", f"{oidc}/provider/{name}", body=provider)


async def _read(root: VaultSession, path: str) -> dict[str, Any]:
    _, content = await root.send("GET", path)
    return decode_any(content)
