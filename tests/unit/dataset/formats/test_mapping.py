"""Mappings of any table: written and read again, refused with the place, proposed, and what they cannot use."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from dermdash.dataset.formats.layout import Layout, OneHot, Picture, SourceColumn, TableLayout
from dermdash.dataset.formats.mapped_source import CellProblem, cell_problems, fit_of_tables, mapped_source
from dermdash.dataset.formats.mapping import TableMapping, with_words_kept
from dermdash.dataset.formats.mapping_file import parse_mapping
from dermdash.dataset.formats.mapping_proposal import MappingProposal, propose_mapping
from dermdash.dataset.formats.mapping_text import mapping_yaml
from dermdash.dataset.formats.source_files import list_source
from dermdash.dataset.formats.table_sources import open_table
from dermdash.dataset.formats.word_proposal import propose_words
from dermdash.dataset.source_records import SourceTable
from dermdash.errors import DermdashError, InvalidInput, MissingColumns
from dermdash.records.taxonomy import HAM7, get_taxonomy

CLINIC = """\
Bild;Geschlecht;Alter;Diagnose;Durchmesser (cm);Notiz
a1.jpg;m;45;NZN;0,4;ok
a2.jpg;w;85+;Melanom;1,2;NO
a3.jpg;x;40;Hautding;3x;
"""


def proposed(text: str, taxonomy: str | None = None) -> MappingProposal:
    return propose_mapping(open_table(text.encode(), "table"), taxonomy=taxonomy)


def read(tmp_path: Path, table: str, yaml: str) -> SourceTable:
    (tmp_path / "t.csv").write_text(table)
    mapping = parse_mapping(yaml, file="m.yaml")
    return mapped_source(list_source([tmp_path / "t.csv"]), mapping).read(get_taxonomy(mapping.taxonomy or "ham7"))


def a_mapping(*columns: SourceColumn, **more: object) -> TableMapping:
    image = SourceColumn(name="Photo", to="image_id")
    table = TableLayout(kind="table", needs=("Photo",), columns=tuple(map(with_words_kept, (image, *columns))))
    return TableMapping(layout=Layout(tables=(replace(table, **more),)))  # type: ignore[arg-type]


ODD = SourceColumn(
    name='NO: "it\'s"\n# odd',
    to="sex",
    values={"no": "male", "1": "female", "null": "", "2012-03-05": "male", "Ж: x": "female", "ja\u2028x": "male"},
    keep=True,
    separator=" | ",
)


@pytest.mark.parametrize(
    "mapping",
    [
        a_mapping(),
        a_mapping(ODD, SourceColumn(name="size", to="lesion_diameter_mm", unit="cm"), SourceColumn(name="x", to="")),
        a_mapping(one_hot=OneHot(classes={"MEL": "mel", "NV": "nv"}, none_is="nv", mark="X"), ignored=("y", "off")),
        TableMapping(
            layout=Layout(
                tables=(
                    a_mapping(SourceColumn(name="who", to="patient_id")).layout.tables[0],
                    TableLayout(
                        kind="more", needs=("p",), key="p", of="patient_id", names_images=False,
                        columns=(SourceColumn(name="age", to="age_at_exam"),),
                    ),
                ),
                constants={"image_type": "dermoscopic", "sunburn_history": True, "dominant_colors": ["black", "red"]},
                lesion_of_patient=True, unlabelled=False, splits={"train": "train"},
            ),
            dataset="clinic-1", name="Clinic: one", taxonomy="ham7", source="a # b", licence="CC BY 4.0",
        ),
        TableMapping(
            layout=Layout(
                tables=(
                    TableLayout(
                        kind="table", needs=("clinic", "derm"),
                        pictures=(
                            Picture(column="clinic", constants={"image_type": "clinical_close_up"}),
                            Picture(column="derm", columns=(SourceColumn(name="q", to="image_quality_score"),)),
                        ),
                    ),
                )
            )
        ),
    ],
)  # fmt: skip
def test_a_mapping_is_read_again_as_it_was_written(mapping: TableMapping) -> None:
    assert (
        parse_mapping(mapping_yaml(mapping, head=["one\nline"], beside={("table", "Photo"): "a\n: b"}), file="m")
        == mapping
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "columns:\n  photo: image_idd\n",
            "m.yaml, line 2: columns, photo: unknown target 'image_idd' (did you mean image_id?)",
        ),
        ("colums:\n  photo: image_id\n", "m.yaml, line 1: unknown entry 'colums' (did you mean columns?)"),
        (
            "columns:\n  photo:\n    to: image_id\n    unitt: cm\n",
            "line 4: columns, photo: unknown entry 'unitt' (did you mean unit?)",
        ),
        (
            "columns:\n  photo: image_id\n  d:\n    to: sex\n    values:\n      m: mal\n",
            "line 6: columns, d, values, m: 'mal' is no value of sex (did you mean male?)",
        ),
        (
            "taxonomy: ham7\ncolumns:\n  p: image_id\n  d:\n    to: diagnosis\n    values: {x: mell}\n",
            "line 6: columns, d, values, x: 'mell' has no class in ham7 (did you mean mel?)",
        ),
        (
            "columns:\n  p: image_id\n  d: {to: lesion_diameter_mm, unit: inch}\n",
            "unknown unit 'inch': expected one of mm, cm",
        ),
        ("columns:\n  p: image_id\n  d: {to: sex, unit: cm}\n", "sex has no unit"),
        ("taxonomy: ham8\ncolumns: {p: image_id}\n", "line 1: taxonomy: unknown taxonomy 'ham8' (did you mean ham7?)"),
        ("columns:\n  p: image_id\n  P: sex\n", "line 3: columns, P: is the column 'p'"),
        ("columns:\n  p: image_id\n  p: sex\n", "line 3: columns: 'p' stands there twice"),
        ("columns:\n  age: age_at_exam\n", "no column names the images"),
        ("columns: [a]\n", "expected entries with names, found a list"),
        (
            "constants: {image_typ: other}\ncolumns: {p: image_id}\n",
            "'image_typ' is no field (did you mean image_type?)",
        ),
        (
            "constants: {image_type: dermoscopi}\ncolumns: {p: image_id}\n",
            "'dermoscopi' is no value of image_type (did you mean dermoscopic?)",
        ),
        (
            "unlabelled: perhaps\ncolumns: {p: image_id}\n",
            "line 1: unlabelled: expected true or false, found 'perhaps'",
        ),
        ("a: &x [1]\nb: *x\n", "line 2: *x refers to another place"),
        ("[" * 40 + "]" * 40, "nested more than 12 deep"),
        ("columns: {p: image_id", "m.yaml is no YAML"),
        ("format: m\n---\nformat: n\n", "m.yaml is no YAML: expected a single document"),
        ("", "m.yaml is empty"),
        ("x: " + "a" * 600_000, "larger than 512 KiB"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_with_its_place_and_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_mapping(text, file="m.yaml")
    assert said in str(refused.value)


def test_a_proposal_has_targets_units_words_and_how_sure_it_is() -> None:
    found = {c.name: c for c in proposed(CLINIC).columns}
    assert {name: c.to for name, c in found.items()} == {
        "Bild": "image_id", "Geschlecht": "sex", "Alter": "age_at_exam", "Diagnose": "diagnosis",
        "Durchmesser (cm)": "lesion_diameter_mm", "Notiz": "",
    }  # fmt: skip
    assert found["Durchmesser (cm)"].unit == "cm"
    assert {w.word: w.meaning for w in found["Geschlecht"].words} == {"m": "male", "w": "female", "x": ""}
    assert {w.word: w.meaning for w in found["Diagnose"].words} == {"NZN": "nv", "Melanom": "mel", "Hautding": ""}
    assert found["Alter"].confidence > found["Geschlecht"].confidence  # of which a third cannot be read
    assert found["Bild"].examples == ("a1.jpg", "a2.jpg", "a3.jpg")


def test_columns_whose_names_say_nothing_are_proposed_by_their_cells() -> None:
    found = {
        c.name: c.to for c in proposed("a,b,c,d,e\nx1.jpg,male,2012-03-05,nevus,7\nx2.png,f,2013-01-02,bcc,8\n").columns
    }
    assert found == {"a": "image_path", "b": "sex", "c": "acquisition_date", "d": "diagnosis", "e": ""}


def test_diagnoses_spread_over_columns_are_proposed_as_such(tmp_path: Path) -> None:
    table = "image,MEL,NV,BCC\na,1,0,0\nb,0,1,0\nc,1,1,0\n"
    mapping = proposed(table).mapping
    assert mapping is not None
    read_again = read(tmp_path, table, mapping_yaml(mapping))
    assert {r.image_id: r.dx for r in read_again.records} == {"a": "mel", "b": "nv"}
    assert [str(e.reason) for e in read_again.exclusions] == ["invalid_row"]


def test_words_that_differ_in_capitals_alone_are_one_word() -> None:
    words = propose_words("sex", Counter({"M": 3, "m": 2, "F": 1}), HAM7)
    assert [(w.word, w.rows, w.meaning) for w in words] == [("M", 5, "male"), ("F", 1, "female")]


def test_a_table_that_names_no_image_has_no_mapping() -> None:
    assert proposed("age,sex\n1,m\n").mapping is None


def test_what_a_mapping_says_becomes_records_and_the_word_of_the_source_stays_the_label(tmp_path: Path) -> None:
    yaml = """\
