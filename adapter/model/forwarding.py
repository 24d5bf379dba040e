"""The JSON bodies with which a log is sent to an adapter on another machine."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Annotated, Self

from pydantic import Field

from adapter.errors import Invalid
from adapter.model.wire import Answer, Reasoned, Wire

Print = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""What a log file is known by: its first line's digest."""

CHUNK = 1_000_000
"""The most bytes of a log in one call."""


class LogChunk(Wire):
    """Bytes of a log file from `offset` on: `data` is their zlib (RFC 1950) in base64."""

    print: Print
    offset: Annotated[int, Field(ge=0, le=2**53, strict=True)]
    data: str

    @classmethod
    def of(cls, print: str, offset: int, content: bytes) -> Self:
        return cls(print=print, offset=offset, data=base64.b64encode(zlib.compress(content)).decode())

    def content(self) -> bytes:
        """Raises Invalid for what is no such text, or more than a chunk."""
        unpacker = zlib.decompressobj()
        try:
            found = unpacker.decompress(base64.b64decode(self.data, validate=True), CHUNK + 1)
        except (binascii.Error, zlib.error):
            raise Invalid.field("data", "That is no zlib in base64.", hint="Send what audit forward sends.") from None
        if len(found) > CHUNK or unpacker.unconsumed_tail or not unpacker.eof:
            raise Invalid.field("data", f"It is more than {CHUNK} bytes, or cut off.", hint="Send less at once.")
        return found


class LogState(Answer):
    """How many bytes of a log file the adapter has."""

    print: str
    offset: int


class ForwarderAdd(Reasoned):
    """`ttl`: how long its secret id can be fetched, `30m`."""

    name: str
    ttl: str | None = None
