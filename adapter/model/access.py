"""The JSON bodies of scopes and grants."""

from __future__ import annotations

from typing import Literal

from adapter.model.wire import Answer, Reasoned, Revealed

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


class ComponentAdd(Reasoned):
    """A component that reads the values of secrets in `scopes`. `ttl`: how long its secret id can be fetched, `30m`."""

    name: str
    scopes: list[str]
    ttl: str | None = None


class ComponentRotate(Reasoned):
    ttl: str | None = None


class ComponentView(Answer):
    """A component: where it holds USE, and how it stands.

    `state`: `ready`, `unfinished` (adding it again finishes it) or `disabled`. `secret_ids`: how many it could sign in
    with. `last_used_at` is from the audit log, None where that does not tell.
    """

    name: str
    who: str
    scopes: list[str]
    state: Literal["ready", "unfinished", "disabled"]
    role_id: str | None
    secret_ids: int
    last_used_at: str | None = None


class Credentials(Answer):
    """What a component signs in with: unwrapping the token gives the secret id, once, until `expires_at`."""

    role_id: str
    wrapped_secret_id: Revealed
    expires_at: str


class PersonAdd(Reasoned):
    """Somebody who signs in with a user name; without a password one is made."""

    name: str
    password: Revealed | None = None


class PersonPassword(Reasoned):
    password: Revealed | None = None


class PersonView(Answer):
    """Somebody who can sign in, or has done so. `sign_in`: the auth methods that know them."""

    name: str
    who: str
    sign_in: list[str]
    disabled: bool


class PersonSaved(PersonView):
    """`password`: the one that was made, shown this once."""

    password: Revealed | None = None


class Switch(Reasoned):
    """Whom to disable or enable."""

    who: str


class Switched(Answer):
    """`revoked`: how many of their tokens were revoked, so that none comes to life again."""

    who: str
    disabled: bool
    revoked: int
    message: str
