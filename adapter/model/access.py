"""The JSON bodies of scopes and grants."""

from __future__ import annotations

from typing import Literal

from adapter.model.wire import Answer, Reasoned

EVERYWHERE = "*"
"""The scope of the role ADMIN, which is held in all of them."""

Expired = Literal["serve", "refuse"]


class ScopeSave(Reasoned):
    """A scope to add, or new settings for one that is there; a setting that is not sent stays as it is."""

    scope: str
    require_reason: bool | None = None
    expired: Expired | None = None


class ScopeView(Answer):
    """A scope: its settings, how many secrets it holds, and how many hold a right in it.

    `expired`: whether a secret that has expired is served all the same. `state`: `ready`, `unfinished` (some of its
    policies or groups are missing: adding it again finishes it) or `retiring` (retiring it again finishes that).
    """

    id: str
    scope: str
    require_reason: bool
    expired: Expired
    state: Literal["ready", "unfinished", "retiring"]
    secrets: int
    people: int
    accounts: int
    components: int


class GrantChange(Reasoned):
    """`scope` is left out, or `*`, for ADMIN; `role` may be left out for components, which hold USE only."""

    who: str
    role: str | None = None
    scope: str | None = None


class GrantView(Answer):
    """One role of somebody in a scope.

    `role` of an account is the most that its authority in STATUS counts for there. `since` and `by` are from the audit
    log, None where it does not reach back so far. `disabled`: the vault refuses them at present.
    """

    who: str
    kind: Literal["person", "account", "component", "group"]
    name: str
    role: str
    scope: str
    since: str | None = None
    by: str | None = None
    disabled: bool = False
