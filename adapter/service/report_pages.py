"""A report as a file that an auditor can keep: HTML, Markdown or CSV that needs nothing else, every text escaped."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from adapter.model.records import parse_time
from adapter.model.reports import Cell, Report, ReportColumn
from adapter.service.exporting import cell

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2.5em auto; max-width: 80em; padding: 0 1.5em; color: #1b2530; }
h1 { font-size: 1.5em; margin-bottom: 0.2em; } dl { color: #55636f; } dt { float: left; width: 9em; clear: left; }
table { border-collapse: collapse; width: 100%; margin-top: 1.5em; }
th, td { text-align: left; vertical-align: top; padding: 0.35em 0.6em; border-bottom: 1px solid #d5dde4; }
th { border-bottom: 2px solid #8a99a6; } th, .number { white-space: nowrap; }
td.text { overflow-wrap: anywhere; min-width: 6em; } td.time { min-width: 6.5em; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print { body { font-size: 10px; margin: 0; max-width: none; padding: 0; } tr { break-inside: avoid; } }
""".strip()
_SPECIAL = re.compile(
    r"([\\`*\[\]|~<>&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#=+-]|(?<=^[0-9])[.)]|(?<=www)\.|:(?=//))", re.IGNORECASE
)
"""What begins something in Markdown, and what GitHub's makes a link of; a `.`, `-` or `_` within a name is none."""
NOTHING = "\N{EN DASH}"


def as_html(report: Report) -> str:
    """One file without scripts, pictures or anything fetched; its policy forbids them, too."""
    head = "".join(f"<th{_class(one)}>{escape(one.label)}</th>" for one in report.columns)
    body = "\n".join(f"<tr>{_cells(row, report.columns)}</tr>" for row in report.rows)
    notes = "".join(f"<p>{escape(note)}</p>\n" for note in report.notes)
    facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in _facts(report))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(report.title)}</title>
<style>{_STYLE}</style></head><body>
<h1>{escape(report.title)}</h1>
<p>{escape(report.about)}</p>
<dl>{facts}</dl>
{notes}<table><thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table>
</body></html>
"""


def _cells(row: Mapping[str, Cell], columns: Sequence[ReportColumn]) -> str:
    return "".join(f"<td{_class(one)}>{escape(_text(row.get(one.key), one))}</td>" for one in columns)


def as_markdown(report: Report) -> str:
    lines = [f"# {_plain(report.title)}", "", _plain(report.about), ""]
    lines += [f"- {_plain(label)}: {_plain(text)}" for label, text in _facts(report)]
    lines += ["", *map(_plain, report.notes)] if report.notes else []
    lines += ["", _line(one.label for one in report.columns)]
    lines.append("|" + "|".join(" ---: " if one.kind == "number" else " --- " for one in report.columns) + "|")
    lines += [_line(_text(row.get(one.key), one) for one in report.columns) for row in report.rows]
    return "\n".join(lines) + "\n"


def as_csv(report: Report) -> str:
    """A header and a row each, RFC 4180; a text that a spreadsheet would run starts with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([one.key for one in report.columns])
    for row in report.rows:
        found = [row.get(one.key) for one in report.columns]
        writer.writerow([one if isinstance(one, int) and not isinstance(one, bool) else cell(one) for one in found])
    return out.getvalue()


def _facts(report: Report) -> list[tuple[str, str]]:
    facts = [("Made", f"{_moment(report.made_at)} by {report.made_by}"), ("Rows", str(len(report.rows)))]
    if report.start and report.end:
        facts.insert(0, ("Time", f"{_moment(report.start)} to {_moment(report.end)}"))
    if report.known_since:
        facts.append(("Log known since", _moment(report.known_since)))
    return facts


def _class(column: ReportColumn) -> str:
    return f' class="{escape(column.kind)}"'


def _text(cell: Cell, column: ReportColumn) -> str:
    if cell is None or cell == "":
        return NOTHING
    return _moment(str(cell)) if column.kind == "time" else str(cell)


def _moment(text: str) -> str:
    moment = parse_time(text)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else text


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _plain(text: str) -> str:
    """Text that no reader of Markdown takes for anything else."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
