"""From a measured image to a person's decision: what it rejects, what then leaves it out, and the way back."""

import json
from pathlib import Path

import pytest
from tests.conftest import OpenFilled
from tests.factories import make_record
from tests.filled_workspace import DATASET, fill_records

from dermdash.dataset.acquisition.measurements import MEASUREMENTS
from dermdash.dataset.source_records import Exclusion, ExclusionReason, SourceTable
from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import acquisition as store
from dermdash.storage import records
from dermdash.storage import tables as t
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.classifier.evaluation_cases import without_rejected
from dermdash.workflows.dataset import acquisition_state as state
from dermdash.workflows.dataset.acquisition_agreement import agreement_sentences, proposal_agreement
from dermdash.workflows.dataset.acquisition_list import listed_images
from dermdash.workflows.dataset.acquisition_state import GateState
from dermdash.workflows.dataset.assess_acquisition import assess, note_seen_proposal, take_back
from dermdash.workflows.dataset.chosen_records import count_rejected, let_through
from dermdash.workflows.dataset.import_scores import import_scores
from dermdash.workflows.dataset.import_work import work_of
from dermdash.workflows.dataset.measure_acquisition import measure
from dermdash.workflows.verification.change_log import verify_log
from dermdash.workflows.workspace.check_workspace import check_workspace

CURATOR = Account("curator", "C. Urator", frozenset({Role.CURATOR}))
REVIEWER = Account("reviewer", "R. Eviewer", frozenset({Role.REVIEWER}))


@pytest.fixture
def filled(open_filled: OpenFilled) -> Workspace:
    return open_filled(fill_records)[0]


def sha_of(workspace: Workspace, record_id: str) -> str:
    return str(records.get_record(workspace.engine, record_id)["image_sha256"])


def record(workspace: Workspace, record_id: str) -> dict[str, object]:
    return records.get_record(workspace.engine, record_id)


def first_ids(workspace: Workspace, n: int) -> list[str]:
    return sorted(records.record_ids(workspace.engine, RecordFilter()))[:n]


def test_a_score_of_1_or_2_leaves_an_image_out_until_it_is_taken_back(filled: Workspace) -> None:
    every = records.count_records(filled.engine, RecordFilter())
    chosen = first_ids(filled, 1)[0]
    assert assess(filled, CURATOR, sha_of(filled, chosen), 2, checklist={"in_focus": "no"}) == 1
    assert (record(filled, chosen)["image_quality_score"], record(filled, chosen)["acquisition"]) == (2, "rejected")
    assert records.count_records(filled.engine, RecordFilter()) == every - 1
    assert records.count_records(filled.engine, RecordFilter(acquisition=("rejected",))) == 1
    assert records.count_records(filled.engine, RecordFilter().with_rejected()) == every
    assert state.rejected_at_acquisition(filled)[DATASET].total == 1
    assert take_back(filled, CURATOR, sha_of(filled, chosen)) == 1
    assert (record(filled, chosen)["image_quality_score"], record(filled, chosen)["acquisition"]) == (None, None)
    assert records.count_records(filled.engine, RecordFilter()) == every
    assert verify_log(filled).whole
    faults = [fault.text for fault in check_workspace(filled).faults]
    assert not [text for text in faults if "acquisition" in text], faults


def test_an_earlier_decision_holds_again_and_a_later_word_of_somebody_else_stays(filled: Workspace) -> None:
    chosen = first_ids(filled, 1)[0]
    sha256 = sha_of(filled, chosen)
    assess(filled, CURATOR, sha256, 4)
    assess(filled, CURATOR, sha256, 1)
    take_back(filled, CURATOR, sha256)
    assert (record(filled, chosen)["image_quality_score"], record(filled, chosen)["acquisition"]) == (4, "accepted")
    assess(filled, CURATOR, sha256, 1)
    with filled.engine.begin() as connection:
        connection.execute(t.record.update().where(t.record.c.id == chosen).values(image_quality_score=3))
    take_back(filled, CURATOR, sha256)
    assert record(filled, chosen)["image_quality_score"] == 3
    assert [row["decision"] for row in store.history(filled.engine, chosen)] == [
        "accepted", "rejected", "taken_back", "rejected", "taken_back",
    ]  # fmt: skip
    take_back(filled, CURATOR, sha256)
    with pytest.raises(InvalidInput, match="nothing to take back"):
        take_back(filled, CURATOR, sha256)


