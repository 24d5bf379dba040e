"""SSH keys: RSA, ECDSA and Ed25519, in OpenSSH's format, PEM or PKCS#8."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.text import check_line
from adapter.secret_types._base import VALUE, Prepared, Submission, check_names
from adapter.secret_types._keys import PARSING, is_encrypted, open_key, public_blob
from adapter.secret_types._openssh import fingerprint, kind_of, public_line, read_head, read_public_line
from adapter.secret_types._pair import Recipe, generate
from adapter.secret_types._pem import OPENSSH, PRIVATE_KEYS, Block, scan
from adapter.secret_types._text import attempt, given

__all__ = ["FACTS", "FIELDS", "LABEL", "NAMES", "OPTIONS", "Recipe", "generate", "prepare"]

NAMES = ("SSH_KEY",)
LABEL = "SSH key"
FIELDS = ("public_key", "passphrase")
OPTIONS = ()
FACTS = ("algorithm", "bits", "fingerprint", "public_key")

SMALLEST_RSA = 2048

LONGEST_LINE = 16 * 1024
"""Characters of a public key, its comment included."""

KINDS_HINT = "RSA from 2048 bits on, ECDSA (P-256, P-384, P-521) and Ed25519 are taken."


def prepare(submission: Submission, now: datetime) -> Prepared:
    """The public key comes from the private one.

    An encrypted key in OpenSSH's format is taken without its passphrase: its public part stands there in the clear.
    """
    check_names(LABEL, submission, FIELDS, OPTIONS)
    block = _only_key(submission.value)
    passphrase = given(submission.fields, "passphrase")
    blob, algorithm, bits = _public_part(block, passphrase)
    line = _public_line(submission, blob)
    fields = {VALUE: SecretStr(block.text), "public_key": SecretStr(line)}
    if passphrase is not None:
        fields["passphrase"] = passphrase
    shown = {"algorithm": algorithm, "bits": str(bits), "fingerprint": fingerprint(blob), "public_key": line}
    return Prepared(fields, shown)


def _only_key(value: SecretStr | None) -> Block:
    if value is not None and read_public_line(value.get_secret_value()[:LONGEST_LINE]) is not None:
        raise Invalid.field(VALUE, "That is the public key.", hint="The value is the private one, from -----BEGIN on.")
    blocks = scan(value, VALUE)
    if len(blocks) != 1 or blocks[0].label not in PRIVATE_KEYS:
        raise Invalid.field(VALUE, "That is not one private key.", hint="Paste one private key and nothing else.")
    if blocks[0].label.startswith("DSA"):
        raise _refused("DSA keys are no longer safe; OpenSSH refuses them.")
    return blocks[0]


def _refused(reason: str) -> Invalid:
    return Invalid.field(VALUE, reason, hint=KINDS_HINT)


def _public_part(block: Block, passphrase: SecretStr | None) -> tuple[bytes, str, int]:
    """The public key's encoding, its algorithm and its bits."""
    head = read_head(block.body) if block.label == OPENSSH else None
    if head is None and block.label == OPENSSH:
        raise _damaged()
    if head is not None and kind_of(head.public) == "ssh-dss":
        raise _refused("DSA keys are no longer safe; OpenSSH refuses them.")
    if passphrase is None and is_encrypted(block):
        if head is not None:
            return _checked(_load_public(head.public))
        hint = "Enter its passphrase, or convert it to OpenSSH's format, where it shows: ssh-keygen -p -f FILE"
        raise Invalid.field("passphrase", "The private key is encrypted, its public part as well.", hint=hint)
    found = _checked(open_key(block, passphrase).public_key())
    if head is not None and head.public != found[0]:
        raise _damaged()
    return found


def _damaged() -> Invalid:
    return Invalid.field(VALUE, "The private key is damaged.", hint="Copy the file whole.")


def _load_public(blob: bytes) -> PublicKeyTypes | None:
    return attempt(lambda: load_ssh_public_key(public_line(blob).encode()), *PARSING)


def _checked(key: object) -> tuple[bytes, str, int]:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < SMALLEST_RSA:
            raise _refused(f"An RSA key of {key.key_size} bits is too short.")
        return public_blob(key), "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1", "secp521r1"):
        return public_blob(key), "ECDSA", key.curve.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return public_blob(key), "Ed25519", 256
    if isinstance(key, dsa.DSAPublicKey):
        raise _refused("DSA keys are no longer safe; OpenSSH refuses them.")
    raise _refused("The private key is of a kind that is not supported.")


def _public_line(submission: Submission, blob: bytes) -> str:
    """The public key as it was given, its comment kept; else without a comment."""
    sent = given(submission.fields, "public_key")
    if sent is None:
        return public_line(blob)
    found = read_public_line(sent.get_secret_value()[:LONGEST_LINE])
    if found is None:
        hint = "It is one line, like: ssh-ed25519 AAAA… comment"
        raise Invalid.field("publicKey", "The public key cannot be read.", hint=hint)
    if found[0] != blob:
        hint = "Leave it out: it is derived from the private key."
        raise Invalid.field("publicKey", "The public key is not the private key's.", hint=hint)
    return public_line(blob, check_line("publicKey", "public key's comment", found[1]))
