"""The search over a workspace: what it finds, what it does again, and how decisions stay."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.factories import make_image, make_record
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.unit.dataset.lesion_pairs import Pixels, add_ruler_and_rim, paint, photograph_again

from dermdash.dataset import agreeing_facts, descriptor_index
from dermdash.dataset.descriptor_index import Candidates, DescriptorIndex
from dermdash.dataset.image_pairs import pairs_of
from dermdash.dataset.perceptual_hash import perceptual_hash
from dermdash.errors import CheckStopped, InvalidInput, NotFound
from dermdash.storage import findings, models, records
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.workflows import chunk_workers
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.dataset import pair_pictures
from dermdash.workflows.lesion_identity import find_same_lesions, review_findings, same_lesion_worker
from dermdash.workflows.lesion_identity.find_same_lesions import SearchReport, TaskProgress


def store(workspace: Workspace, name: str, pixels: Pixels, dataset: str = "ds", **changes: Any) -> str:
    """Store one record with its image and return its id."""
    data = cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()
    sha256 = hashlib.sha256(data).hexdigest()
    for kind in (ORIGINALS, THUMBNAILS):
        workspace.files.put(kind, sha256, data)
    phash = perceptual_hash(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    row = make_record(name, dataset, image_sha256=sha256, **changes)
    known = [d["id"] for d in records.list_datasets(workspace.engine)]
    if dataset not in known:
        values = {"id": dataset, "name": dataset, "taxonomy": "ham7", "simulated": True}
        records.save_dataset(workspace.engine, values=values)
    records.save_batch(workspace.engine, images=[make_image(sha256, phash=phash, format="PNG")], records=[row])
    return str(row["id"])


def search(workspace: Workspace, **options: Any) -> SearchReport:
    return find_same_lesions.find_same_lesions(workspace, OPERATOR, processes=False, **options)


def found(workspace: Workspace) -> list[list[str]]:
    return [pair.to_json()["records"] for pair in review_findings.list_pairs(workspace)]


def fill(workspace: Workspace) -> None:
    """Four lesions under one ruler; the first photographed again under another lesion id and diagnosis."""
    for i in range(4):
        store(workspace, f"I{i}", add_ruler_and_rim(paint(i)))
    store(workspace, "again", add_ruler_and_rim(photograph_again(paint(0))), dx="mel")


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill, tmp_path / "workspace")
    yield workspace
    let_go(workspace)


def test_the_planted_pair_is_found_and_nothing_else(filled: Workspace) -> None:
    stages: list[TaskProgress] = []
    report = search(filled, progress=stages.append)
    assert (report.images, report.new, report.described, report.found) == (5, 5, 5, 1)
    (pair,) = review_findings.list_pairs(filled)
    said = pair.to_json()
    assert said | {"records": sorted(said["records"])} == {
        "kind": "same_lesion", "records": ["I0", "again"], "score": pair.score, "verdict": "same_lesion",
        "decision": None,
    }  # fmt: skip
    assert 0.9 < pair.score <= 1
    assert pair.diagnoses_differ
    assert {p.stage for p in stages} == {"Describing images", "Finding candidates", "Comparing pairs"}
    assert all(0 <= p.share <= 1 for p in stages)


def test_a_second_search_does_nothing_and_changes_nothing(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    search(filled)
    before = findings.list_findings(filled.engine, "same_lesion")
    monkeypatch.setattr(same_lesion_worker, "describe_image", lambda _: pytest.fail("described again"))
    report = search(filled)
    assert (report.new, report.described, report.compared, report.found) == (0, 0, 0, 0)
    assert findings.list_findings(filled.engine, "same_lesion") == before


def test_only_new_images_are_described_and_compared(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    search(filled)
    store(filled, "third", add_ruler_and_rim(photograph_again(paint(1), turn=-70, zoom=1.1)))
    described: list[int] = []
    compared: list[tuple[str, str]] = []
    real_describe, real_compare = same_lesion_worker.describe_image, find_same_lesions.compare_chunk

    def describe(pixels: Pixels) -> Any:
        described.append(1)
        return real_describe(pixels)

    def compare(pairs: Any, **options: Any) -> Any:
        compared.extend(pairs)
        return real_compare(pairs, **options)

    monkeypatch.setattr(same_lesion_worker, "describe_image", describe)
    monkeypatch.setattr(find_same_lesions, "compare_chunk", compare)
    report = search(filled)
    assert (len(described), report.described, report.new, report.found) == (1, 1, 1, 1)
    new = records.get_record(filled.engine, "ds:third")["image_sha256"]
    assert compared
    assert all(new in pair for pair in compared)
    assert {frozenset(pair) for pair in found(filled)} == {frozenset({"I0", "again"}), frozenset({"I1", "third"})}
    assert find_same_lesions.count_unsearched(filled) == 0


def test_a_search_that_was_stopped_goes_on_where_it_was(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compared is not compared again, what was found is kept, and the end is that of a search in one go."""
    monkeypatch.setattr(find_same_lesions, "_PAIRS_AT_ONCE", 3)
    compared: list[tuple[str, str]] = []
    real = find_same_lesions.compare_chunk

    def compare(pairs: Any, **options: Any) -> Any:
        compared.extend(pairs)
        return real(pairs, **options)

    def stop(progress: TaskProgress) -> None:
        if progress.stage == "Comparing pairs" and progress.done >= 6:
            raise CheckStopped

    monkeypatch.setattr(find_same_lesions, "compare_chunk", compare)
    monkeypatch.setattr(chunk_workers, "_IN_FLIGHT", 0)
    with pytest.raises(CheckStopped):
        search(filled, progress=stop)
    assert len(compared) == 6
    assert found(filled) == []
    stages: list[TaskProgress] = []
    report = search(filled, progress=stages.append)
    assert (report.compared, report.found, len(compared), len(set(compared))) == (4, 1, 10, 10)
    assert "Finding candidates" not in {p.stage for p in stages}
    assert next(p.done for p in stages if p.stage == "Comparing pairs") == 6
    assert [set(pair) for pair in found(filled)] == [{"I0", "again"}]
    assert not list((filled.home / "findings").glob("lesion-search-*"))