def test_the_same_delivery_is_stored_once_and_who_may_not_is_refused(filled: Workspace) -> None:
    sha256 = sha_of(filled, first_ids(filled, 1)[0])
    assert assess(filled, CURATOR, sha256, 5, delivery=7) == 1
    assert assess(filled, CURATOR, sha256, 5, delivery=7) == 0
    assert take_back(filled, CURATOR, sha256, delivery=8) == 1
    assert take_back(filled, CURATOR, sha256, delivery=8) == 0
    with pytest.raises(AccessDenied):
        assess(filled, REVIEWER, sha256, 5)
    with pytest.raises(AccessDenied):
        measure(filled, REVIEWER, processes=False)
    with pytest.raises(InvalidInput, match="checklist has no item 'nose'"):
        assess(filled, CURATOR, sha256, 5, checklist={"nose": "yes"})
    with pytest.raises(InvalidInput, match="no image quality score"):
        assess(filled, CURATOR, sha256, 6)
    with pytest.raises(NotFound):
        assess(filled, CURATOR, "0" * 64, 3)


def test_what_is_measured_is_kept_apart_goes_on_and_never_becomes_the_score(filled: Workspace) -> None:
    said: list[tuple[int, int]] = []
    first = measure(
        filled, CURATOR, processes=False, progress=lambda *at: said.append(at), stopped=lambda: bool(said[1:])
    )
    assert first.measured == said[-1][0] > 0
    report = measure(filled, CURATOR, processes=False)
    table = state.measurements_table(filled)
    assert table["proposed_score"].notna().all()
    assert report.unreadable == {}
    assert set(table.columns) >= {m.key for m in MEASUREMENTS}
    assert table["image_quality_score"].isna().all()
    assert measure(filled, CURATOR, processes=False).measured == 0
    row = listed_images(filled)[0]
    assert (row["score"], row["decision"]) == (None, None)
    assert row["why"][0]


def test_states_of_the_queue_and_agreement_count_only_what_was_given_blind(filled: Workspace) -> None:
    measure(filled, CURATOR, processes=False)
    images = state.queue(state.queue_table(filled))
    proposed = state.queue_table(filled).set_index("image_sha256")["proposed_score"]
    far = 5 if proposed[images[0]] < 3 else 1
    assess(filled, CURATOR, images[0], far)
    assess(filled, CURATOR, images[1], int(proposed[images[1]]))
    assess(filled, CURATOR, images[2], 3, proposal_hidden=False)
    table = state.queue_table(filled)
    assert state.queue(table, state=GateState.DISAGREEMENT)[:1] == images[:1]
    assert state.queue(table) == images[3:]
    found = proposal_agreement(filled)
    assert (found.answers, found.seen) == (2, 1)
    assert found.counts.sum() == 2
    assert found.counts[far - 1, int(proposed[images[0]]) - 1] == 1
    assert "2 answers with the proposal hidden" in agreement_sentences(found)[0]
    assert json.dumps(found.to_json())


def test_what_is_made_of_a_data_set_leaves_a_rejected_record_out_and_counts_it(filled: Workspace) -> None:
    ids = first_ids(filled, 2)
    assert let_through(filled, DATASET, ids, None).tolist() == [True, True]
    assess(filled, CURATOR, sha_of(filled, ids[0]), 1)
    assert let_through(filled, DATASET, ids, None).tolist() == [False, True]
    assert let_through(filled, DATASET, ids, RecordFilter(acquisition=("rejected",))).tolist() == [True, False]
    assert count_rejected(filled, RecordFilter()) == 1
    kept, gone = without_rejected(filled, records.records_of_dataset(filled.engine, DATASET))
    assert ids[0] not in set(kept["id"])
    assert gone == {"rejected_at_acquisition": 1}


