import io
import zipfile
from pathlib import Path

import pytest
from tests.unit.dataset.formats.source_samples import SAMPLES
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.dataset.formats import isic2018_task3
from dermdash.dataset.formats.layout import Layout, SourceColumn, TableLayout
from dermdash.dataset.formats.proposal import propose
from dermdash.dataset.formats.recognition import recognise_source
from dermdash.dataset.formats.registry import RECOGNISED
from dermdash.dataset.formats.source_files import list_source
from dermdash.errors import InvalidInput
from dermdash.workflows.dataset.import_source import import_prepared, prepare_import
from dermdash.workflows.dataset.source_summary import SourceSummary

HAM = "lesion_id,image_id,dx,dx_type,age,sex,localization\n"


def summary_of(*paths: Path) -> SourceSummary:
    return prepare_import(paths).summary


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("key", ["milk10k", "folder-per-class", "medmnist", "isic2019"])
def test_a_zip_and_a_zip_in_a_zip_say_what_the_folder_says(key: str, tmp_path: Path) -> None:
    sample = SAMPLES[key]
    inner = zipped(sample.files)
    (tmp_path / "source.zip").write_bytes(inner)
    (tmp_path / "nested.zip").write_bytes(zipped({"release/part.zip": inner}))
    for name in ("source.zip", "nested.zip"):
        summary = summary_of(tmp_path / name)
        assert (summary.format, summary.rows, summary.with_label) == (key, sample.rows, sample.with_label), name


def test_tables_may_be_named_one_by_one_and_are_joined(tmp_path: Path) -> None:
    folder = SAMPLES["milk10k"].write(tmp_path)
    summary = summary_of(*sorted(folder.iterdir()))
    assert (summary.format, summary.with_label, len(summary.files)) == ("milk10k", 2, 3)
    assert any("1 row of no image in the other table (ISIC_0700003)" in note for note in summary.notes)


def test_labels_without_the_table_of_images_are_counted_and_say_what_is_lacking(tmp_path: Path) -> None:
    folder = SAMPLES["milk10k"].write(tmp_path)
    prepared = prepare_import([folder / "MILK10k_Training_GroundTruth.csv"])
    assert (prepared.summary.rows, prepared.summary.with_label, prepared.summary.lacks) == (1, 1, ("metadata",))


def test_lesion_ids_of_pad_ufes_20_are_joined_with_those_of_patients(tmp_path: Path) -> None:
    table = prepare_import([SAMPLES["pad-ufes-20"].write(tmp_path)]).table
    assert [r.lesion_id for r in table.records] == ["PAT_1_7", "PAT_2_7"]
    first = table.records[0]
    assert (first.values["lesion_diameter_mm"], first.details["second_diameter_mm"]) == (8, 5)
    assert first.further["elevation"] == "True", "raised is neither palpable nor nodular, and not forgotten"


def test_both_images_of_a_case_are_one_lesion_with_types_of_their_own(tmp_path: Path) -> None:
    records = prepare_import([SAMPLES["derm7pt"].write(tmp_path)]).table.records
    assert len({r.lesion_id for r in records}) == 2
    assert {r.details["image_type"] for r in records} == {"dermoscopic", "clinical_close_up"}
    assert [r.image_path for r in records[:2]] == ["ABC/Abc2.jpg", "ABC/Abc1.jpg"]


def test_files_of_one_name_in_two_folders_get_ids_with_their_folders(tmp_path: Path) -> None:
    records = prepare_import([SAMPLES["folder-per-class"].write(tmp_path)]).table.records
    assert {r.image_id for r in records} == {"train_melanoma_1", "train_nevus_1", "2"}
    assert {r.source_label for r in records} == {"melanoma", "nevus"}


