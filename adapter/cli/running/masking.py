"""Values hidden in a stream of bytes, wherever the stream happens to be cut."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = b"********"
SHORTEST = 3
"""Bytes: what is shorter would hide half of any text."""

SHORTEST_LINE = 8
"""Bytes of one line of a value of several lines, or of its base64, that are hidden on their own."""


class Masker:
    """Bytes in, bytes out: every value replaced. What may be the beginning of one is held back."""

    def __init__(self, values: Iterable[str]) -> None:
        patterns = sorted({pattern for value in values for pattern in _spellings(value)}, key=len, reverse=True)
        self._patterns = patterns
        self._regex = re.compile(b"|".join(map(re.escape, patterns))) if patterns else None
        self._longest = len(patterns[0]) if patterns else 0
        self._by_head: dict[bytes, list[bytes]] = {}
        for pattern in patterns:
            for length in range(1, SHORTEST + 1):
                self._by_head.setdefault(pattern[:length], []).append(pattern)
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What can be shown after this chunk."""
        if self._regex is None:
            return chunk
        data = self._held + chunk
        shown, place = [], 0
        hold = self._first_beginning(data, 0)
        if not any(pattern in data for pattern in self._patterns):  # mostly, and that is found out quickly
            self._held = data[hold:]
            return data[:hold]
        for match in self._regex.finditer(data):
            if match.start() >= hold:
                break
            shown += [data[place : match.start()], MASK]
            place = match.end()
            if place > hold:
                hold = self._first_beginning(data, place)
        shown.append(data[place:hold])
        self._held = data[hold:]
        return b"".join(shown)

    def end(self) -> bytes:
        """What was still held back when the stream ended."""
        held, self._held = self._held, b""
        return self._regex.sub(MASK, held) if self._regex is not None else held

    def _first_beginning(self, data: bytes, start: int) -> int:
        """The first place whose rest of the data is the beginning of a value; the data's end when there is none."""
        end = len(data)
        for place in range(max(start, end - self._longest + 1), end):
            for pattern in self._by_head.get(data[place : place + SHORTEST], ()):
                if len(pattern) > end - place and pattern.startswith(data[place:]):
                    return place
        return end


def is_too_short(value: str) -> bool:
    return len(value.encode("utf-8", "surrogatepass")) < SHORTEST


def _spellings(value: str) -> set[bytes]:
    """The value, its longer lines, and how it looks in JSON, URLs and base64, as different languages write them."""
    texts = {value, value.strip(), *_in_json(value), *_in_urls(value)}
    found = {text.encode("utf-8", "surrogatepass") for text in texts if not is_too_short(text)}
    lines = [line.strip().encode("utf-8", "surrogatepass") for line in value.splitlines()]
    return found | {line for line in lines if len(lines) > 1 and len(line) >= SHORTEST_LINE} | set(_in_base64(value))


def _in_base64(value: str) -> Iterator[bytes]:
    """The characters that the value alone decides, wherever it begins in what was encoded: `Basic` and a user name."""
    raw = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw)[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        if len(text) >= SHORTEST_LINE:
            yield text
            yield text.translate(bytes.maketrans(b"+/", b"-_"))


def _in_json(value: str) -> Iterator[str]:
    """Go escapes what means something in HTML, PHP the slash."""
    for text in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield text
        yield text.replace("/", "\\/")
        yield text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _in_urls(value: str) -> Iterator[str]:
    """RFC 3986, with the characters that JavaScript leaves as they are, in a path, and in a form."""
    raw = value.encode("utf-8", "surrogatepass")
    for text in (quote(raw, safe=""), quote(raw, safe="!'()*"), quote(raw, safe="/"), quote_plus(raw)):
        yield text
        yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text)
