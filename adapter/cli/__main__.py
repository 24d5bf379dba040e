"""`python -m adapter.cli` is `status-secrets`."""

from adapter.cli import main

main()
