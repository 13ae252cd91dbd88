"""Many readers at once, each thinking for a second: time to the next step, and whether every answer is kept.

The readers are websocket clients (see streamlit_client) in a process of their own, on the same machine as the server,
so that the cores are shared between both. What was acknowledged is then compared with what is in the database.
"""

import asyncio
import multiprocessing
import os
import random
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from dermdash.records.taxonomy import HAM7
from dermdash.storage import readings
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.streamlit_client import ReadingClient
from tests.benchmarks.study_server import opened, ready_readers, served, study_workspace

NAME = "load"
THINK_S = 1.0


@dataclass(slots=True)
class _Outcome:
    """What the clients saw."""

    durations_ms: list[float] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    deliveries: int = 0
    bytes_received: int = 0
    finished: int = 0
    failures: list[str] = field(default_factory=list)


def measure(*, quick: bool) -> list[Figure]:
    """50 readers for 60 s, then 200 (quick: 10 readers for 5 s)."""
    if quick:
        return measure_readers(10, seconds=5)
    return [*measure_readers(50, seconds=60), *measure_readers(200, seconds=60)]


def measure_readers(count: int, *, seconds: float) -> list[Figure]:
    """Figures of `count` simultaneous readers over `seconds`."""
    study = study_workspace()
    tokens = ready_readers(study, count)
    with served(study) as (url, server):
        cpu_before, started = _cpu_seconds(server), time.perf_counter()
        outcome = _run_clients(url, list(tokens), seconds)
        elapsed = time.perf_counter() - started
        cpu = _cpu_seconds(server) - cpu_before
        memory = _memory_mib(server)
    with opened(study) as workspace:
        stored = [
            row["id"] for reader in tokens.values() for row in readings.readings_of_reader(workspace.engine, reader)
        ]
    for failure in outcome.failures[:5]:
        print("  reader failed:", failure)
    return _figures(count, outcome, stored, elapsed=elapsed, cpu=cpu, memory=memory)


def _figures(
    count: int, outcome: _Outcome, stored: list[str], *, elapsed: float, cpu: float, memory: float
) -> list[Figure]:
    steps = max(1, len(outcome.durations_ms))

    def figure(name: str, value: float, unit: str, note: str = "") -> Figure:
        return Figure(NAME, f"{count} readers: {name}", value, unit, note)

    return [
        *percentiles(NAME, f"{count} readers: submit to next step", outcome.durations_ms),
        figure("longest step", max(outcome.durations_ms, default=0.0), "ms"),
        figure("steps per second", steps / elapsed, "1/s", f"{outcome.finished} readers finished all cases"),
        figure("answers acknowledged", len(outcome.acknowledged), "readings", f"{len(outcome.submitted)} submitted"),
        figure("acknowledged answers lost", len(set(outcome.acknowledged) - set(stored)), "readings"),
        figure("answers stored twice", len(stored) - len(set(stored)), "readings", f"{len(stored)} stored"),
        figure("deliveries repeated", outcome.deliveries - steps, "", "the client resends after 2 s"),
        figure("readers failed", len(outcome.failures), ""),
        figure("server CPU per step", 1000 * cpu / steps, "ms", f"{100 * cpu / elapsed:.0f} % of one core"),
        figure("server memory", memory, "MiB", "resident, at the end"),
        figure("received per step", outcome.bytes_received / steps / 1024, "KiB"),
    ]


def _run_clients(url: str, tokens: list[str], seconds: float) -> _Outcome:
    # A process of their own: the readers' work must not wait for this process, nor the other way round.
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_clients, (url, tokens, seconds))


def _clients(url: str, tokens: list[str], seconds: float) -> _Outcome:
    return asyncio.run(_all_readers(url, tokens, seconds))


async def _all_readers(url: str, tokens: list[str], seconds: float) -> _Outcome:
    outcome = _Outcome()
    end = asyncio.get_running_loop().time() + seconds
    rng = random.Random(1)
    delays = [rng.uniform(0, THINK_S) for _ in tokens]
    await asyncio.gather(
        *(
            _reader(url, token, delay, end, outcome, random.Random(token))
            for token, delay in zip(tokens, delays, strict=True)
        )
    )
    return outcome


async def _reader(url: str, token: str, delay: float, end: float, outcome: _Outcome, rng: random.Random) -> None:
    now = asyncio.get_running_loop().time
    client = ReadingClient(url, token)
    await asyncio.sleep(delay)
    try:
        async with client:
            while now() < end and client.step is not None:
                await asyncio.sleep(THINK_S)
                answer_ms = await client.answer(
                    dx=rng.choice(HAM7.codes),
                    confidence=rng.randint(1, len(client.panel["confidence_levels"])),
                    client_ms=THINK_S * 1000,
                )
                outcome.durations_ms.append(answer_ms)
            outcome.finished += client.step is None
    except Exception as error:  # noqa: BLE001  a reader that fails is a result, whatever made it fail
        outcome.failures.append(f"{type(error).__name__}: {error}")
    outcome.submitted += client.submitted
    outcome.acknowledged += client.acknowledged
    outcome.deliveries += client.deliveries
    outcome.bytes_received += client.bytes_received


def _cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Processor time of a process so far (Linux; 0 elsewhere)."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process (Linux; 0 elsewhere)."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
