"""The README is true: dependencies, links, folders."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[ ]", requirement)[0] for requirement in requirements}


def test_every_dependency_has_its_reason() -> None:
    table = README.split("## Dependencies")[1]
    rows = set(re.findall(r"^\| ([a-z][a-z0-9-]*) \| .+ \|$", table, re.M)) - {"package"}
    assert rows == names(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        for name in names(extra):
            assert name in table, name


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    for file, wanted in (
        ("requirements.txt", names(PROJECT["dependencies"])),
        ("requirements-dev.txt", names(PROJECT["dependencies"]) | names(PROJECT["optional-dependencies"]["dev"])),
    ):
        text = (ROOT / file).read_text()
        assert "://" not in text
        locked = set(re.findall(r"^([a-z0-9._-]+)==", text, re.M))
        assert wanted <= locked
        assert text.count("--hash=sha256:") >= len(locked)


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "dev-vault" / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_folders_are_there() -> None:
    for folder in re.findall(r"`((?:adapter|statustui|dev-vault)[a-z_/]*)`", README.split("## Working on it")[1]):
        assert (ROOT / folder).is_dir(), folder
