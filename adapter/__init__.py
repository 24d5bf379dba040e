"""STATUS Secrets: a thin layer that maps STATUS secrets onto HashiCorp Vault and OpenBao."""

__version__ = "0.1.0"
