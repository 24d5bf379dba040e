"""Certificates in any order, their chains and keys; `openssl` has the last word."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from cryptography import x509
from pydantic import SecretStr

from adapter.model.records import parse_time
from adapter.secret_types import recognise
from tests.secret_types import NOW, Tool, Write, again, plain, refusal, submit
from tests.secret_types.authority import Issued, issue

ROOT = issue("Root", ca=True)
MIDDLE = issue("Middle", ROOT, ca=True)
LEAF = issue("leaf.example", MIDDLE, sans=[x509.DNSName("leaf.example"), x509.DNSName("*.leaf.example")])
PARTS = [LEAF.pem, MIDDLE.pem, ROOT.pem, LEAF.key_pem]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_one_paste_in_any_order(order: tuple[int, ...]) -> None:
    prepared = submit("CERTIFICATE", "Bag Attributes: none\n".join(PARTS[part] for part in order))
    assert plain(prepared) == {"value": LEAF.pem, "private_key": LEAF.key_pem, "chain": MIDDLE.pem + ROOT.pem}
    assert again("CERTIFICATE", prepared) == prepared


def test_three_fields_and_parts_left_out() -> None:
    whole = submit("CERTIFICATE", LEAF.pem, {"chain": ROOT.pem + MIDDLE.pem, "private_key": LEAF.key_pem})
    assert plain(whole)["chain"] == MIDDLE.pem + ROOT.pem
    for order in itertools.permutations([LEAF.pem, MIDDLE.pem, ROOT.pem]):
        assert plain(submit("CERTIFICATE", "".join(order))) == {"value": LEAF.pem, "chain": MIDDLE.pem + ROOT.pem}
    assert plain(submit("CERTIFICATE", LEAF.pem, {"chain": "", "private_key": ""})) == {"value": LEAF.pem}
    assert "chain" not in submit("CERTIFICATE", LEAF.pem + LEAF.pem).fields


def test_a_cross_signed_root_is_part_of_the_chain() -> None:
    other = issue("Other root", ca=True)
    crossed = issue("Root", other, ca=True, key=ROOT.key)
    chain = plain(submit("CERTIFICATE", "".join([other.pem, crossed.pem, *PARTS])))["chain"]
    assert chain.startswith(MIDDLE.pem)
    assert all(one.pem in chain for one in (ROOT, crossed, other))


@pytest.mark.parametrize(
    ("value", "fields", "field", "words"),
    [
        (LEAF.pem, {"private_key": ROOT.key_pem}, "privateKey", "not the certificate's"),
        (LEAF.pem, {"chain": ROOT.pem, "private_key": LEAF.key_pem}, "chain", "does not lead"),
        (LEAF.pem, {"chain": issue("Middle", ca=True).pem}, "chain", "does not lead"),
        (LEAF.pem + issue("Stranger").pem, {"private_key": LEAF.key_pem}, "value", "does not lead"),
        (LEAF.key_pem, {}, "value", "no certificate"),
        (LEAF.pem, {"passphrase": "something"}, "passphrase", "no private key"),
        (LEAF.pem + LEAF.key_pem, {"passphrase": "something"}, "passphrase", "not encrypted"),
        (LEAF.pem, {"private_key": "no PEM at all"}, "privateKey", "not PEM"),
        (None, {}, "value", "empty"),
        (LEAF.pem, {"chain": "".join(issue(f"c{n}").pem for n in range(21))}, "chain", "more than 20"),
        (LEAF.pem * 65, {}, "value", "more than 64"),
        (LEAF.pem, {"public_key": "x"}, "publicKey", "no such field"),
    ],
)
def test_what_does_not_belong_together(value: str | None, fields: dict[str, str], field: str, words: str) -> None:
    error = refusal("CERTIFICATE", value, fields)
    assert error.fields[0].field == field
    assert words in error.detail


def test_a_leaf_may_not_issue() -> None:
    below = issue("below", LEAF)
    assert "does not lead" in refusal("CERTIFICATE", below.pem + below.key_pem + LEAF.pem).detail


def test_an_expired_one_is_taken_only_when_that_is_said() -> None:
    old = issue("old", start=NOW - timedelta(days=10), days=10)
    error = refusal("CERTIFICATE", old.pem)
    assert "expired at 2026-11-23T09:12:00.000Z" in error.detail
    assert "allowExpired" in error.hint
    prepared = submit("CERTIFICATE", old.pem, allow_expired=True)
    assert prepared.expires_at == "2026-11-23T09:12:00.000Z"
    assert refusal("CERTIFICATE", old.pem, allow_expired="yes").fields[0].field == "allowExpired"


def printed(openssl: Tool, certificate: Issued, *args: str) -> str:
    return openssl("x509", "-noout", *args, stdin=certificate.pem).strip().split("=", 1)[1].strip()


def test_the_facts_are_those_that_openssl_prints(openssl: Tool) -> None:
    prepared = submit("CERTIFICATE", LEAF.pem)
    told = prepared.facts
    assert told["fingerprint"] == printed(openssl, LEAF, "-fingerprint", "-sha256")
    assert told["serial"] == printed(openssl, LEAF, "-serial")
    assert told["subject"] == printed(openssl, LEAF, "-subject", "-nameopt", "RFC2253")
    assert told["issuer"] == printed(openssl, LEAF, "-issuer", "-nameopt", "RFC2253")
    assert told["sans"] in openssl("x509", "-noout", "-ext", "subjectAltName", stdin=LEAF.pem)
    for fact, option in (("not_before", "-startdate"), ("not_after", "-enddate")):
        shown = printed(openssl, LEAF, option, "-dateopt", "iso_8601")
        assert parse_time(told[fact]) == parse_time(shown.replace(" ", "T"))
    assert told["not_after"] == prepared.expires_at
    assert told["key_type"] == "ECDSA P-256"


def test_many_and_strange_names_fit_into_the_metadata() -> None:
    sans: list[x509.GeneralName] = [x509.DNSName(f"host-{number}.a-rather-long-name.example") for number in range(100)]
    told = submit("CERTIFICATE", issue("ü\u202e\n" * 10, sans=sans).pem).facts
    assert told["sans"].startswith("DNS:host-0.a-rather-long-name.example, DNS:host-1.")
    shown = told["sans"].count("DNS:")
    assert told["sans"].endswith(f" and {100 - shown} more")
    assert all(len(text.encode()) <= 512 and text.isprintable() for text in told.values())
    assert len(submit("CERTIFICATE", issue("x", sans=[x509.DNSName("y" * 600)]).pem).facts["sans"].encode()) <= 512


@pytest.mark.parametrize("args", [["-aes256"], ["-traditional", "-aes128"]])
def test_an_encrypted_key_of_openssl(openssl: Tool, write: Write, args: list[str]) -> None:
    write("key", LEAF.key_pem)
    locked = openssl(
        "ec" if "-traditional" in args else "pkey",
        *[a for a in args if a != "-traditional"],
        "-in",
        "key",
        "-passout",
        "pass:open sesame",
    )
    prepared = submit("CERTIFICATE", LEAF.pem + locked, {"passphrase": "open sesame"})
    write("locked", plain(prepared)["private_key"])
    openssl("pkey", "-in", "locked", "-passin", "pass:open sesame", "-noout")
    assert again("CERTIFICATE", prepared) == prepared
    assert refusal("CERTIFICATE", LEAF.pem + locked).fields[0].field == "passphrase"
    assert "does not open" in refusal("CERTIFICATE", LEAF.pem + locked, {"passphrase": "close sesame"}).detail


def test_parameters_before_an_ec_key_are_passed_over(openssl: Tool) -> None:
    text = openssl("ecparam", "-genkey", "-name", "prime256v1")
    assert "EC PARAMETERS" in text
    assert refusal("CERTIFICATE", LEAF.pem, {"private_key": text}).detail.startswith("The private key is not")


def test_a_key_that_its_certificate_has_already_is_no_secret_of_its_own() -> None:
    files = {"site.pem": SecretStr(LEAF.pem + LEAF.key_pem), "site.key": SecretStr(LEAF.key_pem)}
    site, copy = recognise(files)
    assert (site.type, site.files) == ("CERTIFICATE", ("site.pem",))
    assert (copy.submission, copy.files) == (None, ("site.key",))
    assert "has it already, from site.pem" in copy.refused
