"""The statistics of a data set, against what the methodology paper prints and on records that say little."""

import pandas as pd
import pytest
from tests.factories import make_image, make_record
from tests.methodology_dataset import DATASET, fill_methodology

from dermdash.analyses.dataset_statistics.figures import missingness_figure, statistics_figures
from dermdash.analyses.dataset_statistics.section import statistics_answer, statistics_section
from dermdash.analyses.dataset_statistics.tables import statistics_tables
from dermdash.analyses.section import ResultTable
from dermdash.charts.palette import Theme
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import LesionOrigin, Status
from dermdash.report.latex_table import latex_table
from dermdash.storage import records
from dermdash.storage.import_runs import ROW, save_import_run
from dermdash.storage.workspace import Workspace
from dermdash.wording import thousands_apart
from dermdash.workflows.dataset.statistics import dataset_statistics, missingness

TABLE_4 = """
Nevus | 733 | 71.4 | Melanocytic | Benign
Seborrheic keratosis | 118 | 11.5 | Non-melanocytic | Benign
Hemangioma | 87 | 8.5 | Non-melanocytic | Benign
Dermatofibroma | 31 | 3.0 | Non-melanocytic | Benign
Melanoma | 18 | 1.8 | Melanocytic | Malignant
Dysplastic nevus | 16 | 1.6 | Melanocytic | Borderline
Basal cell carcinoma | 15 | 1.5 | Non-melanocytic | Malignant
Squamous cell carcinoma | 6 | 0.6 | Non-melanocytic | Malignant
Papilloma | 2 | 0.2 | Non-melanocytic | Benign
Total | 1026 | 100.0 | — | —
""".strip().splitlines()
TABLE_5 = """
Excluded at SOP stage by image_quality_score | 32
Initial records (after SOP quality control) | 1 044
Excluded duplicates (by cryptographic hash) | 18
Proportion of excluded duplicates, % | 1.7
Unique images | 1 026
Patients with images | 443
Min / median / mean / max images per patient | 1 / 2 / 2.32 / 10
Diagnostic categories | 9
Fields in the metadata information model | 16
Images with verification_stage (consensus) | 987
Images with verification_stage (histology) | 39
Proportion of histologically verified of all malignant, % | 100.0
""".strip().splitlines()


def printed(table: ResultTable) -> list[str]:
    """The rows as the paper prints them: a space between thousands."""
    return [thousands_apart(" | ".join(map(str, row)), " ") for row in table.shown.itertuples(index=False)]


def tables(workspace: Workspace, **chosen: object) -> dict[str, ResultTable]:
    found = dataset_statistics(workspace, RecordFilter(**chosen))  # type: ignore[arg-type]
    return {table.name: table for table in statistics_tables(found)}


def test_the_tables_of_the_paper_are_printed_to_the_digit(workspace: Workspace) -> None:
    fill_methodology(workspace)
    made = tables(workspace, dataset_id=(DATASET,))
    assert printed(made["table-4-categories"]) == TABLE_4
    assert printed(made["table-5-summary"]) == TABLE_5
    section = statistics_section(dataset_statistics(workspace, RecordFilter(dataset_id=(DATASET,))))
    assert section.answer is not None
    assert section.answer.sentence == (
        "Nevus is the most frequent diagnosis, 71 of 100 images; 4 of 100 are malignant, and histology confirmed 4 of "
        "100."
    )
    assert [figure[:2] for figure in section.answer.figures][:3] == [
        ("Malignant", "3.8\N{NO-BREAK SPACE}%"), ("Confirmed by histology", "3.8\N{NO-BREAK SPACE}%"),
        ("Malignant with histology", "100.0\N{NO-BREAK SPACE}%"),
    ]  # fmt: skip
    assert section.chart is not None
    shown = [str(note.text) for note in section.chart.make(Theme.LIGHT).layout.annotations]
    assert "2 other categories" in shown
    assert "Papilloma" not in shown
    model = made["table-2-information-model"].shown
    assert list(model["Block"]) == [
        "Demographic", "Anamnestic", "Morphological", "Dermoscopic", "Diagnostic", "Service"
    ]  # fmt: skip
    assert model["Fields"][0] == "age_at_exam, sex, fitzpatrick_type"
    assert list(made["table-3-verification"].shown["Images"]) == ["0", "987", "39"]
    assert r"1\,044" in latex_table(made["table-5-summary"]).decode()


