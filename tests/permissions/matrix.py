"""Who may do what, as data: the tables of docs/roles.md, which a test compares with this, and the trials with both.

`python -m tests.permissions.matrix` prints the tables.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = ("no role", "USER", "DEVELOPER", "use (component)", "ADMIN")
NO = "\N{EN DASH}"
NONE, USER, DEVELOPER, USE, ADMIN = COLUMNS


@dataclass(frozen=True)
class Row:
    """An act, and who may. `remark`: what the table says beside the yes of a column."""

    act: str
    who: frozenset[str]
    remark: tuple[tuple[str, str], ...] = ()

    def cells(self) -> list[str]:
        remarks = dict(self.remark)
        return [remarks.get(column, "yes") if column in self.who else NO for column in COLUMNS]


def row(act: str, *who: str, **remarks: str) -> Row:
    names = {"developer": DEVELOPER, "admin": ADMIN}
    return Row(act, frozenset(who), tuple((names[key], text) for key, text in remarks.items()))


ON_A_SECRET = [
    row("list, view details, see history", USER, DEVELOPER, USE, ADMIN),
    row("see this secret's audit events", USER, DEVELOPER, ADMIN),
    row("create; update value; edit details", DEVELOPER, ADMIN),
    row("roll back", DEVELOPER, ADMIN, developer="yes, without reading"),
    row("rename within the scope", DEVELOPER, ADMIN, developer="yes, without reading"),
    row("move to another scope", ADMIN),
    row("soft-delete and undelete one version", DEVELOPER, ADMIN),
    row("delete for good; destroy a version", ADMIN),
    row(
        "read the value (`value`, `resolve`, `hydrate`, `render`, `run`); wrap it",
        USE,
        ADMIN,
        admin="yes, as an act of a person in the log",
    ),
    row("encrypt, rewrap", DEVELOPER, USE, ADMIN),
    row("decrypt", USE, ADMIN),
    row("create or rotate an encryption key", DEVELOPER, ADMIN),
]

ELSEWHERE = [
    row('sign in, see oneself, "can I?" for oneself', *COLUMNS),
    row('"who can use this?", "can I?" for others', ADMIN),
    row("all audit events, investigate, reports, find a leaked string", ADMIN),
    row("scopes, grants, people, components, temporary access, revoke", ADMIN),
    row("export metadata of what one may view", USER, DEVELOPER, ADMIN),
    row("backup, restore, provision, doctor's repairs", ADMIN),
]


def table(title: str, rows: list[Row]) -> list[str]:
    head = [title, *COLUMNS]
    lines = [head, ["---"] * len(head), *([row.act, *row.cells()] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def tables() -> list[list[str]]:
    return [table("on a secret in an own scope", ON_A_SECRET), table("not on one secret", ELSEWHERE)]


if __name__ == "__main__":
    print("\n\n".join("\n".join(lines) for lines in tables()))  # noqa: T201
