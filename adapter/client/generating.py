"""The calls that make a value, or look at one, without storing it."""

from __future__ import annotations

from adapter.client.calls import Calls
from adapter.model.generating import (
    ApiKeyRecipe,
    CertificateRecipe,
    CheckBody,
    Checked,
    Generated,
    PasswordRecipe,
    SshKeyRecipe,
)


class Generating(Calls):
    async def generate(self, recipe: PasswordRecipe | ApiKeyRecipe | CertificateRecipe | SshKeyRecipe) -> Generated:
        """A new value, with what goes with it. Raises Invalid for a recipe out of range."""
        return await self._call("POST", "generate", Generated, body=recipe)

    async def check(self, body: CheckBody) -> Checked:
        """What a value is, or why it does not fit its type."""
        return await self._call("POST", "check", Checked, body=body)
