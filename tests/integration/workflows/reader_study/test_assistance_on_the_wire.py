"""Every form of assistance, wrong advice among it, from the frozen protocol to the wire, the log and the debriefing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import DATASET, MODEL, answer_next, begin, fill_judged, invite, make_protocol
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.classifier.saliency_map import METHOD, PREDICTED
from dermdash.reader_study.protocol_parts import PlantedAdvice
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.wrong_advice import PLANTED, WRONG
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import records, saliency, studies
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.reader_study import create_study, join_study, reading_standing, study_results
from dermdash.workflows.reader_study.debrief import debriefing
from dermdash.workflows.reader_study.readings_source import load_readings
from dermdash.workflows.reader_study.run_reading import Receipt

EVERY = tuple(m for m in Modality if m not in (Modality.NONE, Modality.CROWD_PROBABILITY))


def fill_explained(workspace: Workspace) -> None:
    """Records, predictions, features, and a saliency map of each record, as a network would have left them."""
    record_ids = fill_judged(workspace)
    saliency.save_maps(
        workspace.engine,
        [
            {"record_id": one, "model_id": MODEL, "target": PREDICTED, "method": METHOD, "explained": "nv",
             "probability": 0.7, "heat": bytes(range(196)) * 4}
            for one in record_ids
        ],
    )  # fmt: skip


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_explained, tmp_path / "workspace")
    yield opened
    let_go(opened)


def frozen(workspace: Workspace, **changes: Any) -> str:
    protocol = make_protocol(practice_cases=0, cases_per_round=7, modalities=EVERY, **changes)
    return create_study.create_study(workspace, protocol)


def read_on_the_wire(workspace: Workspace, study_id: str, token: str) -> tuple[str, list[tuple[Any, dict[str, Any]]]]:
    """Let a reader answer as advised; returns their id and of each aided step the stored and the sent form."""
    _, reader_id = begin(workspace, token)
    seen = []
    while True:
        session = reading_standing.load_session(workspace, study_id, reader_id)
        step = session.step
        if step.step is StepKind.FINISHED:
            return reader_id, seen
        assert debriefing(session) is None
        sent = panel_data(workspace, session, Receipt((), ()))
        advised = "nv"
        if step.phase is Phase.AIDED:
            assert step.assignment is not None
            stored = session.rows[step.assignment.id]["assistance"]
            seen.append((stored, json.loads(json.dumps(sent))))
        else:
            assert sent["step"] is not None
            assert sent["step"]["assistance"] is None
        answer_next(workspace, session, advised)


def test_what_is_sent_of_every_form_names_no_record_truth_model_or_plan(workspace: Workspace) -> None:
    study_id = frozen(workspace, wrong_advice=PlantedAdvice(share_percent=50, told=False))
    secret = {DATASET, MODEL, PLANTED, f'"{WRONG}"', "truth", "method", "record_id", "on purpose", "heat"}
    for row in records.records_of_dataset(workspace.engine, DATASET).to_dict("records"):
        secret |= {row["id"], row["image_id"], row["lesion_id"], row["image_sha256"]}
    shown = set()
    for token in invite(workspace, study_id, "A", "B", "C", "D"):
        _, seen = read_on_the_wire(workspace, study_id, token)
        for stored, sent in seen:
            text = json.dumps({key: value for key, value in sent.items() if key not in ("pictures", "words")})
            assert not [word for word in secret if word in text]
            shown.add(stored["modality"])
            # All that is drawn has come with it.
            parts = [sent["step"]["assistance"], *sent["step"]["assistance"].get("parts", [])]
            names = [n["image"] for p in parts for n in p.get("neighbours", [])]
            names += [p["overlay"] for p in parts if "overlay" in p] + [p["image"] for p in parts if "image" in p]
            assert set(names) <= set(sent["pictures"])
            if "words" in sent:
                assert "on purpose" not in json.dumps(sent["words"])
    assert shown == {str(m) for m in EVERY}


def test_similar_images_are_of_no_lesion_patient_or_group_of_any_case_of_the_study(workspace: Workspace) -> None:
    study_id = frozen(workspace)
    cases = studies.cases_of_study(workspace.engine, study_id)
    own = identity_groups(workspace).with_relatives(cases["record_id"])
    forms = {str(m) for m in EVERY if m.form.needs_neighbours}
    for assistance in cases["assistance"]:
        assert forms <= set(assistance)
        for form in forms:
            for part in assistance[form].get("parts", [assistance[form]]):
                assert own.isdisjoint(n["record_id"] for n in part.get("neighbours", ()))


def test_wrong_advice_is_planted_logged_with_the_true_one_exported_and_told_at_the_end(workspace: Workspace) -> None:
    study_id = frozen(workspace, wrong_advice=PlantedAdvice(share_percent=50))
    (token,) = invite(workspace, study_id, "A")
    reader_id, seen = read_on_the_wire(workspace, study_id, token)
    planted = [stored for stored, _ in seen if PLANTED in stored]
    could = [s for s, _ in seen if Modality(s["modality"]).form.can_mislead]
    assert len(planted) == round(len(could) / 2)
    table = study_results.readings_table(workspace, study_id)
    aided = table[table["phase"] == "aided"]
    assert int((aided["advice_faulty"] == True).sum()) == len(planted)  # noqa: E712
    assert table.loc[table["phase"] == "unaided", "advice_faulty"].isna().all()
    wrong = aided[aided["advice_faulty"].astype(bool)]
    assert not wrong["advice_correct"].astype(bool).any()
    named = wrong["advice_dx"].notna()
    assert (wrong["true_advice_dx"][named] == wrong["truth_dx"][named]).all()  # the drawn model is right everywhere
    frame = load_readings(workspace, f"study:{study_id}").frame
    assert int(frame["advice_faulty"].fillna(False).sum()) == len(planted)
    session = reading_standing.load_session(workspace, study_id, reader_id)
    told = debriefing(session)
    assert told is not None
    assert (len(told.positions), told.named) == (len(planted), int(named.sum()))
    said = panel_data(workspace, session, Receipt((), ()), language=Language.GERMAN)["closing"]["debrief"]
    assert str(told.positions[0]) in said[0]
    assert "absichtlich falsch" in said[0]


def test_the_consent_says_that_advice_may_be_wrong_where_the_protocol_tells_it(workspace: Workspace) -> None:
    texts = [
        join_study.consent_text_of(make_protocol(wrong_advice=advice), Language.ENGLISH)[0]
        for advice in (None, PlantedAdvice(share_percent=25, told=False), PlantedAdvice(share_percent=25))
    ]
    assert texts[0] == texts[1]
    assert texts[2].startswith(texts[0])
    assert "may be wrong on purpose" in texts[2]
