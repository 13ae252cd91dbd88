"""Judging an image from elsewhere: what is said, what is warned of, and that nothing of it stays."""

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from PIL import Image
from tests.diagnosis_workspace import POINT, TINY, add_tiny_model, fill_diagnosis
from tests.factories import make_image
from tests.filled_workspace import DATASET, draw_jpeg
from tests.quick_databases import let_go
from tests.scored_workspace import HOME, fill_scored
from tests.unit.analysis.test_out_of_distribution import other_pictures

from dermdash.analysis import out_of_distribution as ood
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.classifier.checkpoints import lesion_digest
from dermdash.classifier.lesion_crop import LesionCrop
from dermdash.errors import EmptyImageFile, InvalidInput, NotFound, UnreadableImage, UnsafeUpload
from dermdash.records.taxonomy import HAM7
from dermdash.settings import Settings
from dermdash.storage import models, records, tables
from dermdash.storage.engine import now
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier import classify, operating_points
from dermdash.workflows.classifier.diagnose import (
    as_dict,
    diagnose_image,
    load_classifier,
    prepare_diagnosis,
    read_image,
    result_csv,
    result_json,
)
from dermdash.workflows.classifier.out_of_distribution import companion_name, out_of_distribution_of
from dermdash.workflows.dataset import keep_image
from dermdash.workflows.dataset.browse_records import record_detail


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("diagnosis") / "workspace"
    workspace = open_workspace(Settings(home=home))
    fill_diagnosis(workspace)
    workspace.close()
    return home


@pytest.fixture
def opened(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template, tmp_path / "workspace")
    workspace = open_workspace(Settings(home=tmp_path / "workspace", max_image_megapixels=1, max_image_megabytes=2))
    yield workspace
    let_go(workspace)


