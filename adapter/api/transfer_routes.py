"""Import: many secrets at once."""

from __future__ import annotations

from fastapi import APIRouter, Response

from adapter.api.caller import SignedInAct, with_reason
from adapter.model.transfer import ImportBody, ImportResult
from adapter.service import importing

router = APIRouter(tags=["import"])


@router.post("/import")
async def import_secrets(act: SignedInAct, body: ImportBody, response: Response) -> ImportResult:
    """Create or update secrets from a file; with `dryRun` only say what would become of each entry."""
    response.headers["Cache-Control"] = "no-store"
    return await importing.import_secrets(with_reason(act, body.reason), body)
