"""Reports: as JSON, or as a page to keep."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from adapter.api.caller import SignedInAct
from adapter.model.reports import Report
from adapter.service import report_pages, reports

router = APIRouter(tags=["audit"])

PAGES = {
    "html": (report_pages.as_html, "text/html; charset=utf-8"),
    "md": (report_pages.as_markdown, "text/markdown; charset=utf-8"),
    "csv": (report_pages.as_csv, "text/csv; charset=utf-8"),
}


@router.get("/reports/{name}", response_model=Report)
async def report(
    act: SignedInAct,
    name: str,
    days: int | None = None,
    start: Annotated[str | None, Query(alias="from")] = None,
    end: Annotated[str | None, Query(alias="to")] = None,
    format: Literal["json", "html", "md", "csv"] = "json",
) -> Report | Response:
    """`unused`, `never-rotated`, `expiring`, `rotation-due`: of now; `access-per-scope`, `activity`: of a time."""
    made = await reports.report(act, name, reports.Asked(days, start, end))
    if format == "json":
        return made
    write, kind = PAGES[format]
    headers = {"Content-Disposition": f'attachment; filename="{made.name}.{format}"', "Cache-Control": "no-store"}
    return Response(write(made), media_type=kind, headers=headers)
