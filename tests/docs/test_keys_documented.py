"""Every key binding that has an id is in docs/keys.md, and no other."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

from textual.binding import Binding

import statustui

DOC = (Path(__file__).parents[2] / "docs" / "keys.md").read_text()


def bindings() -> dict[str, Binding]:
    found: dict[str, Binding] = {}
    for module in pkgutil.iter_modules(statustui.__path__, "statustui."):
        for _, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            for binding in vars(thing).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id and "." in binding.id:
                    found[binding.id] = binding
    return found


def test_ids_are_documented() -> None:
    named = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", DOC, re.M)
    assert sorted(named) == sorted(bindings())


def test_every_documented_binding_has_a_tooltip_or_a_name() -> None:
    for binding in bindings().values():
        assert binding.tooltip or binding.description
