"""A study means what it says: who judged was shown it, no time is longer than its step was open, order is order."""

import base64
import io
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from PIL import Image
from tests.conftest import OpenFilled
from tests.filled_workspace import (
    answer_next,
    begin,
    fill_judged,
    fill_study_without_practice,
    invite,
    make_answer,
    make_protocol,
    read_cases,
    send,
)

from dermdash.analyses.reading_time.run import analyse_reading_time
from dermdash.analyses.reading_time.section import reading_time_section
from dermdash.dataset.burned_in_text import TextRegion
from dermdash.errors import AccessDenied, FileMissing
from dermdash.reader_study.reading_session import Refusal
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.settings import Settings
from dermdash.storage import engine as engines
from dermdash.storage import findings, readings, studies
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.ui.offered_pictures import OFFERED
from dermdash.ui.reading_payload import Ahead, panel_data
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.judge_images import mask_regions
from dermdash.workflows.reader_study import (
    case_material,
    create_study,
    invitations,
    join_study,
    reading_standing,
    run_reading,
    send_step,
    study_results,
)
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.readings_source import study_readings
from dermdash.workflows.reader_study.run_reading import ANSWER_REFUSED, Receipt
from dermdash.workflows.readings.read_reading_log import read_reading_log

WEEK_MS = 604_800_000.0


@pytest.fixture
def filled(open_filled: OpenFilled) -> tuple[Workspace, str]:
    return open_filled(fill_study_without_practice)


@pytest.fixture
def workspace(filled: tuple[Workspace, str]) -> Workspace:
    return filled[0]


@pytest.fixture
def study_id(filled: tuple[Workspace, str]) -> str:
    return filled[1]


@pytest.fixture
def session(workspace: Workspace, study_id: str) -> ReadingSession:
    return reading_standing.load_session(workspace, *begin(workspace, *invite(workspace, study_id, "Ada")))


def again(workspace: Workspace, session: ReadingSession) -> ReadingSession:
    return reading_standing.load_session(workspace, session.study_id, session.reader_id)


def deliver(workspace: Workspace, session: ReadingSession, *items: Any) -> Receipt:
    return run_reading.receive(workspace, session.study_id, session.reader_id, items)


