"""The JSON bodies of "may I?" and of who can use a secret."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adapter.model.wire import Answer, Reasoned, Revealed, Wire

MOST_ACTS = 200


class Question(Wire):
    """One act, on a secret (its id or address) or in a scope; neither for an act on no secret."""

    act: str
    secret: str | None = None
    scope: str | None = None


class CanI(Reasoned):
    """`who`: somebody else than the caller, which only ADMIN may ask."""

    acts: list[Question] = Field(max_length=MOST_ACTS)
    who: str | None = None


class Right(Answer):
    """A role in a scope; ADMIN's is `*`."""

    role: str
    scope: str


class Verdict(Answer):
    """Whether an act is allowed; for a no: the grant that would make it a yes, the refusal's sentence, whom to ask.

    `notes`: what the answer does not know, such as policies that a login method adds.
    """

    act: str
    secret: str | None = None
    scope: str | None = None
    allowed: bool
    missing: Right | None = None
    message: str | None = None
    ask_for: str | None = None
    notes: list[str] | None = None


class AccessView(Answer):
    """Somebody who can view, change or use a secret, and the grant by which they can."""

    who: str
    kind: Literal["person", "account", "component", "group", "temporary"]
    name: str
    via: Right
    view: bool
    change: bool
    use: bool
    disabled: bool = False
    expires_at: str | None = None


class TemporaryGrant(Reasoned):
    """Access to one secret's value for `ttl` (`30m`, 24 hours at most), for `uses` reads, or any number of them."""

    who: str
    ttl: str
    uses: int | None = Field(None, ge=1, le=1000, strict=True)


class TemporaryView(Answer):
    """Temporary access that somebody has to one secret. `uses_left` None: not counted.

    `problem`: why it should have ended: whom or what it was given for is gone, a clause.
    """

    id: str
    who: str
    secret: str
    address: str
    expires_at: str
    uses: int | None
    uses_left: int | None
    by: str
    at: str
    reason: str | None = None
    problem: str | None = None


class TemporaryAccess(TemporaryView):
    """Access just given: unwrapping `wrap_token`, once, before `fetch_before`, gives the token that reads the value."""

    wrap_token: Revealed
    fetch_before: str
    message: str
