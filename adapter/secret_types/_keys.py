"""Private keys: opened with their passphrase, within a bound of work, and checked to be keys."""

from __future__ import annotations

import base64
import math

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types._base import api_name
from adapter.secret_types._openssh import read_head
from adapter.secret_types._pem import ENCRYPTED, OPENSSH, Block
from adapter.secret_types._text import attempt, is_unicode

LARGEST_KEY = 16 * 1024
"""Characters of PEM: an RSA key of 16 384 bits fits."""

MOST_ITERATIONS = 5_000_000
"""PBKDF2's and its forerunners' iterations, some two seconds; openssl writes 2 048, OWASP asks for 600 000."""

MOST_SCRYPT = 1 << 20
"""scrypt's N times r times p: 128 MiB. openssl writes an eighth of it."""

MOST_ROUNDS = 500
"""bcrypt's rounds, some five seconds; ssh-keygen writes 16 or 24."""

LONGEST_PASSPHRASE = 1023
"""OpenSSL's limit, in bytes."""

SCRYPT_OID = bytes.fromhex("2b06010401da47040b")

PARSING = (ValueError, TypeError, OverflowError, NotImplementedError, UnsupportedAlgorithm, InternalError)
"""What cryptography was seen to raise for keys and certificates that it cannot read."""


def is_encrypted(block: Block) -> bool:
    if block.label == OPENSSH:
        head = read_head(block.body)
        return head is not None and head.encrypted
    return block.label == ENCRYPTED or block.is_encrypted_traditionally


def check_passphrase(passphrase: SecretStr | None) -> SecretStr | None:
    if passphrase is not None:
        text = passphrase.get_secret_value()
        if not is_unicode(text) or len(text.encode()) > LONGEST_PASSPHRASE:
            raise Invalid.field(
                "passphrase", f"The passphrase is longer than {LONGEST_PASSPHRASE} bytes, or no text.", hint="Check it."
            )
    return passphrase


def open_key(block: Block, passphrase: SecretStr | None) -> PrivateKeyTypes:
    """The key in a block. Raises Invalid: unreadable, too much work, or a passphrase missing, wrong or needless."""
    check_passphrase(passphrase)
    if len(block.text) > LARGEST_KEY:
        raise Invalid.field(
            api_name(block.field), "The private key is too large.", hint="Use RSA of 4096 bits at most."
        )
    encrypted = is_encrypted(block)
    if encrypted and passphrase is None:
        raise Invalid.field("passphrase", "The private key is encrypted.", hint="Enter its passphrase too.")
    if passphrase is not None and not encrypted:
        hint = "Leave the passphrase out, or encrypt the key with it first."
        raise Invalid.field("passphrase", "The private key is not encrypted, yet there is a passphrase.", hint=hint)
    if encrypted and _work_is_too_much(block):
        hint = "Write it anew with the usual number of rounds or iterations."
        raise Invalid.field(api_name(block.field), "Opening the private key would take too long.", hint=hint)
    data, password = block.text.encode(), passphrase.get_secret_value().encode() if passphrase else None
    load = load_ssh_private_key if block.label == OPENSSH else load_pem_private_key
    key = attempt(lambda: load(data, password, unsafe_skip_rsa_key_validation=True), *PARSING)
    if key is None and encrypted:
        hint = "Check the passphrase; if it is right, the key is damaged."
        raise Invalid.field("passphrase", "The passphrase does not open the private key.", hint=hint)
    if key is None or (isinstance(key, rsa.RSAPrivateKey) and not _is_consistent(key)):
        hint = "It is damaged, or of a kind that is not supported. Check it with: openssl pkey -check -noout"
        raise Invalid.field(api_name(block.field), "The private key cannot be read.", hint=hint)
    return key


def _is_consistent(key: rsa.RSAPrivateKey) -> bool:
    """OpenSSL's check without its search for factors of p and q, which takes six seconds for 8 192 bits."""
    numbers = attempt(key.private_numbers, *PARSING)
    if numbers is None or min(numbers.p, numbers.q) < 3 or not numbers.p & numbers.q & 1:
        return False
    p, q, d, e = numbers.p, numbers.q, numbers.d, numbers.public_numbers.e
    return (
        p * q == numbers.public_numbers.n
        and e * d % math.lcm(p - 1, q - 1) == 1
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and numbers.iqmp * q % p == 1
    )


def _work_is_too_much(block: Block) -> bool:
    if block.label == OPENSSH:
        head = read_head(block.body)
        return head is None or head.rounds > MOST_ROUNDS
    if block.label != ENCRYPTED:
        return False
    algorithm = attempt(lambda: base64.b64decode(block.body)[:512], ValueError) or b""
    numbers = integers(algorithm)
    if SCRYPT_OID in algorithm:
        return math.prod(numbers[:3]) > MOST_SCRYPT
    return max(numbers, default=0) > MOST_ITERATIONS


def integers(der: bytes) -> list[int]:
    """The INTEGERs in a DER encoding, in order and at any depth."""
    found = []
    position = 0
    while position + 2 <= len(der):
        tag, length = der[position], der[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(der[position : position + size])
            position += size
        if tag == 0x02:
            found.append(int.from_bytes(der[position : position + length], signed=True))
        if not tag & 0x20:
            position += length
    return found


def public_blob(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    """The encoding that SSH fingerprints are taken of."""
    return base64.b64decode(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


def describe(key: object) -> str:
    """A private or public key's kind as people read it: `RSA 2048`, `ECDSA P-256`, `Ed25519`."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        curves = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
        return f"ECDSA {curves.get(key.curve.name, key.curve.name)}"
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return "Ed25519"
    return "Ed448" if isinstance(key, ed448.Ed448PrivateKey | ed448.Ed448PublicKey) else "other"
