"""The server is killed while readers answer: what they saw acknowledged is on disk, and they go on where they were."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from dermdash.records.taxonomy import HAM7
from dermdash.storage import readings, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.invitations import invite_readers
from tests.browser.reader_browser import ReaderBrowser, Screen, Typed, new_reader
from tests.browser.served_app import ServedApp
from tests.browser.small_dataset import import_small_dataset, make_study, train_tiny_model, write_small_dataset

pytestmark = pytest.mark.browser
READERS = 4
CASES = 5
STEPS = 2 * (CASES + 1) + 1
"""Two answers per case, one of them for practice, and the feedback of the practice case."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path)
    yield app
    app.stop()


def prepare(app: ServedApp, folder: Path) -> list[str]:
    """A study with a link for each reader."""
    dataset = write_small_dataset(folder / "source", prefix="K", per_class=3, rng=np.random.default_rng(1))
    with app.workspace() as workspace:
        import_small_dataset(workspace, dataset, dataset_id="small", adapter="ham10000")
        model_id = train_tiny_model(workspace, dataset_id="small")
        study_id = make_study(workspace, dataset_id="small", model_id=model_id, cases=CASES, practice=1)
        return [i.link for i in invite_readers(workspace, study_id, [f"Reader {n}" for n in range(READERS)])]


def stored_answers(workspace: Workspace) -> list[set[Typed]]:
    """What the database holds, a set per reader in any order; each answer is there once or this fails."""
    study_id = studies.list_studies(workspace.engine)[0]["id"]
    found = []
    for reader_id in studies.readers_of_study(workspace.engine, study_id)["id"]:
        rows = readings.readings_of_reader(workspace.engine, reader_id)
        answers = [Typed(r["assignment_id"], str(r["phase"]), r["dx"], r["confidence"]) for r in rows]
        assert len({(a.step, a.phase) for a in answers}) == len(answers)
        found.append(set(answers))
    return found


def check_acknowledged_are_stored(app: ServedApp, readers: list[ReaderBrowser]) -> int:
    """Whatever a browser no longer keeps was acknowledged, so it must be on disk; nothing may be that nobody typed.

    Returns how many answers are still on their way.
    """
    under_way = 0
    with app.workspace() as workspace:
        stored = set().union(*stored_answers(workspace))
    typed = {answer for reader in readers for answer in reader.typed}
    for reader in readers:
        kept = reader.unacknowledged()
        acknowledged = {answer for answer in reader.typed if (answer.step, answer.phase) not in kept}
        assert acknowledged <= stored
        assert len(kept) <= 1
        under_way += len(kept)
    assert stored <= typed
    return under_way


def answer_of(screen: Screen) -> tuple[str, int]:
    """An answer that depends on the step alone, so that a mix-up of steps is seen."""
    value = int(screen.step[:6], 16) + (screen.phase == "aided")
    return HAM7.codes[value % 7], value % 3 + 1


def take_steps(readers: list[ReaderBrowser], steps: int) -> None:
    """Let each reader in turn answer, as people do who sit beside one another."""
    for _ in range(steps):
        before = []
        for reader in readers:
            screen = reader.settled()
            if screen.state == "feedback":
                reader.page.keyboard.press("Enter")
            else:
                reader.type_answer(*answer_of(screen))
            before.append(screen)
        for reader, screen in zip(readers, before, strict=True):
            reader.moved_on(screen)


def kill_while_answering(app: ServedApp, readers: list[ReaderBrowser], *, pause_s: float) -> list[Screen]:
    """Everybody answers and the server dies `pause_s` later; return what they had answered.

    Without a pause it sees nothing of the last answer, however fast it is.
    """
    answered = []
    for reader in readers:
        screen = reader.settled()
        assert screen.state == "ready"
        if reader is readers[-1] and not pause_s:
            app.hold()
        reader.type_answer(*answer_of(screen), fast=True)
        answered.append(screen)
    time.sleep(pause_s)
    app.kill()
    return answered


def check_only_the_panel_speaks_of_the_lost_server(reader: ReaderBrowser) -> None:
    """Not the dialog of Streamlit, which is for whoever runs the server, and lies over the case."""
    page = reader.page
    page.evaluate(
        """() => new MutationObserver((changes) => {
             const added = changes.flatMap((change) => [...change.addedNodes]);
             if (added.some((node) => node.textContent.includes("Connection error"))) document.title = "lost";
           }).observe(document.body, {childList: true})"""
    )
    expect(page).to_have_title("lost", timeout=120_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Streamlit")).to_have_count(0)
    page.wait_for_selector(".panel[data-connection=offline]")


def test_every_acknowledged_answer_survives_kill_9_and_readers_go_on_at_the_next_open_one(
    app: ServedApp, chromium: Browser, tmp_path: Path
) -> None:
    readers = [new_reader(chromium, link) for link in prepare(app, tmp_path)]
    try:
        app.start()
        for reader in readers:
            reader.begin()
        take_steps(readers, 5)
        for pause_s in (0.0, 0.06):
            answered = kill_while_answering(app, readers, pause_s=pause_s)
            if not pause_s:  # the last reader's answer is on its way for certain
                check_only_the_panel_speaks_of_the_lost_server(readers[-1])
            under_way = check_acknowledged_are_stored(app, readers)
            # What the server never saw it cannot have acknowledged: the test is not idle.
            assert under_way >= (pause_s == 0.0)
            app.start()
            # One reader loses patience and reloads; the others do nothing and are reconnected.
            readers[0].page.reload()
            for reader, screen in zip(readers, answered, strict=True):
                following = reader.moved_on(screen)
                done = {(answer.step, answer.phase) for answer in reader.typed}
                assert following.state == "ready"
                assert (following.step, following.phase) not in done
                if screen.phase == "unaided":
                    assert (following.step, following.phase) == (screen.step, "aided")
        take_steps(readers, STEPS - 5 - 2)
        for reader in readers:
            reader.page.wait_for_selector(".panel[data-state=finished][data-connection=saved]")
        app.stop()
        with app.workspace() as workspace:
            stored = stored_answers(workspace)
        assert sorted(stored, key=min_step) == sorted((set(r.typed) for r in readers), key=min_step)
        # Each typed answer once in the browser too: nobody was asked for the same answer again.
        assert all(len(set(r.typed)) == len(r.typed) == 2 * (CASES + 1) for r in readers)
    finally:
        for reader in readers:
            reader.page.context.close()


def min_step(answers: set[Typed]) -> str:
    """A name to sort readers by: each has steps of their own."""
    return min(answer.step for answer in answers)
