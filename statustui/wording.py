"""The words and cuts that every screen shares."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from adapter.model.address import Scope, ScopeKind
from adapter.model.generating import Checked
from adapter.model.wire import SecretView

CROSS = "\N{MULTIPLICATION SIGN}"
DASH = "\N{EN DASH}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
"""Between the groups of a number's digits."""

MASKED = "•" * 26
"""What stands for a value, of whatever length it is."""

TYPES = {
    "PASSWORD": "Password",
    "API_KEY": "API key",
    "TOKEN": "Token",
    "CERTIFICATE": "Certificate",
    "SSH_KEY": "SSH key",
    "CUSTOM": "Custom",
    "OTHER": "Other",
    "KEY": "Key",
}
TEXT_TYPES = ("PASSWORD", "API_KEY", "TOKEN", "CUSTOM", "OTHER")
"""Types of one line or text, which a secret may change among."""

KEY_TYPES = ("CERTIFICATE", "SSH_KEY")
"""Types with a private key, which may have a passphrase."""


def type_label(wire: str) -> str:
    """The type as people read it; one that this version does not know as it came."""
    return TYPES.get(wire) or one_line(wire)


def one_line(text: str) -> str:
    """Foreign text for the screen: what is not printable would move the cursor or hide something."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(char: str) -> str:
    return char if char.isprintable() or char == _THIN else "\N{REPLACEMENT CHARACTER}"


def cut_middle(text: str, width: int) -> str:
    """At most `width` cells; the middle goes, as names differ at both ends."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    head = (width - 1 + 1) // 2
    tail = width - 1 - head
    end = "".join(reversed(set_cell_size("".join(reversed(text)), tail))) if tail else ""
    return f"{set_cell_size(text, head).rstrip()}…{end.lstrip()}"


def cut_end(text: str, width: int) -> str:
    """At most `width` cells, for prose."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…"[:width]


def short_scope(scope: str) -> str:
    """An environment by its label, as STATUS names it; every other scope as it is written."""
    kind, _, label = scope.partition("/")
    return label if kind == ScopeKind.ENVIRONMENT and label else scope


def public_key(secret: SecretView) -> str:
    """An SSH key's line for `authorized_keys`; empty for every other secret."""
    return secret.facts.get("public_key", "") if secret.type == "SSH_KEY" else ""


def reference(secret: SecretView) -> str:
    """What a configuration says instead of the value."""
    return f"secret://{secret.scope}/{secret.name}"


def parse_scope(text: str) -> Scope | None:
    """A scope, or None for an entry outside every one."""
    from adapter.errors import Invalid

    try:
        return Scope.parse(text)
    except Invalid:
        return None


def grouped(number: int) -> str:
    """`1 204`, with a narrow space that does not break."""
    return f"{number:,}".replace(",", _THIN)


def plural(number: int, one: str, many: str | None = None) -> str:
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


STRENGTHS = ("guessed at once", "weak", "fair", "good", "strong")


def what_it_is(kind: str, seen: Checked) -> str:
    """What the adapter made of a value, in a line; empty where there is nothing to say."""
    if seen.strength is not None:
        score = max(0, min(seen.strength.score, 4))
        bar = "\N{BLACK SQUARE}" * score + "\N{WHITE SQUARE}" * (4 - score)
        return one_line(f"{bar} {STRENGTHS[score]}. {seen.strength.warning}".rstrip())
    facts = seen.facts
    if kind == "CERTIFICATE" and "subject" in facts:
        until = f"until {facts['not_after'][:10]}" if "not_after" in facts else "request, no certificate yet"
        return one_line(f"{facts['subject']} \N{MIDDLE DOT} {facts.get('key_type', '')} \N{MIDDLE DOT} {until}")
    if kind == "SSH_KEY" and "fingerprint" in facts:
        kind = {"Ed25519": "Ed25519", "ECDSA": f"P-{facts['bits']}"}.get(facts["algorithm"], f"RSA {facts['bits']}")
        return one_line(f"{facts['fingerprint']} {kind}")  # the form may cut the end
    return ""
