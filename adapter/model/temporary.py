"""What stands in the policy of a temporary access: everything that is known of it, in the comment of its first line."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import asdict, dataclass

from adapter.errors import Invalid
from adapter.model.address import Address

PREFIX = "status-temp-"
TITLE = "# STATUS Secrets: temporary access "

_EXACT = re.compile(r'[^*+"{}\\]+')
"""What a policy's path takes for itself and for nothing else."""


@dataclass(frozen=True, slots=True)
class Temporary:
    """Who was given access to which secret, by whom, until when (ISO 8601).

    `accessor` is that of the token, `entity` the id of whom it was given to, `created` the time at which
    the vault has made the secret's entry: another secret of that name has another one.
    """

    id: str
    who: str
    secret: str
    until: str
    by: str
    at: str
    uses: int | None = None
    why: str = ""
    accessor: str = ""
    entity: str = ""
    created: str = ""

    @property
    def policy(self) -> str:
        return f"{PREFIX}{self.id}"

    @property
    def title(self) -> str:
        return TITLE + json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))


def begin_id(secret: Address) -> str:
    """How the ids of all accesses to a secret begin, so that its name is enough to find their policies."""
    return hashlib.sha256(secret.path.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def make_id(secret: Address) -> str:
    return begin_id(secret) + secrets.token_hex(4)


def parse(policy: str) -> Temporary | None:
    """The access that a policy's text stands for; None for a text that is none of ours."""
    line = policy.partition("\n")[0]
    if not line.startswith(TITLE):
        return None
    try:
        return Temporary(**json.loads(line.removeprefix(TITLE)))
    except (ValueError, TypeError):
        return None


def check_exact(address: Address) -> None:
    """Raises Invalid for an address that a policy would take for a pattern."""
    if not _EXACT.fullmatch(address.path):
        raise Invalid(
            "A secret with such a name cannot be given by itself: a policy would take it for a pattern.",
            hint="Rename it, without *, +, quotes, braces and backslashes.",
        )
