"""Whether the vault works, as far as a person at the terminal can tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from adapter.client import AsyncClient
from adapter.errors import NotAllowed, OutcomeUnknown, RateLimited, Sealed, StatusError, Unreachable
from adapter.model.rights import CanI, Question

_QUESTION = Question(act="view", scope="global")
"""Of no interest in itself: the vault answers it only when it can log it, and nobody keeps the answer."""


class State(StrEnum):
    """`REFUSING`: it answers that it is well, and every request with an internal error (VAULT-FACTS, section 7)."""

    OK = "ok"
    SEALED = "sealed"
    UNREACHABLE = "unreachable"
    REFUSING = "refusing"


SHORT = {
    State.SEALED: "vault sealed",
    State.UNREACHABLE: "vault not reached",
    State.REFUSING: "vault refuses all",
}
"""For the header."""

SENTENCES = {
    State.OK: "It answers, is unsealed, and takes requests.",
    State.SEALED: "It is sealed, so it can neither read nor write. Whoever runs the server unseals it; nothing is lost "
    "meanwhile.",
    State.UNREACHABLE: "It does not answer. Check that the server runs, and the address and CA in the settings.",
    State.REFUSING: "It answers, and refuses every request with an internal error: most often it cannot write its "
    "audit log, and it does nothing that is not logged. Whoever runs it makes room for the log, or mends the audit "
    "device; it goes on by itself then. Look before you repeat a change.",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`vault` and `version` are empty where nothing answered."""

    state: State
    vault: str = ""
    version: str = ""


async def look(client: AsyncClient) -> Condition:
    """Ask for the vault's health, then for something that it must log. Raises NotSignedIn, and other StatusErrors."""
    try:
        health = await client.health()
    except Unreachable:
        return Condition(State.UNREACHABLE)
    state = State(health.status)
    if state is State.OK:
        state = await _works(client)
    return Condition(state, health.vault, health.version)


async def _works(client: AsyncClient) -> State:
    try:
        await client.can_i(CanI(acts=[_QUESTION]))
    except OutcomeUnknown:
        return State.REFUSING
    except Sealed:
        return State.SEALED
    except Unreachable:
        return State.UNREACHABLE
    except (NotAllowed, RateLimited):  # it works
        return State.OK
    return State.OK


def is_trouble(error: StatusError) -> bool:
    """Whether an error may be the vault's, so that it is worth a look."""
    return isinstance(error, OutcomeUnknown | Sealed | Unreachable)
