"""OpenSSH's own formats: the readable head of a private key file, public key lines, fingerprints.

Source: PROTOCOL.key in OpenSSH's repository; RFC 4253, section 6.6.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from adapter.secret_types._text import attempt

MAGIC = b"openssh-key-v1\0"

CIPHERS = {
    *(f"aes{bits}-{mode}".encode() for bits in (128, 192, 256) for mode in ("cbc", "ctr")),
    b"aes128-gcm@openssh.com",
    b"aes256-gcm@openssh.com",
    b"chacha20-poly1305@openssh.com",
    b"3des-cbc",
}
"""What ssh-keygen encrypts with."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a private key file says in the clear: `rounds` of bcrypt (0 when it is not encrypted), the public key."""

    encrypted: bool
    rounds: int
    public: bytes


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self) -> int:
        return int.from_bytes(self.take(4))

    def string(self) -> bytes:
        return self.take(self.number())

    def take(self, size: int) -> bytes:
        if size > len(self.data):
            raise ValueError
        taken, self.data = self.data[:size], self.data[size:]
        return taken


def read_head(body: str) -> Head | None:
    """The head of a key file's base64; None when it is damaged, or holds other than one key."""

    def read() -> Head | None:
        reader = _Reader(base64.b64decode(body, validate=True))
        if reader.take(len(MAGIC)) != MAGIC:
            return None
        cipher, kdf, options, count = reader.string(), reader.string(), _Reader(reader.string()), reader.number()
        if (cipher, kdf, count) == (b"none", b"none", 1):
            return Head(False, 0, reader.string())
        if cipher not in CIPHERS or kdf != b"bcrypt" or count != 1:
            return None
        options.string()
        return Head(True, options.number(), reader.string())

    return attempt(read, ValueError, binascii.Error)


def kind_of(blob: bytes) -> str:
    """The algorithm that a public key names, such as `ssh-ed25519`; empty when it names none."""
    name = attempt(lambda: _Reader(blob).string().decode("ascii"), ValueError)
    return name if name is not None and name.isprintable() and len(name) <= 64 else ""


def public_line(blob: bytes, comment: str = "") -> str:
    """As in a `.pub` file."""
    return f"{kind_of(blob)} {base64.b64encode(blob).decode()} {comment}".strip()


def read_public_line(line: str) -> tuple[bytes, str] | None:
    """The key and the comment of a `.pub` file's line; None for anything else."""
    kind, _, rest = line.strip().partition(" ")
    encoded, _, comment = rest.strip().partition(" ")
    blob = attempt(lambda: base64.b64decode(encoded, validate=True), ValueError)
    return (blob, comment.strip()) if blob and kind_of(blob) == kind else None


def fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
