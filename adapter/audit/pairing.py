"""From lines to facts: a response says all that its request said, so of a request only its time is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from adapter.audit.facts import Fact, classify
from adapter.audit.lines import START, UNREADABLE, Line, decode_head, decode_line, mended, nanoseconds
from adapter.audit.paths import Layout
from adapter.audit.writer import Batch

_KIND_WITHIN = 80
_IS_REQUEST = b'"type":"request"'
_IS_RESPONSE = b'"type":"response"'
_REQUEST_ID = b'"request":{"id":"'
_ENDS_AS_REQUEST = b'"type":"request"}'
_TIME = b'"time":"'
_ERROR = b'"error":'
_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")


def read_lines(lines: Iterable[bytes], layout: Layout) -> tuple[Batch, int]:
    """What the lines say, and how many of them are none of the audit log's."""
    reading = _Reading(layout)
    for line in lines:
        if line:
            reading.take(line)
    return reading.finish(), reading.damaged


def request_id(line: bytes) -> bytes | None:
    """The id in a request's line, read without decoding it; None for every other line, and one that needs a look.

    OpenBao, and HashiCorp Vault until 1.15, write `time` and `type` first, a request's `id` before all else of it, and
    an `error`, a text, last of all; newer Vaults write all keys in the order of the alphabet.
    """
    if line.find(_IS_RESPONSE, 0, _KIND_WITHIN) > 0:
        return None
    if line.find(_IS_REQUEST, 0, _KIND_WITHIN) > 0 and line.endswith(b"}}") and line.find(START, 1) < 0:
        at = line.find(_REQUEST_ID) + len(_REQUEST_ID)
        identity = line[at : at + 36]
        return identity if at >= len(_REQUEST_ID) and line[at + 36 : at + 37] == b'"' else None
    if line.endswith(_ENDS_AS_REQUEST) and _ERROR not in line and line.find(START, 1) < 0:
        with suppress(*UNREADABLE):
            return decode_head(line).request.id.encode()
    return None


def time_of(line: bytes) -> str:
    """The text of a line's own time."""
    at = len(START) if line.startswith(START) else line.rfind(_TIME) + len(_TIME)
    return line[at : line.find(b'"', at)].decode(errors="replace")


class _Reading:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._batch = Batch()
        self._requests: dict[bytes, bytes] = {}
        self._first, self._last, self._second = "~", "", ""
        self.damaged = 0

    def take(self, line: bytes) -> None:
        identity = request_id(line)
        if identity is None:
            self._decode(line)
        else:
            self._requests[identity] = line

    def _decode(self, raw: bytes) -> None:
        """One line in full; of a half line with a whole one behind it, the whole one."""
        try:
            line = decode_line(raw)
            fact, link = classify(line, self._layout)
            self._seen(line.time)
        except UNREADABLE:
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
        text = time_of(request)
        self._seen(text)
        if fact is not None:
            try:
                fact.time = min(nanoseconds(text), fact.time)
            except ValueError:
                return

    def _seen(self, text: str) -> None:
        second = text[:19]
        if second == self._second or not _SECOND.fullmatch(second):
            return
        self._second = second
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
