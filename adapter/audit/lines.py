"""One line of the audit log of OpenBao or HashiCorp Vault, decoded as far as it is needed.

Both write the same JSON (https://openbao.org/docs/audit/): `type` is `request` or `response`; a response repeats the
request. Strings within `data` are keyed hashes, numbers and key names are plain.
"""

from __future__ import annotations

import sys
from calendar import timegm
from collections.abc import Callable
from functools import lru_cache
from time import strptime
from typing import Any, Literal, TypeVar

import msgspec

DEEPEST = 11_000
"""Levels: Go's JSON decoder ends at 10 000 (encoding/json)."""

T = TypeVar("T")
LATEST = 2**63 - 2**40
UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What bytes raise that are not what they should be."""

RAW_NULL = msgspec.Raw(b"null")
START = b'{"time":"'
"""What a line begins with; inside of JSON text the quotes would be escaped."""

OTHER_STARTS = (b'{"auth":{', b'{"error":"', b'{"request":{')
"""The same since HashiCorp Vault 1.16, which writes keys in the order of the alphabet."""


class Auth(msgspec.Struct, frozen=True, gc=False):
    """Who made a request, by Vault's own record; in a response's `auth`, the token that was made."""

    accessor: str = ""
    display_name: str = ""
    policies: tuple[str, ...] | None = None
    entity_id: str = ""
    metadata: dict[str, str] | None = None


class Namespace(msgspec.Struct, frozen=True, gc=False):
    path: str = ""


class Request(msgspec.Struct, frozen=True, gc=False):
    id: str = ""
    operation: str = ""
    path: str = ""
    mount_point: str = ""
    namespace: Namespace | None = None
    data: msgspec.Raw = RAW_NULL
    remote_address: str = ""
    headers: dict[str, list[str]] | None = None


class WrapInfo(msgspec.Struct, frozen=True, gc=False):
    """`wrapped_accessor` is that of the token that is wrapped."""

    token: str = ""
    accessor: str = ""
    creation_path: str = ""
    wrapped_accessor: str = ""


class Response(msgspec.Struct, frozen=True, gc=False):
    data: msgspec.Raw = RAW_NULL
    auth: Auth | None = None
    wrap_info: WrapInfo | None = None


class Line(msgspec.Struct, frozen=True, gc=False):
    """`time` is RFC 3339 in UTC with nanoseconds. `error` is plain text of Vault's."""

    time: str
    type: Literal["request", "response"]
    request: Request
    auth: Auth | None = None
    response: Response | None = None
    error: str | None = None


class _HeadRequest(msgspec.Struct, frozen=True, gc=False):
    id: str = ""


class Head(msgspec.Struct, frozen=True, gc=False):
    """As little of a line as pairing needs."""

    type: str
    request: _HeadRequest
    error: str | None = None


class Written(msgspec.Struct, frozen=True, gc=False):
    """The `data` of a KV v2 answer: of a value's read, or of a write."""

    version: Any = 0
    data: msgspec.Raw = RAW_NULL
    metadata: Any = None


class Sent(msgspec.Struct, frozen=True, gc=False):
    """What of a request's `data` says what is being done. Whoever sends it chooses the types, so none is presumed."""

    options: Any = None
    versions: Any = None
    custom_metadata: Any = None
    member_entity_ids: Any = None
    disabled: Any = None
    token: Any = None


_NOTHING = Sent()
_decode_line = msgspec.json.Decoder(Line).decode
_decode_head = msgspec.json.Decoder(Head).decode
_decode_sent = msgspec.json.Decoder(Sent).decode
_decode_written = msgspec.json.Decoder(Written).decode


def _deep(decode: Callable[[bytes | msgspec.Raw], T], content: bytes | msgspec.Raw) -> T:
    """`decode`, also for what is nested as deeply as the servers' own decoder lets it be.

    Python's limit is lower, and a body beyond it would hide its request. The decoder runs in C, with small frames, and
    nothing else runs meanwhile.
    """
    try:
        return decode(content)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, DEEPEST))
        try:
            return decode(content)
        finally:
            sys.setrecursionlimit(limit)


def decode_line(content: bytes) -> Line:
    """Raises what is in `UNREADABLE`."""
    return _deep(_decode_line, content)


def decode_head(content: bytes) -> Head:
    """Raises what is in `UNREADABLE`."""
    return _deep(_decode_head, content)


def sent(request: Request) -> Sent:
    """What was sent; empty for what is of another shape."""
    if request.data is RAW_NULL:
        return _NOTHING
    try:
        return _deep(_decode_sent, request.data)
    except UNREADABLE:
        return _NOTHING


def written(response: Response | None) -> Written:
    """What was answered; empty for what is of another shape."""
    try:
        return _deep(_decode_written, response.data) if response else Written()
    except UNREADABLE:
        return Written()


def mended(line: bytes) -> bytes | None:
    """The whole line at the end of one whose beginning is foreign or half written; None when there is none."""
    at = _last_start(line, len(line))
    while at > 0:
        try:
            decode_head(line[at:])
        except UNREADABLE:
            at = _last_start(line, at)
        else:
            return line[at:]
    return None


def _last_start(line: bytes, before: int) -> int:
    return max(line.rfind(start, 0, before) for start in (START, *OTHER_STARTS))


@lru_cache(4096)
def _seconds(text: str) -> int:
    return timegm(strptime(text, "%Y-%m-%dT%H:%M:%S"))


def nanoseconds(text: str) -> int:
    """A line's time since 1970, in nanoseconds. Raises ValueError."""
    if not text.endswith("Z"):
        raise ValueError("not a time in UTC")
    fraction = text[20:-1]
    found = _seconds(text[:19]) * 1_000_000_000
    if fraction:
        found += int(fraction) if len(fraction) == 9 else int(fraction) * 10 ** (9 - len(fraction))
    if not 0 <= found < LATEST:
        raise ValueError("not a time of an audit log")
    return found


def number(value: object) -> int:
    """A version's number, 0 for what can be none."""
    return value if type(value) is int and 0 < value < 2**31 else 0


def mapping(value: object) -> dict[str, Any]:
    """A JSON object; empty for everything else."""
    return value if isinstance(value, dict) else {}
