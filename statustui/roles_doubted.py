"""Somebody else may have changed what the person may do."""

from __future__ import annotations

from textual.message import Message


class RolesDoubted(Message):
    """The roles shall be asked for anew: after a refusal, and whenever a list is read again by a key."""
