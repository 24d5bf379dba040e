"""What holds for every type: its names, its declarations, and that no text submitted comes back in an error."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types import Submission, secret_type, types
from tests.secret_types import NOW, everything_told, refusal

CANARY = "canary-7f3a91c2"
KINDS = sorted({kind.NAMES[0] for kind in types().values()})
FRAMES = ["CERTIFICATE", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", CANARY]


def test_the_types_are_those_of_the_api() -> None:
    assert KINDS == ["API_KEY", "CERTIFICATE", "CUSTOM", "PASSWORD", "SSH_KEY"]
    assert secret_type("token") is secret_type("API_KEY")
    assert secret_type("other") is secret_type("CUSTOM")
    with pytest.raises(Invalid, match="not known"):
        secret_type("nope")


def pem(label: str, body: str) -> str:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


HOSTILE = st.one_of(
    st.text(max_size=60).map(lambda text: text + CANARY),
    st.builds(pem, st.sampled_from(FRAMES), st.binary(max_size=90).map(lambda data: data.hex() + CANARY)),
    st.builds(pem, st.sampled_from(FRAMES), st.just(f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {CANARY}\n\n{CANARY}")),
    st.just(f"-----BEGIN {CANARY}"),
    st.just(f"ssh-ed25519 AAAA{CANARY} {CANARY}"),
    st.just(CANARY + "\ud800"),
)


@given(
    st.sampled_from(KINDS),
    HOSTILE,
    st.dictionaries(st.sampled_from(["private_key", "chain", "public_key", "passphrase", "x"]), HOSTILE, max_size=3),
    st.sampled_from([{}, {"min_strength": 4}, {"rule": "length:900.."}, {"rule": 'schema:{"type":"null"}'}]),
)
def test_no_refusal_tells_what_was_submitted(
    kind: str, value: str, fields: dict[str, str], options: dict[str, object]
) -> None:
    sent = Submission(SecretStr(value), {name: SecretStr(text) for name, text in fields.items()}, options)
    assert CANARY not in repr(sent)
    refused = None
    try:
        told = repr(secret_type(kind).prepare(sent, NOW))
    except Invalid as error:
        refused = error
    if refused is not None:
        told = everything_told(refused) + str(refused.body())
    assert CANARY not in told


def test_nothing_is_logged_or_printed(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in KINDS:
        for value in (CANARY, pem("CERTIFICATE", CANARY), pem("OPENSSH PRIVATE KEY", CANARY), pem(CANARY, CANARY)):
            for options in ({}, {"min_strength": 4}, {"rule": f"regex:({CANARY}"}, {"rule": f"regex:{CANARY}x"}):
                with contextlib.suppress(Invalid):
                    secret_type(kind).prepare(Submission(SecretStr(value), options=options), NOW)
    told = capfd.readouterr()
    assert CANARY not in caplog.text + told.out + told.err


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_fields_and_options_are_refused(kind: str) -> None:
    assert refusal(kind, "some value or other", colour="red").fields[0].field == "colour"
    if secret_type(kind).FIELDS is not None:
        assert refusal(kind, "some value or other", {"shoe_size": "some size"}).fields[0].field == "shoeSize"
        assert refusal(kind, "some value or other", {"no name\n": "some text"}).fields[0].field == "fields"


@pytest.mark.parametrize("kind", ["CERTIFICATE", "SSH_KEY"])
@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN CERTIFICATE-----\n" * 37_000,
        "-----END CERTIFICATE-----\n" * 40_000,
        pem("CERTIFICATE", "A" * 1_000_000),
        pem("OPENSSH PRIVATE KEY", "A" * 60_000),
        pem("RSA PRIVATE KEY", "A\n" * 30_000),
        pem("CERTIFICATE", "") * 17_000,
        pem("CERTIFICATE", "MIAB") * 64,
        "\n" * 1_000_000 + "x",
        "x" * 2_000_000,
    ],
    ids=range(9),
)
def test_hostile_pem_is_refused_at_once(kind: str, text: str) -> None:
    error = refusal(kind, text)
    assert error.fields[0].field == "value"


def test_a_lone_value_is_prepared_as_well() -> None:
    assert secret_type("PASSWORD").prepare(Submission(SecretStr("a")), NOW).fields == {"value": SecretStr("a")}


def test_slow_parts_are_loaded_when_they_are_needed() -> None:
    code = "import sys, adapter.secret_types as t; t.types(); print([m for m in sys.modules if m in sys.argv[1:]])"
    slow = ["re2", "jsonschema", "zxcvbn_rs_py", "referencing"]
    done = subprocess.run([sys.executable, "-c", code, *slow], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
