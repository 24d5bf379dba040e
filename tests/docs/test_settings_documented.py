"""Every setting is in docs/settings.md, and nothing else is."""

import re
from pathlib import Path

from pydantic import AliasChoices

from adapter.settings import Settings

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


def spellings() -> set[str]:
    found = {"STATUS_CONFIG"}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            found |= {str(choice) for choice in alias.choices if str(choice).isupper()}
        else:
            found.add(f"STATUS_{name.upper()}")
    return found


def test_every_setting_is_documented_and_no_other() -> None:
    named = set(re.findall(r"\b(?:STATUS|VAULT|BAO)_[A-Z_]*[A-Z]\b", DOC.read_text()))
    assert named == spellings()


def test_documented_defaults_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| `STATUS_([A-Z_]+)` \|.*\| `([^`]+)` \|$", DOC.read_text(), re.M))
    for name, default in rows.items():
        if name not in ("AUDIT_INDEX", "AUDIT_SEALS", "DATA_DIR"):
            assert str(Settings.model_fields[name.lower()].default).lower() == default, name
