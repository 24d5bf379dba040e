"""What the adapter counts, for Prometheus: calls, and requests to the vault; nothing about secrets or callers."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

import adapter

CONTENT_TYPE = CONTENT_TYPE_LATEST
OTHER = "other"
"""The route of a path that is none: what a caller sends never becomes a label."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One process's figures. `listeners` answers how many streams of `/events` are open."""

    def __init__(self, listeners: Callable[[], int]) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self._calls = Counter(
            "status_http_requests", "Calls answered", ("method", "route", "status"), registry=self._registry
        )
        self._call_seconds = Histogram(
            "status_http_request_seconds", "How long calls took", ("route",), buckets=_SECONDS, registry=self._registry
        )
        self._vault = Counter(
            "status_vault_requests", "Requests to the vault, by what came of them", ("method", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._vault_seconds = Histogram(
            "status_vault_request_seconds", "How long requests to the vault took", buckets=_SECONDS,
            registry=self._registry,
        )  # fmt: skip
        self._called: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._asked: dict[tuple[str, int], Counter] = {}
        open_streams = Gauge("status_event_listeners", "Open streams of /events", registry=self._registry)
        open_streams.set_function(listeners)
        build = Gauge("status_build", "The version that runs", ("version",), registry=self._registry)
        build.labels(adapter.__version__).set(1)

    def called(self, method: str, route: str, status: int, seconds: float) -> None:
        """A call was answered; `status` 0: the caller was gone before."""
        key = (method, route, status)
        counted = self._called.get(key)
        if counted is None:
            counted = self._calls.labels(method, route, str(status)), self._call_seconds.labels(route)
            self._called[key] = counted
        counted[0].inc()
        counted[1].observe(seconds)

    def asked(self, method: str, status: int, seconds: float) -> None:
        """The vault was asked; `status` is the answer's, or the error's that stands for none."""
        counted = self._asked.get((method, status))
        if counted is None:
            counted = self._asked[method, status] = self._vault.labels(method, str(status))
        counted.inc()
        self._vault_seconds.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)
