"""Encrypt, decrypt, rewrap: batches of which each item is answered on its own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapter.model.address import Address
from tests.keys.conftest import b64
from tests.support.server import People, Person, Server

CANARY = "c4n4ry-pl41ntext"


async def work(api: httpx.AsyncClient, person: Person, act: str, key: str, items: list[Any]) -> list[dict[str, Any]]:
    answer = await api.post(f"/{act}", json={"key": key, "items": items}, headers=person.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    results = answer.json()["results"]
    assert len(results) == len(items)
    return results


async def test_what_was_encrypted_is_decrypted_whatever_the_version(
    api: httpx.AsyncClient, people: People, component: Person, key: str
) -> None:
    developer = people["developer"]
    old = await work(api, developer, "encrypt", key, [{"plaintext": b64(CANARY)}, {"plaintext": ""}])
    assert [set(item) for item in old] == [{"ciphertext", "keyVersion"}] * 2
    await api.post(f"/keys/{key}/rotate", headers=developer.headers)
    new = await work(api, developer, "encrypt", key, [{"plaintext": b64("new")}])
    assert (old[0]["keyVersion"], new[0]["keyVersion"]) == (1, 2)
    opened = await work(api, component, "decrypt", key, [{"ciphertext": item["ciphertext"]} for item in [*new, *old]])
    assert opened == [{"plaintext": b64("new")}, {"plaintext": b64(CANARY)}, {"plaintext": ""}]
    rewrapped = await work(api, developer, "rewrap", key, [{"ciphertext": old[0]["ciphertext"]}])
    assert rewrapped[0]["ciphertext"].startswith("vault:v2:")
    again = await work(api, component, "decrypt", key, [{"ciphertext": rewrapped[0]["ciphertext"]}])
    assert again == [{"plaintext": b64(CANARY)}]


async def test_associated_data_is_honoured(api: httpx.AsyncClient, people: People, component: Person, key: str) -> None:
    aad = b64("tenant 7")
    sealed = (await work(api, component, "encrypt", key, [{"plaintext": b64(CANARY), "aad": aad}]))[0]["ciphertext"]
    items = [
        {"ciphertext": sealed, "aad": aad},
        {"ciphertext": sealed},
        {"ciphertext": sealed, "aad": b64("tenant 8")},
        {"ciphertext": sealed[:-6] + ("AAAA==" if sealed[-6:] != "AAAA==" else "BBBB=="), "aad": aad},
    ]
    good, *bad = await work(api, component, "decrypt", key, items)
    assert good == {"plaintext": b64(CANARY)}
    assert {item["error"] for item in bad} == {"invalid"}
    assert all("associated data" in item["message"] or "no ciphertext" in item["message"] for item in bad)


async def test_rewrapping_what_has_associated_data_needs_to_decrypt_it(
    api: httpx.AsyncClient, people: People, component: Person, key: str
) -> None:
    aad = b64("tenant 7")
    items = [{"plaintext": b64(CANARY), "aad": aad}, {"plaintext": b64("plain")}]
    first, second = (item["ciphertext"] for item in await work(api, component, "encrypt", key, items))
    await api.post(f"/keys/{key}/rotate", headers=people["developer"].headers)
    asked = [
        {"ciphertext": first, "aad": aad},
        {"ciphertext": second},
        {"ciphertext": first, "aad": b64("other")},
        {"ciphertext": "vault:v1:nothing"},
    ]
    done = await work(api, component, "rewrap", key, asked)
    assert [item.get("error") for item in done] == [None, None, "invalid", "invalid"]
    opened = await work(
        api,
        component,
        "decrypt",
        key,
        [{"ciphertext": done[0]["ciphertext"], "aad": aad}, {"ciphertext": done[1]["ciphertext"]}],
    )
    assert opened == [{"plaintext": b64(CANARY)}, {"plaintext": b64("plain")}]
    refused = await work(api, people["developer"], "rewrap", key, asked[:2])
    assert refused[0]["error"] == "not_allowed"
    assert "associated data" in refused[0]["message"]
    assert refused[1]["keyVersion"] == 2


async def test_one_bad_item_does_not_hold_up_the_others(
    api: httpx.AsyncClient, people: People, component: Person, key: str
) -> None:
    items = [{"plaintext": b64("a")}, {"plaintext": "%%%"}, {"plaintext": b64("b"), "aad": "?"}, {"plaintext": "YQ"}]
    results = await work(api, component, "encrypt", key, items)
    assert [item.get("error") for item in results] == [None, "invalid", "invalid", "invalid"]
    assert "associated data is no base64" in results[2]["message"]
    bad = ["", "x", "vault:v1:", "vault:v9:AAAA", "vault:v1:%%", results[0]["ciphertext"][:-9]]
    opened = await work(api, component, "decrypt", key, [{"ciphertext": text} for text in bad])
    assert {item["error"] for item in opened} == {"invalid"}
    assert not any(text and text in item["message"] for item, text in zip(opened, bad, strict=True) if len(text) > 3)


async def test_half_a_surrogate_pair_is_an_item_that_fails(api: httpx.AsyncClient, component: Person, key: str) -> None:
    headers = {**component.headers, "Content-Type": "application/json"}
    for act, field in (("encrypt", "plaintext"), ("decrypt", "ciphertext"), ("rewrap", "ciphertext")):
        for item in (f'{{"{field}":"\\ud800"}}', f'{{"{field}":"","aad":"\\ud800"}}'):
            content = f'{{"key":"{key}","items":[{item}]}}'
            answer = await api.post(f"/{act}", content=content, headers=headers)
            assert answer.status_code in (200, 400), answer.text
            if answer.status_code == 200:
                assert answer.json()["results"][0]["error"] == "invalid"


async def test_a_thousand_items_at_once_and_no_more(
    api: httpx.AsyncClient, people: People, component: Person, key: str
) -> None:
    items = [{"plaintext": b64(f"row {number}"), "aad": b64(str(number))} for number in range(1000)]
    items[777] = {"plaintext": "!", "aad": ""}
    sealed = await work(api, component, "encrypt", key, items)
    assert [number for number, item in enumerate(sealed) if "error" in item] == [777]
    asked = [
        {"ciphertext": item.get("ciphertext", ""), "aad": sent["aad"]} for item, sent in zip(sealed, items, strict=True)
    ]
    opened = await work(api, component, "decrypt", key, asked)
    assert [item.get("plaintext") for item in opened] == [
        None if number == 777 else b64(f"row {number}") for number in range(1000)
    ]
    for act, many in (("encrypt", [*items, items[0]]), ("decrypt", [*asked, asked[0]]), ("rewrap", [*asked, asked[0]])):
        answer = await api.post(f"/{act}", json={"key": key, "items": many}, headers=component.headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert "1001" in answer.json()["detail"]
        assert "1000" in answer.json()["detail"]
    assert await work(api, component, "encrypt", key, []) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"key": "k"},
        {"key": 1, "items": []},
        {"key": "k", "items": [{"ciphertext": "x", "plaintext": "y"}]},
        {"key": "k", "items": {}},
        {"key": "k", "items": [{"plaintext": 1}]},
        {"key": "k", "items": [None]},
        {"key": "k", "items": [], "export": True},
    ],
)
async def test_a_body_of_another_shape_is_refused(api: httpx.AsyncClient, people: People, body: Any) -> None:
    for act in ("encrypt", "decrypt", "rewrap"):
        answer = await api.post(f"/{act}", json=body, headers=people["developer"].headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_no_plaintext_reaches_the_vaults_log(
    api: httpx.AsyncClient, server: Server, people: People, component: Person, key: str
) -> None:
    if server.audit_log is None:
        pytest.skip("the audit log of a server that was given is not at hand")
    begun = server.audit_log.stat().st_size
    plain, aad = b64(CANARY + key), b64("c4n4ry-aad" + key)
    sealed = await work(api, component, "encrypt", key, [{"plaintext": plain, "aad": aad}])
    await work(api, component, "decrypt", key, [{"ciphertext": sealed[0]["ciphertext"], "aad": aad}])
    with server.audit_log.open() as log:
        log.seek(begun)
        text = log.read()
    assert f"/decrypt/{Address.from_id(key).name}" in text
    for canary in (plain, aad, sealed[0]["ciphertext"], CANARY):
        assert canary not in text
