"""What shall be imported, read from where a caller has it: a file, a folder, the standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from adapter.errors import Invalid, TooLarge

Format = Literal["env", "json", "files"]

LARGEST = 3_500_000
"""Bytes of all files together: the API takes bodies of up to 4 MiB."""

STANDARD_INPUT = "-"

BINARY = "Values are text. A certificate: openssl x509 -inform der. A key store (.p12, .jks): store its base64 text."

_PEM = frozenset({".pem", ".crt", ".cer", ".cert", ".key", ".pub", ".csr", ".req"})


def format_of(source: Path) -> Format:
    """What a file's name says of its format; a `.env` file when it says nothing."""
    if source.is_dir() or source.suffix.lower() in _PEM:
        return "files"
    return "json" if source.suffix.lower() == ".json" else "env"


def read_source(source: Path, form: Format) -> SecretStr | dict[str, str]:
    """The text of a file or of the standard input; for `files` all texts of a folder by their names within it.

    Raises Invalid for a file that is no text, or that may not be read; TooLarge.
    """
    if form != "files":
        return SecretStr(_text(source))
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    if sum(path.stat().st_size for path in files) > LARGEST:
        raise _too_large()
    texts = {}
    for path in files:  # what is no text is refused by itself, as what is no PEM
        texts[path.name if source.is_file() else path.relative_to(source).as_posix()] = _text(path, errors="replace")
    return texts


def _text(path: Path, errors: str = "strict") -> str:
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if str(path) == STANDARD_INPUT else path.read_bytes()
        if len(raw) > LARGEST:
            raise _too_large()
        return raw.decode("utf-8-sig", errors)
    except OSError:
        raise Invalid(f"{path} cannot be read.", hint="Check that it is a file, and who may read it.") from None
    except UnicodeDecodeError:
        pass  # the error holds the bytes
    raise Invalid(f"{path} is no UTF-8 text.", hint=BINARY)


def _too_large() -> TooLarge:
    return TooLarge(f"That is more than {LARGEST / 1e6:.1f} MB.", hint="Import it in parts.")
