"""A reader's way beside the answers: what they agreed to, leaving for good, many devices, wrong clocks."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from tests.conftest import OpenFilled
from tests.filled_workspace import (
    MODEL,
    answer_next,
    begin,
    fill_judged,
    invite,
    make_answer,
    make_event,
    make_protocol,
    read_cases,
    send,
)

from dermdash.errors import AccessDenied, FileMissing, InvalidInput
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words import between, refusals
from dermdash.reader_study.words import closing as closing_words
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.study_texts import STANDARD_CONSENT
from dermdash.readings.modality import Phase
from dermdash.storage import consents, readings, records, studies, withdrawals
from dermdash.storage import tables as t
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.reading import LookAt
from dermdash.ui.reading_look import Look
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import (
    conduct,
    create_study,
    join_study,
    own_results,
    reading_standing,
    run_reading,
    withdraw,
)
from dermdash.workflows.reader_study.case_material import truths_of
from dermdash.workflows.reader_study.monitor_study import monitor_study
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.watch_as_json import watch_as_json

CASES, PRACTICE = 7, 2


@pytest.fixture
def workspace(open_filled: OpenFilled) -> Workspace:
    return open_filled(fill_judged)[0]


def open_study(workspace: Workspace, **changes: Any) -> tuple[str, str]:
    """A study with one invitation; returns its id and the token."""
    study_id = create_study.create_study(workspace, make_protocol(**changes))
    return study_id, invite(workspace, study_id, "Ada")[0]


def reading(workspace: Workspace, token: str) -> ReadingSession:
    return reading_standing.load_session(workspace, *begin(workspace, token))


def rows_of(workspace: Workspace, reader_id: str) -> list[dict[str, Any]]:
    return readings.readings_of_reader(workspace.engine, reader_id)


def events_of(workspace: Workspace, study_id: str) -> list[str]:
    return list(readings.events_of_study(workspace.engine, study_id)["kind"])


def test_the_consent_is_kept_as_it_was_read_with_its_language_and_hash(workspace: Workspace) -> None:
    study_id, token = open_study(workspace)
    invited = join_study.open_invitation(workspace, token)
    reader_id = join_study.start_reader(workspace, invited, language=Language.RUSSIAN)
    (given,) = join_study.consents_of(workspace, reader_id)
    assert given["text"] == STANDARD_CONSENT.text(Language.RUSSIAN)
    assert (given["version"], given["language"], given["pages_language"]) == ("1", "ru", "ru")
    assert (
        given["text_sha256"]
        == consents.consent_values(version="1", language="ru", pages_language="ru", text=given["text"])["text_sha256"]
    )
    assert abs((datetime.now(UTC) - given["agreed_at"]).total_seconds()) < 60
    assert studies.get_study(workspace.engine, study_id)["id"] == study_id


def test_a_text_that_nobody_translated_is_kept_in_its_own_language(workspace: Workspace) -> None:
    pages = {"translations": {"de": {"consent_text": "Lesen Sie Bilder."}}}
    _, token = open_study(workspace, consent_text="Read images.", pages=pages)
    invited = join_study.open_invitation(workspace, token)
    reader_id = join_study.start_reader(workspace, invited, language=Language.SPANISH)
    (given,) = join_study.consents_of(workspace, reader_id)
    assert (given["text"], given["language"], given["pages_language"]) == ("Read images.", "en", "es")
    protocol = make_protocol(consent_text="Read images.", pages=pages)
    assert join_study.consent_text_of(protocol, Language.GERMAN) == ("Lesen Sie Bilder.", Language.GERMAN)


def test_whoever_agrees_again_to_a_new_version_has_both_on_record(workspace: Workspace) -> None:
    _, token = open_study(workspace)
    session = reading(workspace, token)
    newer: Protocol = make_protocol(consent_version="2", consent_text="Read more images.")
    for _ in range(2):
        join_study.agree_again(workspace, session.reader_id, newer, language=Language.ENGLISH)
    given = join_study.consents_of(workspace, session.reader_id)
    assert [(c["version"], c["text"][:9]) for c in given] == [("1", "You are i"), ("2", "Read more")]


def test_who_withdraws_where_answers_are_kept_is_marked_and_can_answer_no_more(workspace: Workspace) -> None:
    study_id, token = open_study(workspace)
    session = reading(workspace, token)
    read_cases(workspace, study_id, session.reader_id, answers=3)
    first = withdraw.withdraw(workspace, token)
    assert withdraw.withdraw(workspace, token)["receipt"] == first["receipt"]
    assert (first["policy"], first["counts"]["readings"], len(first["sha256"])) == ("keep", 3, 64)
    assert len(rows_of(workspace, session.reader_id)) == 3
    assert readings.readings_of_study(workspace.engine, study_id)["withdrawn"].all()
    late = [make_answer(session), make_event("focus_lost")]
    receipt = run_reading.receive(workspace, study_id, session.reader_id, late)
    assert [reason for _, reason in receipt.refused] == [refusals.WITHDRAWN] * 2
    assert events_of(workspace, study_id).count(withdrawals.READER_WITHDREW) == 1
    assert "answer_refused" not in events_of(workspace, study_id)


def test_who_withdraws_where_answers_are_deleted_leaves_a_receipt_and_nothing_they_said(workspace: Workspace) -> None:
    study_id, token = open_study(workspace, conduct={"withdrawal": "delete"})
    session = reading(workspace, token)
    read_cases(workspace, study_id, session.reader_id, answers=3)
    other = reading(workspace, invite(workspace, study_id, "Berta")[0])
    read_cases(workspace, study_id, other.reader_id, answers=2)
    row = withdraw.withdraw(workspace, token)
    assert (row["policy"], row["counts"]["readings"], row["counts"]["profile"]) == ("delete", 3, 1)
    assert rows_of(workspace, session.reader_id) == []
    assert studies.get_profile(workspace.engine, session.reader_id) is None
    left = readings.events_of_study(workspace.engine, study_id)
    assert list(left[left["reader_id"] == session.reader_id]["kind"]) == [withdrawals.READER_WITHDREW]
    assert readings.sendings(workspace.engine, [a.id for a in session.assignments]) == {}
    assert len(join_study.consents_of(workspace, session.reader_id)) == 1
    # What arrives late from a browser that did not know is not kept either, nor that it came.
    receipt = run_reading.receive(workspace, study_id, session.reader_id, [make_answer(session)])
    assert receipt.refused[0][1] == refusals.WITHDRAWN
    assert rows_of(workspace, session.reader_id) == []
    assert len(rows_of(workspace, other.reader_id)) == 2
    assert set(withdrawals.withdrawals_of_study(workspace.engine, study_id)) == {session.reader_id}


def test_nobody_withdraws_who_does_not_take_part(workspace: Workspace) -> None:
    _, token = open_study(workspace)
    with pytest.raises(AccessDenied):
        withdraw.withdraw(workspace, token)
    with pytest.raises(AccessDenied):
        withdraw.withdraw(workspace, "guess")


def test_ten_devices_under_one_link_are_one_reader_whose_first_answer_stands(workspace: Workspace) -> None:
    study_id, token = open_study(workspace)
    invited = join_study.open_invitation(workspace, token)
    readers: list[str] = []
    together = Barrier(10)

    def come() -> None:
        together.wait()
        readers.append(join_study.start_reader(workspace, invited))

    run_all([come] * 10)
    assert len(set(readers)) == 1
    session = reading(workspace, token)
    send(workspace, session)
    answers = [make_answer(session, code) for code in ("mel", "nv", "bcc", "df", "bkl") * 2]
    receipts: list[Receipt] = []

    def answer(item: Any) -> None:
        together.wait()
        receipts.append(run_reading.receive(workspace, study_id, session.reader_id, [item]))

    run_all([lambda item=item: answer(item) for item in answers])
    stored = rows_of(workspace, session.reader_id)
    assert len(stored) == 1
    assert sorted(len(receipt.acknowledged) for receipt in receipts) == [0] * 9 + [1]
    assert events_of(workspace, study_id).count("answer_refused") == 9
    for item in answers:
        again = run_reading.receive(workspace, study_id, session.reader_id, [item])
        assert bool(again.acknowledged) == (str(item.id) == stored[0]["id"])
    assert len(rows_of(workspace, session.reader_id)) == 1


def run_all(acts: list[Any]) -> None:
    threads = [Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365])
def test_a_clock_that_is_wrong_costs_no_answer_and_both_clocks_are_kept(workspace: Workspace, hours: int) -> None:
    study_id, token = open_study(workspace)
    session = reading(workspace, token)
    theirs = datetime.now(UTC) + timedelta(hours=hours)
    receipt = answer_next(
        workspace, session, client_ms=400.0, shown_at=theirs, submitted_at=theirs + timedelta(seconds=1)
    )
    assert len(receipt.acknowledged) == 1
    (row,) = rows_of(workspace, session.reader_id)
    assert row["time_check"] == "plausible"
    assert abs((row["submitted_at"] - row["recorded_at"]).total_seconds() - 3600 * hours) < 60
    assert reading_standing.load_session(workspace, study_id, session.reader_id).step.phase is Phase.AIDED


def test_time_that_was_not_seen_is_kept_apart_and_both_together_are_held_to_the_servers_clock(
    workspace: Workspace,
) -> None:
    _, token = open_study(workspace)
    session = reading(workspace, token)
    answer_next(workspace, session, client_ms=300.0, hidden_ms=200.0)
    session = reading_standing.load_session(workspace, session.study_id, session.reader_id)
    answer_next(workspace, session, client_ms=300.0, hidden_ms=3_600_000.0)
    first, second = rows_of(workspace, session.reader_id)
    assert (first["client_ms"], first["hidden_ms"], first["time_check"]) == (300.0, 200.0, "plausible")
    assert (second["client_ms"], second["time_check"]) == (300.0, "longer_than_open")


def test_who_is_signed_in_here_is_marked_once_for_each_account(workspace: Workspace) -> None:
    study_id, token = open_study(workspace)
    session = reading(workspace, token)
    for account in ("admin", "admin", "curator"):
        run_reading.note_unblinded(workspace, session.reader_id, account_id=account, roles=["curator", "admin"])
    marks = readings.events_of_study(workspace.engine, study_id)
    assert list(marks["kind"]) == [run_reading.UNBLINDED] * 2
    assert [detail["account"] for detail in marks["detail"]] == ["admin", "curator"]


def test_a_part_is_begun_once_and_a_session_goes_on_from_there_on_any_device(workspace: Workspace) -> None:
    study_id, token = open_study(workspace)
    session = reading(workspace, token)
    assert session.interlude is not None
    begun = make_event("begin", session.interlude.assignment_id)
    receipt = run_reading.receive(workspace, study_id, session.reader_id, [begun])
    assert receipt.acknowledged == (str(begun.id),)
    assert reading_standing.load_session(workspace, study_id, session.reader_id).interlude is None


def test_before_the_first_case_a_reader_learns_of_the_test_and_of_their_time(workspace: Workspace) -> None:
    test = {"screening": {"cases": 2, "right": 1}}
    _, token = open_study(workspace, practice_cases=0, checks=test, time_limit_s=20)
    told = panel_data(workspace, reading(workspace, token), Receipt(), language=Language.GERMAN)["interlude"]
    assert told is not None
    assert told["button"] == between.START_TEST.said(Language.GERMAN)
    said = {between.SCREENING_TEXT.said(Language.GERMAN, 2), between.TIME_FOR_EACH.said(Language.GERMAN, 20)}
    assert said <= set(told["paragraphs"])


def test_own_results_are_counts_told_only_at_the_end_and_only_where_the_study_says_so(workspace: Workspace) -> None:
    study_id, token = open_study(workspace, pages={"feedback": "end", "certificate": True})
    session = reading(workspace, token)
    middle = read_cases(workspace, study_id, session.reader_id, answers=6)
    assert panel_data(workspace, middle, Receipt())["closing"] is None
    done = read_cases(workspace, study_id, session.reader_id)
    closing = panel_data(workspace, done, Receipt(), language=Language.GERMAN)["closing"]
    assert closing is not None
    assert [(r["label"], r["cases"]) for r in closing["results"]] == [
        ("Richtig ohne Hilfe", CASES), ("Richtig mit Hilfe", CASES),
    ]  # fmt: skip
    table = readings.readings_of_study(workspace.engine, study_id)
    counted = table[~table["practice"]]
    for result, phase in zip(closing["results"], Phase, strict=True):
        of_phase = counted[counted["phase"] == str(phase)]
        assert result["right"] == int((of_phase["dx"] == of_phase["truth_dx"]).sum())
    assert closing["certificate"] is not None
    assert f"{CASES} dermatoskopische Fälle" in closing["certificate"]["text"]
    silent_id, silent = open_study(workspace)
    quiet = reading(workspace, silent)
    over = read_cases(workspace, silent_id, quiet.reader_id)
    assert panel_data(workspace, over, Receipt())["closing"] == {
        "results": [],
        "debrief": [],
        "note": "",
        "missed": [],
        "missed_left_out": 0,
        "rank": "",
        "certificate": None,
    }
    assert own_results.own_results(workspace, over)


def test_missed_cases_are_told_when_nobody_reads_on_and_then_nobody_can(workspace: Workspace) -> None:
    study_id, token = open_study(workspace, pages={"feedback": "end"})
    done = read_cases(workspace, study_id, reading(workspace, token).reader_id)
    look = Look("", LookAt.MISSED, 0)
    while_read = panel_data(workspace, done, Receipt(), look=look)
    assert while_read["closing"] is not None
    assert (while_read["closing"]["missed"], while_read["large"]) == ([], None)
    assert while_read["closing"]["note"] == closing_words.RESULTS_NOTE.said(Language.ENGLISH)
    conduct.close_study(workspace, study_id, by="a", reason="enough")
    conduct.reopen_study(workspace, study_id, by="a", reason="nobody was told yet")
    conduct.close_study(workspace, study_id, by="a", reason="enough")
    over = reading_standing.load_session(workspace, study_id, done.reader_id)
    told = panel_data(workspace, over, Receipt(), look=look)
    assert told["closing"] is not None
    truths = truths_of(workspace, study_id)
    last = {a.case_id: over.answered[a.id, a.phases[-1]]["dx"] for a in over.assignments if not a.practice}
    wrong = [case_id for case_id, dx in last.items() if dx != truths[case_id]]
    assert len(told["closing"]["missed"]) == len(wrong) > 0
    assert told["closing"]["note"] == ""
    assert told["large"] is not None
    assert {told["large"]["image"], *(one["image"] for one in told["closing"]["missed"])} <= set(told["pictures"])
    with pytest.raises(InvalidInput, match="have been told which cases"):
        conduct.reopen_study(workspace, study_id, by="a", reason="more readers")


def test_without_feedback_nobody_learns_which_cases_they_missed_even_after_the_end(workspace: Workspace) -> None:
    study_id, token = open_study(workspace)
    done = read_cases(workspace, study_id, reading(workspace, token).reader_id)
    conduct.close_study(workspace, study_id, by="a", reason="enough")
    over = reading_standing.load_session(workspace, study_id, done.reader_id)
    closing = panel_data(workspace, over, Receipt())["closing"]
    assert closing is not None
    assert (closing["results"], closing["missed"], closing["note"]) == ([], [], "")
    conduct.reopen_study(workspace, study_id, by="a", reason="more readers")


def test_what_a_browser_holds_is_not_sent_again(workspace: Workspace) -> None:
    _, token = open_study(workspace)
    session = reading(workspace, token)
    first = panel_data(workspace, session, Receipt(), language=Language.GERMAN)
    assert first["step"] is not None
    assert first["prefetch"] is not None
    assert set(first["pictures"]) == {first["step"]["image"], first["prefetch"]["image"]}
    assert first["words"]["PAUSE"] == "Pause"
    held = {*first["pictures"], "words-de", "anything"}
    again = panel_data(workspace, session, Receipt(), language=Language.GERMAN, held=held)
    assert (again["pictures"], "words" in again) == ({}, False)
    assert again["step"] == first["step"]
    other = panel_data(workspace, session, Receipt(), language=Language.RUSSIAN, held=held)
    assert other["words"]["PAUSE"] == "Пауза"


def test_an_image_deleted_after_the_freeze_keeps_the_reader_waiting_and_costs_no_answer(workspace: Workspace) -> None:
    study_id, token = open_study(workspace, practice_cases=0)
    study, reader_id = begin(workspace, token)
    read_cases(workspace, study, reader_id, answers=4)
    session = reading_standing.load_session(workspace, study, reader_id)
    assert session.step.assignment is not None
    cases = studies.cases_of_study(workspace.engine, study_id).set_index("id")
    record = cases.loc[session.step.assignment.case_id, "record_id"]
    file = workspace.files.path(ORIGINALS, records.records_by_id(workspace.engine, [record])["image_sha256"].iloc[0])
    kept = file.read_bytes()
    file.unlink()
    # Out of reach: the page keeps what it shows and asks again.
    with pytest.raises(FileMissing, match="is missing from the workspace"):
        panel_data(workspace, session, Receipt())
    assert len(rows_of(workspace, reader_id)) == 4
    # The team hears of it: readers cannot say it.
    watch = monitor_study(workspace, study_id)
    assert watch.cases_without_image == (record,)
    assert watch_as_json(watch, blinded=False)["cases_without_image"] == [record]
    file.write_bytes(kept)
    assert monitor_study(workspace, study_id).cases_without_image == ()
    assert panel_data(workspace, session, Receipt())["step"] is not None
    read_cases(workspace, study, reader_id)
    assert len(rows_of(workspace, reader_id)) == 2 * CASES


def test_a_model_replaced_after_the_freeze_changes_nothing_that_readers_are_shown(workspace: Workspace) -> None:
    _, token = open_study(workspace, practice_cases=0, modalities=["malignancy_probability"])
    study, reader_id = begin(workspace, token)
    read_cases(workspace, study, reader_id, answers=1)
    session = reading_standing.load_session(workspace, study, reader_id)
    before = panel_data(workspace, session, Receipt())["step"]
    with workspace.engine.begin() as connection:
        changed = {"checkpoint_sha256": "e" * 64, "name": "Another"}
        connection.execute(t.model.update().where(t.model.c.id == MODEL).values(changed))
        of_model = t.prediction.c.model_id == MODEL
        connection.execute(t.prediction.update().where(of_model).values(malignancy_probability=0.123))
    again = reading_standing.load_session(workspace, study, reader_id)
    after = panel_data(workspace, again, Receipt())["step"]
    assert before is not None
    assert after is not None
    assert (after["assistance"], after["phase"]) == (before["assistance"], "aided")
    with workspace.engine.begin() as connection:
        connection.execute(t.model.delete().where(t.model.c.id == MODEL))
    read_cases(workspace, study, reader_id)
    advised = [row["assistance"] for row in rows_of(workspace, reader_id) if row["phase"] == "aided"]
    assert len(advised) == CASES
    assert "0.123" not in str(advised)
