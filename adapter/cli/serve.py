"""`status-secrets serve`: the adapter over TLS, in front of the vault that the settings name."""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path

import click

from adapter.cli.log_format import log_config
from adapter.cli.output import note, say
from adapter.errors import Invalid
from adapter.model.urls import is_loopback
from adapter.settings import Settings, load_settings, own_secret_id
from adapter.vault.connection import Connection
from dev_vault.address import Listen

CHANGE_PORT = "--listen or STATUS_LISTEN"


@click.command()
@click.option("--listen", metavar="HOST:PORT", help="Where to listen (STATUS_LISTEN).")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="The certificate with its chain, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="The certificate's key, PEM.")
@click.option("--no-tls", is_flag=True, help="Plain HTTP, on loopback only.")
def command(listen: str | None, tls_cert: Path | None, tls_key: Path | None, no_tls: bool) -> None:
    """Run the adapter in front of the vault that VAULT_ADDR or BAO_ADDR names, until SIGINT or SIGTERM."""
    settings = load_settings(listen=listen, tls_cert=tls_cert, tls_key=tls_key)
    place = Listen.parse(settings.listen, "listen")
    Connection.from_settings(settings).ssl_context()
    if no_tls:
        check_plain(place)
    else:
        _check_certificate(settings)
    place.check_free(CHANGE_PORT)
    _serve(settings, place, tls=not no_tls)


def check_plain(place: Listen) -> None:
    """Raises Invalid for plain HTTP that others could listen to."""
    if not is_loopback(place.host):
        raise Invalid.field("no_tls", "Without TLS the adapter listens on loopback only.", hint="Leave out --no-tls.")


def _check_certificate(settings: Settings) -> None:
    if settings.tls_cert is None or settings.tls_key is None:
        raise Invalid(
            "There is no certificate to serve with.",
            hint="Set STATUS_TLS_CERT and STATUS_TLS_KEY, or on loopback use --no-tls.",
        )
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password=lambda: "")
    except (OSError, ssl.SSLError):
        raise Invalid(
            "The certificate and key cannot be used.",
            hint="STATUS_TLS_CERT and STATUS_TLS_KEY name PEM files that belong together; the key has no passphrase.",
        ) from None


def _lacking(settings: Settings) -> list[str]:
    """What people will miss at an adapter with these settings."""
    words = []
    if settings.adapter_role_id is None or own_secret_id(settings) is None:
        words.append(
            "No identity of its own (STATUS_ADAPTER_ROLE_ID, STATUS_ADAPTER_SECRET_ID_FILE): nobody can roll back, "
            "rename, move or compare here, and STATUS accounts cannot sign in."
        )
    if not settings.audit_log:
        words.append("No audit log (STATUS_AUDIT_LOG): there is no audit view here.")
    return words


def _serve(settings: Settings, place: Listen, *, tls: bool) -> None:
    from adapter.api.app import create_app
    from adapter.cli import http_server

    scheme = "https" if tls else "http"
    for words in _lacking(settings):
        note(words)
    say(f"Serving {scheme}://{place.reached_at}{settings.api_prefix} in front of {settings.vault_addr}; Ctrl+C ends it")
    certificate = (settings.tls_cert, settings.tls_key) if tls and settings.tls_cert and settings.tls_key else None
    logs = log_config(settings.log_format, settings.log_level)
    http_server.serve(partial(create_app, settings), (place.host, place.port), certificate, logs)
