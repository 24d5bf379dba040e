"""Let somebody read one secret for a while."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.errors import Invalid
from adapter.model.records import check_reason, parse_time
from adapter.model.rights import TemporaryAccess, TemporaryGrant
from adapter.model.spans import check_span
from adapter.model.who import Kind, Who
from adapter.model.wire import SecretView
from statustui.access_section import Done
from statustui.fields import Field
from statustui.form import FormScreen, problem_of

LONGEST = 86_400
"""Seconds, as the adapter takes them at most."""

MOST_USES = 1000
_KINDS = (("Person", Kind.PERSON), ("Component", Kind.COMPONENT), ("STATUS account", Kind.ACCOUNT))


class TemporaryForm(FormScreen[Done]):
    SAVE_LABEL = "Give access"

    def __init__(self, client: AsyncClient, secret: SecretView) -> None:
        words = "They get a token that reads this one secret's value and nothing else; it ends by itself."
        super().__init__(client, f"Temporary access · {secret.name}", words)
        self._secret = secret

    def controls(self) -> ComposeResult:
        kinds = Select(_KINDS, value=Kind.PERSON, allow_blank=False, compact=True, id="kind")
        yield Field("kind", "To a", kinds)
        yield Field("who", "Name", Input(id="who", placeholder="as it is under Access", compact=True))
        yield Field("ttl", "For", Input(value="30m", id="ttl", placeholder="30m, 8h; 24h at most", compact=True))
        yield Field("uses", "Reads", Input(id="uses", placeholder="any number", compact=True))
        yield Field(
            "reason", "Reason", Input(id="reason", placeholder="what it is for; goes into the log", compact=True)
        )

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#who").focus()

    def _who(self) -> Who:
        return Who.parse(f"{self.query_one('#kind', Select).value}:{self.text('who').strip()}")

    def _uses(self) -> int | None:
        text = self.text("uses").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_USES):
            raise Invalid.field("uses", f"A number from 1 to {MOST_USES}, or nothing for any.")
        return int(text)

    def _reason(self) -> str:
        reason = check_reason(self.text("reason"))
        if not reason:
            raise Invalid.field("reason", "Temporary access needs a reason.")
        return reason

    def problems(self) -> dict[str, str]:
        found = {
            "who": problem_of(self._who),
            "ttl": problem_of(lambda: check_span("ttl", self.text("ttl").strip(), LONGEST)),
            "uses": problem_of(self._uses),
            "reason": problem_of(self._reason),
        }
        return {key: problem for key, problem in found.items() if problem}

    def typed(self) -> bool:
        return any(self.text(key) for key in ("who", "uses", "reason"))

    def request(self) -> Callable[[], Awaitable[Done]]:
        given = {"who": str(self._who()), "ttl": self.text("ttl").strip(), "reason": self._reason()}
        uses = self._uses()
        body = TemporaryGrant.model_validate(given | ({} if uses is None else {"uses": uses}))

        async def call() -> Done:
            return _handed_over(await self._client.give_temporary(self._secret.id, body))

        return call


def _handed_over(given: TemporaryAccess) -> Done:
    """The wrapped token, shown this once."""
    before, ends = parse_time(given.fetch_before), parse_time(given.expires_at)
    until = f"{before:%H:%M} UTC" if before else given.fetch_before
    words = (
        f"Below is a wrapping token. {given.who} opens it, once, until {until}:\n"
        "export VAULT_TOKEN=$(VAULT_TOKEN=… bao unwrap -field=token)\n"
        f"status-secrets get {given.address}"
    )
    end = f"{ends:%H:%M} UTC" if ends else given.expires_at
    sentence = f"{given.who}: can read {given.address} until {end}"
    return Done(sentence, f"Temporary access · {given.who}", words, given.wrap_token)