dataset: clinic
taxonomy: ham7
constants: {image_type: dermoscopic}
columns:
  Bild: image_path
  Geschlecht: {to: sex, values: {x: ''}}
  Alter: age_at_exam
  Diagnose: {to: diagnosis, values: {Hautding: bkl}}
  Durchmesser (cm): {to: lesion_diameter_mm, unit: cm}
ignored: [Notiz]
"""
    table = read(tmp_path, CLINIC, yaml)
    first, second, third = table.records
    assert (first.image_id, first.dx, first.values["sex"]) == ("a1", "nv", "male")
    assert first.values["lesion_diameter_mm"] == 4.0
    assert (second.values["age_at_exam"], second.further) == (85, {"Alter": "85+"})
    assert (third.dx, third.source_label, third.values["sex"]) == ("bkl", "Hautding", None)
    assert {r.details["image_type"] for r in table.records} == {"dermoscopic"}
    assert not any("Notiz" in r.further for r in table.records)


def test_cells_that_cannot_be_used_are_named_by_row_column_and_value(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CLINIC + ";w;1;NZN;1;\nonly,one\n")
    mapping = proposed(CLINIC, "ham7").mapping
    assert mapping is not None
    source = mapped_source(list_source([tmp_path / "t.csv"]), mapping)
    found = list(cell_problems(source.tables[0], HAM7))
    assert [(p.row, p.column, p.value) for p in found] == [
        (3, "Alter", "85+"), (4, "Geschlecht", "x"), (4, "Diagnose", "Hautding"), (4, "Durchmesser (cm)", "3x"),
        (5, "Bild", ""), (6, "", ""),
    ]  # fmt: skip
    assert str(found[1]) == "t.csv row 4: Geschlecht 'x' is none of female, male and was left empty"
    assert found[4] == CellProblem("t.csv", 5, "Bild", "", "names no image")


def test_a_mapping_for_another_table_is_refused_with_the_columns_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("photos,sex\na,m\n")
    with pytest.raises(MissingColumns, match=r"t.csv lacks 'Photo' \(did you mean photos\?\)"):
        mapped_source(list_source([tmp_path / "t.csv"]), a_mapping())


def test_how_well_a_saved_mapping_fits_is_the_share_of_its_columns() -> None:
    mapping = a_mapping(SourceColumn(name="Age", to="age_at_exam"), SourceColumn(name="S", to="sex"))
    assert fit_of_tables(mapping, [["photo", "age", "s", "more"]]) == 1
    assert fit_of_tables(mapping, [["photo", "age"]]) == pytest.approx(2 / 3)
    assert fit_of_tables(mapping, [["age", "s"]]) == 0


def test_every_error_of_a_mapping_is_one_that_people_are_told() -> None:
    for text in ("\x00", "- a\n- b", "tables: [{columns: {a: sex}}]", "tables: [x]", "columns: {? [a] : b}"):
        with pytest.raises(DermdashError):
            parse_mapping(text, file="m.yaml")


def test_the_mappings_in_the_docs_can_be_read() -> None:
    docs = (Path(__file__).parents[4] / "docs" / "formats.md").read_text("utf-8")
    mapping = parse_mapping(docs.split("```yaml")[1].split("```")[0], file="docs")
    assert mapping.layout.tables[0].ignored == ("Nr",)
    assert mapping.dataset == "clinic-2024"
    joined = parse_mapping(docs.split("```yaml")[2].split("```")[0], file="docs")
    assert [t.kind for t in joined.layout.tables] == ["photos", "lesions", "patients"]
