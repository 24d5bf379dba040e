"""The API with an identity of its own, and with the server's own log behind it, as other tests have them."""

from tests.api.conftest import acting
from tests.audit.conftest import watching

__all__ = ["acting", "watching"]
