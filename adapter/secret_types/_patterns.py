"""Regular expressions that come from users, run by an engine whose time is linear in the text."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, cast

WORK = 100_000_000
"""Steps that one match may take, about a second: re2 needs at most program size times text."""

MEMORY = 1 << 20
"""Bytes that re2 may take for one expression."""


class Pattern(Protocol):
    programsize: int

    def search(self, text: str) -> object | None: ...

    def fullmatch(self, text: str) -> object | None: ...


@lru_cache(maxsize=64)
def compile_pattern(text: str) -> Pattern | None:
    """None for what is no expression of RE2's syntax (https://github.com/google/re2/wiki/Syntax)."""
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False  # the log would repeat the pattern
    options.never_capture = True  # captures need the slower engine
    options.max_mem = MEMORY
    try:
        return cast(Pattern, re2.compile(text, options))
    except re2.error:
        return None


def affordable(pattern: Pattern, text: str) -> bool:
    return pattern.programsize * len(text.encode()) <= WORK
