"""Many readers at once, each thinking for about a second: time to the next step, and whether every answer is kept.

The study is the heaviest that the templates make (`study_server.HEAVIEST`), and a coordinator has its monitoring open.
The readers are websocket clients (see streamlit_client) in a process of their own, on the same machine as the server,
so that the cores are shared between both. What was acknowledged is then compared with what is in the database. Then the
same with tabs of a real browser. `bare_app`, an app that does nothing, is read by as many clients in the same run: what
Streamlit costs.

Steps are told apart by when they were begun: in the rush, which lasts while readers open their pages and until twice
the time that they think has passed, and after it.

Processor time of the server is that of its process, all threads, so other work on the machine delays it and does not
count; but a core that is shared does less in the same time. `one_unit` says how fast it is meanwhile.
"""

import asyncio
import multiprocessing
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from dermdash.storage import readings
from tests.benchmarks import bare_app
from tests.benchmarks.coordinator import CoordinatorClient
from tests.benchmarks.figures import Figure, percentiles
from tests.benchmarks.streamlit_client import ReadingClient
from tests.benchmarks.study_server import (
    StudyWorkspace,
    cpu_seconds,
    heaviest_workspace,
    opened,
    ready_readers,
    served,
    warmed_up,
)
from tests.browser.conftest import launch_chromium
from tests.browser.ports import free_port
from tests.browser.streamlit_server import start_streamlit, stop_process, wait_until_healthy
from tests.signed_in import admin_session

NAME = "load"
THINK_S = 1.0
_OPENED_EVERY_S = 2.0
_STEP_BYTES = 84 * 1024
"""What a step of the heaviest study sends."""


@dataclass(slots=True)
class Outcome:
    """What the clients saw.

    ``steps``, first pages of readers (``opened``), ``drawings`` of the monitoring and ``pages``: when each was begun,
    by the monotonic clock of this machine, and how many milliseconds it took.
    """

    steps: list[tuple[float, float]] = field(default_factory=list)
    opened: list[tuple[float, float]] = field(default_factory=list)
    drawings: list[tuple[float, float]] = field(default_factory=list)
    pages: list[tuple[float, float]] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    deliveries: int = 0
    bytes_received: int = 0
    finished: int = 0
    failures: list[str] = field(default_factory=list)


def measure(*, quick: bool) -> list[Figure]:
    """50 readers for 60 s and 50 of the bare app, 200 who think for five seconds, then 4 tabs of a browser (quick: 10
    readers for 5 s, 2 tabs).
    """
    if quick:
        return [*measure_readers(10, seconds=5), *measure_bare(10, seconds=5), *measure_tabs(2, answers=6)]
    fifty, bare = measure_readers(50, seconds=60), measure_bare(50, seconds=60)
    many = measure_readers(200, seconds=60, think_s=5.0)
    return [*fifty, *bare, *many, *measure_tabs(4, answers=30)]


def measure_readers(
    count: int, *, seconds: float, think_s: float = THINK_S, study: StudyWorkspace | None = None, where: str = ""
) -> list[Figure]:
    """Figures of `count` simultaneous readers over `seconds`, each thinking for so long before an answer.

    ``study``: another than the heaviest on DuckDB, and ``where`` says which.
    """
    study = study or heaviest_workspace()
    tokens = ready_readers(study, count)
    with opened(study) as workspace:
        coordinator = admin_session(workspace)
    with served(study) as (url, server):
        warmed_up(server)
        cpu_before, started = cpu_seconds(server), time.perf_counter()
        unit = one_unit()
        outcome = run_clients(url, list(tokens), seconds, think_s, (coordinator, study.study_id))
        elapsed = time.perf_counter() - started
        cpu = cpu_seconds(server) - cpu_before
        memory = _memory_mib(server)
    stored = stored_readings(study, tokens.values())
    unit = (unit + one_unit()) / 2
    name = f"{count} readers{where}"
    return _figures(name, outcome, stored, elapsed=elapsed, cpu=cpu, memory=memory, unit=unit, think_s=think_s)


