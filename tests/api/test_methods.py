"""What the OpenAPI document cannot be asked for: the methods of a path, and the call that is not the framework's."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/secrets", "GET, POST"), ("/secrets/global~x", "DELETE, GET, PATCH"), ("/secrets/global~x/value", "POST")],
)
async def test_a_wrong_method_is_told_the_right_ones(api: httpx.AsyncClient, path: str, methods: str) -> None:
    answer = await api.put(path, json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


async def test_the_call_for_one_value_is_described(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    call = document["paths"]["/api/v1/secrets/{secret_id}/value"]["post"]
    body = call["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"reason", "version", "field", "wrap"}
    assert body["additionalProperties"] is False
    assert "application/problem+json" in call["responses"]["default"]["content"]
