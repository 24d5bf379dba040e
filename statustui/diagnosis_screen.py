"""Why a secret may not be working: for oneself, or as an ADMIN for a component or a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Select

from adapter.client import AsyncClient
from adapter.model.audit import Event
from adapter.model.diagnosis import Diagnosis, Finding
from adapter.model.records import parse_time
from adapter.model.roles import Role
from adapter.model.who import Kind, Who
from adapter.model.wire import SecretView
from statustui.clock import Clock
from statustui.dimmed import offered
from statustui.fields import Field
from statustui.form import FormScreen, problem_of
from statustui.plain_table import PlainColumn, Row
from statustui.session import Session, ask_for
from statustui.table_screen import TableScreen
from statustui.theme import STATUS, VARIABLES
from statustui.times import both, zoned
from statustui.wording import one_line

_SIGNS = {"ok": ("✓", STATUS.success or ""), "problem": ("!", STATUS.warning or "")}
_CHECKS = {
    "there": "It is there",
    "version": "Version",
    "expiry": "Expiry",
    "scope": "Scope",
    "signing_in": "Signing in",
    "right": "Right",
    "uses": "Uses",
}


class DiagnosisScreen(TableScreen[Diagnosis, None]):
    COLUMNS = (PlainColumn("", 1), PlainColumn("Looked at", 12), PlainColumn("Found", share=1))
    BINDINGS = [
        *offered("p", "other", "For somebody", id="diagnosis.other", tooltip="For a component or a person"),
    ]

    def __init__(
        self, client: AsyncClient, secret: SecretView, session: Session, vault_name: str, clock: Clock
    ) -> None:
        super().__init__(client, session, vault_name, clock, heading=f"{secret.name} · diagnosis")
        self._secret = secret
        self._who: Who | None = None

    async def read(self) -> Diagnosis:
        return await diagnosed(self._client, self._secret, self._who)

    def words(self, answer: Diagnosis) -> Content:
        who = f"For {answer.who}: " if answer.who and self._who else ""
        parts = [Content.styled(one_line(f"{who}{answer.summary}"), "bold")]
        for label, event in (("Last good use", answer.last_good), ("Last refused", answer.last_refused)):
            if event is not None:
                parts.append(Content.assemble((f"{label}  ", "$quiet"), self._use(event)))
        if answer.last_good is None and answer.last_refused is None:
            since = parse_time(answer.known_since) if answer.known_since else None
            known = f"The log goes back to {zoned(since)}, and tells of no use." if since else ""
            parts += [Content.styled(known or "No audit log tells of its uses.", "$quiet")]
        return Content("\n").join(parts)

    def _use(self, event: Event) -> Content:
        moment = both(parse_time(event.time), self._clock())
        reason = f" · {event.reason}" if event.reason else ""
        return Content(one_line(f"{event.actor} · {moment}{reason}"))

    def rows(self, answer: Diagnosis) -> list[Row]:
        return [_row(one) for one in answer.findings]

    def foot(self, answer: Diagnosis, index: int) -> Content:
        if index >= len(answer.findings):
            return Content("")
        one = answer.findings[index]
        hint = Content.assemble(("\n→ ", "bold $accent"), Content(one_line(one.hint))) if one.hint else Content("")
        return Content.assemble(Content(one_line(one.message)), hint)

    def why_not(self, action: str) -> str:
        if action != "other" or self._session.holds_anywhere(Role.ADMIN):
            return ""
        return ask_for(Role.ADMIN, "Asking for somebody else")

    def action_other(self) -> None:
        self.app.push_screen(ForWhom(self._client, self._secret), self._chosen)

    def _chosen(self, who: Who | None) -> None:
        if who is not None:
            self._who = who
            self.load()


def _row(one: Finding) -> Row:
    sign = _SIGNS.get(one.result, ("?", STATUS.warning or ""))
    return [sign, (_CHECKS.get(one.check, one.check), VARIABLES["side"]), (one.message, "")]


async def diagnosed(client: AsyncClient, secret: SecretView, who: Who | None) -> Diagnosis:
    """Raises StatusError."""
    if who is None:
        return await client.diagnose(secret.id)
    name = str(who).removeprefix(f"{who.kind}:")
    if who.kind is Kind.COMPONENT:
        return await client.diagnose(secret.id, component=name)
    return await client.diagnose(secret.id, person=name)


class ForWhom(FormScreen[Who]):
    """Whether there is such a one is found out before the form is left."""

    SAVE_LABEL = "Diagnose"

    def __init__(self, client: AsyncClient, secret: SecretView) -> None:
        super().__init__(client, f"Diagnose · {secret.name}", "For whom is it not working?")
        self._secret = secret

    def controls(self) -> ComposeResult:
        kinds = Select(
            (("Component", Kind.COMPONENT), ("Person", Kind.PERSON)),
            value=Kind.COMPONENT,
            allow_blank=False,
            compact=True,
            id="kind",
        )
        yield Field("kind", "A", kinds)
        yield Field("who", "Name", Input(id="who", placeholder="as it is under Access", compact=True))

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#who").focus()

    def _who(self) -> Who:
        return Who.parse(f"{self.query_one('#kind', Select).value}:{self.text('who').strip()}")

    def problems(self) -> dict[str, str]:
        problem = problem_of(self._who)
        return {"who": problem} if problem else {}

    def typed(self) -> bool:
        return False

    def request(self) -> Callable[[], Awaitable[Who]]:
        who = self._who()

        async def call() -> Who:
            await diagnosed(self._client, self._secret, who)
            return who

        return call
