"""The tab of what the list knows already: everything about a secret but its value."""

from __future__ import annotations

from rich.table import Table

from adapter.model.wire import SecretView
from statustui.detail_lines import detail_rows, one_column, two_columns
from statustui.detail_tab import DetailTab
from statustui.key_rows import KeyRow, key_rows

TWO_COLUMNS_FROM = 84
"""Cells."""


class OverviewTab(DetailTab):
    label = "Overview"

    def drawn(self, secret: SecretView) -> Table:
        now = self._clock()
        rows = key_rows(secret, now) if isinstance(secret, KeyRow) else detail_rows(secret, now)
        return two_columns(rows) if self.size.width >= TWO_COLUMNS_FROM else one_column(rows)
