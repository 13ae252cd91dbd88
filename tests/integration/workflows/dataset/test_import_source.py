"""Whole imports of sources that are recognised: tables, images and what stands in the workspace then."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.unit.dataset.formats.source_samples import SAMPLES
from tests.unit.dataset.hdf5_files import make_hdf5
from tests.unit.dataset.image_factories import encode, make_jpeg

from dermdash.errors import InvalidInput
from dermdash.storage import records
from dermdash.storage.further_columns import further_of
from dermdash.storage.object_store import MASKS, ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_report import ImportProgress
from dermdash.workflows.dataset.import_source import import_prepared, prepare_import


def test_both_images_of_a_row_come_in_though_the_disk_spells_them_otherwise(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    folder = SAMPLES["derm7pt"].write(tmp_path)
    (folder / "images" / "ABC").mkdir(parents=True)
    for seed, name in enumerate(("ABC1.JPG", "Abc2.jpg", "Abc3.jpg", "Abc4.jpg")):
        (folder / "images" / "ABC" / name).write_bytes(make_jpeg(seed=seed))
    prepared = prepare_import([folder], workspace=duckdb_workspace)
    assert (prepared.summary.rows, prepared.summary.images) == (2, 4)
    report = import_prepared(duckdb_workspace, prepared, processes=False)
    assert (report.imported, report.rows) == (4, 4)
    stored = records.get_record(duckdb_workspace.engine, "derm7pt:Abc1")
    assert (stored["lesion_id"], stored["image_type"], stored["dx"]) == ("1", "clinical_close_up", "nv")
    assert further_of(duckdb_workspace.engine, ["derm7pt:Abc1"])["derm7pt:Abc1"]["pigment_network"] == "typical"
    assert any("capitals" in note for _, note in report.notes)


def test_the_pictures_of_an_archive_of_arrays_come_in_with_the_warning(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    folder = SAMPLES["medmnist"].write(tmp_path)
    report = import_prepared(duckdb_workspace, prepare_import([folder]), processes=False)
    assert report.imported == 3
    assert "share lesions" in report.notes[0][1]
    assert not list(duckdb_workspace.home.glob("pictures-*"))


def test_an_image_without_a_diagnosis_comes_in_without_a_class(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    folder = SAMPLES["table"].write(tmp_path)
    for seed, name in enumerate(("k1.jpg", "k2.jpg")):
        (folder / name).write_bytes(make_jpeg(seed=seed))
    report = import_prepared(duckdb_workspace, prepare_import([folder], dataset_id="clinic"), processes=False)
    assert report.imported == 2
    stored = records.get_record(duckdb_workspace.engine, "clinic:k2")
    assert (stored["dx"], stored["anatomical_site"]) == (None, "upper extremity")


def test_a_data_set_keeps_its_taxonomy(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    folder = SAMPLES["medmnist"].write(tmp_path)
    import_prepared(duckdb_workspace, prepare_import([folder]), processes=False)
    with pytest.raises(InvalidInput, match="a data set has one taxonomy"):
        prepare_import([folder], dataset_id="medmnist", taxonomy="milk11", workspace=duckdb_workspace)


def test_two_imports_at_once_do_not_make_one_data_set_of_two_taxonomies(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    for seed, name in enumerate("ab"):
        (tmp_path / f"{name}.jpg").write_bytes(make_jpeg(seed=seed))
    how: dict[str, Any] = {"adapter": "csv", "images": [tmp_path], "dataset_id": "c", "processes": False}

    def meanwhile(progress: ImportProgress) -> None:
        if progress.done == 0:
            import_dataset(duckdb_workspace, metadata=b"image_id,dx\na,nv\n", taxonomy="ham7", **how)

    with pytest.raises(InvalidInput, match="another import has made the data set 'c' with the taxonomy ham7"):
        import_dataset(
            duckdb_workspace, metadata=b"image_id,dx\nb,nv\n", taxonomy="milk11", progress=meanwhile, **how
        )  # fmt: skip
    assert set(records.stored_files(duckdb_workspace.engine, "c")) == {"a"}


def test_a_dry_run_of_the_command_prints_one_object_and_makes_no_workspace(tmp_path: Path) -> None:
    folder = SAMPLES["isic2018"].write(tmp_path / "source")
    done = subprocess.run(
        [sys.executable, "-m", "dermdash.cli", "import", "auto", str(folder), "--dry-run", "--json"],
        env=os.environ | {"DERMDASH_HOME": str(tmp_path / "workspace")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert (said["format"], said["rows"], said["with_label"], said["excluded"]) == (
        "isic2018",
        3,
        2,
        {"invalid_row": 1},
    )
    assert said["fields"]["histopathology_result"] == 1
    assert not (tmp_path / "workspace").exists()


def test_a_table_of_named_diagnoses_keeps_them_though_benign_or_malignant_would_fit_more(tmp_path: Path) -> None:
    words = ("Melanoma", "nevus", "basal cell carcinoma", "lentigo", "SCC", "benign", "malignant")
    rows = "".join(f"p{n},{word}\n" for n, word in enumerate(words))
    (tmp_path / "t.csv").write_text(f"image_id,dx\n{rows}")
    summary = prepare_import([tmp_path / "t.csv"]).summary
    assert summary.taxonomy != "malignancy2"
    assert (summary.with_label, summary.with_class) == (7, 5)


def test_a_table_that_says_only_benign_or_malignant_has_these_two_classes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("image_id,label\np1,benign\np2,malignant\n")
    summary = prepare_import([tmp_path / "t.csv"]).summary
    assert (summary.taxonomy, summary.with_class) == ("malignancy2", 2)


def test_tables_of_the_same_columns_are_parts_and_name_images_from_where_they_lie(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    sent, seed = {}, 0
    for folder, diagnoses in {"train": ("nevus", "melanoma"), "test": ("melanoma", "nevus", "nevus")}.items():
        place = tmp_path / "source" / folder
        place.mkdir(parents=True)
        rows = [f"{n}.jpg,{label}" for n, label in enumerate(diagnoses)]
        (place / "metadata.csv").write_text("\n".join(["file_name,label", *rows]))
        for n, label in enumerate(diagnoses):
            seed += 1
            (place / f"{n}.jpg").write_bytes(make_jpeg(seed=seed, width=24, height=16))
            sent[f"{folder}_{n}" if n < 2 else str(n)] = (
                label,
                hashlib.sha256((place / f"{n}.jpg").read_bytes()).hexdigest(),
            )
    (tmp_path / "source" / "notes.csv").write_text("file_name,remark\n0.jpg,blurred\n")
    prepared = prepare_import([tmp_path / "source"], workspace=duckdb_workspace)
    assert {named.name for named in prepared.source.tables} == {"train/metadata.csv", "test/metadata.csv"}
    assert ("notes.csv", "a mapping says how tables belong together") in prepared.source.not_used
    report = import_prepared(duckdb_workspace, prepared, processes=False)
    assert (report.rows, report.imported, report.excluded) == (5, 5, {})
    stored = {name: records.get_record(duckdb_workspace.engine, f"dataset:{name}") for name in sent}
    assert {name: (row["source_label"], row["source_sha256"]) for name, row in stored.items()} == sent


def test_a_folder_called_unknown_in_any_language_is_no_label(tmp_path: Path) -> None:
    for seed, name in enumerate(("Melanom", "Muttermal", "Unbekannt", "неизвестно")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(make_jpeg(seed=seed))
    summary = prepare_import([tmp_path]).summary
    assert (summary.rows, summary.with_label, summary.with_class) == (4, 2, 2)


def test_outlines_of_annotations_become_masks_and_a_mask_file_counts_more(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    box = [[10, 5, 20, 5, 20, 15, 10, 15]]
    names = ("a.jpg", "b.jpg", "other_size.jpg")
    content = {
        "images": [
            {"id": i, "file_name": name, "width": 60, "height": 40 if i < 3 else 41}
            for i, name in enumerate(names, start=1)
        ],
        "annotations": [{"id": i, "image_id": i, "category_id": 1, "segmentation": box} for i in (1, 2, 3)],
        "categories": [{"id": 1, "name": "melanoma"}],
    }
    source, masks = tmp_path / "source", tmp_path / "masks"
    source.mkdir()
    masks.mkdir()
    (source / "annotations.json").write_text(json.dumps(content))
    for seed, name in enumerate(names):
        (source / name).write_bytes(make_jpeg(seed=seed, width=60, height=40))
    drawn = np.zeros((40, 60), np.uint8)
    drawn[:20, :20] = 255
    (masks / "b.png").write_bytes(encode(drawn, "PNG"))
    prepared = prepare_import([source], masks=[masks], workspace=duckdb_workspace)
    report = import_prepared(duckdb_workspace, prepared, processes=False)
    assert (report.imported, report.masks, report.files_left_out) == (3, 2, {"unfit_mask": 1})
    assert "drawn on 60 x 41 pixels, the image has 60 x 40" in report.exclusions[0].detail
    assert any("outline of b.jpg is not used" in note and "b.png is its mask" in note for _, note in report.notes)
    stored = {r: records.get_record(duckdb_workspace.engine, f"dataset:{r}") for r in ("a", "b", "other_size")}
    assert stored["other_size"]["mask_sha256"] is None
    kept = {name: duckdb_workspace.files.get(MASKS, stored[name]["mask_sha256"]) for name in "ab"}
    areas = {name: int(np.asarray(Image.open(io.BytesIO(data))).sum()) for name, data in kept.items()}
    assert areas == {"a": 100, "b": 400}
    again = import_prepared(duckdb_workspace, prepare_import([source], workspace=duckdb_workspace), processes=False)
    assert (again.already_present, again.masks) == (3, 0)


def test_isic_2024_comes_in_from_its_table_and_the_hdf5_file_beside_it(
    duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    folder = SAMPLES["isic2024"].write(tmp_path / "source")
    ids = [record.image_id for record in prepare_import([folder]).table.records]
    pictures = {image_id: make_jpeg(seed=n, width=24, height=16) for n, image_id in enumerate(ids)}
    (folder / "train-image.hdf5").write_bytes(make_hdf5({**pictures, "ISIC_0000001": make_jpeg(seed=99)}))
    prepared = prepare_import([folder], workspace=duckdb_workspace)
    report = import_prepared(duckdb_workspace, prepared, processes=False)
    assert (report.dataset, report.imported, report.excluded) == ("isic2024", len(ids), {})
    assert report.files_left_out == {"image_without_row": 1}
    for number, image_id in enumerate(ids):
        stored = records.get_record(duckdb_workspace.engine, f"isic2024:{image_id}")
        kept = np.asarray(Image.open(io.BytesIO(duckdb_workspace.files.get(ORIGINALS, stored["image_sha256"]))))
        assert np.array_equal(kept, np.asarray(Image.open(io.BytesIO(make_jpeg(seed=number, width=24, height=16)))))


SAY_NOTHING = ("Unbekannt", "unknown", "other", "keine Angabe", "Sonstige", "unklar", "не указано")


def test_what_is_no_diagnosis_is_kept_as_the_source_wrote_it_and_fills_no_field(tmp_path: Path) -> None:
    for seed, name in enumerate(("Melanom", "Spitzoid tumour", *SAY_NOTHING)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{seed}.jpg").write_bytes(make_jpeg(seed=seed))
    prepared = prepare_import([tmp_path])
    assert prepared.summary.with_label == 2
    assert (prepared.summary.fields["clinical_diagnosis"], prepared.summary.fields["verification_stage"]) == (2, 2)
    by_label = {r.source_label: r for r in prepared.table.records}
    assert by_label.keys() == {"Melanom", "Spitzoid tumour", *SAY_NOTHING}
    # A diagnosis that no class has is one, and stands in words.
    assert by_label["Spitzoid tumour"].values["clinical_diagnosis"] == "Spitzoid tumour"
    for name in SAY_NOTHING:
        record = by_label[name]
        assert (record.dx, record.values["clinical_diagnosis"], record.values["verification_stage"]) == (None,) * 3
