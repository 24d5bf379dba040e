"""Facts as rows of the index: each word once, as a number."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from adapter.audit.facts import Fact
from adapter.audit.segments import Postings
from adapter.audit.storage import Dim, tokens
from adapter.model.address import Address

NONE = 0
"""The number that stands for no word."""

COLUMNS = (
    "id, key, request, time, act, outcome, actor, kind, entity, role, secret, scope, version, reason, component, "
    "client, address, flags, parts"
)
ID, KEY, REQUEST, TIME, ACT, OUTCOME, ACTOR, KIND, ENTITY, ROLE, SECRET, SCOPE, VERSION, REASON, COMPONENT, CLIENT = (
    range(16)
)
ADDRESS, FLAGS, PARTS = 16, 17, 18

POSTED = (
    (Dim.ACT, ACT), (Dim.OUTCOME, OUTCOME), (Dim.ACTOR, ACTOR), (Dim.KIND, KIND), (Dim.ENTITY, ENTITY),
    (Dim.ROLE, ROLE), (Dim.SECRET, SECRET), (Dim.SCOPE, SCOPE), (Dim.REASON, REASON), (Dim.COMPONENT, COMPONENT),
    (Dim.CLIENT, CLIENT), (Dim.ADDRESS, ADDRESS),
)  # fmt: skip
"""Which column holds which dimension's word."""

Row = tuple[Any, ...]
"""A row of `events`, in the order of `COLUMNS`."""


def is_plain(fact: Fact) -> bool:
    """Whether a row says all of a fact."""
    return not fact.link and not fact.flags and fact.members is None


class Words:
    """Every word of the index and its number, in the memory of the writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT dim, text, id FROM words")
        self._numbers: tuple[dict[str, int], ...] = tuple({} for _ in Dim)
        self._texts = {NONE: ""}
        for dim, text, number in rows:
            self._numbers[dim][text] = number
            self._texts[number] = text
        self._new: list[tuple[int, int, str]] = []
        self._tokens: dict[int, tuple[int, ...]] = {NONE: ()}

    def number(self, dim: int, text: str) -> int:
        if not text:
            return NONE
        number = self._numbers[dim].get(text)
        if number is None:
            number = self._numbers[dim][text] = len(self._texts)
            self._texts[number] = text
            self._new.append((number, int(dim), text))
        return number

    def write(self, connection: sqlite3.Connection) -> None:
        connection.executemany("INSERT INTO words VALUES (?, ?, ?)", self._new)
        self._new.clear()

    def row(self, shown: Fact, facts: Sequence[Fact]) -> Row:
        """An event's row without its id; the facts stand in it where the shown one does not say all."""
        alone = len(facts) == 1 and is_plain(facts[0])
        parts = None if alone else msgspec.msgpack.encode([self._packed(fact) for fact in facts])
        return (NONE, shown.group, *self._columns(shown), parts)

    def plain_row(self, fact: Fact) -> Row:
        """The row of an event that is one plain fact."""
        return (NONE, fact.group, *self._columns(fact), None)

    def facts(self, row: Row) -> list[Fact]:
        """What `row` was made of."""
        if row[PARTS] is not None:
            return [self._unpacked(part) for part in msgspec.msgpack.decode(row[PARTS])]
        return [self._unpacked((*row[REQUEST:PARTS], row[KEY], 0, False, None))]

    def post(self, rows: Sequence[Row], segment: int, postings: Postings) -> None:
        """Make rows of one segment findable."""
        columns = list(zip(*rows, strict=True))
        positions = [event & 0xFFFFFFFF for event in columns[ID]]
        postings.add(Dim.ALL, segment, [NONE] * len(rows), positions)
        for dim, at in POSTED:
            postings.add(dim, segment, columns[at], positions)
        for row in rows:
            if row[FLAGS]:
                for flag in self._texts[row[FLAGS]].split(","):
                    postings.add(Dim.FLAG, segment, [self.number(Dim.FLAG, flag)], [row[ID] & 0xFFFFFFFF])
        pairs = [
            (token, position)
            for position, secret, reason in zip(positions, columns[SECRET], columns[REASON], strict=True)
            for token in self._tokens_of(secret, reason)
        ]
        postings.add(Dim.TOKEN, segment, [token for token, _ in pairs], [position for _, position in pairs])

    def _tokens_of(self, secret: int, reason: int) -> tuple[int, ...]:
        """What an event is found by besides its columns. A scope is a column, so of a secret the name is enough."""
        return self._split(secret, name=True) + self._split(reason)

    def _split(self, word: int, *, name: bool = False) -> tuple[int, ...]:
        found = self._tokens.get(word)
        if found is None:
            text = Address(self._texts[word]).name if name else self._texts[word]
            found = tuple(self.number(Dim.TOKEN, token) for token in dict.fromkeys(tokens(text)))
            self._tokens[word] = found
        return found

    def posted(self, row: Row) -> list[tuple[int, int]]:
        """The words under which an event is found."""
        found = [(int(Dim.ALL), NONE)]
        found.extend((dim, row[at]) for dim, at in POSTED if row[at])
        if row[FLAGS]:
            found.extend((Dim.FLAG, self.number(Dim.FLAG, flag)) for flag in self._texts[row[FLAGS]].split(","))
        found.extend((Dim.TOKEN, token) for token in self._tokens_of(row[SECRET], row[REASON]))
        return found

    def _packed(self, fact: Fact) -> Row:
        return (*self._columns(fact), fact.group, fact.link, fact.acting, fact.members)

    def _columns(self, fact: Fact) -> Row:
        """From `request` to `flags`. Spelled out, as it is done for each event."""
        (
            _,
            acts,
            outcomes,
            actors,
            kinds,
            entities,
            roles,
            secrets,
            scopes,
            reasons,
            components,
            clients,
            addresses,
            *_,
        ) = self._numbers
        number, flags = self.number, fact.flags
        return (
            fact.id,
            fact.time,
            acts.get(fact.act) or number(1, fact.act),
            outcomes.get(fact.outcome) or number(2, fact.outcome),
            actors.get(fact.actor) or number(3, fact.actor),
            kinds.get(fact.kind) or number(4, fact.kind),
            (entities.get(fact.entity) or number(5, fact.entity)) if fact.entity else NONE,
            (roles.get(fact.role) or number(6, fact.role)) if fact.role else NONE,
            (secrets.get(fact.secret) or number(7, fact.secret)) if fact.secret else NONE,
            (scopes.get(fact.scope) or number(8, fact.scope)) if fact.scope else NONE,
            fact.version,
            (reasons.get(fact.reason) or number(9, fact.reason)) if fact.reason else NONE,
            (components.get(fact.component) or number(10, fact.component)) if fact.component else NONE,
            (clients.get(fact.client) or number(11, fact.client)) if fact.client else NONE,
            (addresses.get(fact.address) or number(12, fact.address)) if fact.address else NONE,
            number(13, ",".join(flags)) if flags else NONE,
        )

    def _unpacked(self, part: Sequence[Any]) -> Fact:
        text = self._texts
        flags = text[part[15]]
        return Fact(
            part[0], part[1], text[part[2]], text[part[3]], text[part[4]], text[part[5]], text[part[6]], text[part[7]],
            text[part[8]], text[part[9]], part[10], text[part[11]], text[part[12]], text[part[13]], text[part[14]],
            tuple(flags.split(",")) if flags else (), part[16], part[17], part[18],
            None if part[19] is None else tuple(part[19]),
        )  # fmt: skip
