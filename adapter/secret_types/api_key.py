"""API keys, which STATUS also calls tokens: any text. Their expiry is a detail that every secret may have."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from adapter.model.text import check_line
from adapter.secret_types._base import VALUE, Prepared, Submission, check_names, check_range
from adapter.secret_types._text import check_text

NAMES = ("API_KEY", "TOKEN")
LABEL = "API key"
FIELDS = ()
OPTIONS = ()
FACTS = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """A key to generate: `prefix` as it stands, then `size` random bytes in URL-safe base64."""

    prefix: str = ""
    size: int = 32


def prepare(submission: Submission, now: datetime) -> Prepared:
    check_names(LABEL, submission, FIELDS, OPTIONS)
    return Prepared({VALUE: check_text(submission.value)})


def generate(recipe: Recipe) -> Submission:
    """A random key. Raises Invalid for a recipe out of range."""
    check_range("size", "number of random bytes", recipe.size, 16, 256)
    prefix = check_line("prefix", "prefix", recipe.prefix, 64)
    return Submission(SecretStr(prefix + secrets.token_urlsafe(recipe.size)))