def test_the_sentences_of_the_paper_hold(duckdb_workspace: Workspace) -> None:
    fill_methodology(duckdb_workspace)
    found = dataset_statistics(duckdb_workspace)
    assert (found.of_origin(LesionOrigin.MELANOCYTIC), found.of_origin(LesionOrigin.NON_MELANOCYTIC)) == (767, 259)
    assert found.of_status(Status.MALIGNANT) == 39
    assert (found.images_per_patient.counts[1], found.ages.n, found.units_without_age) == (190, 439, 4)
    assert (found.ages.minimum, found.ages.median, round(found.ages.mean or 0, 1), found.ages.maximum) == (
        2, 38, 41.1, 90
    )  # fmt: skip
    texts = {f.figure.name: f for f in statistics_figures(found)}
    sex = texts["figure-4-sex"].drawing.svg().decode()
    assert "279 (63.0\N{NO-BREAK SPACE}%)" in sex
    assert "164 (37.0\N{NO-BREAK SPACE}%)" in sex
    assert "439 patients with a valid age" in texts["figure-3-age"].figure.description
    assert "4 without" in texts["figure-3-age"].figure.description


def test_a_filter_describes_what_it_lets_through_and_knows_no_exclusions(duckdb_workspace: Workspace) -> None:
    fill_methodology(duckdb_workspace)
    made = tables(duckdb_workspace, dx=("melanoma",))
    assert printed(made["table-4-categories"]) == [
        "Melanoma | 18 | 100.0 | Melanocytic | Malignant",
        "Total | 18 | 100.0 | — | —",
    ]
    rows = dict(made["table-5-summary"].shown.itertuples(index=False))
    assert rows["Initial records (after SOP quality control)"] == "not known of a part of a data set"
    assert rows["Unique images"] == "18"


def test_nothing_to_describe_is_said_and_nothing_is_divided_by_it(duckdb_workspace: Workspace) -> None:
    fill_methodology(duckdb_workspace)
    for wanted in (RecordFilter(dx=("nowhere",)), RecordFilter(text="no such id")):
        found = dataset_statistics(duckdb_workspace, wanted)
        assert found.records == 0
        rows = dict(statistics_tables(found)[4].shown.itertuples(index=False))
        assert rows["Proportion of histologically verified of all malignant, %"] == "no malignant image"
        assert rows["Min / median / mean / max images per patient"] == "not known"
        for drawn in statistics_figures(found):
            assert drawn.drawing.svg().startswith(b"<svg")
            assert drawn.drawing.png().startswith(b"\x89PNG")
            assert drawn.figure.make is not None
        assert not missingness(duckdb_workspace, wanted, "dx")
        missingness_figure({}, "dx", "Diagnosis", {}).drawing.svg()


def test_an_empty_workspace_has_statistics_of_nothing(duckdb_workspace: Workspace) -> None:
    assert dataset_statistics(duckdb_workspace).as_dict()["initial_records"] == 0


def test_what_was_left_out_and_came_in_later_is_no_exclusion(workspace: Workspace) -> None:
    add(workspace, "came", "stays")
    moment = pd.Timestamp("2026-01-01", tz="UTC").to_pydatetime()
    save_import_run(
        workspace.engine,
        values={"id": "r", "dataset_id": "ham", "adapter": "csv", "rows": 9, "imported": 2, "already_present": 0,
                "excluded": {}, "started_at": moment, "finished_at": moment},
        exclusions=[
            ("came", "no_image_file", "", ROW), ("gone", "no_image_file", "", ROW),
            ("came", "duplicate_image_id", "row 7", ROW), ("a.jpg", "image_without_row", "", "file"),
        ],
    )  # fmt: skip
    exclusions = dataset_statistics(workspace).exclusions
    assert exclusions is not None
    assert exclusions.by_reason == {"no_image_file": 1, "duplicate_image_id": 1}


def test_without_patients_lesions_stand_for_them_and_it_is_said(duckdb_workspace: Workspace) -> None:
    add(duckdb_workspace, "a", "b", lesion_id="L", sex="female", age_at_exam=50)
    add(duckdb_workspace, "c", lesion_id="M", sex=None, age_at_exam=None)
    found = dataset_statistics(duckdb_workspace)
    assert (found.patients, found.units, found.units_are_lesions) == (0, 2, 2)
    assert (found.ages.counts, found.units_without_age) == ({50: 1}, 1)
    assert found.sexes == {"": 1, "female": 1}
    assert found.images_per_lesion.counts == {1: 1, 2: 1}
    figures = {f.figure.name: f.figure for f in statistics_figures(found)}
    assert figures["figure-5-images-per-patient"].description == "No record names its patient."
    assert "1 lesions" in figures["figure-3-age"].description


