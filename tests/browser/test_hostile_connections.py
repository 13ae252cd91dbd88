"""One who sends without end, too much, or what cannot be, to the real server: others notice nothing."""

import asyncio
import math
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from websockets.exceptions import InvalidStatus

from dermdash.storage import readings
from dermdash.workflows.reader_study import create_study, join_study
from tests import own_loop
from tests.benchmarks.hostile_reader import send_without_end
from tests.benchmarks.streamlit_client import ReadingClient
from tests.browser.served_app import ServedApp
from tests.filled_workspace import PROFILE, fill_model, fill_records, invite, make_protocol
from tests.processor_time import cpu_seconds

pytestmark = pytest.mark.browser
PER_ADDRESS = 12


@dataclass(frozen=True)
class Study:
    """A study that is being served, with readers who have described themselves: token to reader id."""

    app: ServedApp
    readers: dict[str, str]

    @property
    def tokens(self) -> list[str]:
        return list(self.readers)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    app = ServedApp(tmp_path_factory.mktemp("hostile"))
    made = {}
    with app.workspace() as workspace:
        fill_model(workspace, fill_records(workspace))
        study_id = create_study.create_study(workspace, make_protocol(practice_cases=0))
        for token in invite(workspace, study_id, "Ada", "Berta", "Clara", "Mallory"):
            reader_id = join_study.start_reader(workspace, join_study.open_invitation(workspace, token))
            join_study.save_profile(workspace, reader_id, PROFILE)
            made[token] = reader_id
    app.start(environment={"DERMDASH_CONNECTIONS_PER_ADDRESS": str(PER_ADDRESS)})
    yield Study(app, made)
    app.stop()


def test_others_answer_at_their_usual_pace_while_one_sends_without_end_and_at_once_after_it(study: Study) -> None:
    url, (ada, berta, _, mallory) = study.app.url, study.tokens

    async def read(token: str, steps: int) -> list[float]:
        async with ReadingClient(url, token) as client:
            return [await client.answer(dx="nv", confidence=1, client_ms=500) for _ in range(steps)]

    async def work() -> tuple[list[float], list[float], int]:
        sending = asyncio.create_task(send_without_end(url, mallory, seconds=4))
        await asyncio.sleep(2)
        during = await read(ada, 5)
        sent = await sending
        return during, await read(berta, 5), sent

    during, after, sent = own_loop.run(work)
    assert sent > 20
    # Usual is below 100 ms; the machine may be busy. One waiting thread for each message made it minutes.
    assert sorted(during)[2] < 15_000
    assert max(after) < 15_000


def test_a_number_that_is_none_does_not_make_the_page_run_again_and_again(study: Study) -> None:
    async def work() -> float:
        async with ReadingClient(study.app.url, study.tokens[2]) as client:
            await client.send_value({"outbox": {"seq": math.nan, "items": []}})
            await asyncio.sleep(1)
            before = cpu_seconds(study.app.process.pid)
            await asyncio.sleep(1.5)
            return cpu_seconds(study.app.process.pid) - before

    assert own_loop.run(work) < 0.5


@pytest.mark.parametrize("cookie", ["", "guessed"])
def test_a_message_that_is_too_large_is_refused_before_it_has_arrived(study: Study, cookie: str) -> None:
    async def work() -> int:
        async with ReadingClient(study.app.url, study.tokens[2], cookie=cookie) as client:
            # The head of a masked binary frame of nine megabytes, and nothing of its content.
            head = struct.pack("!BBQ", 0x82, 0x80 | 127, 9_000_000) + os.urandom(4)
            return await client.close_code_after(head)

    assert own_loop.run(work) == 1009


def test_an_address_that_has_its_connections_gets_no_more_until_one_closes(study: Study) -> None:
    async def work() -> tuple[int, int]:
        clients = [ReadingClient(study.app.url, study.tokens[2]) for _ in range(PER_ADDRESS + 5)]
        opened, refusals = [], set()
        for client in clients:
            try:
                await client.__aenter__()
                opened.append(client)
            except InvalidStatus as refused:
                refusals.add(refused.response.status_code)
        assert refusals == {403}
        for client in opened:
            await client.__aexit__(None, None, None)
        await asyncio.sleep(0.3)
        async with ReadingClient(study.app.url, study.tokens[2]) as again:
            return len(opened), len(again.panel)

    opened, fields = own_loop.run(work)
    assert opened == PER_ADDRESS
    assert fields > 0


# The last of this file: the app is stopped for it.
def test_what_was_acknowledged_is_on_disk_and_the_excess_of_events_is_not(study: Study) -> None:
    study.app.stop()
    with study.app.workspace() as workspace:
        counts = {
            token: len(readings.readings_of_reader(workspace.engine, reader)) for token, reader in study.readers.items()
        }
        events = readings.count_events_of_reader(workspace.engine, study.readers[study.tokens[3]])
    assert [counts[token] for token in study.tokens] == [5, 5, 0, 0]
    assert 0 < events <= 300
    log = study.app.log.read_text()
    assert log.count("more events than a person makes") <= 5
    assert "Traceback" not in log
