"""Sign in, renew, sign out, see oneself."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from adapter.api.caller import Anyone, SignedInAct, forget_account
from adapter.model.signing_in import AuthMethod, Login, Me, OidcStarted, SignedIn
from adapter.service import auth_methods, signing_in

router = APIRouter(tags=["signing in"])


@router.get("/auth/methods")
async def methods(act: Anyone) -> list[AuthMethod]:
    """The ways to sign in that are offered here; no sign-in needed."""
    return await auth_methods.offered(act)


@router.post("/auth/login", response_model_exclude_unset=True)
async def login(act: Anyone, body: Login, response: Response) -> SignedIn | OidcStarted:
    """Sign in: user name and password, AppRole, OpenID Connect in two steps; or look at a token."""
    response.headers["Cache-Control"] = "no-store"
    return await signing_in.sign_in(act, body)


@router.post("/auth/renew", response_model_exclude_unset=True)
async def renew(act: SignedInAct) -> Me:
    """Let the caller's token live on, up to its longest life."""
    return await signing_in.renew(act)


@router.post("/auth/logout", status_code=204)
async def logout(act: SignedInAct, request: Request) -> None:
    """Revoke the caller's token; of a STATUS account the vault token that was minted for it."""
    forget_account(request)
    await signing_in.sign_out(act)


@router.get("/me", response_model_exclude_unset=True)
async def me(act: SignedInAct) -> Me:
    """Who is signed in, until when, and with which role in each scope."""
    return await signing_in.me(act)
