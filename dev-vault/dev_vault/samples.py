"""A realistic set of secrets to look at, made through the adapter as a person would make them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from adapter.client import AsyncClient
from adapter.model.address import Scope
from adapter.model.wire import SecretCreate, SecretPatch

SCOPES = (Scope.parse("service/billing"), Scope.parse("custom/team-a"))
"""What the samples need beside the scopes of every first start."""

PASSWORD, API_KEY, CUSTOM = "PASSWORD", "API_KEY", "CUSTOM"
PRODUCTION, STAGING, DEVELOPMENT = "environment/production", "environment/staging", "environment/development"


@dataclass(frozen=True, slots=True)
class Sample:
    """One secret: `changes` are the reasons of its later versions, `days` until it expires."""

    scope: str
    name: str
    type: str
    description: str
    changes: tuple[str, ...] = ()
    rotate_every: str | None = None
    days: int | None = None
    tags: tuple[str, ...] = ()
    by_admin: bool = False


SAMPLES = (
    Sample(
        "global", "smtp_relay_password", PASSWORD, "Mail relay for alerts and reports", ("Yearly rotation",), "365d"
    ),
    Sample("global", "siem_ingest_token", API_KEY, "Log shipping to the SIEM", days=200, tags=("logging",)),
    Sample("global", "package_mirror_token", API_KEY, "Read access to the package mirror", tags=("build",)),
    Sample("global", "license_key", CUSTOM, "Licence of the reporting module", days=300, by_admin=True),
    Sample(
        PRODUCTION,
        "db_password",
        PASSWORD,
        "Primary database, user status_app",
        ("Rotation after audit finding A-114", "Quarterly rotation", "Quarterly rotation"),
        "90d",
        tags=("database", "critical"),
    ),
    Sample(PRODUCTION, "db_replica_password", PASSWORD, "Read replica, user status_ro", ("Quarterly rotation",), "90d"),
    Sample(PRODUCTION, "redis_password", PASSWORD, "Session cache", tags=("cache",)),
    Sample(
        PRODUCTION,
        "payment_gateway_key",
        API_KEY,
        "Live key of the payment gateway",
        ("Gateway moved to restricted keys (INC-2041)",),
        days=21,
        tags=("critical", "pci"),
        by_admin=True,
    ),
    Sample(PRODUCTION, "object_store_key", API_KEY, "Evidence bucket, write only", ("Key leaked in a ticket",), "180d"),
    Sample(PRODUCTION, "backup_passphrase", PASSWORD, "Encrypts the nightly backup", by_admin=True, tags=("backup",)),
    Sample(PRODUCTION, "webhook_signing_key", CUSTOM, "Signs outgoing webhooks", ("Longer key",)),
    Sample(PRODUCTION, "ldap_bind_password", PASSWORD, "Directory look-ups, user cn=status", rotate_every="180d"),
    Sample(PRODUCTION, "node_red_credential_key", CUSTOM, "Node-RED's credential file", tags=("node-red",)),
    Sample(STAGING, "db_password", PASSWORD, "Staging database", ("Restored from production, password reset",)),
    Sample(STAGING, "payment_gateway_key", API_KEY, "Test key of the payment gateway", tags=("pci",)),
    Sample(STAGING, "object_store_key", API_KEY, "Evidence bucket of staging", days=60),
    Sample(STAGING, "load_test_token", API_KEY, "Load tests, 500 requests/s", ("Old one expired",), days=14),
    Sample(DEVELOPMENT, "db_password", PASSWORD, "Local database in the compose file"),
    Sample(DEVELOPMENT, "mail_catcher_password", PASSWORD, "Web page of the mail catcher"),
    Sample(DEVELOPMENT, "feature_flags_token", API_KEY, "Feature flags, development project", tags=("flags",)),
    Sample("service/billing", "invoice_api_key", API_KEY, "Invoicing service", ("Partner rotated",), "30d"),
    Sample("service/billing", "sepa_signing_passphrase", PASSWORD, "Unlocks the SEPA signing key", by_admin=True),
    Sample("service/billing", "exchange_rate_token", API_KEY, "Daily exchange rates", days=90),
    Sample("custom/team-a", "dashboard_password", PASSWORD, "Shared wall display"),
    Sample("custom/team-a", "ticket_system_token", API_KEY, "Opens tickets for findings", ("Token of a leaver",)),
)


async def add_samples(developer: AsyncClient, admin: AsyncClient) -> None:
    """Create every sample, through clients signed in as these. Raises StatusError."""
    for sample in SAMPLES:
        client = admin if sample.by_admin else developer
        saved = await client.create(_creation(sample))
        for version, reason in enumerate(sample.changes, 1):
            change = SecretPatch(value=_value(sample.type), reason=reason, if_version=version)
            await client.edit(saved.id, change)


def _creation(sample: Sample) -> SecretCreate:
    expires = datetime.now(UTC).date() + timedelta(days=sample.days) if sample.days else None
    return SecretCreate(
        name=sample.name,
        type=sample.type,
        scope=sample.scope,
        value=_value(sample.type),
        description=sample.description,
        rotate_every=sample.rotate_every,
        expires_at=expires.isoformat() if expires else None,
        tags=list(sample.tags) or None,
        reason="Taken over from the configuration files",
    )


def _value(kind: str) -> SecretStr:
    """A value that nothing accepts: random, of the shape of its type."""
    return SecretStr(f"demo_{secrets.token_hex(20)}" if kind == API_KEY else secrets.token_urlsafe(24))
