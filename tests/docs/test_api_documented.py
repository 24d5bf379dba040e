"""Every call of the API and every error code is in docs/api.md, and no other call."""

import re
from pathlib import Path

from adapter import errors
from adapter.api.app import create_app
from adapter.settings import load_settings

DOC = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def test_calls() -> None:
    document = create_app(load_settings(vault_addr="http://127.0.0.1:1")).openapi()
    calls = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, item in document["paths"].items()
        for method in item
    }
    assert calls
    assert set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", DOC, re.M)) == calls


def test_error_codes() -> None:
    rows = {code: int(status) for code, status in re.findall(r"^\| `([a-z_]+)` \| (\d+) \|", DOC, re.M)}
    assert rows == {code: cls.status for code, cls in errors.BY_CODE.items() if cls is not errors.SetupFailed}