def test_stages_that_only_a_source_claims_are_said(workspace: Workspace) -> None:
    add(workspace, "a", "b", verification_stage=2)
    add(workspace, "c", verification_stage=3, stage_claimed=False)
    found = dataset_statistics(workspace)
    assert (found.stages, found.stages_claimed) == ({2: 2, 3: 1}, {2: 2})
    by_name = {table.name: table for table in statistics_tables(found)}
    assert by_name["table-5-summary"].note == "As the source claims, not as reached here: 2 of stage 2."


def test_a_patient_of_two_sexes_and_ages_is_counted_once(workspace: Workspace) -> None:
    add(workspace, "a", patient_id="P", sex="female", age_at_exam=61)
    add(workspace, "b", patient_id="P", sex="male", age_at_exam=60)
    found = dataset_statistics(workspace)
    assert (found.contradictory_sex, found.sexes, found.ages.counts) == (1, {}, {60: 1})


def test_missing_values_are_counted_in_each_group(workspace: Workspace) -> None:
    add(workspace, "a", dx="mel", sex=None, histopathology_result=None, verification_stage=2)
    add(workspace, "b", dx="nv", sex="male", verification_stage=None, dx_type=None)
    figure = missingness_figure(missingness(workspace, RecordFilter(), "dx"), "dx", "Diagnosis", {})
    rows = {(r["field"], r["dx"]): r for r in figure.numbers.to_dict("records")}
    assert rows["sex", "mel"]["missing"] == 1
    assert rows["sex", "nv"]["missing"] == 0
    assert rows["histopathology_result", "mel"]["missing"] == 1
    assert set(missingness(workspace, RecordFilter(), "verification_stage")) == {"2", None}
    with pytest.raises(InvalidInput, match="choose dx, verification_stage, dataset_id"):
        missingness(workspace, RecordFilter(), "sex")


def test_photographs_and_drawn_images_are_never_counted_together(duckdb_workspace: Workspace) -> None:
    add(duckdb_workspace, "a")
    add(duckdb_workspace, "b", dataset="demo", simulated=True)
    assert dataset_statistics(duckdb_workspace).records == 1
    assert dataset_statistics(duckdb_workspace, RecordFilter(dataset_id=("demo",))).simulated
    with pytest.raises(InvalidInput, match="would be mixed"):
        dataset_statistics(duckdb_workspace, RecordFilter(dataset_id=("demo", "ham")))
    with pytest.raises(NotFound, match="no data set nowhere"):
        dataset_statistics(duckdb_workspace, RecordFilter(dataset_id=("nowhere",)))


def add(
    workspace: Workspace, *image_ids: str, dataset: str = "ham", simulated: bool = False, **changes: object
) -> None:
    """Store records of images that differ."""
    records.save_dataset(
        workspace.engine, values={"id": dataset, "name": dataset, "taxonomy": "ham7", "source": "", "licence": "",
                                  "simulated": simulated},
    )  # fmt: skip
    rows = [make_record(i, dataset, image_sha256=i.ljust(64, "0"), **changes) for i in image_ids]
    records.save_batch(workspace.engine, images=[make_image(row["image_sha256"]) for row in rows], records=rows)


def test_nothing_and_records_without_a_diagnosis_are_answered_as_such(workspace: Workspace) -> None:
    nothing = dataset_statistics(workspace, RecordFilter())
    assert statistics_answer(nothing).sentence == "No record passes."
    values = {"id": "plain", "name": "Plain", "taxonomy": "ham7", "source": "drawn", "licence": "CC0"}
    records.save_dataset(workspace.engine, values={**values, "simulated": False})
    image, row = make_image("e" * 64), make_record("p1", "plain", image_sha256="e" * 64, dx=None)
    records.save_batch(workspace.engine, images=[image], records=[row])
    found = dataset_statistics(workspace, RecordFilter())
    assert statistics_answer(found).sentence == "No image has a diagnosis; histology confirmed none."
