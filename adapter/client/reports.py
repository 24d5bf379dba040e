"""The reports."""

from __future__ import annotations

from typing import Literal

from adapter.client.calls import Calls
from adapter.model.reports import Report

PageFormat = Literal["html", "md", "csv"]


class Reports(Calls):
    async def report(
        self, name: str, *, days: int | None = None, start: str | None = None, end: str | None = None
    ) -> Report:
        """A report's rows; `days` for those about now, `start` and `end` for those about a time."""
        return await self._call("GET", f"reports/{name}", Report, params=_params(days, start, end))

    async def report_page(
        self,
        name: str,
        format: PageFormat,
        *,
        days: int | None = None,
        start: str | None = None,
        end: str | None = None,
    ) -> str:
        """The same as a page to keep."""
        answer = await self._send("GET", f"reports/{name}", params=_params(days, start, end) | {"format": format})
        return answer.text


def _params(days: int | None, start: str | None, end: str | None) -> dict[str, str]:
    given = {"days": None if days is None else str(days), "from": start, "to": end}
    return {name: text for name, text in given.items() if text is not None}
