"""Mappings of several tables: how they are proposed to belong together, read, and what does not fit."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.dataset.formats.clinic_tables import write_clinic
from tests.unit.dataset.image_factories import make_jpeg

from dermdash.dataset.formats.layout import Layout, OneHot, SourceColumn
from dermdash.dataset.formats.mapped_source import mapped_source
from dermdash.dataset.formats.mapping import TableMapping, meanings_of
from dermdash.dataset.formats.mapping_file import parse_mapping
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.mapping_trial import MappingTrial, try_mapping
from dermdash.dataset.formats.picture_columns import image_type_of
from dermdash.dataset.formats.recognition import tables_of_folders
from dermdash.dataset.formats.source_files import list_source
from dermdash.dataset.formats.source_proposal import SourceProposal, propose_source
from dermdash.dataset.formats.table_sources import FoundTable, tables_of
from dermdash.dataset.source_records import SourceRecord, SourceTable
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import HAM7, get_taxonomy


def tables_in(folder: Path) -> list[FoundTable]:
    listing = list_source([folder])
    found, _ = tables_of(listing)
    return [*found, *tables_of_folders(listing.images)]


def proposed(folder: Path) -> SourceProposal:
    return propose_source(tables_in(folder))


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def read(folder: Path, yaml: str) -> SourceTable:
    mapping = parse_mapping(yaml, file="m.yaml")
    return mapped_source(list_source([folder]), mapping).read(get_taxonomy(mapping.taxonomy or "ham7"))


def tried(folder: Path, mapping: TableMapping) -> MappingTrial:
    trial = try_mapping(mapping, tables_in(folder), HAM7, rows=12)
    assert trial is not None
    return trial


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    return write_clinic(tmp_path / "clinic")


def test_three_tables_are_joined_as_their_columns_fit(clinic: Path) -> None:
    found = proposed(clinic)
    assert [(j.table, j.column, j.of, j.other_table, j.other_column) for j in found.joins] == [
        ("lesions.csv", "Очаг", "lesion_id", "photos.csv", "очаг"),
        ("patients.xlsx", "№ карты", "patient_id", "lesions.csv", "Карта пациента"),
    ]
    assert found.joins[0].confidence == 0.75
    assert found.joins[0].why == "3 of 4 values of photos.csv: очаг stand there"
    assert found.unused == ()
    lesions, patients = found.fits
    assert (lesions.rows, lesions.matched, lesions.absent, lesions.spare) == (
        4, 3, [("photos.csv", 5, "очаг", "5")], ("004",),
    )  # fmt: skip
    assert lesions.alike == {"1": "001", "2": "002", "3": "003"}
    assert (patients.rows, patients.matched, patients.spare) == (3, 3, ("9",))


def test_a_proposal_of_several_tables_is_read_again_as_it_was_written(clinic: Path) -> None:
    mapping = proposed(clinic).mapping
    assert mapping is not None
    assert parse_mapping(mapping_yaml(mapping, beside=proposed(clinic).comments()), file="m") == mapping


def test_records_hold_what_all_tables_say_and_every_image_its_own_type(clinic: Path) -> None:
    mapping = proposed(clinic).mapping
    assert mapping is not None
    records = {r.image_id: r for r in read(clinic, mapping_yaml(mapping)).records}
    first, other = records["a1_d"], records["a1_m"]
    assert (first.lesion_id, first.patient_id, first.dx, first.source_label) == ("1", "001", "mel", "меланома")
    assert (first.values["sex"], first.values["age_at_exam"], first.values["lesion_diameter_mm"]) == ("female", 45, 4.0)
    assert (first.details["image_type"], other.details["image_type"]) == ("dermoscopic", "clinical_overview")
    assert (first.values["anatomical_site"], first.details["source_site"]) == ("posterior torso", "спина")
    assert records["a2_d"].values["age_at_exam"] == 85
    assert records["a3_d"].further["Аппарат"] == "=1+1"
    assert (records["a5_d"].dx, records["a5_d"].patient_id) == (None, None)
    assert not any("ФИО" in r.further for r in records.values())
    assert len(records) == 7


def test_what_cannot_be_used_is_named_by_table_row_column_and_value(clinic: Path) -> None:
    mapping = proposed(clinic).mapping
    assert mapping is not None
    said = [str(p) for p in tried(clinic, mapping).problems]
    assert "photos.csv row 5: очаг '5' has no row in lesions.csv" in said
    assert "patients.xlsx row 4: Возраст '85+' was read as 85, and means 85 or more" in said
    assert "lesions.csv row 4: Локализация 'ухо левое' is no general site of ISIC's and stays as it is" in said
    either = "may have the day or the month first and was left empty"
    assert f"lesions.csv row 2: Дата осмотра '03/04/2024' {either}" in said
    assert any(s.startswith("lesions.csv row 3: Диагноз 'НЗН' has no class in ham7") for s in said)


def test_a_tried_mapping_shows_each_problem_at_the_record_it_belongs_to(clinic: Path) -> None:
    mapping = proposed(clinic).mapping
    assert mapping is not None
    by_image = {t.outcome.image_id: t for t in tried(clinic, mapping).first if isinstance(t.outcome, SourceRecord)}
    assert set(by_image["a2_m"].problems) == {"age_at_exam", "diagnosis", "acquisition_date"}
    assert by_image["a2_m"].problems["age_at_exam"].table == "patients.xlsx"
    assert by_image["a5_d"].problems["lesion_id"].why == "has no row in lesions.csv"


def test_a_note_on_a_cell_of_a_joined_table_names_that_table(clinic: Path) -> None:
    mapping = proposed(clinic).mapping
    assert mapping is not None
    record = next(r for r in read(clinic, mapping_yaml(mapping)).records if r.image_id == "a2_d")
    assert any(note.startswith("patients.xlsx row 4: Возраст '85+'") for note in record.notes)


def test_the_order_of_day_and_month_can_be_said(clinic: Path) -> None:
    mapping = proposed(clinic).mapping
    assert mapping is not None
    for order, day in (("day first", "2024-04-03"), ("month first", "2024-03-04")):
        yaml = mapping_yaml(mapping).replace(
            "Дата осмотра: acquisition_date", f"Дата осмотра: {{to: acquisition_date, order: {order}}}"
        )
        assert parse_mapping(mapping_yaml(parse_mapping(yaml, file="m")), file="m") == parse_mapping(yaml, file="m")
        assert read(clinic, yaml).records[0].details["acquisition_date"] == day


def test_a_scale_that_runs_the_other_way_is_turned_round(tmp_path: Path) -> None:
    written(tmp_path, t="photo,q\na,1\nb,3\nc,5\nd,4\n")
    yaml = "columns:\n  photo: image_id\n  q: {to: image_quality_score, inverted: true}\n"
    table = read(tmp_path, yaml)
    assert [(r.image_id, r.values["image_quality_score"]) for r in table.records] == [("a", 5), ("b", 3)]
    assert [(e.image_id, str(e.reason)) for e in table.exclusions] == [
        ("c", "low_quality_score"), ("d", "low_quality_score"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        (
            "columns:\n  p: image_id\n  s: {to: sex, order: day first}\n",
            "columns, s, order: sex holds no dates",
        ),
        (
            "columns:\n  p: image_id\n  d: {to: acquisition_date, order: dayfirst}\n",
            "unknown order 'dayfirst' (did you mean day first?): expected one of day first, month first",
        ),
        ("columns:\n  p: image_id\n  s: {to: age_at_exam, inverted: true}\n", "age_at_exam is no scale"),
        (
            "tables:\n- columns: {p: image_id}\n- columns: {q: image_id}\n",
            "line 2: tables 1: two tables are called 'table': give each a `kind` of its own",
        ),
        (
            "tables:\n- kind: a\n  columns: {p: image_id}\n- kind: b\n  key: x\n  of: lesion_id\n",
            "line 4: tables 2: is joined by lesion_id, but no column of another table goes there",
        ),
        (
            "tables:\n- kind: a\n  columns: {p: image_id}\n- kind: b\n  columns: {q: image_path}\n",
            "line 4: tables 2: needs a key: the column with the image_id by which its rows belong to others",
        ),
    ],
)
def test_what_cannot_join_is_refused_with_its_line(yaml: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_mapping(yaml, file="m.yaml")
    assert said in str(refused.value)


JOINED = """\
tables:
- kind: photos
  columns: {photo: image_id, lesion: lesion_id, who: patient_id}
