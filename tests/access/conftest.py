"""The API with the server's own log behind it, as the tests of the audit view have it."""

from tests.audit.conftest import watching

__all__ = ["watching"]
