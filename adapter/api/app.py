"""The ASGI application: routes, errors, limits, and the parts that live as long as the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

import adapter
from adapter.api import (
    access_routes,
    audit_routes,
    auth_routes,
    doctor_routes,
    event_routes,
    forward_routes,
    generating_routes,
    health_routes,
    holder_routes,
    key_routes,
    problems,
    report_routes,
    retrieval_routes,
    rights_routes,
    seal_routes,
    secret_routes,
    transfer_routes,
    unusual_routes,
    version_routes,
)
from adapter.api.answer_headers import AnswerHeaders
from adapter.api.asgi import AdapterApp
from adapter.api.forwarded import networks
from adapter.api.known_query import only_known_query
from adapter.api.limits import BodyLimit
from adapter.api.metrics import Metrics
from adapter.audit.unusual import check_names
from adapter.model.wire import Problem
from adapter.service.accounts import Accounts, status_accounts
from adapter.service.acting import acting_identity
from adapter.service.app import Services
from adapter.service.auditing import following
from adapter.service.events import Feeds
from adapter.service.noticing import noticing
from adapter.service.own_identity import OwnIdentity
from adapter.service.sealing import sealing
from adapter.settings import Settings
from adapter.vault.session import Vault

TITLE = "STATUS Secrets"
OWN_HEADERS = ("X-Access-Token", "X-Status-Client", "X-Status-Reason", "X-Vault-Token")
PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What went wrong, and what to do next",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def create_app(settings: Settings) -> FastAPI:
    """The application for one vault. Raises Invalid when the settings name none."""
    vault = Vault.from_settings(settings)
    acting = acting_identity(settings, vault)
    unusual_off = check_names(settings.unusual_off)
    accounts = status_accounts(settings, vault, acting.own if acting else None)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        own = acting.own if acting else None
        async with (
            vault,
            _tokens_revoked(own, accounts),
            following(settings) as audit,
            sealing(settings, own),
            noticing(audit, app.state.feeds),
        ):
            app.state.services = Services(
                vault,
                acting=acting,
                auth_methods=settings.auth_methods,
                accounts=accounts,
                audit=audit,
                unusual_off=unusual_off,
            )
            yield

    prefix = settings.api_prefix
    app = AdapterApp(
        title=TITLE,
        version=adapter.__version__,
        lifespan=lifespan,
        openapi_url=f"{prefix}/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=PROBLEM,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.allowed_origins = frozenset(settings.allowed_origins)
    app.state.feeds = Feeds(settings.events_interval)
    vault.tell_of_changes(app.state.feeds.touch)
    app.state.metrics = Metrics(lambda: app.state.feeds.listeners)
    vault.transport.on_answer = app.state.metrics.asked
    app.state.trusted_proxies = networks(settings.trusted_proxies)
    known = [Depends(only_known_query)]
    for routes in (
        auth_routes,
        secret_routes,
        version_routes,
        retrieval_routes,
        event_routes,
        transfer_routes,
        generating_routes,
        key_routes,
        access_routes,
        holder_routes,
        rights_routes,
        unusual_routes,
        report_routes,
        audit_routes,
        seal_routes,
        forward_routes,
        doctor_routes,
    ):
        app.include_router(routes.router, prefix=prefix, dependencies=known)
    app.include_router(secret_routes.export_router, prefix=prefix, dependencies=known)
    app.include_router(health_routes.router, prefix=prefix)
    app.prepare(prefix, app.state.metrics)
    _add_docs(app, prefix)
    problems.install(app)
    app.add_middleware(AnswerHeaders, static=f"{prefix}/docs/static")
    app.add_middleware(problems.Unforeseen)
    app.add_middleware(BodyLimit)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", *OWN_HEADERS],
            expose_headers=["Link", "Retry-After"],
        )
    return app


@asynccontextmanager
async def _tokens_revoked(own: OwnIdentity | None, accounts: Accounts | None) -> AsyncIterator[None]:
    """What the process holds for itself and for STATUS accounts is revoked when it ends."""
    try:
        yield
    finally:
        for holder in (accounts, own):
            if holder is not None:
                await holder.aclose()


def _add_docs(app: FastAPI, prefix: str) -> None:
    """The OpenAPI page from files of our own: nothing is fetched from elsewhere."""
    static = files("fastapi_offline") / "static"
    app.mount(f"{prefix}/docs/static", StaticFiles(directory=str(static)), name="docs-static")

    @app.get(f"{prefix}/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=f"{prefix}/openapi.json",
            title=TITLE,
            swagger_js_url=f"{prefix}/docs/static/swagger-ui-bundle.js",
            swagger_css_url=f"{prefix}/docs/static/swagger-ui.css",
            swagger_favicon_url=f"{prefix}/docs/static/favicon.png",
        )

    build = app.openapi

    def openapi() -> dict[str, Any]:
        document = build()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            schema = Problem.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
            schemas.update(schema.pop("$defs", {}))
            schemas["Problem"] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign]
