"""Certificates and requests made here, as `openssl` sees them."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types import certificate
from adapter.secret_types._issue import KeyType
from adapter.secret_types.certificate import Recipe
from tests.secret_types import NOW, Tool, Write, again, plain, refusal

NAMES = ("host.example", "*.host.example", "192.0.2.7", "2001:db8::7")


@pytest.mark.parametrize("key", get_args(KeyType))
def test_openssl_accepts_a_self_signed_one(openssl: Tool, write: Write, key: KeyType) -> None:
    prepared = certificate.prepare(certificate.generate(Recipe("host.example", NAMES, "Acme", 30, key), NOW), NOW)
    fields = plain(prepared)
    write("leaf", fields["value"])
    write("key", fields["private_key"])
    at = str(int(NOW.timestamp()) + 60)
    openssl("verify", "-x509_strict", "-purpose", "sslserver", "-attime", at, "-CAfile", "leaf", "leaf")
    openssl("verify", "-attime", at, "-verify_ip", "2001:db8::7", "-CAfile", "leaf", "leaf")
    assert openssl("x509", "-in", "leaf", "-noout", "-pubkey") == openssl("pkey", "-in", "key", "-pubout")
    assert prepared.facts["subject"] == "CN=host.example,O=Acme"
    assert prepared.expires_at == "2026-12-23T09:12:00.000Z"
    assert "pending" not in prepared.facts


@pytest.mark.parametrize("key", ["ecdsa-p256", "ed25519", "rsa-2048"])
def test_openssl_accepts_a_request_and_its_encrypted_key(openssl: Tool, write: Write, key: KeyType) -> None:
    recipe = Recipe("host.example", NAMES, key=key, request=True, passphrase=SecretStr("open sesame"))
    prepared = certificate.prepare(certificate.generate(recipe, NOW), NOW)
    fields = plain(prepared)
    write("request", fields["value"])
    write("key", fields["private_key"])
    assert "DNS:*.host.example, IP Address:192.0.2.7" in openssl("req", "-in", "request", "-verify", "-text")
    public = openssl("pkey", "-in", "key", "-passin", "pass:open sesame", "-pubout")
    assert openssl("req", "-in", "request", "-noout", "-pubkey") == public
    assert (prepared.facts["pending"], prepared.expires_at) == ("certificate request", None)
    assert again("CERTIFICATE", prepared) == prepared


def test_a_request_is_kept_with_its_own_key_only() -> None:
    made = plain(certificate.prepare(certificate.generate(Recipe("a", request=True), NOW), NOW))
    other = plain(certificate.prepare(certificate.generate(Recipe("a"), NOW), NOW))
    assert "no private key" in refusal("CERTIFICATE", made["value"]).detail
    wrong = refusal("CERTIFICATE", made["value"], {"private_key": other["private_key"]})
    assert "certificate request's" in wrong.detail
    assert "beside" in refusal("CERTIFICATE", made["value"] + other["value"], {}).detail


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        (Recipe(""), "commonName"),
        (Recipe("x" * 65), "commonName"),
        (Recipe("a\nb"), "commonName"),
        (Recipe("a", ("no host name",)), "names"),
        (Recipe("a", ("münchen.example",)), "names"),
        (Recipe("a", ("a",) * 101), "names"),
        (Recipe("a", days=0), "days"),
        (Recipe("a", days=10**9), "days"),
        (Recipe("a", organization="a\tb"), "organization"),
        (Recipe("a", key="dsa"), "key"),  # type: ignore[arg-type]
        (Recipe("a", passphrase=SecretStr("x" * 1024)), "passphrase"),
    ],
)
def test_a_recipe_out_of_range_is_refused(recipe: Recipe, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        certificate.generate(recipe, NOW)
    assert caught.value.fields[0].field == field
