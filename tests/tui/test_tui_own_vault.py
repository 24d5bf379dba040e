"""What is said when the embedded vault has gone."""

from __future__ import annotations

import httpx
import pytest

from adapter.client import AsyncClient
from adapter.errors import NotFound, Unreachable
from statustui.own_vault import OwnVaultTransport


def client(adapter: httpx.Response, *, attached: bool) -> AsyncClient:
    inner = httpx.MockTransport(lambda _: adapter)
    return AsyncClient("http://adapter/api/v1", transport=OwnVaultTransport(inner, lambda: attached), name="tui/test")


@pytest.mark.parametrize(
    ("attached", "words"), [(True, "another STATUS Secrets"), (False, "that this program started")]
)
async def test_it_says_whose_vault_has_gone(attached: bool, words: str) -> None:
    error = Unreachable("The vault does not answer.", hint="Check the address and CA.")
    async with client(httpx.Response(502, json=error.body()), attached=attached) as caller:
        with pytest.raises(Unreachable, match=words) as caught:
            await caller.secrets()
    assert "start STATUS Secrets again" in caught.value.hint
    assert "CA" not in caught.value.hint


async def test_other_answers_pass() -> None:
    error = NotFound("There is no such secret.")
    async with client(httpx.Response(404, json=error.body()), attached=True) as caller:
        with pytest.raises(NotFound, match="no such secret"):
            await caller.secret("x")
    async with client(httpx.Response(200, json=[]), attached=True) as caller:
        assert await caller.secrets() == []