def encode(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def lesion(seed: int = 77, size: tuple[int, int] = (160, 120)) -> Image.Image:
    return Image.open(io.BytesIO(draw_jpeg("mel", seed, size=size)))


def row_counts(workspace: Workspace) -> dict[str, int]:
    with workspace.engine.connect() as connection:
        every = tables.metadata.sorted_tables
        return {t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in every}


def files_of(workspace: Workspace) -> dict[str, int]:
    """Every file but the database's own, whose bytes may move without a change."""
    found = (p for p in workspace.home.rglob("*") if p.is_file() and not p.name.startswith("dermdash.duckdb"))
    return {str(p.relative_to(workspace.home)): p.stat().st_size for p in found}


def test_the_centre_square_is_judged_as_a_record_would_be(opened: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "new.jpg"
    path.write_bytes(draw_jpeg("bcc", 500, size=(160, 120)))
    frame, _ = classify.predict_images([path], checkpoint=opened.checkpoint(TINY))
    found = diagnose_image(opened, path.read_bytes(), model_id=TINY)
    assert list(found.probabilities) == list(HAM7.codes)
    np.testing.assert_allclose(list(found.probabilities.values()), frame[list(HAM7.codes)].iloc[0], atol=1e-5)
    assert found.malignancy_probability == pytest.approx(
        sum(found.probabilities[code] for code in HAM7.malignant_codes)
    )


def test_a_crop_is_judged_as_the_image_cut_out_would_be(opened: Workspace) -> None:
    """The 0.8 centre of a picture is what the network sees: cutting a quarter of it out beforehand must agree."""
    whole = lesion(size=(400, 300))
    crop = LesionCrop(x=0.3, y=0.5, share=0.4)
    left, top, right, bottom = crop.box(*whole.size)
    side = right - left
    margin = side * (1 / 0.8 - 1) / 2
    around = whole.crop(tuple(round(v) for v in (left - margin, top - margin, right + margin, bottom + margin)))
    expected = diagnose_image(opened, encode(around), model_id=TINY, explain=False)
    found = diagnose_image(opened, encode(whole), model_id=TINY, crop=crop, explain=False)
    np.testing.assert_allclose(list(found.probabilities.values()), list(expected.probabilities.values()), atol=0.02)
    assert found.crop_side == 120


def test_the_operating_point_decides_what_is_listed(opened: Workspace) -> None:
    point = operating_points.get_operating_point(opened, POINT)
    found = diagnose_image(opened, encode(lesion()), model_id=TINY, operating_point_id=POINT)
    over = [code for code in HAM7.codes if found.probabilities[code] >= (point.thresholds[code] or 2)]
    assert over
    assert [c.code for c in found.differential.listed] == sorted(over, key=lambda c: -found.probabilities[c])
    assert found.malignancy_threshold == point.thresholds[MALIGNANCY]
    assert found.over_malignancy_threshold == (found.malignancy_probability >= (found.malignancy_threshold or 0))


def test_where_no_class_is_over_the_most_probable_is_named(opened: Workspace) -> None:
    strict = operating_points.choose_operating_point(
        opened, name="Strict", model_id=TINY, dataset_id=DATASET, rule="value", target=0.999
    )
    found = diagnose_image(opened, encode(lesion()), model_id=TINY, operating_point_id=strict.id)
    assert found.differential.none_over
    assert [c.code for c in found.differential.listed] == [max(HAM7.codes, key=lambda c: found.probabilities[c])]
    assert found.over_malignancy_threshold is False


def test_the_saliency_map_explains_the_most_probable_class(opened: Workspace) -> None:
    found = diagnose_image(opened, encode(lesion()), model_id=TINY)
    assert found.saliency is not None
    assert found.saliency.explained == found.differential.classes[0].code
    assert found.saliency.probability == pytest.approx(found.differential.classes[0].probability, abs=1e-4)


def test_similar_records_are_shown_but_never_the_image_itself(opened: Workspace) -> None:
    row = records.records_of_dataset(opened.engine, DATASET).iloc[0]
    data = opened.files.get(ORIGINALS, row["image_sha256"])
    prepared = read_image(opened, data).prepared  # the drawn workspace names its files by another hash
    sha256 = prepared.sha256
    opened.files.put(ORIGINALS, sha256, prepared.data)
    with opened.engine.begin() as connection:
        connection.execute(tables.image.insert().values(**make_image(sha256), created_at=now()))
        change = tables.record.update().where(tables.record.c.id == row["id"])
        connection.execute(change.values(image_sha256=sha256))
    classify.predict_records(opened, model_id=TINY)
    found = diagnose_image(opened, data, model_id=TINY)
    assert found.known_records == (row["id"],)
    assert found.known_held_out
    with opened.engine.begin() as connection:
        digest = {"model_id": TINY, "lesion_digest": lesion_digest(row["lesion_id"])}
        connection.execute(tables.model_training_lesion.insert().values(**digest))
    assert not diagnose_image(opened, data, model_id=TINY, explain=False).known_held_out
    assert len(found.similar) == 8
    assert row["lesion_id"] not in {s.lesion_id for s in found.similar}


@pytest.mark.parametrize("kind", ["noise", "text"])
def test_pictures_of_no_lesion_are_warned_of_and_lesions_are_not(opened: Workspace, kind: str) -> None:
    usual = [diagnose_image(opened, draw_jpeg("nv", 700 + i), model_id=TINY, explain=False) for i in range(5)]
    strange = [
        diagnose_image(opened, encode(picture), model_id=TINY, explain=False) for picture in other_pictures(kind, 3)
    ]
    verdicts = [found.strangeness for found in (*usual, *strange)]
    assert all(verdict is not None for verdict in verdicts)
    assert sum(verdict is not None and verdict.strange for verdict in verdicts[:5]) <= 1
    assert all(verdict is not None and verdict.strange for verdict in verdicts[5:])


def test_what_is_usual_is_learned_from_the_training_data_set(opened: Workspace) -> None:
    usual = out_of_distribution_of(opened, TINY)
    assert usual is not None
    assert usual.basis == f"77 images of {DATASET.title()}"
    assert out_of_distribution_of(opened, TINY) is usual


def test_what_is_usual_travels_beside_the_checkpoint(duckdb_workspace: Workspace) -> None:
    add_tiny_model(duckdb_workspace)
    assert out_of_distribution_of(duckdb_workspace, TINY) is None
    features = np.random.default_rng(0).normal(size=(100, 512))
    path = duckdb_workspace.files.local(companion_name(TINY))
    ood.fit(features, range(100)).save(path)
    usual = out_of_distribution_of(duckdb_workspace, TINY)
    assert usual is not None
    assert usual.basis == "100 images that came with the model"
    path.write_bytes(b"damaged")
    with pytest.raises(InvalidInput, match=r"ood\.npz"):
        out_of_distribution_of(duckdb_workspace, TINY)


def test_a_workspace_without_records_still_judges(duckdb_workspace: Workspace) -> None:
    add_tiny_model(duckdb_workspace)
    found = diagnose_image(duckdb_workspace, encode(lesion()), model_id=TINY)
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert found.similar == ()
    assert found.similar_missing
    assert found.strangeness is None
    assert found.differential.none_over
    assert found.malignancy_threshold is None


def test_nothing_is_stored(opened: Workspace) -> None:
    data = encode(lesion())
    operating_points.list_operating_points(opened)
    diagnose_image(opened, data, model_id=TINY)  # once, so that what the app itself writes is there
    rows, files = row_counts(opened), files_of(opened)
    for crop in (None, LesionCrop(0.4, 0.6, 0.5)):
        found = diagnose_image(opened, encode(lesion(3)), model_id=TINY, crop=crop, operating_point_id=POINT)
        result_json(found), result_csv(found)
    for hostile in (b"", b"no image", data[:200]):
        with pytest.raises(InvalidInput):
            diagnose_image(opened, hostile, model_id=TINY)
    assert row_counts(opened) == rows
    assert files_of(opened) == files


def hostile_files() -> dict[str, tuple[bytes, type[Exception], str]]:
    whole = encode(lesion(), "JPEG")
    return {
        "nothing": (b"", EmptyImageFile, "empty"),
        "text": (b"%PDF-1.7 a report, not an image", UnreadableImage, "a PDF document, not JPEG"),
        "svg": (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            UnreadableImage,
            "no picture of a format",
        ),
        "cut": (whole[: len(whole) // 2], UnreadableImage, "truncated"),
        "cut png": (encode(lesion())[:600], UnreadableImage, "truncated"),
        "many pixels": (encode(Image.new("L", (1400, 1200))), UnsafeUpload, "pixels"),
        "many bytes": (encode(lesion()) + bytes(2_100_000), UnsafeUpload, "MB"),
        "float": (encode(Image.new("F", (80, 80)), "TIFF"), UnreadableImage, "floating"),
    }


@pytest.mark.parametrize("kind", list(hostile_files()))
def test_an_image_that_cannot_be_read_is_explained(opened: Workspace, kind: str) -> None:
    data, error, words = hostile_files()[kind]
    with pytest.raises(error, match=words):
        diagnose_image(opened, data, model_id=TINY)


def unusual_files() -> dict[str, tuple[bytes, str]]:
    picture = lesion()
    deep = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
    frames = [picture, lesion(5)]
    return {
        "cmyk": (encode(picture.convert("CMYK"), "JPEG"), "CMYK"),
        "16 bits": (encode(deep), "16 bits"),
        "animated": (encode(frames[0], "WEBP", save_all=True, append_images=frames[1:]), "more than one picture"),
        "grey": (encode(picture.convert("L")), "no colour"),
        "palette": (encode(picture.quantize(16)), ""),
        "transparent": (encode(picture.convert("RGBA")), ""),
        "bmp": (encode(picture, "BMP"), ""),
    }


@pytest.mark.parametrize("kind", list(unusual_files()))
def test_an_unusual_image_is_judged_and_what_was_done_to_it_said(opened: Workspace, kind: str) -> None:
    data, words = unusual_files()[kind]
    found = diagnose_image(opened, data, model_id=TINY)
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert words in " ".join(found.notes)
    assert bool(words) == bool(found.notes)


def test_a_picture_of_one_pixel_is_not_usable_and_says_why(opened: Workspace) -> None:
    upload = read_image(opened, encode(Image.new("RGB", (1, 1), (200, 150, 130))))
    assert (upload.quality.usable, upload.quality.driver) == (False, "size")
    assert "too small" in upload.quality.fault
    assert "64 pixels" in upload.quality.advice
    found = diagnose_image(opened, upload, model_id=TINY)
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_an_image_turned_by_its_exif_tag_is_judged_upright(opened: Workspace) -> None:
    picture = lesion(size=(160, 120))
    tag = Image.Exif()
    tag[0x0112] = 6
    turned = encode(picture.transpose(Image.Transpose.ROTATE_90), "PNG", exif=tag)
    upload = read_image(opened, turned)
    assert (upload.width, upload.height) == (160, 120)
    crop = LesionCrop(0.3, 0.4, 0.5)
    upright = diagnose_image(opened, encode(picture), model_id=TINY, crop=crop)
    assert diagnose_image(opened, turned, model_id=TINY, crop=crop).probabilities == upright.probabilities


def test_another_models_operating_point_is_refused(opened: Workspace) -> None:
    fill_scored(opened)
    other = operating_points.choose_operating_point(
        opened, name="Other", model_id="m00000000001", dataset_id=HOME, rule="youden"
    )
    with pytest.raises(InvalidInput, match="another"):
        diagnose_image(opened, encode(lesion()), model_id=TINY, operating_point_id=other.id)
    with pytest.raises(NotFound, match="checkpoint"):
        diagnose_image(opened, encode(lesion()), model_id="m00000000001")
    with pytest.raises(NotFound, match="no model"):
        diagnose_image(opened, encode(lesion()), model_id="unknown")


@pytest.mark.parametrize("values", [(0.5, 0.5, 0.05), (float("nan"), 0.5, 0.5), (0.5, 1.2, 0.5), (0.5, 0.5, 2.0)])
def test_a_crop_that_is_none_is_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput, match="crop"):
        LesionCrop(*values)


def test_a_crop_at_the_rim_is_moved_inside() -> None:
    assert LesionCrop(0, 1, 0.5).box(200, 100) == (0, 50, 50, 100)
    assert LesionCrop().box(200, 100) == pytest.approx((60, 10, 140, 90))


def test_the_result_can_be_taken_along(opened: Workspace) -> None:
    found = diagnose_image(opened, encode(lesion()), model_id=TINY, operating_point_id=POINT)
    report = json.loads(result_json(found))
    assert report == json.loads(json.dumps(as_dict(found)))
    assert report["model"]["checkpoint_sha256"] == models.get_model(opened.engine, TINY)["checkpoint_sha256"]
    assert report["preprocessing"] == "unit-scale-centre-0.8"
    assert "not a medical device" in report["notice"]
    table = pd.read_csv(io.BytesIO(result_csv(found)))
    assert table["probability"].iloc[:7].is_monotonic_decreasing
    assert table["class"].iloc[7] == MALIGNANCY
    assert list(table["class"][table["listed"] == True]) == report["differential"]  # noqa: E712


def test_keeping_stores_one_record_without_metadata_diagnosis_or_patient(opened: Workspace) -> None:
    secret = Image.Exif()
    secret[0x010E] = "Jane Roe, born 1950"
    upload = read_image(opened, encode(lesion(), "JPEG", exif=secret))
    before = row_counts(opened)
    record_id = keep_image.keep_image(opened, upload, taxonomy="ham7")
    assert keep_image.keep_image(opened, upload, taxonomy="ham7") == record_id
    after = row_counts(opened)
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed == {"dataset": 1, "image": 1, "record": 1, "import_run": 1, "change_log": 1}
    record = record_detail(opened, record_id).record
    assert (record["dataset_id"], record["dx"], record["patient_id"]) == ("uploads", None, None)
    stored = opened.files.get(ORIGINALS, record["image_sha256"])
    assert b"Jane Roe" not in stored
    assert opened.files.path("thumbnails", record["image_sha256"]).is_file()


def test_an_image_can_be_kept_in_a_data_set_there_is(opened: Workspace) -> None:
    upload = read_image(opened, encode(lesion()))
    record_id = keep_image.keep_image(opened, upload, taxonomy="ham7", dataset_id=DATASET)
    assert record_id.startswith(f"{DATASET}:upload-")
    with pytest.raises(NotFound, match="nowhere"):
        keep_image.keep_image(opened, upload, taxonomy="ham7", dataset_id="nowhere")
    with pytest.raises(InvalidInput, match="not usable"):
        keep_image.keep_image(opened, upload, taxonomy="ham7", dataset_id="../x")


def test_a_prepared_diagnosis_finds_its_network_in_memory(opened: Workspace) -> None:
    prepare_diagnosis(opened, TINY)
    first = load_classifier(opened, TINY)
    assert load_classifier(opened, TINY) is first
    with pytest.raises(NotFound):
        prepare_diagnosis(opened, "m99999999999")
