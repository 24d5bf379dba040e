"""From lines to facts: a response says all that its request said, so of a request only its time is needed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from adapter.audit.facts import Fact, classify
from adapter.audit.lines import Line, decode_line, mended, nanoseconds
from adapter.audit.paths import Layout
from adapter.audit.writer import Batch

_KIND_WITHIN = 80
_IS_REQUEST = b'"type":"request"'
_REQUEST_ID = b'"request":{"id":"'
_ERROR = b'"error":'


def read_lines(lines: Iterable[bytes], layout: Layout) -> tuple[Batch, int]:
    """What the lines say, and how many of them are none of the audit log's."""
    reading = _Reading(layout)
    for line in lines:
        if line:
            reading.take(line)
    return reading.finish(), reading.damaged


class _Reading:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._batch = Batch()
        self._requests: dict[bytes, bytes] = {}
        self._first, self._last = "~", ""
        self.damaged = 0

    def take(self, line: bytes) -> None:
        if _IS_REQUEST in line[:_KIND_WITHIN] and _ERROR not in line and line.endswith(b"}"):
            at = line.find(_REQUEST_ID) + len(_REQUEST_ID)
            identity = line[at : at + 36]
            if at >= len(_REQUEST_ID) and line[at + 36 : at + 37] == b'"':
                self._requests[identity] = line
                return
        self._decode(line)

    def _decode(self, raw: bytes) -> None:
        """One line in full; of a half line with a whole one behind it, the whole one."""
        try:
            line = decode_line(raw)
            fact, link = classify(line, self._layout)
            self._seen(line.time)
        except (msgspec.DecodeError, ValueError):
            whole = mended(raw)
            self.damaged += 1
            if whole is not None:
                self.take(whole)
            return
        if line.type == "response":
            self._pair(line, fact)
        if fact is not None:
            self._batch.facts.append(fact)
        if link is not None:
            self._batch.links.append(link)

    def _pair(self, line: Line, fact: Fact | None) -> None:
        """A fact's time is that of its request's own line."""
        request = self._requests.pop(line.request.id.encode(), None)
        if request is None:
            return
        text = request[9 : request.find(b'"', 9)].decode()
        self._seen(text)
        if fact is not None:
            with suppress(ValueError):
                fact.time = min(nanoseconds(text), fact.time)

    def _seen(self, text: str) -> None:
        second = text[:19]
        if second < self._first:
            self._first = second
        if second > self._last:
            self._last = second

    def finish(self) -> Batch:
        """Requests that nothing in these lines answers count for themselves."""
        for request in list(self._requests.values()):
            self._decode(request)
        self._requests.clear()
        if self._last:
            with suppress(ValueError):
                self._batch.first, self._batch.last = nanoseconds(f"{self._first}Z"), nanoseconds(f"{self._last}Z")
        return self._batch
