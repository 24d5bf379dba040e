"""Passwords: any text, many lines too; their strength is asked for, shown, and never stored."""

from __future__ import annotations

import importlib.resources
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.text import check_line
from adapter.secret_types._base import VALUE, Prepared, Submission, check_names, check_range, number_option
from adapter.secret_types._text import check_text

NAMES = ("PASSWORD",)
LABEL = "password"
FIELDS = ()
OPTIONS = ("min_strength",)
FACTS = ()

JUDGED = 72
"""The characters that zxcvbn looks at: its time grows faster than the length."""

SYMBOLS = "!#$%&()*+,-./:;<=>?@[]^_{}~"
"""ASCII punctuation without quotation marks, backslash and bar, which need care in shells and files."""


@dataclass(frozen=True, slots=True)
class Strength:
    """zxcvbn's judgement: `score` 0 (guessed at once) to 4, and sentences that never repeat the password."""

    score: int
    warning: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A password to generate: `length` characters of the classes, each class at least once; or `words` words."""

    length: int = 24
    lower: bool = True
    upper: bool = True
    digits: bool = True
    symbols: bool = True
    words: int = 0
    separator: str = "-"


def strength(value: SecretStr) -> Strength:
    """How hard the password is to guess, judged by its first 72 characters."""
    from zxcvbn_rs_py import zxcvbn  # its word lists take a moment to load

    judged = zxcvbn(value.get_secret_value()[:JUDGED])
    feedback = judged.feedback
    if feedback is None:
        return Strength(int(judged.score), "", ())
    return Strength(int(judged.score), str(feedback.warning or ""), tuple(map(str, feedback.suggestions)))


def prepare(submission: Submission, now: datetime) -> Prepared:
    check_names(LABEL, submission, FIELDS, OPTIONS)
    least = number_option(submission.options, "min_strength", 0, 4)
    value = check_text(submission.value)
    if least:
        _check_strength(value, least)
    return Prepared({VALUE: value})


def _check_strength(value: SecretStr, least: int) -> None:
    found = strength(value)
    if found.score < least:
        reason = f"The password's strength is {found.score} of 4; at least {least} is asked for. {found.warning}"
        hint = " ".join(found.suggestions) or "Make it longer, or let one be generated."
        raise Invalid.field(VALUE, reason.strip(), hint=hint)


def generate(recipe: Recipe) -> Submission:
    """A random password. Raises Invalid for a recipe out of range."""
    return Submission(SecretStr(_of_words(recipe) if recipe.words else _of_characters(recipe)))


def _of_characters(recipe: Recipe) -> str:
    check_range("length", "length", recipe.length, 8, 1024)
    chosen = (
        (recipe.lower, string.ascii_lowercase),
        (recipe.upper, string.ascii_uppercase),
        (recipe.digits, string.digits),
        (recipe.symbols, SYMBOLS),
    )
    classes = [characters for wanted, characters in chosen if wanted]
    if not classes:
        raise Invalid.field("classes", "No class of characters is chosen.", hint="Choose at least one.")
    alphabet = "".join(classes)
    while True:  # drawing again, rather than forcing a place, keeps all fitting passwords equally likely
        text = "".join(secrets.choice(alphabet) for _ in range(recipe.length))
        if all(set(text) & set(characters) for characters in classes):
            return text


def _of_words(recipe: Recipe) -> str:
    check_range("words", "number of words", recipe.words, 4, 64)
    check_line("separator", "separator", recipe.separator, 8)
    return recipe.separator.join(secrets.choice(word_list()) for _ in range(recipe.words))


@cache
def word_list() -> tuple[str, ...]:
    """The EFF's long word list of 7 776 words, as xkcdpass ships it: 12.9 bits a word."""
    path = importlib.resources.files("xkcdpass") / "static" / "eff-long"
    return tuple(line.split()[-1] for line in path.read_text("ascii").splitlines() if line.strip())