def set_clock_back(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """The server's clock from now on, wherever it is asked."""
    true = engines.now
    for module in (engines, readings, send_step, studies, findings):
        monkeypatch.setattr(module, "now", lambda: true() - by)


def test_an_answer_to_assistance_that_was_never_sent_is_refused_logged_counted_and_can_be_given_again(
    workspace: Workspace, session: ReadingSession
) -> None:
    send(workspace, session)
    unaided, aided = make_answer(session), make_answer(session, "mel", phase="aided")
    receipt = deliver(workspace, session, unaided, aided)
    assert receipt.acknowledged == (str(unaided.id),)
    assert receipt.refused == ((str(aided.id), Refusal.NOT_SENT.message),)
    logged = readings.events_of_reader(workspace.engine, session.reader_id, [ANSWER_REFUSED])
    assert [event["detail"]["reason"] for event in logged] == [Refusal.NOT_SENT.message]
    assert sum(study_results.answers_left_out(workspace, session.study_id).values()) == 1
    # The next screen brings the assistance, and with it the answer counts.
    locked = again(workspace, session)
    assert panel_data(workspace, locked, receipt)["step"]["phase"] == "aided"
    assert deliver(workspace, locked, make_answer(locked, "mel")).refused == ()


def test_the_first_image_too_must_have_left_before_it_is_judged(workspace: Workspace, session: ReadingSession) -> None:
    assert deliver(workspace, session, make_answer(session)).refused[0][1] == Refusal.NOT_SENT.message


def test_what_was_sent_is_on_disk_so_a_restart_or_a_second_tab_locks_nobody_out(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "workspace")
    with closing(open_workspace(settings)) as before:
        fill_judged(before)
        study_id = create_study.create_study(before, make_protocol(practice_cases=0))
        session = reading_standing.load_session(before, *begin(before, *invite(before, study_id, "Ada")))
        for _ in range(3):  # two tabs and a reload
            panel_data(before, session, Receipt())
        sent = send_step.sendings(before, [row.id for row in session.assignments])
        assert list(sent) == [(session.assignments[0].id, Phase.UNAIDED)]
    with closing(open_workspace(settings)) as after:
        # The answer that was on its way arrives before any screen is built again.
        assert deliver(after, session, make_answer(session)).refused == ()
        (stored,) = readings.readings_of_reader(after.engine, session.reader_id)
        assert (stored["sent_at"], stored["shown_sha256"]) == (
            sent[session.assignments[0].id, Phase.UNAIDED].sent_at,
            sent[session.assignments[0].id, Phase.UNAIDED].shown_sha256,
        )
        # And a page that is built anew opens the step it shows, whatever was recorded before.
        panel_data(after, again(after, session), Receipt())
        assert deliver(after, session, make_answer(again(after, session))).refused == ()


def test_an_answer_and_that_the_next_step_leaves_are_one_transaction_and_the_answer_is_stored_whatever_follows(
    workspace: Workspace, session: ReadingSession
) -> None:
    commits: list[None] = []
    sa.event.listen(workspace.engine, "commit", lambda _: commits.append(None))

    def deliver_followed(answer: Any) -> tuple[Receipt, Ahead]:
        ahead = Ahead()

        def following(then: ReadingSession) -> send_step.StepLeaving | None:
            panel_data(workspace, then, Receipt(), ahead=ahead)
            return ahead.step

        commits.clear()
        items = [answer]
        found = run_reading.receive(workspace, session.study_id, session.reader_id, items, following=following)
        return found, ahead

    offered = set(panel_data(workspace, session, Receipt())["pictures"])
    first = make_answer(session)
    receipt, ahead = deliver_followed(first)
    assert (receipt.acknowledged, receipt.following, len(commits)) == ((str(first.id),), True, 1)
    assert ahead.step is not None
    key = session.assignments[0].id, Phase.AIDED
    assert send_step.sendings(workspace, [key[0]])[key].shown_sha256 == ahead.step.shown_sha256
    # Nothing can be fetched of it before it leaves, and to leave it needs no further transaction.
    new = {picture.name for picture in ahead.pictures} - offered
    assert not any(OFFERED.get(workspace, session.reader_id, name) for name in new)
    assert panel_data(workspace, again(workspace, session), receipt)["step"]["phase"] == "aided"
    assert len(commits) == 1
    # Delivered again it is acknowledged without anything being written, and what follows is not made again.
    receipt, ahead = deliver_followed(first)
    assert (receipt.acknowledged, receipt.following, len(commits)) == ((str(first.id),), False, 0)
    assert ahead.step is None

    def broken(_: ReadingSession) -> None:
        raise FileMissing("the image of the next case is damaged")

    second = make_answer(again(workspace, session))
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [second], following=broken)
    assert (receipt.acknowledged, receipt.following) == ((str(second.id),), False)
    assert [row["id"] for row in readings.readings_of_reader(workspace.engine, session.reader_id)] == [
        str(first.id),
        str(second.id),
    ]


def test_the_hash_of_a_sending_is_of_the_picture_and_the_assistance(
    workspace: Workspace, session: ReadingSession
) -> None:
    hashes = {}
    for phase in (Phase.UNAIDED, Phase.AIDED):
        panel_data(workspace, again(workspace, session), Receipt())
        key = session.assignments[0].id
        hashes[phase] = send_step.sendings(workspace, [key])[key, phase].shown_sha256
        deliver(workspace, session, make_answer(again(workspace, session)))
    assert len(set(hashes.values())) == 2
    table = study_results.readings_table(workspace, session.study_id)
    assert dict(zip(table["phase"], table["shown_sha256"], strict=True)) == {str(k): v for k, v in hashes.items()}
    assert table["sent_at"].notna().all()


def test_times_that_cannot_be_are_kept_marked_and_left_out_of_analyses_of_time_with_a_count(
    workspace: Workspace, session: ReadingSession
) -> None:
    expected = []
    for client_ms, check in ((WEEK_MS, "longer_than_open"), (900.0, "plausible"), (-5.0, "negative")):
        receipt = answer_next(workspace, again(workspace, session), client_ms=client_ms)
        assert receipt.refused == ()
        expected.append((client_ms, check))
    read_cases(workspace, session.study_id, session.reader_id)
    csv = study_results.export_readings(workspace, session.study_id)
    frame = pd.read_csv(io.BytesIO(csv))
    assert list(zip(frame["client_ms"], frame["time_check"], strict=True))[:3] == expected
    assert set(frame["time_check"][3:]) == {"plausible"}
    table = study_readings(workspace, session.study_id)
    result = analyse_reading_time(table)
    counts = result.time.counts
    assert (counts.contradicted, counts.below_least, counts.readings) == (1, 1, len(frame))
    assert counts.usable == len(frame) - 2
    (warning,) = [w for w in reading_time_section(result, table).warnings if w.startswith("Left out")]
    assert "1 time that the server's clock contradicts" in warning
    # The file comes back as it left, and one of an older version without the new columns comes back too.
    for gone in ([], ["time_check", "sent_at", "shown_sha256", "sequence"]):
        bare = frame.drop(columns=gone).to_csv(index=False).encode()
        back = read_reading_log(bare, name="readings.csv")
        assert isinstance(back, ReadingsTable)
        assert len(back.frame) == len(frame)
        assert back.has("time_check") == (not gone)