def test_folders_that_name_no_diagnosis_are_no_classes(tmp_path: Path) -> None:
    for name in ("HAM10000_images_part_1/a.jpg", "HAM10000_images_part_2/b.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"\xff\xd8")
    with pytest.raises(InvalidInput, match="there is no table"):
        summary_of(tmp_path)


def test_copies_of_a_table_are_read_once(tmp_path: Path) -> None:
    for name in ("HAM10000_metadata", "HAM10000_metadata.csv"):
        (tmp_path / name).write_text(HAM + "L,A,nv,histo,40,male,back\n")
    summary = summary_of(tmp_path)
    assert summary.rows == 1
    assert any("repeats rows of" in note for note in summary.notes)


def test_of_several_formats_the_largest_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    (tmp_path / "HAM10000_metadata").write_text(HAM + "L,A,nv,histo,40,male,back\nM,B,nv,histo,40,male,back\n")
    (tmp_path / "ISIC2018_Task3_Test_GroundTruth.csv").write_text(
        "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\nC,1,0,0,0,0,0,0\n"
    )
    (tmp_path / "README.txt").write_text("Read this first.\n")
    summary = summary_of(tmp_path)
    assert (summary.format, dict(summary.also)) == ("ham10000", {"isic2018": ("ISIC2018_Task3_Test_GroundTruth.csv",)})
    assert "README.txt" in dict(summary.not_used)
    assert prepare_import([tmp_path], asked="isic2018").summary.rows == 1


def test_any_table_can_be_read_as_one_when_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(HAM + "L,A,nv,histo,40,male,back\n")
    assert prepare_import([tmp_path], asked="table").summary.format == "table"


def test_a_list_of_duplicates_is_evidence_about_its_data_set_and_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "ISIC_2020_Training_Duplicates.csv"
    path.write_text("image_name_1,image_name_2\nB,A\nA,B\nC,C\n")
    source = recognise_source(list_source([path]), RECOGNISED)
    assert source.form.key == "isic2020"
    assert source.pairs[0].pairs == (("A", "B"),)
    assert "row 4" in source.pairs[0].unusable[0]
    assert summary_of(path).rows == 0


def test_the_training_set_is_not_taken_for_the_test_set(tmp_path: Path) -> None:
    head = "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n"
    named = tmp_path / "ISIC2018_Task3_Training_GroundTruth.csv"
    named.write_text(head + "A,1,0,0,0,0,0,0\n")
    with pytest.raises(InvalidInput, match=r"ground truth of the training, not of the test set.*isic2018"):
        isic2018_task3.read_ground_truth(named)
    with pytest.raises(InvalidInput, match="begins with ISIC_0034524"):
        isic2018_task3.read_ground_truth((head + "ISIC_0024306,1,0,0,0,0,0,0\n").encode())


def test_ph2_is_read_from_its_workbook_with_two_rows_of_heads(tmp_path: Path) -> None:
    upper = ["", "", "Clinical Diagnosis", "", "", "", "Colors", "", "", "", "", ""]
    heads = [
        "Image Name", "Histological\nDiagnosis", "Common Nevus", "Atypical Nevus", "Melanoma",
        "Pigment Network\n(AT/T)",
        "White", "Red", "Light-Brown", "Dark-Brown", "Blue-Gray", "Black",
    ]  # fmt: skip
    rows = [
        ["IMD901", "", "X", "", "", "T", "", "", "X", "", "", ""],
        ["IMD902", "Melanoma", "", "", "X", "AT", "X", "", "", "X", "", ""],
    ]
    (tmp_path / "PH2_dataset.xlsx").write_bytes(
        make_workbook({"Folha1": [upper, heads, *rows]}, merged={"Folha1": ["C1:E1", "G1:L1"]})
    )
    prepared = prepare_import([tmp_path])
    assert (prepared.summary.format, prepared.summary.with_label) == ("ph2", 2)
    assert [r.dx for r in prepared.table.records] == ["nevus", "melanoma"]
    assert prepared.table.records[1].values["dominant_colors"] == ["white", "dark_brown"]
    assert prepared.table.records[1].values["verification_stage"] == 3


def test_a_mapping_to_an_unknown_field_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"'colour' goes to 'paint', which is no field: choose one of .*age_at_exam"):
        SourceColumn(name="colour", to="paint")


def test_a_layout_is_data_that_a_person_can_write() -> None:
    layout = Layout(
        tables=(TableLayout(kind="mine", needs=("Bild",), columns=(SourceColumn(name="Bild", to="image_id"),)),)
    )
    assert layout.kind_of(frozenset({"bild", "x"})) is layout.tables[0]
    assert layout.kind_of(frozenset({"x"})) is None


def test_each_target_is_proposed_for_its_surest_column_alone() -> None:
    proposed = {
        p.name: (p.to, p.confidence) for p in propose(["age_at_baseline", "age", "image", "filename", "dx", "note"])
    }
    assert proposed["age"][0] == "age_at_exam"
    assert proposed["age_at_baseline"] == ("", 1.0)
    assert (proposed["image"][0], proposed["filename"][0], proposed["note"][0]) == ("image_id", "image_path", "")


def test_what_lacks_its_images_table_is_not_imported(tmp_path: Path) -> None:
    folder = SAMPLES["milk10k"].write(tmp_path)
    prepared = prepare_import([folder / "MILK10k_Training_GroundTruth.csv"])
    with pytest.raises(InvalidInput, match="lacks its metadata"):
        import_prepared(None, prepared)  # type: ignore[arg-type]  # refused before the workspace is looked at


def test_a_table_whose_columns_name_no_image_is_refused_with_what_to_call_the_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Диагноз,Возраст\nневус,45\n")
    with pytest.raises(InvalidInput, match=r"no column names the images: t\.csv .* image_id, or say by a mapping"):
        summary_of(tmp_path / "t.csv")


def test_tables_of_one_name_are_each_counted_or_named_as_not_used(tmp_path: Path) -> None:
    head = "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n"
    for place, row in (("one", "ISIC_1,1,0,0,0,0,0,0\n"), ("two", "ISIC_2,0,1,0,0,0,0,0\n")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "truth.csv").write_text(head + row)
        (tmp_path / place / "own.csv").write_text(f"image_id,dx\n{place},nv\n")
    folders = [tmp_path / "one", tmp_path / "two"]
    assert summary_of(*(f / "truth.csv" for f in folders)).rows == 2
    assert summary_of(folders[0], folders[1] / "truth.csv").rows == 2
    assert summary_of(*folders).rows == 2
    own = summary_of(*(f / "own.csv" for f in folders))
    assert (own.rows, own.not_used) == (2, ())


@pytest.mark.parametrize("name", ["Läsion", "Laesion", "LAESIONS-NR", "La\u0308sion", "Lésion", "Lasionsnummer"])
def test_a_name_is_known_with_its_accents_without_them_and_written_out(name: str) -> None:
    assert [p.to for p in propose(["Bild", name])] == ["image_id", "lesion_id"]
