"""STATUS's own JSON Web Tokens (RFC 7519): checked, then typed.

Signed by the platform with HS256 and a key that it shares with the adapter. Nothing in a token's header chooses how it
is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import jwt
import msgspec
from pydantic import SecretStr

from adapter.errors import NotAllowed, NotSignedIn
from adapter.model.roles import Role
from adapter.vault.tokens import TOKEN_LENGTH

LEEWAY = 60
"""Seconds by which the platform's clock may be ahead of ours. An end is an end by our own clock."""

SHORT_KEY = 32
"""Bytes that a key of HS256 should have at least (RFC 7518, section 3.2)."""

MOST_USER_ID = 2**53 - 1
NAME_LENGTH = 200
AUTHORITIES = {str(role): role for role in (Role.USER, Role.DEVELOPER, Role.ADMIN)}

_SHAPE = re.compile(r"e[wy][A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")


class _Payload(msgspec.Struct):
    user_id: int
    username: str
    authority: str
    iat: float
    exp: float


class Claims(msgspec.Struct, frozen=True):
    """Who the platform says is calling; `ends` in seconds since 1970."""

    user_id: int
    username: str
    authority: Role
    ends: float


def is_jwt(token: str) -> bool:
    """Whether a text has the shape of a JSON Web Token: its header is a JSON object. No token of Vault has it."""
    return _SHAPE.fullmatch(token) is not None


class PlatformKeys:
    """The keys that the platform signs with now, and signed with before."""

    def __init__(self, keys: Sequence[SecretStr], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._keys = tuple(keys)
        self._now = now

    def check(self, token: SecretStr) -> Claims:
        """What a token claims. Raises NotSignedIn for one that is none, NotAllowed for an authority that is none."""
        payload = self._payload(token)
        name_fits = payload.username.strip() and payload.username.isprintable() and len(payload.username) <= NAME_LENGTH
        if not (name_fits and 0 <= payload.user_id <= MOST_USER_ID and payload.exp > self._now().timestamp()):
            raise refused()
        authority = AUTHORITIES.get(payload.authority)
        if authority is None:
            raise NotAllowed(
                "The authority in this token is none that STATUS has.", hint="It is USER, DEVELOPER or ADMIN."
            )
        return Claims(payload.user_id, payload.username, authority, payload.exp)

    def _payload(self, token: SecretStr) -> _Payload:
        text = token.get_secret_value()
        if len(text) > TOKEN_LENGTH:
            raise refused()
        for key in self._keys:
            try:
                payload = jwt.decode(
                    text,
                    key.get_secret_value().encode(),
                    algorithms=["HS256"],
                    leeway=LEEWAY,
                    options={"require": ["user_id", "username", "authority", "iat", "exp"]},
                )
                return msgspec.convert(payload, _Payload)
            except (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError):
                continue
        raise refused()


def refused() -> NotSignedIn:
    return NotSignedIn(
        "This STATUS token is not accepted: it is wrong, has ended, or is signed with another key.",
        hint="Sign in to STATUS again.",
    )
