"""Whether the adapter and its vault work; no sign-in, nothing about secrets."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import SecretStr

from adapter.api.metrics import CONTENT_TYPE, Metrics
from adapter.errors import NotAllowed, Sealed, StatusError
from adapter.model.wire import Health, Ready
from adapter.service.app import Services
from adapter.vault.session import HEALTH_SECONDS, Caller

OWN_POLICY = "status-adapter"

router = APIRouter(tags=["health"])


@router.get("/ready")
async def ready(request: Request, response: Response) -> Ready:
    """200 when calls can be answered: the vault works, and knows the adapter's own identity where it has one."""
    services: Services = request.app.state.services
    state: Literal["ok", "sealed", "unreachable", "identity_refused"] = await _vault_state(services)
    if state == "ok" and services.acting is not None:
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                await services.acting.own.holds(OWN_POLICY, Caller(SecretStr("")))
        except NotAllowed:
            state = "identity_refused"
        except (StatusError, TimeoutError):
            state = "unreachable"
    response.status_code = 200 if state == "ok" else 503
    response.headers["Cache-Control"] = "no-store"
    return Ready(status=state)


async def _vault_state(services: Services) -> Literal["ok", "sealed", "unreachable"]:
    try:
        _, is_sealed = await services.vault.seal_status()
    except StatusError as error:
        return "sealed" if isinstance(error, Sealed) else "unreachable"
    return "sealed" if is_sealed else "ok"


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """What this process has counted, in Prometheus's text format."""
    found: Metrics = request.app.state.metrics
    return Response(found.text(), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@router.get("/health")
async def health(request: Request, response: Response) -> Health:
    """200 when the vault answers and is unsealed, else 503; the body says which."""
    services: Services = request.app.state.services
    try:
        version, is_sealed = await services.vault.seal_status()
    except StatusError as error:
        response.status_code = 503
        return Health(status="sealed" if isinstance(error, Sealed) else "unreachable", vault="", version="")
    if is_sealed:
        response.status_code = 503
    kind = await services.vault.kind()
    return Health(status="sealed" if is_sealed else "ok", vault=str(kind), version=version)
