"""The shared vectors: what is accepted with which facts, what is refused with which words, all within seconds."""

from __future__ import annotations

import base64
import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import Invalid
from adapter.secret_types import secret_type
from tests.secret_types import again, refusal, submit

FILES = sorted(Path(__file__).parent.joinpath("vectors").glob("*-*"))
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def read(path: Path) -> tuple[dict[str, str], str]:
    head, _, value = path.read_text().partition("\n\n")
    return dict(line.split(": ", 1) for line in head.splitlines()), value


@pytest.mark.parametrize("path", [file for file in FILES if file.name.startswith("ok-")], ids=lambda path: path.name)
def test_accepted(path: Path) -> None:
    head, value = read(path)
    kind = head.pop("type")
    fields = {"passphrase": head.pop("passphrase")} if "passphrase" in head else {}
    prepared = submit(kind, value, fields, now=NOW)
    assert prepared.facts == head
    assert prepared.facts.keys() <= set(secret_type(kind).FACTS)
    assert again(kind, prepared, now=NOW) == prepared


@pytest.mark.parametrize("path", [file for file in FILES if file.name.startswith("bad-")], ids=lambda path: path.name)
def test_refused(path: Path) -> None:
    head, value = read(path)
    fields = {"passphrase": head["passphrase"]} if "passphrase" in head else {}
    start = time.monotonic()
    error = refusal(head["type"], value, fields, now=NOW)
    assert time.monotonic() - start < 5
    assert error.fields[0].field == head["field"]
    assert head["says"] in error.detail


def test_every_vector_is_one_or_the_other() -> None:
    assert {file.name.split("-")[0] for file in FILES} == {"ok", "bad"}
    assert len(FILES) > 30


WHOLE = ("ok-ssh-ed25519-openssh", "ok-ssh-ecdsa-384-pem", "ok-ssh-rsa-pkcs8-passphrase", "bad-cert-expired")


@settings(deadline=None)
@given(st.sampled_from([file for file in FILES if file.name in WHOLE]), st.data())
def test_changed_bytes_lead_to_a_refusal_or_to_nothing(path: Path, data: st.DataObject) -> None:
    head, value = read(path)
    first, *middle, last = value.split("-----BEGIN")[1].strip().splitlines()
    changed = bytearray(base64.b64decode("".join(middle)))
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=4)):
        changed[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Invalid):
        fields = {"passphrase": head["passphrase"]} if "passphrase" in head else {}
        submit(head["type"], f"-----BEGIN{first}\n{base64.b64encode(changed).decode()}\n{last}", fields, now=NOW)
