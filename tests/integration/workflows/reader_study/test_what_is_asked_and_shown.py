"""What a protocol asks beside the diagnosis, and what it shows beside the image, on the way to disk and browser."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from tests.browser.wire_recorder import images_in
from tests.conftest import OpenFilled
from tests.filled_workspace import (
    DATASET,
    answer_next,
    begin,
    fill_judged,
    invite,
    make_answer,
    make_protocol,
    read_cases,
    send,
)

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.management import Management
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.names import HAM7_NAMES
from dermdash.storage import records, studies
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.reading import LookAt
from dermdash.ui.reading_look import Look, asked_look
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import case_material, create_study, reading_standing, run_reading, study_results
from dermdash.workflows.reader_study.case_surroundings import cases_with_surroundings
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt

ASKED = {"malignancy_rating": True, "management": True}
FURTHER: dict[str, Any] = {"malignancy_rating": 63, "management": Management.BIOPSY}


@pytest.fixture
def workspace(open_filled: OpenFilled) -> Workspace:
    return open_filled(fill_judged)[0]


def session_of(workspace: Workspace, **changes: Any) -> ReadingSession:
    study_id = create_study.create_study(workspace, make_protocol(practice_cases=0, **changes))
    return reading_standing.load_session(workspace, *begin(workspace, *invite(workspace, study_id, "Ada")))


def test_rating_and_management_of_both_phases_come_into_the_export(workspace: Workspace) -> None:
    session = session_of(workspace, asked=ASKED)
    for rating, management in ((10, Management.DISMISS), (63, Management.BIOPSY)):
        receipt = answer_next(workspace, session, malignancy_rating=rating, management=management)
        assert not receipt.refused
        session = reading_standing.load_session(workspace, session.study_id, session.reader_id)
    table = study_results.readings_table(workspace, session.study_id)
    assert table[["phase", "malignancy_rating", "management"]].to_numpy().tolist() == [
        ["unaided", 10, "dismiss"],
        ["aided", 63, "biopsy"],
    ]


@pytest.mark.parametrize(("asked", "given"), [(ASKED, {}), ({}, FURTHER), (ASKED, FURTHER | {"management": None})])
def test_an_answer_with_more_or_less_than_was_asked_is_refused(
    workspace: Workspace, asked: dict[str, Any], given: dict[str, Any]
) -> None:
    session = session_of(workspace, asked=asked)
    send(workspace, session)
    answer = make_answer(session, **given)
    receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [answer])
    assert [answer_id for answer_id, _ in receipt.refused] == [str(answer.id)]
    assert study_results.readings_table(workspace, session.study_id).empty


def test_what_is_seen_beside_a_case_is_frozen_with_it(workspace: Workspace) -> None:
    view = {"fields": ["age_at_exam", "sex"], "clinical_image": True, "whole_patient": True}
    study_id = create_study.create_study(workspace, make_protocol(view=view))
    cases = studies.cases_of_study(workspace.engine, study_id)
    beside = [case_material.beside_case(workspace, case_id) for case_id in cases["id"]]
    assert all(b.fields == {"age_at_exam": 45, "sex": "female"} for b in beside)
    assert all(b.clinical is None for b in beside)
    shown = [record_id for b in beside for record_id in b.lesions]
    assert shown
    assert not set(shown) & set(cases.loc[cases["practice"], "record_id"])


def test_a_study_that_shows_nothing_beside_its_images_stores_nothing(workspace: Workspace) -> None:
    study_id = create_study.create_study(workspace, make_protocol())
    assert studies.cases_of_study(workspace.engine, study_id)["beside"].isna().all()


def test_the_clinical_image_of_a_lesion_is_shown_beside_it_and_is_no_case(duckdb_workspace: Workspace) -> None:
    workspace = duckdb_workspace
    fill_judged(workspace)
    second = _make_clinical(workspace, "MEL_0b")
    protocol = make_protocol(view={"clinical_image": True}, cases_per_round=35, practice_cases=0)
    selection = create_study.draw_cases(workspace, protocol)
    beside = cases_with_surroundings(workspace, protocol, selection)
    assert second not in beside
    assert [b.clinical for b in beside.values() if b.clinical] == [second]


def _make_clinical(workspace: Workspace, image_id: str) -> str:
    with workspace.engine.begin() as connection:
        chosen = (t.record.c.image_id == image_id) & (t.record.c.dataset_id == DATASET)
        connection.execute(t.record.update().where(chosen).values(image_type="clinical_close_up"))
        return str(connection.execute(sa.select(t.record.c.id).where(chosen)).scalar_one())


BESIDE = {"fields": ["age_at_exam", "sex"], "clinical_image": True, "whole_patient": True}


def test_what_stands_beside_a_case_tells_nothing_of_any_lesion(workspace: Workspace) -> None:
    session = session_of(workspace, view=BESIDE)
    secret = set()
    for row in records.records_of_dataset(workspace.engine, DATASET).to_dict("records"):
        secret |= {row["id"], row["image_id"], row["lesion_id"], row["image_sha256"], f"{row['dx']}_"}
        secret |= {row["patient_id"]} if row["patient_id"] else set()
    stored = {
        path.read_bytes() for kind in ("originals", "thumbnails") for path in (workspace.home / kind).rglob("*.*")
    }
    seen = 0

    def look(fresh: ReadingSession) -> None:
        nonlocal seen
        step = fresh.step.assignment
        wanted = None if step is None else Look(step.id, LookAt.LESION, 0)
        data = panel_data(workspace, fresh, Receipt(), look=wanted)
        pictures, _ = data.pop("pictures"), data.pop("words")
        text = json.dumps(data)
        assert not [word for word in secret if word in text]
        assert not stored & set(images_in(json.dumps(pictures).encode()))
        if data["step"] is None:
            return
        beside = data["step"]["beside"]
        assert beside is not None
        assert set(beside) == {"fields", "clinical", "lesions", "lesions_left_out"}
        assert beside["fields"] == [{"title": "Age", "value": "45 years"}, {"title": "Sex", "value": "female"}]
        assert beside["clinical"] == ""
        assert (data["large"] is None) == (beside["lesions"] == [])
        assert {data["step"]["image"], *beside["lesions"]} <= set(pictures)
        seen += len(beside["lesions"])

    read_cases(workspace, session.study_id, session.reader_id, at_each_step=look)
    assert seen


def test_what_is_beside_a_case_counts_for_the_hash_of_what_was_shown(workspace: Workspace) -> None:
    hashes = []
    for view in ({}, {"fields": ["sex"]}):
        session = session_of(workspace, view=view)
        panel_data(workspace, session, Receipt())
        receipt = run_reading.receive(workspace, session.study_id, session.reader_id, [make_answer(session)])
        assert not receipt.refused
        hashes.append(study_results.readings_table(workspace, session.study_id)["shown_sha256"].item())
    assert len(set(hashes)) == 2
    assert None not in hashes


@pytest.mark.parametrize(
    "asked", [None, "0", {"step_key": "a"}, {"step_key": "a", "of": "lesion", "number": -1},
              {"step_key": 3, "of": "lesion", "number": 0}, {"step_key": "a", "of": "lesion", "number": True},
              {"step_key": "a", "of": "lesion", "number": 1.0}, {"step_key": "a", "of": "truth", "number": 0},
              {"step_key": "a", "of": [], "number": 0}],
)  # fmt: skip
def test_what_is_no_question_for_a_large_image_is_none(asked: object) -> None:
    assert asked_look(asked) is None


def test_a_lesion_that_is_not_there_or_of_another_step_is_not_sent_large(workspace: Workspace) -> None:
    session = session_of(workspace, view=BESIDE)
    step = session.step.assignment
    assert step is not None
    kinds = [Look(step.id, LookAt.SIMILAR, 0), Look(step.id, LookAt.MISSED, 0), Look("", LookAt.MISSED, 0)]
    for look in (Look(step.id, LookAt.LESION, 99), Look("elsewhere", LookAt.LESION, 0), *kinds):
        assert panel_data(workspace, session, Receipt(), look=look)["large"] is None


def test_an_attention_check_says_which_answer_to_give_in_the_language_of_the_page(workspace: Workspace) -> None:
    session = session_of(workspace, checks={"attention_checks": 1})
    instructions = []

    def look(fresh: ReadingSession) -> None:
        step = fresh.step.assignment
        shown = panel_data(workspace, fresh, Receipt(), language=Language.GERMAN)["step"]
        if step is not None and shown is not None and step.kind is CasePart.CHECK:
            expected = case_material.expected_answer(workspace, step.case_id)
            assert expected is not None
            instructions.append((shown["instruction"], expected["dx"]))
        elif shown is not None:
            assert shown["instruction"] == ""

    read_cases(workspace, session.study_id, session.reader_id, at_each_step=look)
    assert instructions
    for said, dx in instructions:
        assert said.startswith("Dies ist eine Kontrolle: Wählen Sie ")
        assert HAM7_NAMES[dx].text(Language.GERMAN) in said
