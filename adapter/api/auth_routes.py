"""Sign in, sign out, see oneself."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import Anyone, SignedInAct
from adapter.model.wire import Login, Me, SignedIn
from adapter.service import signing_in

router = APIRouter(tags=["signing in"])


@router.post("/auth/login")
async def login(act: Anyone, body: Login, response: Response) -> SignedIn:
    """Sign in with a user name and password (userpass), or look at a token."""
    response.headers["Cache-Control"] = "no-store"
    return await signing_in.sign_in(act, body)


@router.post("/auth/logout", status_code=204)
async def logout(act: SignedInAct) -> None:
    """Revoke the caller's token."""
    await signing_in.sign_out(act)


@router.get("/me")
async def me(act: SignedInAct) -> Me:
    """Who is signed in, until when, and with which role in each scope."""
    return await signing_in.me(act)