def test_votes_that_were_cast_before_a_stop_are_not_cast_again(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptor_index, "_IMAGES_PER_ROUND", 2)
    rounds: list[list[int]] = []
    real = DescriptorIndex._voted_by

    def voted(index: DescriptorIndex, images: Any, per_image: int, progress: Any) -> Any:
        rounds.append(images.tolist())
        if len(rounds) == 3:
            raise CheckStopped
        return real(index, images, per_image, progress)

    monkeypatch.setattr(DescriptorIndex, "_voted_by", voted)
    with pytest.raises(CheckStopped):
        search(filled)
    assert rounds == [[0, 1], [2, 3], [4]]
    assert search(filled).compared == 10
    assert rounds == [[0, 1], [2, 3], [4], [4]]
    assert [set(pair) for pair in found(filled)] == [{"I0", "again"}]
    assert not list((filled.home / "findings").glob("lesion-search-*"))


@pytest.mark.parametrize("what", ["npz", "json", "records"])
def test_a_stopped_search_begins_anew_where_what_it_kept_does_not_serve(filled: Workspace, what: str) -> None:
    def stop(progress: TaskProgress) -> None:
        if progress.stage == "Comparing pairs":
            raise CheckStopped

    with pytest.raises(CheckStopped):
        search(filled, progress=stop)
    if what == "records":  # another image came in meanwhile
        store(filled, "another", paint(9))
    else:
        (kept,) = (filled.home / "findings").glob(f"lesion-search-*.{what}")
        kept.write_bytes(b"cut off")
    report = search(filled)
    assert report.compared == (15 if what == "records" else 10)
    assert [set(pair) for pair in found(filled)] == [{"I0", "again"}]
    assert not list((filled.home / "findings").glob("lesion-search-*"))


