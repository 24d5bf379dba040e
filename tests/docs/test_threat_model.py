"""Every test that the threat model names is there, and every hostile party has something that is not stopped."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", DOC)


def test_every_test_named_is_there() -> None:
    assert len(NAMED) > 40
    files = {path.name: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    for file, test in NAMED:
        assert re.search(rf"^(async )?def {test}\(", files.get(file, ""), re.M), f"{file}::{test}"


def test_each_party_says_what_does_not_stop_it() -> None:
    sections = re.split(r"^## ", DOC, flags=re.M)[1:]
    parties = [section for section in sections if "shown by" in section]
    assert len(parties) == 8
    for section in parties:
        assert "**Not stopped.**" in section, section.splitlines()[0]
