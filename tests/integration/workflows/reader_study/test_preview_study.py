"""A study as its readers will see it, before it is frozen: what a real reader is sent, and nothing is stored."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.filled_workspace import (
    DATASET,
    answer_next,
    begin,
    fill_judged,
    invite,
    make_event,
    make_protocol,
)
from tests.integration.workflows.reader_study.test_designs_in_a_workspace import small
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import DermdashError
from dermdash.reader_study.design import Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.management import Management
from dermdash.reader_study.preview_way import PreviewStep
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import (
    Asked,
    CaseView,
    Checks,
    Feedback,
    PlantedAdvice,
    ReaderPages,
    Screening,
)
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.reader_study.words.language import Language
from dermdash.readings.modality import Modality, Phase
from dermdash.storage.tables import metadata
from dermdash.storage.workspace import Workspace
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import create_study, reading_standing, run_reading
from dermdash.workflows.reader_study.preview_study import PreviewStudy, preview_of_protocol, preview_of_study
from dermdash.workflows.reader_study.run_reading import Receipt


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def rows(workspace: Workspace) -> dict[str, int]:
    with workspace.engine.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def every_screen(preview: PreviewStudy) -> Iterator[tuple[str, PreviewStep, Mapping[str, Any]]]:
    for arm in preview.protocol.arms:
        for modality in preview.protocol.every_modality or (None,):
            for step, stop in preview.stops(arm, modality).items():
                session = preview.session(arm, stop)
                for language in Language:
                    yield arm.key, step, panel_data(preview.workspace, session, Receipt(), language=language)


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_every_step_of_every_template_is_shown_and_nothing_is_stored(key: str, workspace: Workspace) -> None:
    before = rows(workspace)
    seen: dict[str, set[PreviewStep]] = {}
    for arm, step, data in every_screen(preview_of_protocol(workspace, small(key))):
        seen.setdefault(arm, set()).add(step)
        shown = data["step"]
        if step in (PreviewStep.AIDED, PreviewStep.PRACTICE_AIDED):
            assert shown["assistance"] is not None
        elif step in (PreviewStep.CASE, PreviewStep.PRACTICE, PreviewStep.SCREENING, PreviewStep.CHECK):
            assert shown["assistance"] is None
            assert shown["image"] in data["pictures"]
        assert data["finished"] is (step is PreviewStep.END)
        assert (data["closed"] is not None) is (step in (PreviewStep.WASHOUT, PreviewStep.NOT_ADMITTED))
        between = (
            PreviewStep.INSTRUCTIONS, PreviewStep.BEFORE_SCREENING, PreviewStep.COUNTS, PreviewStep.NEXT_ROUND,
            PreviewStep.NEXT_PERIOD,
        )  # fmt: skip
        if step not in (PreviewStep.CONSENT, PreviewStep.PROFILE):
            assert (data["interlude"] is not None) is (step in between), step
        assert (shown is not None and shown["feedback"] is not None) is (step is PreviewStep.FEEDBACK)
    assert rows(workspace) == before
    always = {PreviewStep.CONSENT, PreviewStep.PROFILE, PreviewStep.INSTRUCTIONS, PreviewStep.END}
    assert all(always <= steps for steps in seen.values())
    if key == "crossover":
        assert all({PreviewStep.CASE, PreviewStep.AIDED, PreviewStep.WASHOUT} <= steps for steps in seen.values())
    if key == "parallel-arms":
        assert PreviewStep.AIDED not in seen["without"]
        assert PreviewStep.CASE not in seen["with"]
    if key == "lancet-oncology-2019":
        assert {PreviewStep.SCREENING, PreviewStep.NOT_ADMITTED} <= seen["all"]


def rich() -> Protocol:
    """A protocol with everything that a screen may show."""
    return make_protocol(
        rounds=2, cases_per_round=7, practice_cases=1, cbir_k=3, modalities=(Modality.MULTICLASS_AND_CBIR,),
        asked=Asked(malignancy_rating=True, management=True), view=CaseView(fields=("sex", "anatomical_site")),
        checks=Checks(attention_checks=1, screening=Screening(cases=1, right=0)),
        pages=ReaderPages(feedback=Feedback.END, certificate=True, instructions="Take your time."),
    )  # fmt: skip


def without_names(data: Any) -> Any:
    """A payload without what is random in it: names of assignments, pictures, reader; and without days."""
    text = json.loads(json.dumps({k: v for k, v in data.items() if k not in ("pictures", "reader")}))

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in ("key", "image", "day")}
        return [strip(one) for one in value] if isinstance(value, list) else value

    return strip(text)


def test_a_reader_of_the_frozen_study_is_sent_what_the_preview_showed(workspace: Workspace) -> None:
    protocol = rich()
    before = preview_of_protocol(workspace, protocol)
    study_id = create_study.create_study(workspace, protocol)
    frozen = preview_of_study(workspace, study_id)
    (arm,) = protocol.arms
    shown: dict[PreviewStep, Any] = {}
    (modality,) = protocol.every_modality
    for case in frozen.cases.values():
        # Neighbours, advice and all else are those that the freeze fixes.
        assert before.payloads(case.record_id, modality) == frozen.payloads(case.id, modality)
        assert before.beside(case.record_id) == frozen.beside(case.id)
        assert before.cases[case.record_id].expected == case.expected
    for step, stop in frozen.stops(arm, None).items():
        shown[step] = without_names(panel_data(workspace, frozen.session(arm, stop), Receipt()))
    assert list(before.stops(arm, None)) == list(shown)
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    seen: dict[str, Any] = {}
    while True:
        session = reading_standing.load_session(workspace, study_id, reader)
        data = without_names(panel_data(workspace, session, Receipt()))
        step = data["step"]
        what = "end" if step is None else f"{step['phase']} {step['practice']} {bool(step['instruction'])}"
        seen.setdefault(what, data)
        if session.feedback_due is not None:
            event = make_event("continue", session.feedback_due.id)
            assert run_reading.receive(workspace, study_id, reader, [event]).acknowledged
        elif step is None:
            break
        else:
            assert answer_next(workspace, session, malignancy_rating=50, management=Management.MONITOR).acknowledged
    for step, what in (
        (PreviewStep.PRACTICE, "unaided True False"),
        (PreviewStep.AIDED, "aided False False"),
        (PreviewStep.CHECK, "unaided False True"),
        (PreviewStep.END, "end"),
    ):
        real, preview_of_it = seen[what], shown[step]
        assert set(real) == set(preview_of_it), step
        assert set(real["step"] or {}) == set(preview_of_it["step"] or {}), step
        for same in ("question", "classes", "confidence_levels", "asked", "languages", "words", "finished"):
            assert real[same] == preview_of_it[same], (step, same)
    assert shown[PreviewStep.AIDED]["step"]["total"] == seen["aided False False"]["step"]["total"]
    assert len(shown[PreviewStep.AIDED]["step"]["assistance"]["parts"]) == 2
    assert shown[PreviewStep.END]["closing"]["certificate"]["text"] == seen["end"]["closing"]["certificate"]["text"]


def test_assistance_from_the_start_is_sent_with_the_case(workspace: Workspace) -> None:
    arms = (Arm(key="with", name="With", periods=(Condition(reading=ReadingOrder.AIDED),)),)
    protocol = make_protocol(
        practice_cases=0, modalities=(Modality.MULTICLASS_PROBABILITY,), design=StudyDesign(arms=arms)
    )
    study_id = create_study.create_study(workspace, protocol)
    _, reader = begin(workspace, invite(workspace, study_id, "A")[0])
    session = reading_standing.load_session(workspace, study_id, reader)
    assert session.step.phase is Phase.AIDED
    step = panel_data(workspace, session, Receipt())["step"]
    assert step is not None
    assert step["assistance"] is not None
    assert answer_next(workspace, session).acknowledged


def test_wrong_advice_can_be_looked_at_and_the_end_tells_of_it(workspace: Workspace) -> None:
    protocol = make_protocol(
        modalities=(Modality.MULTICLASS_PROBABILITY,), wrong_advice=PlantedAdvice(share_percent=50)
    )
    preview = preview_of_protocol(workspace, protocol)
    (arm,) = protocol.arms
    stops = preview.stops(arm, Modality.MULTICLASS_PROBABILITY)

    def top(*, wrong: bool) -> str:
        session = preview.session(arm, stops[PreviewStep.AIDED], wrong=wrong)
        step = panel_data(workspace, session, Receipt())["step"]
        assert step is not None
        assert step["assistance"] is not None
        shares = step["assistance"]["probabilities"]
        return max(shares, key=shares.__getitem__)

    assert top(wrong=True) != top(wrong=False)
    closing = panel_data(workspace, preview.session(arm, stops[PreviewStep.END]), Receipt())["closing"]
    assert closing is not None
    assert "1 case the assistance was wrong on purpose" in closing["debrief"][0]


def test_a_crowd_that_nobody_is_yet_gives_way_to_another_kind(workspace: Workspace) -> None:
    protocol = make_protocol(modalities=(Modality.CROWD_PROBABILITY, Modality.MULTICLASS_PROBABILITY))
    preview = preview_of_protocol(workspace, protocol)
    (arm,) = protocol.arms
    assert PreviewStep.AIDED not in preview.stops(arm, Modality.CROWD_PROBABILITY)
    assert PreviewStep.AIDED in preview.stops(arm, Modality.MULTICLASS_PROBABILITY)


def test_what_cannot_be_made_before_the_freeze_is_said(workspace: Workspace) -> None:
    # The drawn model has no file: no map can be made with it.
    protocol = make_protocol(modalities=(Modality.SALIENCY,))
    preview = preview_of_protocol(workspace, protocol)
    (arm,) = protocol.arms
    stops = preview.stops(arm, Modality.SALIENCY)
    assert panel_data(workspace, preview.session(arm, stops[PreviewStep.CASE]), Receipt())["step"] is not None
    with pytest.raises(DermdashError):
        preview.session(arm, stops[PreviewStep.AIDED])
    assert rows(workspace)["saliency"] == 0
    assert protocol.dataset_id == DATASET
