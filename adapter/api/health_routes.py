"""Whether the adapter and its vault work; no sign-in, nothing about secrets."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from adapter.errors import Sealed, StatusError
from adapter.model.wire import Health
from adapter.service.app import Services

router = APIRouter(tags=["health"])


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
