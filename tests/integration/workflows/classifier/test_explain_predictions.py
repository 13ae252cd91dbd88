"""Explaining the records of a workspace: what is missing and nothing twice, measured where there are masks."""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.factories import make_image
from tests.filled_workspace import DATASET, draw_jpeg, fill_records
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.saliency_workspace import SIZE, add_mask, add_review, add_tiny_model, disc_mask, fill_with_masks, png_of

from dermdash.analysis.faithfulness import SIDE, measure
from dermdash.classifier.saliency import explain_image
from dermdash.classifier.saliency_map import MALIGNANT, METHOD
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import records, saliency
from dermdash.storage import tables as t
from dermdash.storage.engine import now
from dermdash.storage.object_store import MASKS, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.verification.marks import Mark, MarkShape
from dermdash.workflows.classifier import classify
from dermdash.workflows.classifier.explain_predictions import (
    ExplainProgress,
    count_unmeasured,
    coverage,
    explain_record,
    explain_records,
    measure_curves,
    measure_regions,
    saliency_of_records,
)
from dermdash.workflows.classifier.faithfulness_report import (
    explained_records,
    faithfulness_report,
    figures_csv,
    summary_csv,
    summary_dicts,
)
from dermdash.workflows.classifier.saliency_regions import Region, region_on_crop

RECORDS = 7 * 3
MASKED = RECORDS - 2


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, list[str], str]]:
    workspace, (ids, model_id) = made_once.open_copy(fill_with_masks, tmp_path / "workspace")
    yield workspace, ids, model_id
    let_go(workspace)


