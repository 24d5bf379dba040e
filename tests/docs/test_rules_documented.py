"""Every rule of what is unusual is in docs/audit.md, in its own words."""

import re
from pathlib import Path

from adapter.audit.unusual import KINDS

DOC = (Path(__file__).parents[2] / "docs" / "audit.md").read_text()


def test_rules_are_documented() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", DOC.split("## What is unusual")[1].split("\n## ")[0], re.M))
    assert rows == {kind.NAME: kind.WHAT for kind in KINDS}