def test_answers_and_events_keep_their_order_when_the_clock_is_set_back(
    workspace: Workspace, session: ReadingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_next(workspace, session, "mel")
    with monkeypatch.context() as changed:
        set_clock_back(changed, timedelta(hours=1))
        answer_next(workspace, again(workspace, session), "nv")
        answer_next(workspace, again(workspace, session), "bcc")
    rows = readings.readings_of_reader(workspace.engine, session.reader_id)
    assert [(row["dx"], row["phase"]) for row in rows[:2]] == [("mel", "unaided"), ("nv", "aided")]
    assert rows[0]["recorded_at"] > rows[1]["recorded_at"]
    assert [row["sequence"] for row in rows] == sorted(row["sequence"] for row in rows)
    # No time is called impossible because of it.
    assert {row["time_check"] for row in rows} == {"plausible"}
    table = study_results.readings_table(workspace, session.study_id)
    assert list(table["dx"])[:2] == ["mel", "nv"]
    assert table["sequence"].is_monotonic_increasing
    progress = study_results.reader_progress(workspace, session.study_id)
    assert progress["last_answer"].iloc[0] == rows[-1]["recorded_at"]


def test_a_clock_that_was_set_back_while_a_step_was_open_calls_its_time_not_impossible(
    workspace: Workspace, session: ReadingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(workspace, session)
    set_clock_back(monkeypatch, timedelta(hours=1))
    deliver(workspace, session, make_answer(session, client_ms=60_000.0))
    (row,) = readings.readings_of_reader(workspace.engine, session.reader_id)
    assert row["time_check"] is None


def test_a_reader_in_the_middle_of_a_study_gets_no_pixel_that_was_covered_meanwhile(
    workspace: Workspace, session: ReadingSession
) -> None:
    def shown(session: ReadingSession) -> tuple[str, str]:
        data = panel_data(workspace, session, run_reading.Receipt())
        assert data["step"] is not None
        assert data["prefetch"] is not None
        return data["pictures"][data["step"]["image"]], data["pictures"][data["prefetch"]["image"]]

    before = shown(session)
    assert shown(again(workspace, session)) == before
    for assignment in session.assignments[:2]:
        record_id = case_material.case_record(workspace, assignment.case_id)
        sha256 = case_material.ImagesNow(workspace, [record_id]).of(record_id)
        mask_regions(workspace, OPERATOR, sha256, [TextRegion(0, 0, 40, 30, 0.0)])
    after = shown(again(workspace, session))
    assert not set(before) & set(after)
    grey = np.asarray(Image.open(io.BytesIO(base64.b64decode(after[0].partition(",")[2]))).convert("RGB"), int)
    assert (abs(grey - 128).max(axis=2) < 12).mean() > 0.05


def test_a_withdrawal_holds_whatever_the_clock_says(
    workspace: Workspace, study_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (token,) = invite(workspace, study_id, "Ada")
    invitation_id = join_study.open_invitation(workspace, token).invitation_id
    renewed = invitations.renew_invitation(workspace, invitation_id).link.rsplit("=", 1)[1]
    set_clock_back(monkeypatch, timedelta(days=1))
    invitations.withdraw_invitation(workspace, invitation_id)
    with pytest.raises(AccessDenied, match="withdrawn"):
        join_study.open_invitation(workspace, renewed)


def test_the_last_decision_on_a_finding_is_the_last_whatever_the_clock_says(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings.add_decision(workspace.engine, finding_id="f", decision="confirmed", account_id="a", note="")
    set_clock_back(monkeypatch, timedelta(days=1))
    findings.add_decision(workspace.engine, finding_id="f", decision="open", account_id="a", note="")
    assert findings.latest_decisions(workspace.engine)["f"]["decision"] == "open"


def test_the_events_of_a_study_come_in_the_order_they_were_recorded(
    workspace: Workspace, session: ReadingSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = [{"id": name, "reader_id": session.reader_id, "kind": "pause"} for name in ("second", "first")]
    readings.save_delivery(workspace.engine, answers=[], events=stored[:1])
    set_clock_back(monkeypatch, timedelta(hours=1))
    readings.save_delivery(workspace.engine, answers=[], events=stored[1:])
    assert list(readings.events_of_study(workspace.engine, session.study_id)["id"]) == ["second", "first"]
    of_reader = readings.events_of_reader(workspace.engine, session.reader_id, ["pause"])
    assert [row["id"] for row in of_reader] == ["second", "first"]
