"""The list as a file."""

import csv
import io

import httpx

from tests.support.server import People

CANARY = "c4n4ry-exp0rt"


async def test_json_and_csv_hold_the_metadata_and_no_value(api: httpx.AsyncClient, people: People, fresh: str) -> None:
    body = {"name": fresh, "type": "PASSWORD", "value": CANARY, "description": '=cmd|"x"!A1, ü', "tags": ["a", "b"]}
    assert (await api.post("/secrets", json=body, headers=people["developer"].headers)).status_code == 201
    viewer = people["viewer"].headers
    exported = await api.get(f"/export?q={fresh}", headers=viewer)
    assert [(s["name"], s["description"]) for s in exported.json()] == [(fresh, '=cmd|"x"!A1, ü')]
    assert "value" not in exported.json()[0]
    table = await api.get(f"/export?q={fresh}&format=csv", headers=viewer)
    row = next(csv.DictReader(io.StringIO(table.text)))
    assert (row["name"], row["description"], row["tags"]) == (fresh, '\'=cmd|"x"!A1, ü', "a, b")
    assert CANARY not in exported.text + table.text
    assert "attachment" in table.headers["Content-Disposition"]
    outsider = await api.get("/export", headers=people["outsider"].headers)
    assert outsider.json() == []
    assert (await api.get("/export?format=xml", headers=viewer)).status_code == 400
