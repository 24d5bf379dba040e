"""The bar at the top: the product, the places, where and who one is; below it, the waiting line."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from statustui.audit_words import UNUSUAL
from statustui.condition import SHORT, State
from statustui.dimmed import NARROW_BELOW
from statustui.place import PLACES
from statustui.word_row import word
from statustui.wording import CROSS, grouped, one_line


class WaitingLine(Widget):
    """A thin rule, or nothing; a bright piece moves along it while something is awaited."""

    COMPONENT_CLASSES = {"waiting--moving"}
    ALLOW_SELECT = False
    waiting: reactive[bool] = reactive(False)
    _step: reactive[int] = reactive(0)
    _timer: Timer | None = None

    def __init__(self, *, rule: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._idle = "─" if rule else " "

    def on_mount(self) -> None:
        self._timer = self.set_interval(1 / 16, self._advance, pause=True)

    def _advance(self) -> None:
        self._step += 2

    def watch_waiting(self, waiting: bool) -> None:
        if self._timer is None:
            return
        if waiting:
            self._timer.resume()
        else:
            self._timer.pause()

    def render(self) -> RenderResult:
        return ""

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        idle = self.rich_style
        if not self.waiting or not width:
            return Strip([Segment(self._idle * width, idle)], width)
        length = max(width // 6, 8)
        bright = idle + Style(color=self.get_component_rich_style("waiting--moving").color)
        start = self._step % (width + length) - length
        left, right = max(start, 0), min(start + length, width)
        return Strip(
            [Segment("─" * left, idle), Segment("━" * (right - left), bright), Segment("─" * (width - right), idle)],
            width,
        )


KEYS_FROM = 140
"""Columns of the terminal from which each place's key stands beside its name."""


class HeaderBar(Vertical):
    """`at` is the place one is in, `place` the vault's name, `person` name and role, `remaining` what is left of the
    session, `unusual` how many findings the last day has, `trouble` the vault's condition while it
    does not work.
    """

    at: reactive[str] = reactive("")
    place: reactive[str] = reactive("")
    person: reactive[str] = reactive("")
    remaining: reactive[str] = reactive("")
    unusual: reactive[int] = reactive(0)
    trouble: reactive[State] = reactive(State.OK)
    ending: reactive[bool] = reactive(False)

    def compose(self) -> ComposeResult:
        with Horizontal(id="header-row"):
            yield Static(id="header-brand")
            yield Static(id="header-places")
            yield Static(id="header-state")
        yield WaitingLine(rule=True, id="waiting")

    def on_mount(self) -> None:
        self.watch(self.app, "unusual", self._count)
        self.watch(self.app, "trouble", self._warn)
        self._show()

    def _count(self, unusual: int) -> None:
        self.unusual = unusual

    def _warn(self, trouble: State) -> None:
        self.trouble = trouble

    def on_resize(self) -> None:
        self._show()

    def watch_at(self) -> None:
        self._show()

    def watch_place(self) -> None:
        self._show()

    def watch_person(self) -> None:
        self._show()

    def watch_unusual(self) -> None:
        self._show()

    def watch_trouble(self) -> None:
        self._show()

    def watch_remaining(self) -> None:
        self._show()

    def waiting(self, waiting: bool) -> None:
        self.query_one(WaitingLine).waiting = waiting

    def _show(self) -> None:
        if not self.is_mounted:
            return
        roomy = self.app.size.width >= NARROW_BELOW
        brand = Content.assemble(("STATUS", "bold $accent"), (" Secrets" if roomy else "", "bold"))
        self.query_one("#header-brand", Static).update(brand)
        keys = self.app.size.width >= KEYS_FROM
        words = Content("  ").join(
            Content.assemble(
                (f"{one.key} " if keys else "", "$quiet"),
                word(one.label, at=one.name == self.at, click=f"app.go('{one.name}')"),
            )
            for one in PLACES
        )
        self.query_one("#header-places", Static).update(words)
        self.query_one("#header-state", Static).update(self._state(roomy))

    def _state(self, roomy: bool) -> Content:
        time_style = "bold $warning" if self.ending else "$quiet"
        parts = [(self.place if roomy else "", "$quiet"), (self.person, "$foreground"), (self.remaining, time_style)]
        shown = [Content.styled(one_line(text), style) for text, style in parts if text]
        if self.trouble is not State.OK:
            warning = Content.styled(f"{CROSS} {SHORT[self.trouble]}", "bold $error @click=app.go('health')")
            shown.insert(0, warning)
        if self.unusual:
            words = f"{UNUSUAL} {grouped(self.unusual)}" + (" unusual" if roomy else "")
            badge = Content.styled(words, "bold $warning @click=app.unusual")
            troubled = self.trouble is not State.OK
            shown.insert(len(shown) if roomy and not troubled else troubled, badge)  # the end may be cut
        return Content.styled(" · ", "$faint").join(shown)
