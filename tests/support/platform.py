"""What the STATUS platform does: sign its people's JSON Web Tokens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import jwt

KEY = "platform-key-for-tests-0123456789abcdef"
OLD_KEY = "platform-key-before-0123456789abcdefgh"
ORIGIN = "https://status.example.org"


def claims(user_id: object = 7, authority: object = "DEVELOPER", **changes: Any) -> dict[str, Any]:
    """The claims of a token that was signed just now; a change to None leaves the claim out."""
    now = int(time.time())
    body = {"user_id": user_id, "username": "erika", "authority": authority, "iat": now, "exp": now + 3600}
    return {name: value for name, value in (body | changes).items() if value is not None}


def signed(
    body: Mapping[str, Any], key: str = KEY, algorithm: str = "HS256", headers: dict[str, Any] | None = None
) -> str:
    return jwt.encode(dict(body), key, algorithm=algorithm, headers=headers)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