def test_a_search_among_the_likely_describes_few_and_counts_as_none(duckdb_workspace: Workspace) -> None:
    here = {"patient_id": "P1", "anatomical_site": "torso"}
    store(duckdb_workspace, "a", paint(0), **here)
    store(duckdb_workspace, "b", photograph_again(paint(0)), **here)
    store(duckdb_workspace, "c", paint(1), patient_id="P2", anatomical_site="torso")
    report = search(duckdb_workspace, likely_only=True)
    assert (report.described, report.compared, report.found) == (2, 1, 1)
    assert {frozenset(pair) for pair in found(duckdb_workspace)} == {frozenset({"a", "b"})}
    assert find_same_lesions.count_unsearched(duckdb_workspace) == 3
    assert search(duckdb_workspace).found == 0  # which is there already


def test_two_images_of_one_lesion_are_no_finding(duckdb_workspace: Workspace) -> None:
    store(duckdb_workspace, "a", paint(0), lesion_id="L")
    store(duckdb_workspace, "b", photograph_again(paint(0)), lesion_id="L")
    assert search(duckdb_workspace).compared == 0
    assert found(duckdb_workspace) == []


def test_pairs_across_data_sets_are_found_by_the_search_over_all(duckdb_workspace: Workspace) -> None:
    store(duckdb_workspace, "a", paint(0), "one")
    store(duckdb_workspace, "b", paint(1), "two")
    store(duckdb_workspace, "c", photograph_again(paint(0)), "two")
    search(duckdb_workspace, dataset_id="one")
    search(duckdb_workspace, dataset_id="two")
    assert found(duckdb_workspace) == []
    assert find_same_lesions.count_unsearched(duckdb_workspace) == 3
    report = search(duckdb_workspace)
    assert (report.described, report.found) == (0, 1)
    assert {frozenset(pair) for pair in found(duckdb_workspace)} == {frozenset({"a", "c"})}
    assert review_findings.list_pairs(duckdb_workspace, dataset_id="two") == []


def test_one_file_under_two_lesions_is_the_same_image(duckdb_workspace: Workspace) -> None:
    store(duckdb_workspace, "a", paint(0), "one", lesion_id="L1")
    store(duckdb_workspace, "a2", paint(0), "two", lesion_id="L2")
    store(duckdb_workspace, "twice", paint(1), "one", lesion_id="L3")
    store(duckdb_workspace, "twice", paint(1), "two", lesion_id="L3")
    search(duckdb_workspace)
    (pair,) = review_findings.list_pairs(duckdb_workspace)
    assert (pair.verdict, pair.score, pair.to_json()["records"]) == ("same_image", 1.0, ["a", "a2"])
    assert pair_pictures.overlay_of(duckdb_workspace, pair.details, pair.records, opacity=0.5) is None


def test_useless_and_damaged_images_stop_nothing(filled: Workspace) -> None:
    store(filled, "black", np.zeros((40, 40, 3), np.uint8))
    store(filled, "dot", np.zeros((1, 1, 3), np.uint8))
    store(filled, "grey", np.full((200, 200, 3), 128, np.uint8))
    gone = store(filled, "gone", paint(9))
    sha256 = records.get_record(filled.engine, gone)["image_sha256"]
    filled.files.path(ORIGINALS, sha256).unlink()
    report = search(filled)
    assert report.found == 1
    assert list(report.unreadable) == [sha256]
    # What could not be read is tried again next time.
    assert find_same_lesions.count_unsearched(filled) == 1


@pytest.mark.parametrize("largest", [160, 2])
def test_a_pair_that_no_vote_finds_is_found_where_the_records_agree(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, largest: int
) -> None:
    """Among many images votes miss a pair; with blocks of any size, compared one by one or by votes among them."""
    facts: dict[str, Any] = {"sex": "female", "age_at_exam": 50, "anatomical_site": "head/neck"}
    for i in range(6):
        store(duckdb_workspace, f"I{i}", paint(i), **(facts if i < 2 else {"sex": "male", "age_at_exam": 20 * i}))
    store(duckdb_workspace, "Again", photograph_again(paint(0)), **facts)
    monkeypatch.setattr(agreeing_facts, "LARGEST_BLOCK", largest)
    votes = DescriptorIndex.candidates

    def no_vote_among_all(index: DescriptorIndex, asking: Any, **options: Any) -> Candidates:
        return Candidates.joined([]) if len(asking) == 7 else votes(index, asking, **options)

    monkeypatch.setattr(DescriptorIndex, "candidates", no_vote_among_all)
    search(duckdb_workspace)
    assert [set(pair) for pair in found(duckdb_workspace)] == [{"I0", "Again"}]


