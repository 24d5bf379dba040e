"""The embedded server: configuration, TLS, first start, life and end of its process."""
