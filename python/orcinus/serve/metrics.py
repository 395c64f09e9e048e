"""What Prometheus is told."""

from __future__ import annotations

from prometheus_client import (CollectorRegistry, Counter, Gauge, Histogram,
                               PlatformCollector, ProcessCollector)

__all__ = ["Metrics"]

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2,
            5, 10)
_ROWS = tuple(4**power for power in range(9))


class Metrics:
    """The metrics of one server, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.requests = Counter(
            "orcinus_requests", "Requests that were answered",
            ["endpoint", "code"], registry=registry)
        self.request_seconds = Histogram(
            "orcinus_request_seconds", "From a request's head to its answer",
            ["endpoint"], buckets=_SECONDS, registry=registry)
        self.waiting = Gauge(
            "orcinus_waiting_requests", "Requests that wait for the engine",
            registry=registry)
        self.call_rows = Histogram(
            "orcinus_call_rows", "Events, pairs or nodes of a call",
            ["call"], buckets=_ROWS, registry=registry)
        self.call_seconds = Histogram(
            "orcinus_call_seconds", "Seconds of a call of the engine, those of "
            "appends with the log's", ["call"], buckets=_SECONDS,
            registry=registry)
        self.appended = Counter(
            "orcinus_appended_events", "Events that were acknowledged",
            registry=registry)
        self.events = Gauge(
            "orcinus_events", "Events, those of the history included",
            registry=registry)
        self.nodes = Gauge("orcinus_nodes", "Nodes", registry=registry)
        self.log_bytes = Gauge(
            "orcinus_log_bytes", "Bytes of the log behind the snapshot",
            registry=registry)
        self.log_failures = Counter(
            "orcinus_log_failures", "Records that could not be made durable",
            registry=registry)
        self.snapshots = Counter(
            "orcinus_snapshots", "Snapshots that were begun", ["result"],
            registry=registry)
        self.snapshot_seconds = Gauge(
            "orcinus_snapshot_seconds", "Seconds that the last snapshot took",
            registry=registry)
        for result in ("written", "failed"):
            self.snapshots.labels(result)
