"""What a protocol asks beside the diagnosis, and what it shows beside the image, on the way to disk and browser."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import OpenFilled
from tests.filled_workspace import DATASET, answer_next, begin, fill_judged, invite, make_answer, make_protocol, send

from dermdash.reader_study.management import Management
from dermdash.storage import studies
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import create_study, run_reading, study_results
from dermdash.workflows.reader_study.run_reading import ReadingSession

ASKED = {"malignancy_rating": True, "management": True}
FURTHER: dict[str, Any] = {"malignancy_rating": 63, "management": Management.BIOPSY}


@pytest.fixture
def workspace(open_filled: OpenFilled) -> Workspace:
    return open_filled(fill_judged)[0]


def session_of(workspace: Workspace, **changes: Any) -> ReadingSession:
    study_id = create_study.create_study(workspace, make_protocol(practice_cases=0, **changes))
    return run_reading.load_session(workspace, *begin(workspace, *invite(workspace, study_id, "Ada")))


def test_rating_and_management_of_both_phases_come_into_the_export(workspace: Workspace) -> None:
    session = session_of(workspace, asked=ASKED)
    for rating, management in ((10, Management.DISMISS), (63, Management.BIOPSY)):
        receipt = answer_next(workspace, session, malignancy_rating=rating, management=management)
        assert not receipt.refused
        session = run_reading.load_session(workspace, session.study_id, session.reader_id)
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
    beside = [run_reading.beside_case(workspace, case_id) for case_id in cases["id"]]
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
    beside = create_study.cases_with_surroundings(workspace, protocol, selection)
    assert second not in beside
    assert [b.clinical for b in beside.values() if b.clinical] == [second]


def _make_clinical(workspace: Workspace, image_id: str) -> str:
    with workspace.engine.begin() as connection:
        chosen = (t.record.c.image_id == image_id) & (t.record.c.dataset_id == DATASET)
        connection.execute(t.record.update().where(chosen).values(image_type="clinical_close_up"))
        return str(connection.execute(sa.select(t.record.c.id).where(chosen)).scalar_one())
