"""What the server does for the heaviest study, one thing at a time: start, first pages, steps, monitoring.

Processor time of the server's process, all threads. Nothing else asks it meanwhile, so that each part is its own; many
at once, and what they wait, is `load`.
"""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable

from tests.benchmarks.coordinator import CoordinatorClient
from tests.benchmarks.figures import Figure
from tests.benchmarks.streamlit_client import ReadingClient
from tests.benchmarks.study_server import cpu_seconds, heaviest_workspace, opened, ready_readers, served, warmed_up
from tests.signed_in import admin_session

NAME = "step_cost"
_IDLE_S = 8.0


def measure(*, quick: bool) -> list[Figure]:
    """Six readers, twelve answers each twice, eight drawings of the monitoring (quick: two readers, four answers)."""
    readers, answers, drawings = (2, 4, 2) if quick else (6, 12, 8)
    study = heaviest_workspace()
    tokens = list(ready_readers(study, readers))
    with opened(study) as workspace:
        cookie = admin_session(workspace)
    with served(study) as (url, server):
        warmed_up(server)
        begun = Figure(NAME, "start, with warming up", 1000 * cpu_seconds(server), "ms", "once")
        coordinator = CoordinatorClient(url, cookie=cookie, study_id=study.study_id)
        clients = [ReadingClient(url, token) for token in tokens]
        return [begun, *asyncio.run(_parts(server, clients, coordinator, answers=answers, drawings=drawings))]


async def _parts(
    server: subprocess.Popen[bytes],
    clients: list[ReadingClient],
    coordinator: CoordinatorClient,
    *,
    answers: int,
    drawings: int,
) -> list[Figure]:
    found: list[Figure] = []

    async def part(name: str, count: int, work: Callable[[], Awaitable[object]]) -> None:
        before = cpu_seconds(server)
        await work()
        found.append(Figure(NAME, name, 1000 * (cpu_seconds(server) - before) / count, "ms", f"mean of {count}"))

    async def answer_some(client: ReadingClient) -> None:
        for _ in range(answers):
            await client.answer(dx=client.panel["classes"][0]["code"], confidence=1, client_ms=900.0)

    async def draw_some() -> None:
        for _ in range(drawings):
            await coordinator.draw_again()

    await part("first page of the first reader", 1, clients[0].__aenter__)
    await part("first page of a reader", len(clients) - 1, lambda: _each(clients[1:], ReadingClient.__aenter__))
    await part("step, pictures made for the first time", answers * len(clients), lambda: _each(clients, answer_some))
    await part("step", answers * len(clients), lambda: _each(clients, answer_some))
    await part("a second of nothing, all pages open", round(_IDLE_S), lambda: asyncio.sleep(_IDLE_S))
    await part("monitoring opened", 1, coordinator.__aenter__)
    await part("monitoring drawn again", drawings, draw_some)
    for client in (*clients, coordinator):
        await client.__aexit__(None, None, None)
    return found


async def _each(clients: list[ReadingClient], act: Callable[[ReadingClient], Awaitable[object]]) -> None:
    for client in clients:
        await act(client)
