"""What policies allow at a path, as Vault decides it: rules of one pattern add up, the most specific pattern counts.

Of two patterns that match, the one whose first wildcard comes later wins; then one without a `*` at its end; then the
one with fewer `+` segments; then the longer one (https://developer.hashicorp.com/vault/docs/concepts/policies).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from adapter.vault.policies import Rule

WILDCARD = re.compile(r"(?<![^/])\+(?![^/])|\*$")


def capabilities(rules: Iterable[Rule], path: str) -> set[str]:
    """What the rules of all policies that somebody holds grant at a path."""
    granted: dict[str, set[str]] = {}
    for rule in rules:
        granted.setdefault(rule.path, set()).update(rule.capabilities)
    matching = [pattern for pattern in granted if matches(pattern, path)]
    return granted[max(matching, key=_priority)] if matching else set()


def matches(pattern: str, path: str) -> bool:
    """Whether a policy's path covers a path of the vault."""
    open_end = pattern.endswith("*")
    parts = [r"[^/]+" if part == "+" else re.escape(part) for part in pattern.removesuffix("*").split("/")]
    return re.fullmatch("/".join(parts) + (".*" if open_end else ""), path) is not None


def _priority(pattern: str) -> tuple[int, bool, int, int]:
    first = WILDCARD.search(pattern)
    place = first.start() if first else len(pattern) + 1
    return place, not pattern.endswith("*"), -pattern.split("/").count("+"), len(pattern)
