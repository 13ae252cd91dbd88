"""Photographs and drawn images are never mixed unasked: neighbours, predictions, figures, searches, studies."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.diagnosis_workspace import TINY, add_tiny_model
from tests.filled_workspace import DATASET, draw_jpeg, make_protocol
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.two_kinds import DRAWN, OF_DRAWINGS, OF_PHOTOGRAPHS, add_model, fill_two_kinds, predict

from dermdash.analyses.comparison.paired_cases import pair_models
from dermdash.analysis.threshold_rates import YOUDENS, chosen_here
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.uploaded_image import read_upload
from dermdash.errors import InvalidInput, NotFound
from dermdash.readings.modality import Modality
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.classifier import classify, embeddings, explain_predictions
from dermdash.workflows.classifier.diagnose import as_dict, diagnose_image
from dermdash.workflows.classifier.evaluate_model import evaluate_model
from dermdash.workflows.classifier.evaluation_datasets import default_dataset
from dermdash.workflows.classifier.find_similar import similar_records, similar_to_features
from dermdash.workflows.classifier.measure_retrieval import measure_retrieval
from dermdash.workflows.classifier.model_in_use import predictions_to_show
from dermdash.workflows.classifier.model_registry import get_model
from dermdash.workflows.dataset.browse_records import page_of_records, record_detail, record_numbers
from dermdash.workflows.dataset.image_kinds import DRAWN_IMAGES, DRAWN_MODEL, NO_PHOTOGRAPHS
from dermdash.workflows.dataset.keep_image import keep_image
from dermdash.workflows.lesion_identity.find_same_lesions import count_unsearched, find_same_lesions
from dermdash.workflows.lesion_identity.review_findings import list_pairs
from dermdash.workflows.reader_study import create_study

CHOSEN = (chosen_here(YOUDENS),)
"""What every evaluation at thresholds of its own says."""


def fill(workspace: Workspace) -> None:
    fill_two_kinds(workspace)
    predict(workspace, OF_PHOTOGRAPHS, DRAWN)  # as somebody asked: it has features of both kinds


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill, tmp_path / "workspace")
    yield workspace
    let_go(workspace)


def test_neighbours_of_a_record_are_of_its_own_kind(filled: Workspace) -> None:
    for name, kind in ((DATASET, False), (DRAWN, True)):
        found = similar_records(filled, f"{name}:NV_0", model_id=OF_PHOTOGRAPHS, k=60)
        assert {n.dataset_id for n in found} == {name}
        assert {n.simulated for n in found} == {kind}


def test_the_other_kind_comes_only_when_asked_for_and_is_marked(filled: Workspace) -> None:
    asked = similar_records(filled, f"{DATASET}:NV_0", model_id=OF_PHOTOGRAPHS, k=5, simulated=True)
    named = similar_records(filled, f"{DATASET}:NV_0", model_id=OF_PHOTOGRAPHS, k=5, dataset_ids=[DRAWN])
    assert [n.record_id for n in asked] == [n.record_id for n in named]
    assert all(n.simulated and n.dataset_id == DRAWN for n in asked)
    with pytest.raises(InvalidInput, match="would be mixed"):
        similar_records(filled, f"{DATASET}:NV_0", model_id=OF_PHOTOGRAPHS, dataset_ids=[DRAWN, DATASET])


def test_an_image_from_elsewhere_is_a_photograph_unless_it_is_the_file_of_a_drawn_record(filled: Workspace) -> None:
    vector = np.ones(8, dtype=np.float32)
    found = similar_to_features(filled, vector, model_id=OF_PHOTOGRAPHS, k=60)
    assert {n.dataset_id for n in found} == {DATASET}
    same_file = similar_to_features(filled, vector, model_id=OF_PHOTOGRAPHS, k=60, identical_ids=[f"{DRAWN}:NV_0"])
    assert {n.dataset_id for n in same_file} == {DRAWN}


def test_retrieval_is_measured_within_one_kind(filled: Workspace) -> None:
    own = measure_retrieval(filled, OF_PHOTOGRAPHS)
    asked = measure_retrieval(filled, OF_PHOTOGRAPHS, simulated=True)
    assert (own.scores.queries, own.simulated, own.to_json()["simulated"]) == (42, False, False)
    assert (asked.scores.queries, asked.simulated, asked.to_json()["simulated"]) == (56, True, True)
    assert embeddings.coverage(filled, OF_PHOTOGRAPHS).records == 42
    assert embeddings.coverage(filled, OF_DRAWINGS).records == 56


def test_a_model_predicts_and_explains_its_own_kind_where_no_data_set_is_named(filled: Workspace) -> None:
    add_tiny_model(filled)
    model = get_model(filled, TINY)
    assert len(classify.records_to_predict(filled, model)) == 42
    assert len(classify.records_to_predict(filled, model, simulated=True)) == 56
    assert len(classify.records_to_predict(filled, model, dataset_ids=[DATASET, DRAWN])) == 98
    assert explain_predictions.coverage(filled, model_id=OF_DRAWINGS) == (0, 56)
    assert explain_predictions.coverage(filled, model_id=TINY, simulated=True) == (0, 56)


def test_an_evaluation_is_of_one_data_set_of_one_kind_and_says_where_images_are_drawn(filled: Workspace) -> None:
    own = evaluate_model(filled, model_id=OF_PHOTOGRAPHS)
    assert (own.source["datasets"], own.as_dict()["simulated"], own.warnings) == ([DATASET], False, CHOSEN)
    drawn = evaluate_model(filled, model_id=OF_DRAWINGS)
    assert (drawn.source["datasets"], drawn.as_dict()["simulated"]) == ([DRAWN], True)
    assert drawn.warnings == (DRAWN_IMAGES, *CHOSEN)
    asked = evaluate_model(filled, model_id=OF_PHOTOGRAPHS, simulated=True)
    assert (asked.source["datasets"], asked.warnings) == ([DRAWN], (DRAWN_IMAGES, *CHOSEN))
    pooled = evaluate_model(filled, model_id=OF_PHOTOGRAPHS, dataset_ids=[DATASET, DRAWN])
    assert pooled.as_dict()["simulated"]
    assert "pooled, as was asked" in pooled.warnings[0]
    predict(filled, OF_DRAWINGS, DATASET)
    assert DRAWN_MODEL in evaluate_model(filled, model_id=OF_DRAWINGS, simulated=False).warnings


def test_the_data_set_of_an_evaluation_is_the_models_own_else_the_largest_of_its_kind(filled: Workspace) -> None:
    from tests.filled_workspace import fill_records

    fill_records(filled, dataset="larger", per_class=9)
    add_model(filled, "m00000000031")  # trained elsewhere
    assert default_dataset(filled, get_model(filled, OF_PHOTOGRAPHS))["id"] == DATASET
    assert default_dataset(filled, get_model(filled, "m00000000031"))["id"] == "larger"
    predict(filled, "m00000000031", DATASET)
    assert default_dataset(filled, get_model(filled, "m00000000031"))["id"] == DATASET  # the one it has predicted
    of_other_classes = get_model(filled, "m00000000031") | {"taxonomy": "clinical9"}
    with pytest.raises(NotFound, match="no photographs to evaluate on"):
        default_dataset(filled, of_other_classes)


def test_models_are_compared_on_the_data_set_of_the_first(filled: Workspace) -> None:
    add_model(filled, "m00000000031", dataset=DATASET)
    predict(filled, "m00000000031", DATASET)
    predict(filled, "m00000000031", DRAWN)
    found = pair_models(filled, OF_PHOTOGRAPHS, "m00000000031").comparison
    assert found.images == 42


def test_lesions_are_searched_and_listed_within_one_kind(filled: Workspace) -> None:
    assert count_unsearched(filled) == 42
    assert count_unsearched(filled, simulated=True) == 56
    report = find_same_lesions(filled, OPERATOR, processes=False)
    assert report.images == 42
    assert count_unsearched(filled) == 0
    assert count_unsearched(filled, simulated=True) == 56
    find_same_lesions(filled, OPERATOR, simulated=True, processes=False)
    of_photographs, of_drawings = list_pairs(filled), list_pairs(filled, simulated=True)
    assert {r["dataset_id"] for pair in of_photographs for r in pair.records} <= {DATASET}
    assert {r["dataset_id"] for pair in of_drawings for r in pair.records} <= {DRAWN}


def test_a_study_takes_a_model_of_its_own_kind_of_images(filled: Workspace) -> None:
    with pytest.raises(InvalidInput, match="knows drawn images, and clinic holds photographs"):
        create_study.draw_cases(filled, make_protocol(model_id=OF_DRAWINGS))
    with pytest.raises(InvalidInput, match="knows photographs, and drawn holds drawn images"):
        create_study.create_study(filled, make_protocol(model_id=OF_PHOTOGRAPHS, dataset_id=DRAWN))
    assert create_study.draw_cases(filled, make_protocol(model_id=OF_DRAWINGS, dataset_id=DRAWN)).study_cases
    alone = make_protocol(model_id=None, modalities=(Modality.CROWD_PROBABILITY, Modality.NONE))
    assert create_study.draw_cases(filled, alone).study_cases


def test_a_record_shows_the_model_in_use_for_its_kind_first(filled: Workspace) -> None:
    detail = record_detail(filled, f"{DRAWN}:NV_0")
    assert detail.simulated
    assert [p["model_id"] for p in predictions_to_show(filled, detail)] == [OF_DRAWINGS, OF_PHOTOGRAPHS]
    assert [p["model_id"] for p in predictions_to_show(filled, record_detail(filled, f"{DATASET}:NV_0"))] == [
        OF_PHOTOGRAPHS
    ]


def test_a_photograph_is_not_kept_among_drawings(filled: Workspace) -> None:
    upload = read_upload(draw_jpeg("nv", 901, size=(160, 120)), limits=ImageLimits.from_settings(filled.settings))
    with pytest.raises(InvalidInput, match="has no place among them"):
        keep_image(filled, upload, taxonomy="ham7", dataset_id=DRAWN)


@pytest.fixture
def judging(filled: Workspace) -> Workspace:
    """With a network, marked as one of drawings."""
    import sqlalchemy as sa

    from dermdash.storage import tables

    add_tiny_model(filled)
    with filled.engine.begin() as connection:
        connection.execute(sa.update(tables.model).where(tables.model.c.id == TINY).values(simulated=True))
    return filled


def test_a_model_of_drawings_that_judges_a_photograph_says_that_it_means_nothing(judging: Workspace) -> None:
    found = diagnose_image(judging, draw_jpeg("mel", 950, size=(160, 120)), model_id=TINY, explain=False)
    assert not found.speaks_of_photographs
    assert found.notes[0] == DRAWN_MODEL
    assert as_dict(found)["simulated"]
    assert as_dict(found)["model"]["simulated"]
    assert found.similar == ()


def test_the_very_file_of_a_drawn_record_is_judged_as_drawn(judging: Workspace) -> None:
    row = records.get_record(judging.engine, f"{DRAWN}:NV_0")
    data = judging.files.get("originals", row["image_sha256"])
    from dermdash.workflows.classifier import find_similar

    known = find_similar.records_of_upload(judging, data)
    assert find_similar.is_drawn_record(judging, [f"{DRAWN}:NV_0"])
    assert not find_similar.is_drawn_record(judging, [f"{DRAWN}:NV_0", f"{DATASET}:NV_0"])
    assert not find_similar.is_drawn_record(judging, [])
    assert all(name.startswith((DRAWN, DATASET)) for name in known)


def test_where_there_are_drawings_only_no_photograph_is_there_to_compare_with(duckdb_workspace: Workspace) -> None:
    from tests.filled_workspace import fill_records

    ids = fill_records(duckdb_workspace, dataset=DRAWN, simulated=True)
    add_tiny_model(duckdb_workspace)
    embeddings.append_features(
        duckdb_workspace, TINY, ids, np.random.default_rng(0).normal(size=(len(ids), 512)).astype(np.float32)
    )
    picture = draw_jpeg("mel", 950, size=(160, 120))
    unasked = diagnose_image(duckdb_workspace, picture, model_id=TINY, explain=False)
    assert (unasked.similar, unasked.similar_missing) == ((), NO_PHOTOGRAPHS)
    asked = diagnose_image(duckdb_workspace, picture, model_id=TINY, explain=False, similar_drawn=True)
    assert asked.similar
    assert all(s.simulated for s in asked.similar)


def test_predictions_of_a_record_say_which_models_know_drawings(filled: Workspace) -> None:
    rows = models.predictions_of_record(filled.engine, f"{DRAWN}:NV_0", lesion_digests=[])
    assert {r["model_id"]: bool(r["model_simulated"]) for r in rows} == {OF_DRAWINGS: True, OF_PHOTOGRAPHS: False}


def test_records_of_both_kinds_say_how_many_are_drawn(filled: Workspace) -> None:
    datasets = {d["id"]: int(d["records"]) for d in records.list_datasets(filled.engine)}
    both = record_numbers(filled, RecordFilter())
    assert (both.matching, both.drawn) == (sum(datasets.values()), datasets[DRAWN])
    assert record_numbers(filled, RecordFilter(dataset_id=(DRAWN,))).drawn == datasets[DRAWN]
    assert record_numbers(filled, RecordFilter(dataset_id=(DATASET,))).drawn == 0
    melanomas = RecordFilter(dx=("mel",))
    some = page_of_records(filled, melanomas)
    assert record_numbers(filled, melanomas).drawn == int((some.rows["dataset_id"] == DRAWN).sum()) > 0
