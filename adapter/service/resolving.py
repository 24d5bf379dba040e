"""Many references in one call: each answered on its own, each version read once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from adapter.errors import Invalid, NotSignedIn, RateLimited, Sealed, StatusError, TooLarge, Unreachable
from adapter.model.address import Address
from adapter.model.references import MOST_REFERENCES, Reference
from adapter.model.served import Found, Served
from adapter.service.app import Act
from adapter.service.retrieval import serve

AT_ONCE = 16
"""How many reads one call has under way."""


OF_ALL = (NotSignedIn, RateLimited, Sealed, Unreachable)
"""What may be in the way of a whole call."""

Outcome = Found | StatusError
_Version = tuple[Address, int | None]


def check_count(count: int) -> None:
    """Raises TooLarge, with the limit."""
    if count > MOST_REFERENCES:
        raise TooLarge(
            f"There are {count} references; the limit is {MOST_REFERENCES} in one call.", hint="Make several calls."
        )


async def resolve_texts(act: Act, refs: Sequence[str]) -> list[Outcome]:
    """As `resolve`, from the references' text; what is no reference is answered with Invalid."""
    check_count(len(refs))
    parsed = [_parsed(text) for text in refs]
    found = await resolve(act, [one for one in parsed if isinstance(one, Reference)])
    return [found[one] if isinstance(one, Reference) else one for one in parsed]


def _parsed(text: str) -> Reference | Invalid:
    try:
        return Reference.parse(text)
    except Invalid as error:
        return error


async def resolve(act: Act, references: Iterable[Reference]) -> dict[Reference, Outcome]:
    """Each reference's value, or why there is none.

    Raises NotSignedIn, RateLimited, Sealed or Unreachable when that is why none at all could be answered.
    """
    wanted = set(references)
    versions = await _read(act, {(one.address, one.version) for one in wanted})
    if versions and all(isinstance(served, OF_ALL) for served in versions.values()):
        raise next(error for error in versions.values() if isinstance(error, StatusError))
    return {one: _field(versions[one.address, one.version], one.field) for one in wanted}


async def _read(act: Act, wanted: set[_Version]) -> dict[_Version, Served | StatusError]:
    waiting = list(wanted)
    served: dict[_Version, Served | StatusError] = {}

    async def worker() -> None:
        while waiting:
            address, version = waiting.pop()
            try:
                served[address, version] = await serve(act, address, version)
            except StatusError as error:
                served[address, version] = error

    await asyncio.gather(*(worker() for _ in range(min(AT_ONCE, len(waiting)))))
    return served


def _field(served: Served | StatusError, name: str | None) -> Outcome:
    if isinstance(served, StatusError):
        return served
    try:
        return served.found(name)
    except StatusError as error:
        return error
