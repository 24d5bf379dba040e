"""Rotate a password where it is used, together with its secret; a module for each kind of place.

Everything about the secret is done over the API with the caller's own token. Adding a kind is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, cast

from adapter.errors import Invalid, SetupFailed
from adapter.rotation._alternating import alternate
from adapter.rotation._kept import Kept
from adapter.rotation._rotating import Outcome, rotate
from adapter.rotation._target import Login, NotRotated, Target, TargetModule

__all__ = ["Kept", "Login", "NotRotated", "Outcome", "Target", "alternate", "open_target", "rotate", "target_names"]


def target_names() -> list[str]:
    """The kinds of places that can be rotated."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def open_target(name: str, config: Mapping[str, Any]) -> Target:
    """The place of that kind that a datasource's `config` describes. Raises Invalid, SetupFailed."""
    if name not in target_names():
        raise Invalid("That kind of place is not known.", hint=f"Known kinds: {', '.join(target_names())}.")
    try:
        module = cast(TargetModule, importlib.import_module(f"{__name__}.{name}"))
    except ImportError:
        raise SetupFailed(
            f"The library that speaks to {name} is not installed.",
            hint=f"Install it, in this project's folder: .venv/bin/python -m pip install -e '.[{name}]'",
        ) from None
    return module.open_target(config)
