"""The HTTP API, an ASGI application; its calls and words are fixed in docs/api.md."""