def test_a_blind_disagreement_stays_when_the_proposal_is_followed_afterwards(filled: Workspace) -> None:
    measure(filled, CURATOR, processes=False)
    table = state.queue_table(filled)
    image, proposed = str(table["image_sha256"].iloc[0]), int(table["proposed_score"].iloc[0])
    other = 1 if proposed > 1 else 5
    assess(filled, CURATOR, image, other)
    assess(filled, CURATOR, image, proposed)
    take_back(filled, CURATOR, image)
    found = proposal_agreement(filled)
    assert (found.answers, found.counts[other - 1, proposed - 1]) == (1, 1)


def test_who_was_sent_a_proposal_answers_with_it_in_sight_in_every_session(filled: Workspace) -> None:
    measure(filled, CURATOR, processes=False)
    image = state.queue(state.queue_table(filled))[0]
    note_seen_proposal(filled, CURATOR, image)
    note_seen_proposal(filled, CURATOR, image)
    assess(filled, CURATOR, image, 4)
    assert (proposal_agreement(filled).answers, proposal_agreement(filled).seen) == (0, 1)


def test_an_answer_that_somebody_else_gave_meanwhile_is_not_replaced_unseen(filled: Workspace) -> None:
    sha256 = sha_of(filled, first_ids(filled, 1)[0])
    other = Account("other", "O. Ther", frozenset({Role.CURATOR}))
    assess(filled, other, sha256, 2, shown="")
    with pytest.raises(InvalidInput, match="was rejected with 2 since you opened it"):
        assess(filled, CURATOR, sha256, 5, shown="")
    with pytest.raises(InvalidInput, match="since you opened it"):
        take_back(filled, CURATOR, sha256, shown="")
    held = state.image_at_gate(filled, sha256).answer_id
    assert assess(filled, CURATOR, sha256, 5, shown=held) == 1


def test_a_rejected_file_that_comes_in_again_is_rejected_there_too(filled: Workspace) -> None:
    chosen = first_ids(filled, 1)[0]
    sha256 = sha_of(filled, chosen)
    assess(filled, CURATOR, sha256, 1)
    assert sha256 not in state.queue(state.queue_table(filled))
    every = records.count_records(filled.engine, RecordFilter())
    again = make_record("AGAIN", dataset_id=DATASET, image_sha256=sha256)
    records.save_batch(filled.engine, images=[], records=[again])
    assert records.count_records(filled.engine, RecordFilter()) == every
    assert record(filled, again["id"])["acquisition"] == "rejected"
    assert state.rejected_at_acquisition(filled)[DATASET].here == 2
    assert sha256 in state.queue(state.queue_table(filled), state=GateState.REJECTED)
    assert verify_log(filled).whole
    assert take_back(filled, CURATOR, sha256) == 2
    assert record(filled, again["id"])["acquisition"] is None
    assert records.count_records(filled.engine, RecordFilter()) == every + 2
    assert verify_log(filled).whole


def test_an_import_names_the_rows_that_now_score_1_or_2_what_is_in(filled: Workspace) -> None:
    name = str(record(filled, first_ids(filled, 1)[0])["image_id"])
    rows = tuple(Exclusion(image, ExclusionReason.LOW_QUALITY_SCORE, "row 2") for image in (name, "NEW"))
    work = work_of(filled, DATASET, SourceTable((), rows), None)
    assert [image for image, _ in work.notes] == [name]
    assert "nothing of the row was taken over" in work.notes[0][1]
    assert work.scored_lower == 1


def test_scores_come_from_a_table_and_rows_that_cannot_be_taken_are_named(filled: Workspace, tmp_path: Path) -> None:
    names = [str(record(filled, r)["image_id"]) for r in first_ids(filled, 2)]
    path = tmp_path / "scores.csv"
    path.write_text(f"image_id,score\n{names[0]},1\n{names[1]},9\nnobody,3\n")
    report = import_scores(filled, CURATOR, path)
    assert (report.stored, report.rejected) == (1, 1)
    assert [row for row, _ in report.left_out] == [3, 4]
