"""Certificates in PEM: the leaf, its chain and its private key, in one paste or three fields, in any order."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.records import iso
from adapter.secret_types._base import VALUE, Prepared, Submission, api_name, check_names, flag_option
from adapter.secret_types._issue import Recipe, generate
from adapter.secret_types._keys import open_key
from adapter.secret_types._pem import CERTIFICATES, PRIVATE_KEYS, REQUESTS, Block, scan
from adapter.secret_types._text import given
from adapter.secret_types._x509 import facts, issued, path, read_certificate, read_request

__all__ = ["FACTS", "FIELDS", "LABEL", "NAMES", "OPTIONS", "Recipe", "generate", "prepare"]

NAMES = ("CERTIFICATE",)
LABEL = "certificate"
FIELDS = ("private_key", "chain", "passphrase")
OPTIONS = ("allow_expired",)
FACTS = (
    "subject",
    "issuer",
    "sans",
    "serial",
    "not_before",
    "not_after",
    "fingerprint",
    "key_type",
    "pending",
)

MOST_CERTIFICATES = 20


def prepare(submission: Submission, now: datetime) -> Prepared:
    """`value` is the leaf; before there is one, the request for it (fact `pending`), with its private key."""
    check_names(LABEL, submission, FIELDS, OPTIONS)
    allow_expired = flag_option(submission.options, "allow_expired")
    blocks = _blocks(submission)
    certificates = [(block, read_certificate(block)) for block in blocks if block.label in CERTIFICATES]
    requests = [block for block in blocks if block.label in REQUESTS]
    passphrase = given(submission.fields, "passphrase")
    key_block, key = _only_key(blocks, passphrase)
    fields = {"private_key": SecretStr(key_block.text)} if key_block else {}
    if passphrase is not None:
        fields["passphrase"] = passphrase
    if requests:
        return _pending(requests, bool(certificates), key, fields)
    if not certificates:
        raise Invalid.field(VALUE, "There is no certificate in it.", hint="Paste the one for the private key too.")
    leaf, chain = _arranged(certificates, key)
    if leaf.not_valid_after_utc <= now and not allow_expired:
        reason = f"The certificate expired at {iso(leaf.not_valid_after_utc)}."
        hint = "Renew it. To keep an expired one all the same, tick Allow expired in the form, or send allowExpired."
        raise Invalid.field(VALUE, reason, hint=hint)
    fields[VALUE] = _pem(leaf)
    if chain:
        fields["chain"] = SecretStr("".join(_pem(one).get_secret_value() for one in chain))
    return Prepared(fields, facts(leaf), iso(leaf.not_valid_after_utc))


def _blocks(submission: Submission) -> list[Block]:
    blocks = scan(submission.value, VALUE)
    for name in ("private_key", "chain"):
        text = given(submission.fields, name)
        blocks += scan(text, name) if text is not None else []
    return blocks


def _only_key(blocks: list[Block], passphrase: SecretStr | None) -> tuple[Block | None, PrivateKeyTypes | None]:
    """The one private key, opened; a certificate without one is kept too."""
    found = list({block.text: block for block in blocks if block.label in PRIVATE_KEYS}.values())
    if len(found) > 1:
        raise Invalid.field(api_name(found[1].field), "There is more than one private key.", hint="Leave one.")
    if found:
        return found[0], open_key(found[0], passphrase)
    if passphrase is not None:
        raise Invalid.field("passphrase", "There is a passphrase, but no private key.", hint="Leave it out.")
    return None, None


def _arranged(
    certificates: list[tuple[Block, x509.Certificate]], key: PrivateKeyTypes | None
) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """The leaf, and the others in the order from it. Raises Invalid when they do not belong together."""
    if len(certificates) > MOST_CERTIFICATES:
        raise Invalid.field("chain", f"There are more than {MOST_CERTIFICATES} certificates.", hint="Leave some out.")
    unique = list(dict.fromkeys(one for _, one in certificates))
    leaf = _leaf(unique, key)
    others = [one for one in unique if one != leaf]
    chain = path(leaf, others)
    if len(chain) < len(others):
        stray = next(block for block, one in certificates if one != leaf and one not in chain)
        hint = "Each certificate of the chain issues the one before it. Leave out those of other chains."
        raise Invalid.field(api_name(stray.field), "The chain does not lead from the certificate.", hint=hint)
    return leaf, chain


def _leaf(certificates: list[x509.Certificate], key: PrivateKeyTypes | None) -> x509.Certificate:
    """The private key's certificate; without a key the one that issued none of the others."""
    if key is not None:
        matching = [one for one in certificates if one.public_key() == key.public_key()]
        if not matching:
            hint = "Paste the key that the certificate was requested with."
            raise Invalid.field("privateKey", "The private key is not the certificate's.", hint=hint)
        return matching[0]
    lowest = [one for one in certificates if not any(issued(one, other) for other in certificates if other != one)]
    return (lowest or certificates)[0]


def _pending(
    requests: list[Block], has_certificates: bool, key: PrivateKeyTypes | None, fields: dict[str, SecretStr]
) -> Prepared:
    if len(requests) > 1 or has_certificates:
        hint = "Paste the certificate alone once there is one."
        raise Invalid.field(VALUE, "There is a certificate request beside other certificates.", hint=hint)
    request = read_request(requests[0])
    if key is None:
        hint = "The request is kept for its private key; nothing else of it is secret."
        raise Invalid.field("privateKey", "There is a certificate request, but no private key.", hint=hint)
    if request.public_key() != key.public_key():
        hint = "Paste the key that the request was made with."
        raise Invalid.field("privateKey", "The private key is not the certificate request's.", hint=hint)
    text = request.public_bytes(Encoding.PEM).decode()
    return Prepared({VALUE: SecretStr(text), **fields}, facts(request))


def _pem(certificate: x509.Certificate) -> SecretStr:
    return SecretStr(certificate.public_bytes(Encoding.PEM).decode())
