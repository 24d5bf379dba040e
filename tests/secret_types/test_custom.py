"""Custom secrets: several fields, and rules that hold for every later version, in bounded time."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.secret_types import again, plain, refusal, submit

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,20}", fullmatch=True).filter(lambda name: name != "value")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)


@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=5), st.none() | TEXTS)
def test_named_fields_are_kept_and_a_value_is_always_there(fields: dict[str, str], value: str | None) -> None:
    prepared = submit("CUSTOM", value, fields)
    stored = plain(prepared)
    assert {name: stored[name] for name in fields} == fields
    assert value is not None or json.loads(stored["value"]) == fields
    assert value is None or stored["value"] == value
    assert again("CUSTOM", prepared) == prepared


@pytest.mark.parametrize("name", ["", "a b", "1st", "ü", "x" * 65, "value", "a/b", "-a"])
def test_a_field_name_that_is_none(name: str) -> None:
    assert "name is not valid" in refusal("CUSTOM", "some value or other", {name: "some field or other"}).detail


def test_empty_and_too_many_fields() -> None:
    assert refusal("CUSTOM", None, {"user": " "}).fields[0].field == "user"
    assert "more than 64" in refusal("CUSTOM", None, {f"f{number}": "x" for number in range(65)}).detail


ACCOUNT = 'schema:{"required": ["user", "pin"], "properties": {"pin": {"pattern": "^[0-9]{4}$"}}}'
OBEYED: list[tuple[str, str | None, dict[str, str]]] = [
    ("regex:[a-z]+-[0-9]{3}", "abc-123", {}),
    ("regex:(?s).+", "two\nlines", {}),
    ("length:3..", "äöü", {}),
    ("length:..3", "äöü", {}),
    ("length:1..3", None, {"user": "me", "pin": "123"}),
    (ACCOUNT, '{"user": "me", "pin": "1234"}', {}),
    (ACCOUNT, None, {"user": "me", "pin": "1234"}),
    ('schema:{"$defs":{"n":{"type":"number"}},"items":{"$ref":"#/$defs/n"}}', "[1, 2.5]", {}),
    ('schema:{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"null"}', "null", {}),
    ('schema:{"uniqueItems":true}', "[1, true, [1], [true]]", {}),
    (
        'schema:{"patternProperties":{"^a":{"type":"integer"}},"additionalProperties":{"type":"null"}}',
        '{"ab":1,"b":null}',
        {},
    ),
]
BROKEN: list[tuple[str, str | None, dict[str, str], str, str]] = [
    ("regex:[a-z]+", "abc-123-abc-123", {}, "value", "does not match"),
    ("regex:[a-z]+", None, {"user": "me", "secret_pin": "123412341234"}, "secret_pin", "field secret_pin does not"),
    ("length:20..", "shorter than that", {}, "value", "shorter than the 20"),
    ("length:..3", "longer than that", {}, "value", "longer than the 3"),
    (ACCOUNT, '{"user": "me and myself"}', {}, "value", "'required'"),
    (ACCOUNT, None, {"user": "me and myself", "pin": "canary-canary-canary"}, "value", "'pattern'"),
    (ACCOUNT, "not JSON but a canary", {}, "value", "not the JSON"),
    ('schema:{"multipleOf":2}', "NaN", {}, "value", "not the JSON"),
    ('schema:{"uniqueItems":true}', '[{"a": 1.0}, {"a": 1}]', {}, "value", "'uniqueItems'"),
    (
        'schema:{"properties":{"a":{}},"additionalProperties":false}',
        '{"canary-canary": 1}',
        {},
        "value",
        "rule's schema",
    ),
    ('schema:{"items":false}', '["canary-canary"]', {}, "value", "'items'"),
    ('schema:{"patternProperties":{"^a":{"type":"integer"}}}', '{"abracadabra": "canary"}', {}, "value", "'type'"),
]


@pytest.mark.parametrize(("rule", "value", "fields"), OBEYED)
def test_a_rule_is_obeyed_kept_and_obeyed_again(rule: str, value: str | None, fields: dict[str, str]) -> None:
    prepared = submit("CUSTOM", value, fields, rule=rule)
    kept = prepared.facts["rule"]
    assert kept.isprintable()
    assert again("CUSTOM", prepared, rule=kept) == prepared


@pytest.mark.parametrize(("rule", "value", "fields", "field", "words"), BROKEN)
def test_a_broken_rule_names_the_field_and_not_the_value(
    rule: str, value: str | None, fields: dict[str, str], field: str, words: str
) -> None:
    error = refusal("CUSTOM", value, fields, rule=rule)
    assert error.fields[0].field == field
    assert words in error.detail


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("[a-z]+", "no rule"),
        ("regex:[a-z", "not valid"),
        ("regex:(?=a)", "not valid"),
        (r"regex:(a)\1", "not valid"),
        ("regex:" + "ü" * 254, "the limit is 512"),
        ("regex:a\tb", "a tab"),
        ("length:", "not valid"),
        ("length:..", "not valid"),
        ("length:8..4", "empty"),
        ("length:..0", "empty"),
        ("length:1..99999999", "not valid"),
        ("schema:[]", "not a JSON object"),
        ("schema:{", "not JSON"),
        ('schema:{"type":"text"}', "not a valid JSON Schema"),
        ('schema:{"pattern":"(?<=a)"}', "pattern in the rule's schema"),
        ('schema:{"patternProperties":{"(?=a)":{}}}', "pattern in the rule's schema"),
        ('schema:{"$ref":"https://example.org/s"}', "another document"),
        ('schema:{"$ref":"file:///etc/passwd"}', "another document"),
        ('schema:{"allOf":[{"$dynamicRef":"other#x"}]}', "another document"),
        ('schema:{"$schema":"http://json-schema.org/draft-07/schema#"}', "another dialect"),
        ('schema:{"allOf":[{"$schema":"http://json-schema.org/draft-07/schema#"}]}', "uses $schema"),
        ('schema:{"unevaluatedProperties":false}', "uses unevaluatedProperties"),
        ('schema:{"enum":["' + "x" * 500 + '"]}', "the limit is 512"),
        ("schema:" + "[" * 5000, "not JSON"),
    ],
)
def test_what_is_no_rule(rule: str, words: str) -> None:
    error = refusal("CUSTOM", "some value or other", rule=rule)
    assert error.fields[0].field == "rule"
    assert words in error.detail


def test_a_rule_is_text() -> None:
    assert refusal("CUSTOM", "some value or other", rule={"regex": "a"}).fields[0].field == "rule"
    assert submit("CUSTOM", "x", rule="").facts == submit("CUSTOM", "x", rule=None).facts == {}


TWICE = 'schema:{"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}'
HOSTILE = [
    ("regex:(x+x+)+y", "x" * 1_000_000),
    ("regex:.*[ab].{900}c", "ab" * 500_000),
    ('schema:{"pattern":"^(a+)+$"}', json.dumps("a" * 1_000_000 + "!")),
    ('schema:{"additionalProperties":false,"patternProperties":{"^(a+)+$":{}}}', json.dumps({"a" * 99_999 + "!": 1})),
    (TWICE, "[" * 60 + "]" * 60),
    (TWICE, "[" * 500_000 + "]" * 500_000),
    ('schema:{"$ref":"#"}', "1"),
    ('schema:{"$ref":"#/nowhere"}', "1"),
    ('schema:{"uniqueItems":true}', "[" + "{}," * 300_000 + "{}]"),
    ('schema:{"items":{"not":{}}}', "[" + "1," * 400_000 + "1]"),
    ('schema:{"multipleOf":1e-300}', "9" * 4000),
    ('schema:{"multipleOf":3}', "9" * 1_000_000),
]


@pytest.mark.parametrize(("rule", "value"), HOSTILE)
def test_no_rule_runs_for_ever(rule: str, value: str) -> None:
    start = time.monotonic()
    assert refusal("CUSTOM", value, rule=rule).fields[0].field == "value"
    assert time.monotonic() - start < 10
