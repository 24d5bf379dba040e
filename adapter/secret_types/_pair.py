"""SSH key pairs made here, in OpenSSH's format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.text import check_line
from adapter.secret_types._base import Submission
from adapter.secret_types._keys import check_passphrase, public_blob
from adapter.secret_types._openssh import public_line

SHORTEST_PASSPHRASE = 5
"""ssh-keygen takes no shorter one."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A key pair to generate; `bits` None is the usual size: 3072 for RSA, 256 for ECDSA."""

    algorithm: Literal["ed25519", "ecdsa", "rsa"] = "ed25519"
    bits: int | None = None
    comment: str = ""
    passphrase: SecretStr | None = None


def generate(recipe: Recipe) -> Submission:
    """A new pair in OpenSSH's format. Raises Invalid for a recipe out of range; RSA of 4096 bits takes seconds."""
    comment = check_line("comment", "comment", recipe.comment.strip(), 256)
    passphrase = check_passphrase(recipe.passphrase)
    if passphrase is not None and len(passphrase) < SHORTEST_PASSPHRASE:
        raise Invalid.field(
            "passphrase", "The passphrase is shorter than 5 characters.", hint="ssh-keygen asks so too."
        )
    key = _new_key(recipe)
    encryption = BestAvailableEncryption(passphrase.get_secret_value().encode()) if passphrase else NoEncryption()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, encryption).decode()
    fields = {"public_key": SecretStr(public_line(public_blob(key.public_key()), comment))}
    return Submission(SecretStr(text), fields | ({"passphrase": passphrase} if passphrase else {}))


def _new_key(recipe: Recipe) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    curves = {256: ec.SECP256R1(), 384: ec.SECP384R1(), 521: ec.SECP521R1()}
    if recipe.algorithm == "ed25519" and recipe.bits in (None, 256):
        return ed25519.Ed25519PrivateKey.generate()
    if recipe.algorithm == "ecdsa" and (recipe.bits or 256) in curves:
        return ec.generate_private_key(curves[recipe.bits or 256])
    if recipe.algorithm == "rsa" and (recipe.bits or 3072) in (2048, 3072, 4096):
        return rsa.generate_private_key(65537, recipe.bits or 3072)
    hint = "RSA: 2048, 3072 or 4096. ECDSA: 256, 384 or 521. Ed25519: 256."
    raise Invalid.field("bits", "That algorithm has no keys of that size.", hint=hint)