def test_every_record_gets_its_own_map_once(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, model_id = filled
    assert coverage(workspace, model_id=model_id) == (0, RECORDS)
    steps: list[ExplainProgress] = []
    assert explain_records(workspace, model_id=model_id, progress=steps.append) == RECORDS
    assert steps[0] == ExplainProgress(0, RECORDS)
    assert steps[-2] == ExplainProgress(RECORDS, RECORDS)
    assert steps[-1] == ExplainProgress(MASKED, MASKED, measuring=True)
    assert coverage(workspace, model_id=model_id) == (RECORDS, RECORDS)
    assert explain_records(workspace, model_id=model_id) == 0
    classifier = classify.checkpoints.load_checkpoint(workspace.checkpoint(model_id))
    record = records.get_record(workspace.engine, ids[4])
    own = explain_image(classifier, workspace.files.path(ORIGINALS, record["image_sha256"]))
    found = saliency_of_records(workspace, [ids[4]], model_id=model_id)[ids[4]]
    np.testing.assert_allclose(found.values.astype(int), own.values.astype(int), atol=1)
    assert (found.explained, found.input_size) == (own.explained, own.input_size)
    assert found.probability == pytest.approx(own.probability, abs=1e-5)


def test_an_interrupted_run_keeps_what_it_has_and_goes_on(
    filled: tuple[Workspace, list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _, model_id = filled
    from dermdash.classifier import saliency as computing

    whole = computing.explain_batches
    small = lambda *args, **options: whole(*args, batch_size=8, **options)  # noqa: E731
    monkeypatch.setattr(computing, "explain_batches", small)

    def stop(progress: ExplainProgress) -> None:
        if progress.done == 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explain_records(workspace, model_id=model_id, progress=stop)
    assert coverage(workspace, model_id=model_id) == (16, RECORDS)
    assert explain_records(workspace, model_id=model_id) == RECORDS - 16
    assert len(faithfulness_report(workspace, model_id=model_id).table) == MASKED


def test_an_unreadable_image_is_left_out_and_the_rest_explained(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, model_id = filled
    sha256 = records.get_record(workspace.engine, ids[3])["image_sha256"]
    workspace.files.path(ORIGINALS, sha256).write_bytes(b"damaged")
    assert explain_records(workspace, model_id=model_id) == RECORDS - 1
    assert ids[3] not in saliency_of_records(workspace, ids, model_id=model_id)


def test_models_targets_and_data_sets_are_kept_apart(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, model_id = filled
    other = add_tiny_model(workspace, seed=9)
    assert explain_records(workspace, model_id=model_id, target=MALIGNANT) == RECORDS
    assert coverage(workspace, model_id=model_id) == (0, RECORDS)
    assert coverage(workspace, model_id=other, target=MALIGNANT) == (0, RECORDS)
    assert explain_records(workspace, model_id=model_id, dataset_ids=[DATASET], target="mel") == RECORDS
    with pytest.raises(NotFound, match="no data set elsewhere"):
        explain_records(workspace, model_id=model_id, dataset_ids=["elsewhere"])
    with pytest.raises(InvalidInput, match="cannot explain"):
        explain_records(workspace, model_id=other, target="wart")
    with pytest.raises(NotFound, match="no model"):
        explain_records(workspace, model_id="none")
    assert saliency_of_records(workspace, ids[:1], model_id=model_id, target="mel")[ids[0]].explained == "mel"


def test_one_record_can_be_explained_at_once_and_is_stored(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, model_id = filled
    found = explain_record(workspace, ids[0], model_id=model_id)
    again = explain_record(workspace, ids[0], model_id=model_id)
    np.testing.assert_array_equal(found.values, again.values)
    assert coverage(workspace, model_id=model_id) == (1, RECORDS)


def test_figures_are_those_of_the_map_and_the_mask_within_what_the_network_saw(
    filled: tuple[Workspace, list[str], str],
) -> None:
    workspace, ids, model_id = filled
    explain_records(workspace, model_id=model_id)
    table = faithfulness_report(workspace, model_id=model_id).table.set_index("record_id")
    assert set(table.index) == set(ids[:-2])
    found = saliency_of_records(workspace, [ids[0]], model_id=model_id)[ids[0]]
    # A crop of 0.8 x 36 = 28.8 px around the middle; the disc has a radius of 12 px.
    rows, columns = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE - 0.5
    region = np.hypot(rows, columns) < 12 / 28.8
    expected = measure(found.on_crop(SIDE), region)
    assert expected is not None
    assert table.loc[ids[0], "area"] == pytest.approx(np.pi * (12 / 28.8) ** 2, abs=0.02)
    assert table.loc[ids[0], "share"] == pytest.approx(expected.share, abs=0.02)
    assert table.loc[ids[0], "iou_same_area"] == pytest.approx(expected.iou_same_area, abs=0.03)


def test_a_mask_that_comes_later_is_measured_without_the_network(
    filled: tuple[Workspace, list[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, ids, model_id = filled
    explain_records(workspace, model_id=model_id)
    monkeypatch.setattr(classify.checkpoints, "load_checkpoint", None)
    add_mask(workspace, ids[-1], disc_mask())
    assert measure_regions(workspace, model_id=model_id) == 1
    assert measure_regions(workspace, model_id=model_id) == 0
    assert len(faithfulness_report(workspace, model_id=model_id).table) == MASKED + 1


def test_masks_that_cannot_be_compared_are_counted_with_the_reason(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, model_id = filled
    explain_records(workspace, model_id=model_id)
    add_mask(workspace, ids[-1], disc_mask((36, 48)))
    corner = np.zeros((SIZE[1], SIZE[0]), bool)
    corner[0, 0] = True
    add_mask(workspace, ids[-2], png_of(corner))
    measure_regions(workspace, model_id=model_id)
    left_out = faithfulness_report(workspace, model_id=model_id).left_out
    assert sum(left_out.values()) == 2
    assert any("36 x 48 px, other proportions" in reason for reason in left_out)
    assert left_out["the region lies outside what the network saw"] == 1


def test_a_mask_file_that_is_gone_or_damaged_is_said(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, _ = filled
    record = records.get_record(workspace.engine, ids[0])
    region = Region("lesion", record["mask_sha256"])
    path = workspace.files.path(MASKS, record["mask_sha256"])
    path.write_bytes(b"damaged")
    with pytest.raises(InvalidInput, match="cannot be read"):
        region_on_crop(workspace, region, image_sha256=record["image_sha256"], input_size=64)
    path.unlink()
    with pytest.raises(NotFound, match="missing"):
        region_on_crop(workspace, region, image_sha256=record["image_sha256"], input_size=64)


def test_a_structure_is_what_at_least_half_of_the_people_marked(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, ids, _ = filled
    record = records.get_record(workspace.engine, ids[0])
    width, height = records.image_size(workspace.engine, record["image_sha256"])
    left = Mark("globules", MarkShape.RECTANGLE, ((0, 0), (width / 2, height)))
    right = Mark("globules", MarkShape.RECTANGLE, ((width / 2, 0), (width, height)))
    one_of_three = Region("globules", "x", ((left, right), (left,), ()))
    pixels = region_on_crop(workspace, one_of_three, image_sha256=record["image_sha256"], input_size=64)
    assert pixels[:, : SIDE // 2 - 1].all()
    assert not pixels[:, SIDE // 2 + 1 :].any()


def test_a_map_is_measured_against_a_structure_once_it_is_marked_and_again_when_it_is_marked_anew(
    filled: tuple[Workspace, list[str], str],
) -> None:
    workspace, ids, model_id = filled
    explain_records(workspace, model_id=model_id)
    assert count_unmeasured(workspace, model_id=model_id) == 0
    for reviewer, side in (("ada", 0.4), ("berta", 0.6)):
        width, height = records.image_size(
            workspace.engine, records.get_record(workspace.engine, ids[0])["image_sha256"]
        )
        mark = Mark("globules", MarkShape.RECTANGLE, ((0, 0), (width * side, height)))
        add_review(workspace, ids[0], reviewer, marks=[mark])
        assert count_unmeasured(workspace, model_id=model_id) == 1
        assert measure_regions(workspace, model_id=model_id) == 1
    report = faithfulness_report(workspace, model_id=model_id, region="globules")
    assert report.regions == ("globules", "lesion")
    assert report.table["record_id"].tolist() == [ids[0]]
    assert len(faithfulness_report(workspace, model_id=model_id).table) == MASKED


def test_the_report_has_parts_intervals_and_files(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, _, model_id = filled
    explain_records(workspace, model_id=model_id)
    report = faithfulness_report(workspace, model_id=model_id)
    assert (report.explained, report.regions, report.left_out) == (RECORDS, ("lesion",), {})
    assert report.table["correct"].map(type).eq(bool).all()
    rows = {(r["figure"], r["part"]): r for r in summary_dicts(report)}
    assert rows["share", "all"]["records"] == MASKED
    assert rows["share", "all"]["mean"] == pytest.approx(report.table["share"].mean())
    assert rows["share", "all"]["low"] < rows["share", "all"]["mean"] < rows["share", "all"]["high"]
    assert rows["share", "all"]["chance"] == pytest.approx(report.table["area"].mean())
    assert rows["share", "mel"]["records"] == 3
    json.dumps(summary_dicts(report))
    each = pd.read_csv(io.BytesIO(figures_csv(report)))
    assert len(each) == MASKED
    assert {"record_id", "dx", "predicted", "correct", "share", "share_chance", "method"} <= set(each.columns)
    assert set(each["method"]) == {METHOD}
    assert len(pd.read_csv(io.BytesIO(summary_csv(report)))) == len(rows)


def test_patients_are_the_groups_and_lesions_where_no_patient_is_known(
    filled: tuple[Workspace, list[str], str],
) -> None:
    workspace, _, model_id = filled
    explain_records(workspace, model_id=model_id)
    frame = explained_records(workspace, model_id=model_id, simulated=False).set_index("image_id")
    assert frame.loc["NV_0", "group"] == frame.loc["NV_0b", "group"]
    assert frame["group"].nunique() < len(frame)


def test_without_masks_there_is_an_empty_report_that_still_counts(duckdb_workspace: Workspace) -> None:
    fill_records(duckdb_workspace, per_class=1)
    model_id = add_tiny_model(duckdb_workspace)
    explain_records(duckdb_workspace, model_id=model_id)
    report = faithfulness_report(duckdb_workspace, model_id=model_id)
    assert (report.explained, len(report.table), report.rows, report.regions) == (14, 0, [], ())
    assert summary_dicts(report) == []


def test_curves_are_made_for_a_sample_and_a_larger_one_keeps_them(filled: tuple[Workspace, list[str], str]) -> None:
    workspace, _, model_id = filled
    explain_records(workspace, model_id=model_id)
    steps: list[ExplainProgress] = []
    assert measure_curves(workspace, model_id=model_id, count=3, progress=steps.append) == 3
    assert steps[-1] == ExplainProgress(3, 3)
    first = saliency.curves_of_model(workspace.engine, model_id=model_id, target="predicted", method=METHOD)
    assert measure_curves(workspace, model_id=model_id, count=5) == 2
    assert measure_curves(workspace, model_id=model_id, count=5) == 0
    later = saliency.curves_of_model(workspace.engine, model_id=model_id, target="predicted", method=METHOD)
    assert {row["record_id"] for row in first} < {row["record_id"] for row in later}
    curves = first[0]["curves"]
    assert set(curves) == {"gradcam", "centre", "random"}
    # All end in the same picture and all begin with it, whatever the order between.
    for direction in ("deletion", "insertion"):
        assert len({curves[name][direction][0] for name in curves}) == 1
        assert len({curves[name][direction][-1] for name in curves}) == 1
        assert all(0 <= value <= 1 for name in curves for value in curves[name][direction])
    report = faithfulness_report(workspace, model_id=model_id)
    assert report.curve_records == 5
    assert {(c.order, c.direction) for c in report.curves} == {
        (order, direction) for order in curves for direction in ("deletion", "insertion")
    }


def test_a_photograph_on_its_side_is_compared_upright(duckdb_workspace: Workspace) -> None:
    """EXIF 6: stored 48 x 36, seen 36 x 48; its mask was drawn on what is seen."""
    ids = fill_records(duckdb_workspace, per_class=1)
    model_id = add_tiny_model(duckdb_workspace)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned, upright = io.BytesIO(), io.BytesIO()
    image = Image.open(io.BytesIO(draw_jpeg("mel", 1)))
    image.save(turned, "JPEG", exif=exif)
    image.transpose(Image.Transpose.ROTATE_270).save(upright, "JPEG")
    sha256 = hashlib.sha256(turned.getvalue()).hexdigest()
    duckdb_workspace.files.put(ORIGINALS, sha256, turned.getvalue())
    duckdb_workspace.files.put(THUMBNAILS, sha256, upright.getvalue())
    with duckdb_workspace.engine.begin() as connection:
        connection.execute(t.image.insert().values(created_at=now(), **make_image(sha256, width=48, height=36)))
        connection.execute(t.record.update().where(t.record.c.id == ids[0]).values(image_sha256=sha256))
    add_mask(duckdb_workspace, ids[0], disc_mask((36, 48)))
    explain_record(duckdb_workspace, ids[0], model_id=model_id)
    measure_regions(duckdb_workspace, model_id=model_id)
    report = faithfulness_report(duckdb_workspace, model_id=model_id)
    assert list(report.table["record_id"]) == [ids[0]]
    assert report.table["area"].iloc[0] == pytest.approx(np.pi * (12 / 28.8) ** 2, abs=0.02)
