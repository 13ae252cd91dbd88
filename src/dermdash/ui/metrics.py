"""What an operator's monitoring reads of this process: counts and times, nothing of people or data.

The names are those of Prometheus (https://prometheus.io/docs/practices/naming/): seconds, bytes, `_total`.
"""

import logging
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from dermdash.storage.statement_times import watch_statements
from dermdash.storage.workspace import Workspace
from dermdash.ui.open_workspace import opened_workspace, when_opened
from dermdash.workflows.reader_study.delivery_queue import queue_of

_STEP_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MINUTE_S = 60.0
_STATEMENT_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)

REGISTRY = CollectorRegistry()
CONNECTIONS = Gauge("dermdash_connections", "Pages that are open: readers and who is signed in.", registry=REGISTRY)
READER_PAGES = Histogram(
    "dermdash_reader_page_seconds",
    "Time to make a reader's page, after what they delivered was stored.",
    buckets=_STEP_S, registry=REGISTRY,
)  # fmt: skip
DELIVERIES = Histogram(
    "dermdash_reader_delivery_seconds",
    "Time from a reader's delivery to its commit, waiting for its turn included.",
    buckets=_STEP_S, registry=REGISTRY,
)  # fmt: skip
STATEMENTS = Histogram(
    "dermdash_database_statement_seconds", "Time of a statement of the database.",
    buckets=_STATEMENT_S, registry=REGISTRY,
)  # fmt: skip
LOGGED = Counter("dermdash_logged_total", "Warnings and errors in the log.", ["level"], registry=REGISTRY)


class _OfTheWorkspace(Collector):
    """What is looked up when somebody asks."""

    def collect(self) -> Iterable[Metric]:
        """Figures of the open workspace; none before a page has opened it."""
        workspace = opened_workspace()
        if workspace is None:
            return
        waiting = "Deliveries of readers that wait for their turn at the database."
        yield GaugeMetricFamily("dermdash_readers_waiting", waiting, value=queue_of(workspace).length)
        try:
            free = shutil.disk_usage(workspace.home).free
        except OSError:
            return
        yield GaugeMetricFamily("dermdash_disk_free_bytes", "Room on the workspace's disk.", value=free)


class _CountLogged(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        LOGGED.labels(record.levelname.lower()).inc()


# When each figure was first made, beside every figure: nobody asks for it.
disable_created_metrics()


def begin_to_count() -> None:
    """Count what this process logs and asks of its database, from its start on; again is no harm."""
    root = logging.getLogger()
    if any(isinstance(handler, _CountLogged) for handler in root.handlers):
        return
    root.addHandler(_CountLogged(level=logging.WARNING))
    for level in ("warning", "error"):
        LOGGED.labels(level)
    REGISTRY.register(_OfTheWorkspace())
    ProcessCollector(registry=REGISTRY)
    PlatformCollector(registry=REGISTRY)
    when_opened(_count_statements)


def _count_statements(workspace: Workspace) -> None:
    watch_statements(workspace.engine, STATEMENTS.observe)


@dataclass(frozen=True, slots=True)
class _PagesSoFar:
    at: float
    below: tuple[tuple[float, float], ...]
    """How many pages were made within so many seconds, since the start."""


class LastMinute:
    """How quick readers' pages were made lately, from what is counted since the start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[_PagesSoFar] = deque([_PagesSoFar(clock(), _reader_pages())])

    def look(self) -> tuple[int, float | None]:
        """Pages in about the last minute, and within how many milliseconds 95 % of them were made; None: none was."""
        now = _PagesSoFar(self._clock(), _reader_pages())
        while len(self._seen) > 1 and now.at - self._seen[1].at >= _MINUTE_S:
            self._seen.popleft()
        before = dict(self._seen[0].below)
        self._seen.append(now)
        lately = [(bound, count - before.get(bound, 0.0)) for bound, count in now.below]
        total = lately[-1][1]
        if not total:
            return 0, None
        within = next(bound for bound, count in lately if count >= 0.95 * total)
        return int(total), 1000 * within if within != inf else None


def _reader_pages() -> tuple[tuple[float, float], ...]:
    samples = (sample for metric in READER_PAGES.collect() for sample in metric.samples)
    return tuple((float(s.labels["le"]), s.value) for s in samples if s.name.endswith("_bucket"))


def problems_logged() -> int:
    """Warnings and errors since the start."""
    samples = (sample for metric in LOGGED.collect() for sample in metric.samples)
    return int(sum(sample.value for sample in samples if sample.name.endswith("_total")))


def pages_open() -> int:
    """Pages that are connected now."""
    return int(next(sample.value for metric in CONNECTIONS.collect() for sample in metric.samples))


def memory_held() -> int | None:
    """Bytes that this process holds; None where the system does not say."""
    found = REGISTRY.get_sample_value("process_resident_memory_bytes")
    return None if found is None else int(found)


def as_text() -> bytes:
    """All of it in the text format of Prometheus."""
    return generate_latest(REGISTRY)
