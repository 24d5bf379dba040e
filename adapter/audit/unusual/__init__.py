"""What is unusual in the events: rules that each have a name, see the events one by one, and remember what they need.

A rule knows nothing but what it saw: the same events in the same order give the same marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter.audit.unusual.bursts import DenialBurst, ManySecrets, PushedOut
from adapter.audit.unusual.firsts import NewAddress, NewUser, UnusualHours
from adapter.audit.unusual.rule import Rule
from adapter.audit.unusual.tokens import ActUnproven, ActWithoutIntent, RootToken
from adapter.audit.unusual.worn_out import ExpiredUse, RecordsRewritten, RecordsWiped, RetiredUse
from adapter.errors import Invalid

KINDS: tuple[type[Rule], ...] = (
    NewAddress, NewUser, DenialBurst, ManySecrets, ExpiredUse, RetiredUse, UnusualHours, RootToken, ActUnproven,
    ActWithoutIntent, PushedOut, RecordsWiped, RecordsRewritten,
)  # fmt: skip
NAMES = tuple(kind.NAME for kind in KINDS)


def check_names(names: Iterable[str]) -> frozenset[str]:
    """The rules to leave out. Raises Invalid for a name that none has."""
    given = frozenset(names)
    if not given <= set(NAMES):
        raise Invalid("There is no unusual rule of that name.", hint=f"Their names: {', '.join(NAMES)}.")
    return given


def rules(expiries: Mapping[str, float], off: Iterable[str] = (), begin: float | None = None) -> list[Rule]:
    """Every rule but those that are switched off, with nothing seen yet. `begin`: of the log, seconds since 1970."""
    left_out = frozenset(off)
    return [_made(kind, expiries, begin) for kind in KINDS if kind.NAME not in left_out]


def _made(kind: type[Rule], expiries: Mapping[str, float], begin: float | None) -> Rule:
    if kind is ExpiredUse:
        return ExpiredUse(expiries)
    return RootToken(begin) if kind is RootToken else kind()
