"""What stands in the place of an empty list: that it is empty, with what to do. Pure."""

from __future__ import annotations


def empty_words(*, filtered: bool, any_secrets: bool, no_new: str) -> tuple[str, str]:
    """`any_secrets`: there are some, elsewhere; `no_new`: why the person may not create one, empty when they may."""
    if filtered:
        return "Nothing matches.", "esc clears the filter."
    if any_secrets:
        return "No secrets in this scope.", "Choose another scope, or press n to create one here."
    if no_new:
        return "No secrets here yet.", f"You see what others store in your scopes. {no_new}"
    return "No secrets yet.", "Press n to create the first one."