def measure_bare(count: int, *, seconds: float, think_s: float = THINK_S) -> list[Figure]:
    """The same readers of an app that does nothing but send as many bytes (`bare_app`)."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-bare-") as folder:
        log = Path(folder, "log")
        environment = {bare_app.BYTES: str(_STEP_BYTES)}
        server = start_streamlit(Path(bare_app.__file__), port=port, env=environment, log=log)
        try:
            wait_until_healthy(server, port, log)
            warmed_up(server)
            before, started = cpu_seconds(server), time.perf_counter()
            outcome = run_clients(f"http://127.0.0.1:{port}", [str(i) for i in range(count)], seconds, think_s, None)
            elapsed, cpu = time.perf_counter() - started, cpu_seconds(server) - before
        finally:
            stop_process(server)
    for failure in outcome.failures[:5]:
        print("  reader failed:", failure)
    name, steps = f"{count} readers of the bare app", max(1, len(outcome.steps))
    return [
        *percentiles(NAME, f"{name}: submit to next step", [ms for _, ms in outcome.steps]),
        Figure(NAME, f"{name}: steps per second", steps / elapsed, "1/s"),
        Figure(NAME, f"{name}: server CPU per step", 1000 * cpu / steps, "ms", "with first pages"),
        Figure(NAME, f"{name}: received per step", outcome.bytes_received / steps / 1024, "KiB"),
        Figure(NAME, f"{name}: readers failed", len(outcome.failures), ""),
    ]


def one_unit() -> float:
    """Processor time in ms of a fixed piece of Python, the median of a few: how much a core does at the moment."""
    taken = []
    for _ in range(5):
        started = time.process_time()
        sum(hash(str(i)) & 1 for i in range(40_000))
        taken.append(1000 * (time.process_time() - started))
    return statistics.median(taken)


def stored_readings(study: StudyWorkspace, reader_ids: Iterable[str]) -> list[str]:
    """The ids of every answer of these readers that is in the database."""
    with opened(study) as workspace:
        return [row["id"] for one in reader_ids for row in readings.readings_of_reader(workspace.engine, one)]


ANSWER = """async (number) => {
  const search = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.matches(".panel")) return e;
      const found = e.shadowRoot && search(e.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const until = async (test) => {
    const end = performance.now() + 600000;
    while (!test()) {
      if (performance.now() > end) throw new Error("the next step did not come");
      await new Promise((go) => setTimeout(go, 10));
    }
  };
  const press = (key) =>
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true }));
  const panel = () => search(document), state = () => panel() && panel().dataset.state;
  await until(() => ["ready", "finished", "interlude"].includes(state()));
  while (state() === "interlude") {
    panel().querySelector(".curtain button")?.click();
    await new Promise((go) => setTimeout(go, 100));
  }
  await until(() => ["ready", "finished"].includes(state()));
  const p = panel(), before = p.dataset.painted;
  if (state() === "finished") return null;
  press(String(number)); press("d");
  const range = p.querySelector("input[type=range]");
  range.value = "50";
  range.dispatchEvent(new Event("input", { bubbles: true }));
  range.dispatchEvent(new Event("change", { bubbles: true }));
  p.querySelector("[data-management]").click();
  const started = performance.now();
  press("Enter");
  await until(() => p.dataset.painted !== before || state() === "finished" || state() === "interlude");
  return performance.now() - started;
}"""
"""Says what the heaviest study asks for as fast as the panel takes it; milliseconds until the next step is painted."""


def measure_tabs(count: int, *, answers: int) -> list[Figure]:
    """Figures of so many readers, each in a tab of Chromium, who answer in turns."""
    study = heaviest_workspace()
    tokens = ready_readers(study, count)
    durations: list[float] = []
    with served(study) as (url, _), sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        pages: list[Page] = []
        for token in tokens:
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(f"{url}/?invitation={token}")
            pages.append(page)
        for i in range(answers):
            took = [page.evaluate(ANSWER, i % 7 + 1) for page in pages]
            durations += [float(one) for one in took if one is not None]
        for page in pages:
            page.wait_for_selector(".panel[data-connection=saved]")
        browser.close()
    stored = stored_readings(study, tokens.values())
    tabs = f"{count} tabs of Chromium"
    return [
        *percentiles(NAME, f"{tabs}: submit to next step painted", durations[count:]),
        Figure(NAME, f"{tabs}: answers lost", len(durations) - len(stored), "readings", f"{len(durations)} given"),
        Figure(NAME, f"{tabs}: answers stored twice", len(stored) - len(set(stored)), "readings"),
    ]


def _figures(
    readers: str,
    outcome: Outcome,
    stored: list[str],
    *,
    elapsed: float,
    cpu: float,
    memory: float,
    unit: float,
    think_s: float,
) -> list[Figure]:
    steps = max(1, len(outcome.steps))
    calm = max((at + ms / 1000 for at, ms in outcome.opened), default=0.0) + 2 * think_s
    taken = [ms for _, ms in outcome.steps]

    def figure(name: str, value: float, unit: str, note: str = "") -> Figure:
        return Figure(NAME, f"{readers}: {name}", value, unit, note)

    return [
        *percentiles(NAME, f"{readers}: submit to next step", taken),
        *percentiles(NAME, f"{readers}: in the rush", [ms for at, ms in outcome.steps if at < calm]),
        *percentiles(NAME, f"{readers}: after the rush", [ms for at, ms in outcome.steps if at >= calm]),
        *percentiles(NAME, f"{readers}: first page", [ms for _, ms in outcome.opened]),
        figure("longest step", max(taken, default=0.0), "ms"),
        figure("steps per second", steps / elapsed, "1/s", f"{outcome.finished} readers finished all cases"),
        *kept(NAME, f"{readers}", outcome, stored),
        figure(
            "server CPU per step",
            1000 * cpu / steps,
            "ms",
            f"{100 * cpu / elapsed:.0f} % of one core; with first pages",
        ),
        figure("one unit of work", unit, "ms", "processor time of a fixed piece of Python meanwhile"),
        figure("server memory", memory, "MiB", "resident, at the end"),
        figure("monitoring drawn", len(outcome.drawings), "times", "beside the readers"),
        figure("received per step", outcome.bytes_received / steps / 1024, "KiB"),
    ]


def kept(benchmark: str, name: str, outcome: Outcome, stored: list[str]) -> list[Figure]:
    """Whether every answer that was acknowledged is there, and once; prints why readers failed."""
    for failure in outcome.failures[:5]:
        print("  reader failed:", failure)
    acknowledged, submitted = outcome.acknowledged, outcome.submitted
    repeated = outcome.deliveries - len(outcome.steps)
    return [
        Figure(benchmark, f"{name}: answers acknowledged", len(acknowledged), "readings", f"{len(submitted)} given"),
        Figure(benchmark, f"{name}: acknowledged answers lost", len(set(acknowledged) - set(stored)), "readings"),
        Figure(
            benchmark, f"{name}: answers stored twice", len(stored) - len(set(stored)), "readings",
            f"{len(stored)} stored",
        ),
        Figure(benchmark, f"{name}: deliveries repeated", repeated, "", "the client resends after 2 s"),
        Figure(benchmark, f"{name}: readers failed", len(outcome.failures), ""),
    ]  # fmt: skip


def run_clients(
    url: str, tokens: list[str], seconds: float, think_s: float, coordinator: tuple[str, str] | None, *, opens: str = ""
) -> Outcome:
    """Let readers read for so long, and somebody with this session watch this study (None: nobody); ``opens``: a page
    that they open anew every two seconds beside them.
    """
    # A process of their own: the readers' work must not wait for this process, nor the other way round.
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_clients, (url, tokens, seconds, think_s, coordinator, opens))


def _clients(
    url: str, tokens: list[str], seconds: float, think_s: float, coordinator: tuple[str, str] | None, opens: str
) -> Outcome:
    return asyncio.run(_all_readers(url, tokens, seconds, think_s, coordinator, opens))


async def _all_readers(
    url: str, tokens: list[str], seconds: float, think_s: float, coordinator: tuple[str, str] | None, opens: str
) -> Outcome:
    outcome = Outcome()
    end = asyncio.get_running_loop().time() + seconds
    rng = random.Random(1)
    delays = [rng.uniform(0, think_s) for _ in tokens]
    await asyncio.gather(
        *([_coordinate(url, *coordinator, end, outcome)] if coordinator else []),
        *([_open_pages(url, coordinator[0], opens, end, outcome)] if coordinator and opens else []),
        *(
            _reader(url, token, delay, think_s, end, outcome, random.Random(token))
            for token, delay in zip(tokens, delays, strict=True)
        ),
    )
    return outcome


async def _coordinate(url: str, cookie: str, study_id: str, end: float, outcome: Outcome) -> None:
    """Have the monitoring open all the while."""
    client = CoordinatorClient(url, cookie=cookie, study_id=study_id)
    try:
        async with client:
            await client.watch(end)
    except Exception as error:  # noqa: BLE001  as for a reader
        outcome.failures.append(f"coordinator: {type(error).__name__}: {error}")
    outcome.drawings += client.drawings


async def _open_pages(url: str, cookie: str, page: str, end: float, outcome: Outcome) -> None:
    """Open a page anew again and again."""
    now = asyncio.get_running_loop().time
    try:
        while now() < end:
            at = now()
            async with CoordinatorClient(url, cookie=cookie, page_name=page):
                outcome.pages.append((at, 1000 * (now() - at)))
            await asyncio.sleep(_OPENED_EVERY_S)
    except Exception as error:  # noqa: BLE001  as for a reader
        outcome.failures.append(f"page: {type(error).__name__}: {error}")


async def _reader(
    url: str, token: str, delay: float, think_s: float, end: float, outcome: Outcome, rng: random.Random
) -> None:
    now = asyncio.get_running_loop().time
    client = ReadingClient(url, token)
    await asyncio.sleep(delay)
    began = now()
    try:
        async with client:
            outcome.opened.append((began, 1000 * (now() - began)))
            while now() < end and client.step is not None:
                # Never the same time: those whose first pages came together would ask together for ever after.
                thinks = think_s * rng.uniform(0.5, 1.5)
                await asyncio.sleep(thinks)
                at = now()
                answer_ms = await client.answer(
                    dx=rng.choice(client.panel["classes"])["code"],
                    confidence=rng.randint(1, len(client.panel["confidence_levels"])),
                    client_ms=thinks * 1000,
                )
                outcome.steps.append((at, answer_ms))
            outcome.finished += client.step is None
    except Exception as error:  # noqa: BLE001  a reader that fails is a result, whatever made it fail
        outcome.failures.append(f"{type(error).__name__}: {error}")
    outcome.submitted += client.submitted
    outcome.acknowledged += client.acknowledged
    outcome.deliveries += client.deliveries
    outcome.bytes_received += client.bytes_received


def _memory_mib(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process (Linux; 0 elsewhere)."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
