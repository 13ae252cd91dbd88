"""Details and further columns from a table to the workspace, to our CSV, and back."""

import csv
import io
from pathlib import Path

import pytest
from tests.unit.dataset.image_factories import ham_csv, ham_row, make_jpeg

from dermdash.records.details import DETAIL_NAMES
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.browse_records import record_detail, records_csv
from dermdash.workflows.dataset.import_dataset import ImportReport, import_dataset
from dermdash.workflows.verification.change_log import verify_log

TABLE = """image_id,dx,localization,image_type,dermoscopic_type,capture_date,dataset,split,license,attribution,\
mel_thick_mm,diameter_2,skin_tone_class,fitzpatrick_skin_type,age,note,completeness
A,mel,back,dermoscopic,contact non-polarized,2019-05-03,camera_a,train,CC-BY-NC,Clinic of B,1.2,4.5,2,,85+,"=1+1",x
B,nv,trunk,clinical: close-up,,2020-11,camera_b,test,CC-0,,,,,III,40,,
C,nv,planet,ultrasound,,2021-13,,,,,,0.01,,,41,"a ""b"", c",
"""


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for seed, name in enumerate("ABC"):
        (folder / f"{name}.jpg").write_bytes(make_jpeg(seed=seed, width=40, height=30))
    return folder


def bring(workspace: Workspace, table: str, images: Path, dataset_id: str = "first") -> ImportReport:
    return import_dataset(
        workspace, adapter="csv", metadata=table.encode(), images=[images], taxonomy="ham7", dataset_id=dataset_id,
        processes=False,
    )  # fmt: skip


def exported(workspace: Workspace, dataset_id: str) -> list[dict[str, str]]:
    text = records_csv(workspace, RecordFilter(dataset_id=(dataset_id,))).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_a_record_keeps_what_its_source_says_beside_the_fields(duckdb_workspace: Workspace, images: Path) -> None:
    report = bring(duckdb_workspace, TABLE, images)
    assert report.imported == 3
    first = record_detail(duckdb_workspace, "first:A")
    assert {name: first.record[name] for name in DETAIL_NAMES if first.record[name] is not None} == {
        "image_type": "dermoscopic", "polarisation": "non_polarised", "contact": "contact",
        "acquisition_date": "2019-05-03", "acquisition_source": "camera_a", "source_split": "train",
        "licence": "CC-BY-NC", "attribution": "Clinic of B", "breslow_mm": 1.2, "second_diameter_mm": 4.5,
        "skin_tone": "2", "source_site": "back",
    }  # fmt: skip
    assert first.record["anatomical_site"] == "posterior torso"
    assert first.further["note"] == "=1+1"
    assert "completeness" not in first.further
    assert verify_log(duckdb_workspace).problems == ()


def test_a_skin_tone_of_another_scale_never_becomes_a_fitzpatrick_type(
    duckdb_workspace: Workspace, images: Path
) -> None:
    bring(duckdb_workspace, TABLE, images)
    records = [record_detail(duckdb_workspace, f"first:{name}").record for name in "AB"]
    assert [(r["skin_tone"], r["fitzpatrick_type"]) for r in records] == [("2", None), (None, "III")]


def test_what_cannot_be_read_is_kept_as_text_beside_the_empty_field(duckdb_workspace: Workspace, images: Path) -> None:
    report = bring(duckdb_workspace, TABLE, images)
    last = record_detail(duckdb_workspace, "first:C")
    assert (last.record["image_type"], last.record["acquisition_date"], last.record["second_diameter_mm"]) == (
        None, None, None
    )  # fmt: skip
    assert last.further == {
        "image_type": "ultrasound", "capture_date": "2021-13", "diameter_2": "0.01", "note": 'a "b", c'
    }  # fmt: skip
    of_row = [note for image_id, note in report.notes if image_id == "C"]
    assert len(of_row) == 3
    assert all("row 4" in note and "its text is kept" in note for note in of_row)
    assert any("'planet' is no general site" in note for _, note in report.notes)


def test_what_is_exported_comes_in_again_as_it_was(duckdb_workspace: Workspace, images: Path) -> None:
    bring(duckdb_workspace, TABLE, images)
    text = records_csv(duckdb_workspace, RecordFilter()).decode()
    bring(duckdb_workspace, text, images, "second")
    first, second = exported(duckdb_workspace, "first"), exported(duckdb_workspace, "second")
    apart = {"id", "dataset_id", "imported_at"}
    strip = [{name: cell for name, cell in row.items() if name not in apart} for row in first]
    assert [{name: cell for name, cell in row.items() if name not in apart} for row in second] == strip
    assert first[0]["further:note"] == "=1+1".join(["'", ""])
    assert {"further:note", "further:capture_date"} <= first[0].keys()


def test_the_further_columns_of_two_data_sets_stand_side_by_side(duckdb_workspace: Workspace, images: Path) -> None:
    bring(duckdb_workspace, "image_id,dx,one\nA,mel,1\n", images)
    bring(duckdb_workspace, "image_id,dx,two\nA,mel,2\nB,nv,\n", images, "second")
    rows = list(csv.DictReader(io.StringIO(records_csv(duckdb_workspace, RecordFilter()).decode())))
    assert {(row["id"], row["further:one"], row["further:two"]) for row in rows} == {
        ("first:A", "1", ""), ("second:A", "", "2"), ("second:B", "", "")
    }  # fmt: skip
    plain = records_csv(duckdb_workspace, RecordFilter(), further=False).decode()
    assert "further:" not in plain


def test_ham10000_says_where_an_image_was_acquired_and_other_columns_are_kept(
    duckdb_workspace: Workspace, images: Path
) -> None:
    table = ham_csv(ham_row("A", lesion_id="L1"), ham_row("B", lesion_id="L2")).decode().splitlines()
    wide = "\n".join([f"{table[0]},dataset,operator", f"{table[1]},vidir_modern,x1", f"{table[2]},,"])
    import_dataset(
        duckdb_workspace, adapter="ham10000", metadata=wide.encode(), images=[images], processes=False
    )  # fmt: skip
    a, b = (record_detail(duckdb_workspace, f"ham10000:{name}") for name in "AB")
    assert (a.record["acquisition_source"], a.record["image_type"]) == ("vidir_modern", "dermoscopic")
    assert (dict(a.further), b.record["acquisition_source"], dict(b.further)) == ({"operator": "x1"}, None, {})
