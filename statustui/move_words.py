"""What is said about a rename or move before it is made. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from adapter.model.address import Address
from adapter.model.wire import SecretView, VersionView
from statustui.wording import one_line, reference


def consequence(secret: SecretView) -> str:
    """What a rename does, in general."""
    versions = "Its version keeps" if secret.version == 1 else f"All {secret.version} versions keep"
    return f"{versions} number, author, time and reason. {reference(secret)} will no longer work."


def broken(secret: SecretView, to: Address, deleted: list[int] | None) -> str:
    """What stops working; `deleted` None: it is not known which versions are."""
    old, new = one_line(reference(secret)), one_line(f"secret://{to.path}")
    parts = [f"{old}\nbecomes {new}\n\nWhatever names the old one has to be changed. Its id is then {to.id}."]
    if secret.scope != str(to.scope):
        parts.append(f"Who may use it is then what {to.scope} says.")
    if deleted is None:
        parts.append("Versions that are deleted arrive destroyed.")
    elif deleted:
        which = f"Version {deleted[0]} is" if len(deleted) == 1 else f"Versions {_joined(deleted)} are"
        arrives = "arrives" if len(deleted) == 1 else "arrive"
        parts.append(f"{which} deleted and {arrives} destroyed; undelete first what shall be kept.")
    return " ".join(parts)


def _joined(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def deleted_versions(versions: Iterable[VersionView]) -> list[int]:
    return sorted(one.version for one in versions if one.state == "deleted")