def test_a_models_features_add_candidates_once(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "id": "m1", "name": "M", "architecture": "resnet10", "taxonomy": "ham7", "input_size": 32,
        "checkpoint_sha256": "c" * 64, "dataset_id": "ds", "training_lesions_known": True, "metrics": {},
    }  # fmt: skip
    models.save_model(filled.engine, values=values, training_lesion_digests=[])
    ids = [f"ds:I{i}" for i in range(4)] + ["ds:again"]
    embeddings.append_features(filled, "m1", ids, np.random.default_rng(1).normal(size=(5, 8)).astype(np.float32))
    monkeypatch.setattr(find_same_lesions, "by_structure_and_facts", lambda *_, **__: pairs_of([], []))
    assert search(filled).found == 1
    assert search(filled).compared == 0


def test_decisions_survive_another_search_and_can_be_taken_back(filled: Workspace) -> None:
    search(filled)
    (pair,) = review_findings.list_pairs(filled)
    review_findings.decide(filled, pair.id, "same_lesion", account_id="ada", note=" =HYPERLINK(1) ")
    store(filled, "fifth", paint(5))
    search(filled)
    (pair,) = review_findings.list_pairs(filled)
    assert (pair.decision, pair.decided_by) == ("same_lesion", "ada")
    assert [set(p) for p in findings.confirmed_pairs(filled.engine)] == [{"ds:I0", "ds:again"}]
    csv = review_findings.decisions_csv(filled, [pair]).decode()
    assert ",same_lesion,ada,'=HYPERLINK(1)" in csv
    assert review_findings.undo(filled, account_id="somebody else") is None
    assert review_findings.undo(filled, account_id="ada") == pair.id
    assert review_findings.undo(filled, account_id="ada") is None
    assert review_findings.list_pairs(filled)[0].decision is None
    assert findings.confirmed_pairs(filled.engine) == []
    assert len(findings.list_decisions(filled.engine)) == 2


def test_what_is_no_decision_or_no_finding_is_refused(filled: Workspace) -> None:
    search(filled)
    (pair,) = review_findings.list_pairs(filled)
    with pytest.raises(InvalidInput, match="maybe"):
        review_findings.decide(filled, pair.id, "maybe", account_id="ada")
    with pytest.raises(NotFound, match="nothing"):
        review_findings.decide(filled, "nothing", "unsure", account_id="ada")
    with pytest.raises(InvalidInput, match="same_lesion"):
        review_findings.list_pairs(filled, "other")
    assert findings.list_decisions(filled.engine) == []


def test_a_pair_can_be_looked_at_closely(filled: Workspace) -> None:
    search(filled)
    (pair,) = review_findings.list_pairs(filled)
    for data in (
        *pair_pictures.marked_images(filled, pair.details, pair.records),
        pair_pictures.overlay_of(filled, pair.details, pair.records, opacity=0.5),
    ):
        assert data is not None
        assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is not None
    # Laid over, the first image shows the lesion where the second does.
    second = cv2.imdecode(
        np.frombuffer(pair_pictures.overlay_of(filled, pair.details, pair.records, opacity=0.0) or b"", np.uint8), 0
    )
    first = cv2.imdecode(
        np.frombuffer(pair_pictures.overlay_of(filled, pair.details, pair.records, opacity=1.0) or b"", np.uint8), 0
    )
    middle = (slice(60, 140), slice(60, 140))
    assert np.corrcoef(first[middle].ravel(), second[middle].ravel())[0, 1] > 0.7
