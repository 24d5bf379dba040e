"""Disable somebody, and enable them again."""

from __future__ import annotations

from adapter.client import AsyncClient
from statustui.access_section import Done, Form
from statustui.reason_form import ReasonForm

DISABLE = (
    "The vault refuses them from now on, and their tokens are revoked. A value that they wrapped before can be opened "
    "for 5 minutes at most."
)


def switch_label(*, disabled: bool) -> str:
    return "Enable" if disabled else "Disable"


def switch_form(client: AsyncClient, who: str, *, disabled: bool) -> Form:
    async def call(reason: str | None) -> Done:
        switch = client.enable if disabled else client.disable
        return Done((await switch(who, reason=reason)).message)

    label = switch_label(disabled=disabled)
    words = "They can sign in again, with the roles that they hold." if disabled else DISABLE
    return ReasonForm(client, f"{label} · {who}", words, label=label, call=call)
