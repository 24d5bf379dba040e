"""Vault's "permission denied" as a sentence that names the missing right and who can give it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from adapter.errors import NotAllowed
from adapter.model.address import Address
from adapter.model.roles import Role
from adapter.vault.problems import VaultRefusal

AS_ADMIN = "An ADMIN can do it, or grant you the role."


@contextmanager
def explained(act: str, place: str, role: Role) -> Iterator[None]:
    """Says for a refusal of Vault's inside that `act` ("Creating secrets") in `place` needs `role`."""
    try:
        yield
    except VaultRefusal:
        raise refusal(act, place, role) from None


def refusal(act: str, place: str, role: Role, subject: str = "you") -> NotAllowed:
    """`place` is the scope that the caller named; ADMIN is held in all of them."""
    if role is Role.ADMIN:
        words, hint = f"the role {role}", AS_ADMIN
    else:
        words, hint = f"the role {role} there", "An ADMIN can grant it, or add the scope if there is none."
    return NotAllowed(f"{act} in {place} needs {words}, which {lacks(subject)}.", hint=hint)


def place_of(address: Address) -> str:
    """The scope that the caller named with an address; outside every scope, words for that."""
    scope = address.scope
    return str(scope) if scope else "places outside every scope"


def lacks(subject: str) -> str:
    return f"{subject} {'do' if subject == 'you' else 'does'} not hold"
