"""SSH keys against `ssh-keygen` and `openssl`: what they make is taken, what we make and tell they agree with."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types import ssh_key
from adapter.secret_types.ssh_key import Recipe
from tests.secret_types import NOW, Tool, Write, again, plain, refusal, submit

PASSPHRASE = "correct horse battery"
KEYS = [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048"), ("rsa", "3072")]


def make(ssh_keygen: Tool, *args: str, passphrase: str = "", comment: str = "a comment") -> None:
    ssh_keygen("-q", *args, "-N", passphrase, "-C", comment, "-f", "made")


@pytest.mark.parametrize(
    ("kind", "bits", "form", "passphrase"),
    [
        (*key, form, passphrase)
        for key, form, passphrase in itertools.product(KEYS, ["RFC4716", "PEM", "PKCS8"], ["", PASSPHRASE])
        if key[0] != "ed25519" or form == "RFC4716"
    ],
)
def test_what_ssh_keygen_makes_is_taken_with_its_own_fingerprint(
    ssh_keygen: Tool, tmp_path: Path, kind: str, bits: str, form: str, passphrase: str
) -> None:
    make(ssh_keygen, "-t", kind, "-b", bits, "-m", form, passphrase=passphrase)
    text = tmp_path.joinpath("made").read_text()
    fields = {"passphrase": passphrase, "public_key": tmp_path.joinpath("made.pub").read_text()}
    prepared = submit("SSH_KEY", text, fields)
    printed = ssh_keygen("-l", "-f", "made.pub").split()
    assert [prepared.facts["bits"], prepared.facts["fingerprint"]] == printed[:2]
    assert f"({prepared.facts['algorithm'].upper()})" == printed[-1]
    assert plain(prepared)["public_key"] == prepared.facts["public_key"] == fields["public_key"].strip()
    assert plain(prepared)["value"] == text
    assert again("SSH_KEY", prepared) == prepared


def test_ed25519_in_pkcs8_as_openssl_makes_it(openssl: Tool) -> None:
    text = openssl("genpkey", "-algorithm", "ed25519")
    assert submit("SSH_KEY", text).facts["algorithm"] == "Ed25519"


@pytest.mark.parametrize("passphrase", [None, SecretStr(PASSPHRASE)])
@pytest.mark.parametrize(("algorithm", "bits"), KEYS)
def test_ssh_keygen_reads_what_is_generated(
    ssh_keygen: Tool,
    write: Write,
    algorithm: Literal["ed25519", "ecdsa", "rsa"],
    bits: str,
    passphrase: SecretStr | None,
) -> None:
    prepared = ssh_key.prepare(ssh_key.generate(Recipe(algorithm, int(bits), "me@example.org", passphrase)), NOW)
    fields = plain(prepared)
    write("key", fields["value"])
    given = passphrase.get_secret_value() if passphrase else ""
    public = ssh_keygen("-y", "-P", given, "-f", "key").strip()
    assert fields["public_key"].startswith(public)
    assert fields["public_key"].endswith(" me@example.org")
    assert prepared.facts["fingerprint"] == ssh_keygen("-l", "-f", "key").split()[1]
    assert fields.get("passphrase", "") == given


def test_a_paste_that_lost_its_line_ends_is_readable_again(ssh_keygen: Tool, write: Write) -> None:
    made = ssh_key.generate(Recipe())
    assert made.value is not None
    text = made.value.get_secret_value()
    for damaged in (
        text.replace("\n", "\r\n"),
        text.strip(),
        f"\n  {text}",
        text.replace("\n", "\n  "),
        text.replace("\n", r"\n"),
    ):
        write("key", plain(submit("SSH_KEY", damaged))["value"])
        ssh_keygen("-y", "-P", "", "-f", "key")


def test_a_public_key_of_another_pair_is_refused() -> None:
    one, other = ssh_key.generate(Recipe()), ssh_key.generate(Recipe())
    assert one.value is not None
    value, stranger = one.value.get_secret_value(), other.fields["public_key"].get_secret_value()
    assert "not the private key's" in refusal("SSH_KEY", value, {"public_key": stranger}).detail
    for text in ("ssh-ed25519", "ssh-rsa AAAA", "x" * 100_000, value, "ssh-ed25519 ####"):
        assert refusal("SSH_KEY", value, {"public_key": text}).fields[0].field == "publicKey"


def test_an_encrypted_key_needs_no_passphrase_where_its_public_part_shows(ssh_keygen: Tool, tmp_path: Path) -> None:
    make(ssh_keygen, "-t", "ecdsa", passphrase=PASSPHRASE)
    prepared = submit("SSH_KEY", tmp_path.joinpath("made").read_text())
    assert "passphrase" not in prepared.fields
    assert prepared.facts["fingerprint"] == ssh_keygen("-l", "-f", "made.pub").split()[1]
    error = refusal("SSH_KEY", tmp_path.joinpath("made").read_text(), {"passphrase": "another one of mine"})
    assert error.fields[0].field == "passphrase"


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("rsa", 1024),
        Recipe("rsa", 16384),
        Recipe("ecdsa", 512),
        Recipe("ed25519", 128),
        Recipe(passphrase=SecretStr("four")),
        Recipe(passphrase=SecretStr("x" * 2000)),
        Recipe(comment="two\nlines"),
    ],
)
def test_a_recipe_out_of_range_is_refused(recipe: Recipe) -> None:
    with pytest.raises(Invalid):
        ssh_key.generate(recipe)
