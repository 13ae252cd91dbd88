"""The demo workspace at a small scale: interrupted twice, completed, and labelled as simulated everywhere."""

import errno
from collections.abc import Iterator

import pandas as pd
import pytest
from tests.filled_workspace import own_models

from dermdash.errors import InvalidInput, WorkspaceFull
from dermdash.reader_study.reading_session import AnswerKey, AnswerVerdict, StepKind, check_answer, check_submission
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.modality import Modality, Phase
from dermdash.settings import Settings
from dermdash.storage import import_runs, readings, records, studies
from dermdash.storage.invitations import list_invitations
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.dataset.acquisition_state import GateState, gate_counts, queue_table
from dermdash.workflows.dataset.dataset_answers import dataset_answers
from dermdash.workflows.dataset.kept_splits import list_splits
from dermdash.workflows.dataset.tag_version import compare_versions, list_versions
from dermdash.workflows.demo_workspace import (
    DEMO_DATASET,
    DEMO_DATASET_NAME,
    DEMO_STUDY_NAME,
    DemoSize,
    create_demo_workspace,
    is_empty,
    is_unfinished,
)
from dermdash.workflows.reader_study import protocol_of_study, reading_standing
from dermdash.workflows.reader_study.simulate_readers import simulate_readers

SMALL = DemoSize(scale=0.2, height=150, input_size=32, epochs=3, cases=7, practice_cases=1, readers=5)


class DemoInterruptedError(Exception):
    """Stands for the Ctrl-C of somebody who did not want to wait."""


