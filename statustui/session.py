"""Who is signed in, and what that person may do. It explains rights; Vault alone grants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapter.model.records import parse_time
from adapter.model.roles import Role
from adapter.model.signing_in import Me

EVERYWHERE = "*"
_RANK = {Role.USER: 1, Role.DEVELOPER: 2, Role.ADMIN: 3}


@dataclass(frozen=True, slots=True)
class Session:
    """The name, the role in each scope (`*`: everywhere), and until when; None: the token does not end.

    `borrowed`: the token was there before the session, so leaving must not revoke it. `remembered`: it is in the
    keyring for the next start, so leaving the program must not revoke it either; signing out does.
    """

    name: str
    roles: Mapping[str, Role]
    expires_at: datetime | None
    borrowed: bool = False
    remembered: bool = False

    @classmethod
    def of(cls, me: Me, *, borrowed: bool = False) -> Session:
        known = {scope: Role(role) for scope, role in me.roles.items() if role in set(_RANK)}
        return cls(me.name, known, parse_time(me.expires_at) if me.expires_at else None, borrowed)

    def renewed(self, me: Me) -> Session:
        """The same session as the vault describes it after a renewal."""
        return replace(Session.of(me, borrowed=self.borrowed), remembered=self.remembered)

    @property
    def highest(self) -> Role | None:
        return max(self.roles.values(), key=_RANK.__getitem__, default=None)

    def holds(self, role: Role, scope: str) -> bool:
        """Whether the person is at least `role` in `scope`."""
        held = (self.roles.get(scope), self.roles.get(EVERYWHERE))
        return any(_RANK[one] >= _RANK[role] for one in held if one is not None)

    def holds_anywhere(self, role: Role) -> bool:
        return self.highest is not None and _RANK[self.highest] >= _RANK[role]

    def writable(self, seen: Iterable[str]) -> list[str]:
        """The scopes to create in; for one who is ADMIN everywhere, those `seen` too."""
        scopes = {scope for scope in self.roles if scope != EVERYWHERE}
        if self.roles.get(EVERYWHERE) is Role.ADMIN:
            scopes |= {"global", *seen}
        return sorted(scope for scope in scopes if self.holds(Role.DEVELOPER, scope))


def ask_for(role: Role, act: str, scope: str | None = None) -> str:
    """Why something is dimmed, and who can change that."""
    where = f" in {scope}" if scope else " in a scope"
    where = "" if role is Role.ADMIN else where
    return f"{act} needs {role}{where}; an ADMIN can grant it."
