"""The entries of a set of PEM and SSH files: certificates with their keys, key pairs."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from adapter.errors import Invalid
from adapter.model.wire import SecretCreate
from adapter.secret_types import recognise
from adapter.service.candidates import Candidate, candidate

MOST_FILES = 1000


def files_candidates(content: dict[str, Any]) -> list[Candidate]:
    """An entry for what belongs together. Raises Invalid for what is no object of texts by file name."""
    if not all(isinstance(text, str) for text in content.values()):
        raise Invalid.field("content", "A file's content is no text.", hint='Send {"FILE NAME": "its text", …}.')
    if len(content) > MOST_FILES:
        raise Invalid.field("content", f"There are more than {MOST_FILES} files.", hint="Import them in parts.")
    files = {name: SecretStr(text) for name, text in content.items()}
    found = []
    for one in recognise(files):
        source = ", ".join(one.files)
        if one.submission is None:
            found.append(Candidate(source, source, refused=one.refused))
            continue
        fields: dict[str, Any] = dict(one.submission.fields)
        body = SecretCreate(name=one.name, type=one.type, value=one.submission.value, **fields)
        found.append(candidate(one.name, source, body, guessed=False))
    return found