- kind: lesions
  key: lesion
  of: lesion_id
  columns: {who: patient_id, dx: diagnosis}
"""


def test_a_key_with_rows_that_say_different_things_belongs_to_none_of_them(tmp_path: Path) -> None:
    written(tmp_path, photos="photo,lesion\na,1\nb,2\n", lesions="lesion,who,dx\n1,p,nv\n1,q,mel\n2,p,bcc\n")
    table = read(tmp_path, JOINED)
    assert [(r.image_id, r.dx) for r in table.records] == [("a", None), ("b", "bcc")]
    assert any("1 key with rows that say different things, none of which is used (keys 1)" in n for n in table.notes)
    (problem,) = tried(tmp_path, parse_mapping(JOINED, file="m")).problems
    assert str(problem) == "photos.csv row 2: lesion '1' has several rows in lesions.csv"


def test_lesions_that_are_unique_within_a_patient_are_joined_by_both(tmp_path: Path) -> None:
    written(
        tmp_path,
        photos="photo,lesion,who\na,1,p\nb,1,q\nc,2,q\n",
        lesions="lesion,who,dx\n1,p,nv\n1,q,mel\n2,p,bcc\n",
    )
    table = read(tmp_path, f"lesion_of_patient: true\n{JOINED}")
    assert [(r.image_id, r.lesion_id, r.dx) for r in table.records] == [
        ("a", "p_1", "nv"), ("b", "q_1", "mel"), ("c", "q_2", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("photos", "found"),
    [
        ("photo,lesion\na,1\nb,2\n", ["nv", "mel"]),  # 001 and 002
        ("photo,lesion\na,1\nb,01\n", [None, None]),  # either may be 001
    ],
)
def test_keys_spelt_otherwise_are_joined_only_where_one_row_can_be_meant(
    tmp_path: Path, photos: str, found: list[str | None]
) -> None:
    written(tmp_path, photos=photos, lesions="lesion,who,dx\n001,p,nv\n002,q,mel\n")
    assert [r.dx for r in read(tmp_path, JOINED).records] == found


def test_numbers_of_rows_join_no_tables_that_have_nothing_to_do_with_one_another(tmp_path: Path) -> None:
    written(tmp_path, photos="photo,age\na,1\nb,2\nc,3\n", rooms="n,floor\n1,2\n2,3\n3,4\n")
    found = proposed(tmp_path)
    assert (found.joins, found.unused) == ((), ("rooms.csv",))


def test_tables_with_the_same_columns_are_parts_of_one(tmp_path: Path) -> None:
    written(tmp_path, y2023="photo,dx\na,nv\n", y2024="photo,dx\nb,mel\n")
    mapping = proposed(tmp_path).mapping
    assert mapping is not None
    assert len(mapping.layout.tables) == 1
    assert {r.image_id: r.dx for r in read(tmp_path, mapping_yaml(mapping)).records} == {"a": "nv", "b": "mel"}


def test_folders_whose_names_only_the_clinic_knows_are_mapped(tmp_path: Path) -> None:
    for place, name in enumerate(("НЗН/a.jpg", "НЗН/b.jpg", "М/c.jpg")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(make_jpeg(seed=place))
    mapping = proposed(tmp_path).mapping
    assert mapping is not None
    yaml = mapping_yaml(mapping).replace("class: diagnosis", "class: {to: diagnosis, values: {НЗН: nv, М: mel}}")
    assert {r.image_id: (r.dx, r.source_label) for r in read(tmp_path, yaml).records} == {
        "a": ("nv", "НЗН"), "b": ("nv", "НЗН"), "c": ("mel", "М"),
    }  # fmt: skip


def test_folders_say_the_diagnosis_of_images_whose_table_does_not(tmp_path: Path) -> None:
    for place, name in enumerate(("nevus/a.jpg", "melanoma/b.jpg")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(make_jpeg(seed=place))
    written(tmp_path, t="photo,age\na.jpg,40\nb.jpg,50\n")
    mapping = proposed(tmp_path).mapping
    assert mapping is not None
    found = {r.image_id: (r.dx, r.values["age_at_exam"]) for r in read(tmp_path, mapping_yaml(mapping)).records}
    assert found == {"a": ("nv", 40), "b": ("mel", 50)}
    written(tmp_path, t="photo,dx\na.jpg,bcc\nb.jpg,bcc\n")
    assert proposed(tmp_path).joins == ()


def test_an_id_and_the_file_of_one_image_are_no_two_images(tmp_path: Path) -> None:
    written(tmp_path, t="picture,file,dx\nI1,I1.jpg,nv\nI2,I2.jpg,mel\n")
    mapping = proposed(tmp_path).mapping
    assert mapping is not None
    assert mapping.layout.tables[0].pictures == ()


def test_types_of_images_in_names_of_columns_are_types_that_there_are() -> None:
    for head in ("Фото дерматоскоп", "photo_overview", "clinic photo", "макро", "TBP tile", "dermoscopy"):
        assert image_type_of(head) in meanings_of("image_type"), head
    assert image_type_of("photo 1") == ""


def test_columns_that_name_people_are_left_out_and_a_file_name_is_not(tmp_path: Path) -> None:
    written(tmp_path, t="file_name,имя_файла2,Surname,дата рождения,dx\na.jpg,x,Smith,1.2.1950,nv\n")
    mapping = proposed(tmp_path).mapping
    assert mapping is not None
    assert mapping.layout.tables[0].ignored == ("Surname", "дата рождения")


def test_a_mapping_that_is_not_finished_can_be_kept() -> None:
    kind = replace(parse_mapping(JOINED, file="m").layout.tables[1], columns=(SourceColumn(name="x", to=""),))
    unfinished = TableMapping(layout=Layout(tables=(kind,)))
    assert parse_mapping(mapping_yaml(unfinished), file="m", whole=False) == unfinished
    with pytest.raises(InvalidInput, match="no table names the images"):
        parse_mapping(mapping_yaml(unfinished), file="m")


def test_classes_in_columns_of_a_joined_table_are_read(tmp_path: Path) -> None:
    written(tmp_path, photos="photo,lesion\na,1\nb,2\n", truth="lesion,MEL,NV\n1,1,0\n2,0,1\n")
    mapping = proposed(tmp_path).mapping
    assert mapping is not None
    assert mapping.layout.tables[1].one_hot == OneHot(classes={"MEL": "MEL", "NV": "NV"})
    assert {r.image_id: r.dx for r in read(tmp_path, mapping_yaml(mapping)).records} == {"a": "mel", "b": "nv"}


def test_a_table_that_the_mapping_joins_and_that_is_not_there_is_lacking(tmp_path: Path) -> None:
    written(tmp_path, photos="photo,lesion,who\na,1,p\n")
    source = mapped_source(list_source([tmp_path]), parse_mapping(JOINED, file="m"))
    assert source.lacks == ("table lesions (with lesion)",)


def test_values_of_every_kind_of_trouble_are_named_in_one_column_each(tmp_path: Path) -> None:
    written(
        tmp_path,
        t="photo;seen;age;size;note\n"
        "a;2024-03-04;85+;0,4;=1+1\n"
        "b;13/03/2024;AGE_40_TO_49;3x;ok\n"
        "c;04/03/2024;ninety;<5;\n"
        "d;4 May 2024;41;1,25;\n"
        "e;45000;12 months;7;\n"
        "f;5.6.24;45;7;\n",
    )
    yaml = (
        "columns:\n  photo: image_id\n  seen: acquisition_date\n  age: age_at_exam\n"
        "  size: lesion_diameter_mm\n  note: ''\n"
    )
    mapping = parse_mapping(yaml, file="m")
    records = {r.image_id: r for r in read(tmp_path, yaml).records}
    assert [records[i].details.get("acquisition_date") for i in "abcdef"] == [
        "2024-03-04", "2024-03-13", "2024-03-04", "2024-05-04", "2023-03-15", None,
    ]  # fmt: skip
    assert [records[i].values["age_at_exam"] for i in "abcdef"] == [85, 45, None, 41, 1, 45]
    assert [records[i].values["lesion_diameter_mm"] for i in "abcdef"] == [0.4, None, None, 1.25, 7, 7]
    assert records["a"].further["note"] == "=1+1"
    found = {(p.row, p.column): p.value for p in tried(tmp_path, mapping).problems}
    assert found == {
        (2, "age"): "85+", (3, "age"): "AGE_40_TO_49", (3, "size"): "3x", (4, "age"): "ninety", (4, "size"): "<5",
        (6, "age"): "12 months", (6, "seen"): "45000", (7, "seen"): "5.6.24",
    }  # fmt: skip


def test_a_table_with_a_column_twice_is_refused_by_its_name(tmp_path: Path) -> None:
    written(tmp_path, t="photo,Age,age\na,1,2\n")
    with pytest.raises(InvalidInput, match="age"):
        mapped_source(
            list_source([tmp_path / "t.csv"]), parse_mapping("columns: {photo: image_id, age: age_at_exam}", file="m")
        )


def test_a_key_is_the_column_of_that_name_with_or_without_its_brackets(tmp_path: Path) -> None:
    folder = written(tmp_path, photos="photo,Lesion (no)\na,L1\nb,l2\n", lesions="Lesion (no),dx\nL1,nv\nL2,mel\n")
    table = read(folder, "tables:\n- kind: photos\n  columns: {photo: image_id, lesion: lesion_id}\n"
                 "- kind: lesions\n  key: lesion\n  of: lesion_id\n  columns: {dx: diagnosis}\n")  # fmt: skip
    assert [(r.image_id, r.dx) for r in table.records] == [("a", "nv"), ("b", "mel")]


def test_the_first_rows_are_tried_as_the_import_reads_them_by_what_later_rows_say(tmp_path: Path) -> None:
    rows = "".join(f"x/{n}.jpg,03/04/2024\n" for n in range(20)) + "y/0.jpg,25/04/2024\n"
    folder = written(tmp_path, photos="file,taken\n" + rows)
    yaml = "columns: {file: image_path, taken: acquisition_date}\n"
    first = tried(folder, parse_mapping(yaml, file="m.yaml")).first
    assert [t.outcome for t in first] == list(read(folder, yaml).records[:12])
    assert isinstance(first[0].outcome, SourceRecord)
    assert (first[0].outcome.image_id, first[0].outcome.details["acquisition_date"]) == ("x_0", "2024-04-03")