class Onlooker:
    """Collects the progress and interrupts at the nth message of a kind."""

    def __init__(self, *, until: str = "", nth: int = 1) -> None:
        self.until, self.left = until, nth
        self.shares: list[float] = []

    def __call__(self, message: str, share: float) -> None:
        self.shares.append(share)
        self.left -= message == self.until
        if self.left == 0:
            raise DemoInterruptedError(message)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A demo whose making was interrupted while importing and among the simulated readers, then completed."""
    workspace = open_workspace(Settings(home=tmp_path_factory.mktemp("demo") / "workspace"))
    assert is_empty(workspace)
    assert not is_unfinished(workspace)
    for message, nth in (("Importing the images", 3), ("Simulating readers", 4)):
        with pytest.raises(DemoInterruptedError):
            create_demo_workspace(workspace, size=SMALL, processes=False, progress=Onlooker(until=message, nth=nth))
        assert is_unfinished(workspace)
        assert not is_empty(workspace)
    create_demo_workspace(workspace, size=SMALL, processes=False)
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def study_id(demo: Workspace) -> str:
    (study,) = studies.list_studies(demo.engine)
    return str(study["id"])


@pytest.fixture(scope="module")
def answers(demo: Workspace, study_id: str) -> pd.DataFrame:
    return readings.readings_of_study(demo.engine, study_id)


def test_an_interrupted_demo_is_completed_and_leaves_nothing_behind(demo: Workspace) -> None:
    assert not is_unfinished(demo)
    assert len(import_runs.list_import_runs(demo.engine)) == 1
    first, second = own_models(demo)
    assert (first["simulated"], second["simulated"]) == (True, True)
    assert len(studies.list_studies(demo.engine)) == 1


def test_a_call_on_a_finished_demo_changes_nothing(demo: Workspace, study_id: str, answers: pd.DataFrame) -> None:
    onlooker = Onlooker()
    create_demo_workspace(demo, size=SMALL, processes=False, progress=onlooker)
    assert readings.readings_of_study(demo.engine, study_id)["id"].tolist() == answers["id"].tolist()
    assert len(studies.list_studies(demo.engine)) == 1
    assert onlooker.shares == sorted(onlooker.shares)
    assert onlooker.shares[-1] == 1.0


def test_data_set_study_and_every_reader_say_that_they_are_simulated(demo: Workspace, study_id: str) -> None:
    (dataset,) = records.list_datasets(demo.engine)
    assert (dataset["id"], dataset["name"], dataset["simulated"]) == (DEMO_DATASET, DEMO_DATASET_NAME, True)
    study = studies.get_study(demo.engine, study_id)
    assert (study["name"], study["simulated"]) == (DEMO_STUDY_NAME, True)
    readers = studies.readers_of_study(demo.engine, study_id)
    assert len(readers) == SMALL.readers
    assert readers["simulated"].all()
    assert readers["label"].str.startswith("Simulated reader").all()
    assert readers["profession"].notna().all()


def test_the_exclusions_of_the_planted_faults_are_listed(demo: Workspace) -> None:
    (run,) = import_runs.list_import_runs(demo.engine)
    assert run["excluded"]["duplicate_content"] >= 1
    assert run["excluded"]["low_quality_score"] >= 1


def test_every_reader_is_finished_and_every_reading_is_valid_in_its_turn(
    demo: Workspace, study_id: str, answers: pd.DataFrame
) -> None:
    protocol = protocol_of_study.protocol_of(demo, study_id)
    for reader_id, given in answers.groupby("reader_id"):
        session = reading_standing.load_session(demo, study_id, str(reader_id))
        assert session.step.step is StepKind.FINISHED
        assert session.feedback_due is None
        stored: list[AnswerKey] = []
        for row in given.sort_values("submitted_at").to_dict("records"):
            check_answer(protocol, dx=row["dx"], confidence=row["confidence"])
            answer = AnswerKey(row["id"], row["assignment_id"], Phase(row["phase"]))
            decision = check_submission(
                answer,
                consented=True,
                has_profile=True,
                assignments=session.assignments,
                readings=stored,
                sent=[(answer.assignment_id, answer.phase)],
            )
            assert decision.verdict is AnswerVerdict.ACCEPT
            stored.append(answer)


def test_an_aided_reading_logs_what_was_shown_and_an_unaided_one_nothing(answers: pd.DataFrame) -> None:
    aided = answers[answers["phase"] == "aided"]
    assert len(aided) > 0
    assert (aided["modality"] == aided["assistance"].map(lambda payload: payload["modality"])).all()
    assert answers["assistance"][answers["phase"] == "unaided"].isna().all()


def test_some_advice_is_wrong_on_purpose_as_a_first_look_shows_harm_as_well_as_help(
    demo: Workspace, study_id: str
) -> None:
    planted = protocol_of_study.protocol_of(demo, study_id).wrong_advice
    assert planted is not None
    assert (planted.share_percent, planted.told, planted.debriefed) == (20, True, True)


def test_times_lie_in_the_past_and_follow_one_another(answers: pd.DataFrame) -> None:
    assert (answers["submitted_at"] > answers["shown_at"]).all()
    assert answers["recorded_at"].max() < pd.Timestamp.now(tz="UTC")
    for _, given in answers.sort_values("shown_at").groupby("reader_id"):
        assert (given["shown_at"].iloc[1:].to_numpy() >= given["submitted_at"].iloc[:-1].to_numpy()).all()


def test_the_first_readers_find_no_crowd_and_a_crowd_is_of_earlier_readers(answers: pd.DataFrame) -> None:
    first = answers.groupby("reader_id")["shown_at"].min().sort_values()
    crowd = answers[(answers["modality"] == Modality.CROWD_PROBABILITY) & (answers["phase"] == "aided")]
    assert len(crowd) > 0
    assert not crowd["reader_id"].isin(first.index[:3]).any()
    shown = crowd.assign(n=crowd["assistance"].map(lambda payload: payload["readers"]))
    order = {reader_id: number for number, reader_id in enumerate(first.index)}
    assert (shown["n"] == shown["reader_id"].map(order)).all()


def test_all_cases_of_the_study_are_of_lesions_the_model_did_not_train_on(demo: Workspace, study_id: str) -> None:
    cases = studies.cases_of_study(demo.engine, study_id)
    assert cases["held_out"][~cases["practice"]].all()
    assert cases["truth_dx"][~cases["practice"]].nunique() == 7


def test_simulated_readers_may_not_take_part_in_a_study_for_people(duckdb_workspace: Workspace) -> None:
    protocol = template_nature_medicine_2020(
        name="For people", dataset_id="d", taxonomy="ham7", model_id=None, seed=1, modalities=[Modality.NONE]
    )
    values = {
        "id": "real",
        "name": protocol.name,
        "dataset_id": protocol.dataset_id,
        "protocol": protocol.to_json(),
        "protocol_sha256": protocol.sha256,
        "simulated": False,
    }
    studies.save_study(duckdb_workspace.engine, values=values, cases=[])
    with pytest.raises(InvalidInput, match="for people"):
        simulate_readers(duckdb_workspace, "real", count=1, seed=1)
    assert list_invitations(duckdb_workspace.engine, "real").empty


def test_a_full_disk_while_painting_is_said_in_plain_words(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dermdash.workflows.demo_workspace.write_demo_dataset", no_room)
    with pytest.raises(WorkspaceFull, match="is full"):
        create_demo_workspace(duckdb_workspace, size=SMALL, processes=False)
    assert is_unfinished(duckdb_workspace)


def test_a_curator_has_begun_on_its_data_set(demo: Workspace) -> None:
    counts = gate_counts(queue_table(demo, [DEMO_DATASET]))
    assert counts.measured == counts.images
    assert counts.states[GateState.REJECTED] >= 1
    assert counts.states[GateState.ACCEPTED] >= 10
    assert [split.name for split in list_splits(demo)] == ["demo-split"]
    (version,) = list_versions(demo, DEMO_DATASET)
    assert compare_versions(demo, DEMO_DATASET, version.name).labels
    assert dataset_answers(demo, DEMO_DATASET)
