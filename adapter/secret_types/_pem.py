"""PEM text (RFC 7468) cut into its blocks, in one pass over its lines, whatever stands around them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.secret_types._base import api_name
from adapter.secret_types._text import check_text

LARGEST = 1 << 20
"""Characters of one field."""

MOST_BLOCKS = 64

LARGEST_BLOCK = 64 * 1024

CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE")
REQUESTS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
ENCRYPTED = "ENCRYPTED PRIVATE KEY"
OPENSSH = "OPENSSH PRIVATE KEY"
PRIVATE_KEYS = ("PRIVATE KEY", ENCRYPTED, "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", OPENSSH)
PARAMETERS = "EC PARAMETERS"
"""What openssl writes before an EC key, which repeats it."""

KNOWN = (*CERTIFICATES, *REQUESTS, *PRIVATE_KEYS, PARAMETERS)

BEGIN, END, RULE = "-----BEGIN ", "-----END ", "-----"


@dataclass(frozen=True, slots=True)
class Block:
    """One block with its frame, line ends made plain; `field` is where the caller put it."""

    label: str
    text: str = field(repr=False)
    field: str

    @property
    def body(self) -> str:
        """The base64 between the frame, headers and all."""
        return "".join(self.text.splitlines()[1:-1])

    @property
    def is_encrypted_traditionally(self) -> bool:
        """As `openssl rsa -aes256` wrote it before PKCS#8 (RFC 1421 headers)."""
        return "Proc-Type: 4,ENCRYPTED" in self.text[:200]


def scan(text: SecretStr | None, name: str) -> list[Block]:
    """The blocks of one field. Raises Invalid for what is no PEM, or has a kind of block that no type takes."""
    raw = check_text(text, name).get_secret_value()
    if len(raw) > LARGEST:
        raise Invalid.field(
            api_name(name), f"The PEM text is longer than {LARGEST} characters.", hint="Leave out text."
        )
    if "\n" not in raw.strip():  # as JSON and .env files spell line ends
        raw = raw.replace("\\r", "").replace("\\n", "\n")
    blocks: list[Block] = []
    lines: list[str] | None = None
    label = ""
    for line in map(str.strip, raw.splitlines()):
        if line.startswith(BEGIN) and line.endswith(RULE):
            if lines is not None:
                raise _unended(name)
            label, lines = line[len(BEGIN) : -len(RULE)], [line]
        elif line.startswith(END) and lines is not None:
            blocks.append(_block(label, [*lines, line], name))
            lines = None
        elif lines is not None and line:
            lines.append(line)
    if lines is not None:
        raise _unended(name)
    if not blocks:
        hint = (
            "PEM text has lines like -----BEGIN CERTIFICATE----- in it. Convert DER with: openssl x509 -inform der, "
            "a .p12 with: openssl pkcs12 -nodes"
        )
        raise Invalid.field(api_name(name), "That is not PEM text.", hint=hint)
    if len(blocks) > MOST_BLOCKS:
        raise Invalid.field(api_name(name), f"There are more than {MOST_BLOCKS} PEM blocks.", hint="Leave some out.")
    return [block for block in blocks if block.label != PARAMETERS]


def _unended(name: str) -> Invalid:
    return Invalid.field(
        api_name(name), "A PEM block does not end.", hint="Copy it whole, from -----BEGIN to -----END and its dashes."
    )


def _block(label: str, lines: list[str], name: str) -> Block:
    if label not in KNOWN:  # not repeated: anything can stand between the dashes
        kinds = "certificates, certificate requests and private keys"
        raise Invalid.field(api_name(name), "A PEM block is of another kind.", hint=f"Only {kinds} are taken.")
    if lines[-1] != f"{END}{label}{RULE}":
        raise _unended(name)
    text = "\n".join(lines) + "\n"
    if len(text) > LARGEST_BLOCK:
        raise Invalid.field(api_name(name), f"A PEM block is longer than {LARGEST_BLOCK} characters.", hint="Check it.")
    if lines[1].startswith(("Proc-Type:", "DEK-Info:")):  # their blank line must stay
        headers = sum(":" in line for line in lines[1:4])
        text = "\n".join([*lines[: 1 + headers], "", *lines[1 + headers :]]) + "\n"
    return Block(label, text, name)
