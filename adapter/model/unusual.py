"""What is unusual in the audit view, as the API answers it."""

from __future__ import annotations

from adapter.model.wire import Answer


class Finding(Answer):
    """Something that a rule marked, as often as it went on without a pause of 10 minutes.

    `first` and `last` are ISO 8601 times; `secret`, `scope` and `address` are the last event's; `request_ids` are the
    first ids of the events, up to 100 of `count`.
    """

    rule: str
    first: str
    last: str
    count: int
    actor: str
    actor_kind: str
    secret: str | None = None
    scope: str | None = None
    address: str | None = None
    words: str
    request_ids: list[str] = []


class RuleView(Answer):
    name: str
    what: str
    on: bool


class UnusualReport(Answer):
    """`findings` since the time that was asked for, newest first, up to the limit; `count`: all of them."""

    findings: list[Finding]
    count: int
    rules: list[RuleView]
