"""Options that many commands share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from adapter.cli.signed_in import signed_in
from adapter.client import AsyncClient
from adapter.settings import load_settings

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print the API's answer as JSON.")
reason = click.option("--reason", metavar="TEXT", help="Why: it stands in the vault's audit log.")


def ask(command: str, call: Callable[[AsyncClient], Awaitable[T]]) -> T:
    """What one call of the API answers, made with the token at hand. Raises StatusError."""

    async def asked() -> T:
        async with signed_in(load_settings(), command) as client:
            return await call(client)

    return asyncio.run(asked())
