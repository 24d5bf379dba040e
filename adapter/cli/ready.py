"""What `dev` prints when the vault and the adapter are up."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from dev_vault.bootstrap import ROLES
from dev_vault.embedded import RunningVault


@dataclass(frozen=True, slots=True)
class Ready:
    """The addresses, and on the run that made them the accounts."""

    adapter: str
    api_prefix: str
    vault: RunningVault
    accounts: Mapping[str, SecretStr] | None = field(repr=False)

    def as_json(self) -> str:
        """One line for a script."""
        body: dict[str, Any] = {
            "adapter": self.adapter,
            "vault": self.vault.url,
            "ca": str(self.vault.cacert),
            "auditLog": str(self.vault.audit_log),
        }
        if self.accounts is not None:
            body["accounts"] = {name: {"password": word.get_secret_value()} for name, word in self.accounts.items()}
        return json.dumps(body)

    def as_text(self) -> str:
        """The same for a person, with how to sign in."""
        return "\n".join([*self._places(), *self._accounts(), *self._ways_in(), "", "Ctrl+C stops both."])

    def _places(self) -> list[str]:
        return [
            "STATUS Secrets is running.",
            "",
            f"  adapter    {self.adapter}{self.api_prefix}   (documentation: {self.adapter}{self.api_prefix}/docs)",
            f"  vault      {self.vault.url}",
            f"  CA         {self.vault.cacert}",
            f"  audit log  {self.vault.audit_log}",
        ]

    def _accounts(self) -> list[str]:
        if self.accounts is None:
            return []
        rows = [f"  {name:<9}  {ROLES[name]:<9}  {word.get_secret_value()}" for name, word in self.accounts.items()]
        return ["", "Your accounts. These passwords are shown this once; keep them now:", "", *rows]

    @staticmethod
    def _activate() -> list[str]:
        """Where the programs are in a virtual environment that the shell need not know of."""
        script = Path(sys.prefix) / "bin" / "activate"
        return [f"  source {shlex.quote(str(script))}"] if sys.prefix != sys.base_prefix and script.exists() else []

    def _ways_in(self) -> list[str]:
        ca = shlex.quote(str(self.vault.cacert))
        trust = f" STATUS_ADAPTER_CACERT={ca}" if self.adapter.startswith("https") else ""
        cacert = f"--cacert {ca} " if self.adapter.startswith("https") else ""
        body = '{"method": "userpass", "username": "developer", "password": "…"}'
        return [
            "",
            "In another shell; there statustui and status-secrets use this adapter, bao and vault this vault:",
            *self._activate(),
            f"  export VAULT_ADDR={self.vault.url} VAULT_CACERT={ca}",
            f"  export STATUS_ADAPTER_URL={self.adapter}{trust}",
            "  statustui",
            "  bao login -method=userpass username=developer",
            "Over HTTP:",
            f"  curl {cacert}--json '{body}' {self.adapter}{self.api_prefix}/auth/login",
        ]
