"""The report as data: what was done, what was not and why, and the numbers of every table."""

import csv
import io
import json
import zipfile
from dataclasses import asdict, replace

import pandas as pd
import pytest
from tests.readings_factory import make_readings
from tests.unit.report.report_factory import hostile_readings, predictions_for

from dermdash.analyses import registry
from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.human_machine.run import analyse_human_machine
from dermdash.analyses.model_scores import scores_in
from dermdash.analyses.options import Options
from dermdash.analyses.registry import ANALYSES
from dermdash.analyses.section import Section
from dermdash.errors import InvalidInput
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import HAM7
from dermdash.report import study_report
from dermdash.report.archive import report_archive
from dermdash.report.html_report import render_html
from dermdash.report.study_report import StudyReport, build_report, chosen_analyses, table_rows

OF_ONE_ARM = [analysis for analysis in ANALYSES if analysis.key != "arms"]


def test_every_analysis_but_that_of_arms_is_done_on_full_readings_of_one_arm(report: StudyReport) -> None:
    (left_out,) = report.not_done
    assert "all readers stand in one arm" in left_out.reason
    assert [s.key for s in report.sections] == [a.key for a in OF_ONE_ARM]


def test_the_registry_calls_sections_as_they_call_themselves(report: StudyReport) -> None:
    assert {a.key: a.title for a in OF_ONE_ARM} == {s.key: s.title for s in report.sections}


def test_every_section_says_what_it_found_how_and_from_how_many(report: StudyReport) -> None:
    for section in report.sections:
        assert section.summary, section.key
        assert section.methods, section.key
        assert section.tables, section.key
        assert section.references, section.key


def test_names_of_tables_are_unique(report: StudyReport) -> None:
    names = [t.name for t in report.tables]
    assert len(set(names)) == len(names)


def test_the_json_holds_every_number_of_every_table(report: StudyReport) -> None:
    found = report.as_dict()
    text = json.dumps(found, allow_nan=False)
    again = json.loads(text)
    for section, written in zip(report.sections, again["sections"], strict=True):
        for table, rows in zip(section.tables, written["tables"], strict=True):
            assert rows["rows"] == json.loads(json.dumps(table_rows(table.numbers)))
            assert len(rows["rows"]) == len(table.numbers)


def test_numbers_of_a_section_are_those_of_its_workflow() -> None:
    """What `dermdash analyse human-machine --json` prints, in the table of the report."""
    table = hostile_readings()
    context = AnalysisContext(predictions=predictions_for(table))
    report = build_report(table, context, only=["human-machine"])
    found = analyse_human_machine(table, scores_in(context, table)).as_dict()
    rows = next(t for t in report.tables if t.name == "human-machine-readers").numbers.to_dict("records")
    readers = [(t["code"], r) for t in found["targets"] for r in t["readers"]]
    assert len(rows) == len(readers)
    for row, (code, reader) in zip(rows, readers, strict=True):
        assert (row["class"], row["reader"], row["position"]) == (code, reader["reader"], reader["position"])
        vertical = reader["at_equal_specificity"]
        assert row["difference_sensitivity_at_equal_specificity"] == pytest.approx(vertical["difference"], nan_ok=True)
        assert row["area"] == pytest.approx(reader["area"]["area"])


def test_what_cannot_be_done_is_a_line_with_its_reason() -> None:
    report = build_report(make_readings(), AnalysisContext(), only=["human-machine", "item-response"])
    assert [s.key for s in report.sections] == ["item-response"]
    assert report.not_done[0].key == "human-machine"
    assert "no single score" in report.not_done[0].reason


def test_a_mistake_in_the_program_is_no_line_but_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(table: ReadingsTable, options: Options, context: AnalysisContext) -> Section:
        raise ZeroDivisionError

    monkeypatch.setattr(study_report, "ANALYSES", (replace(ANALYSES[0], run=broken, run_for_report=None),))
    with pytest.raises(ZeroDivisionError):
        build_report(make_readings(), AnalysisContext())


def test_an_unknown_analysis_is_named_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="no analysis benfit; there are: benefit"):
        chosen_analyses(["benfit"])
    with pytest.raises(InvalidInput, match="no analysis was named"):
        chosen_analyses(["", " "])
    assert [a.key for a in chosen_analyses(["triage", " benefit"])] == ["benefit", "triage"]


def test_progress_names_what_comes_and_ends_at_the_whole() -> None:
    seen: list[tuple[int, int, str]] = []
    build_report(
        make_readings(readers=3, cases=7),
        AnalysisContext(),
        only=["item-response", "agreement"],
        progress=lambda done, total, title: seen.append((done, total, title)),
    )
    assert seen == [(0, 2, "Agreement"), (1, 2, "Item response"), (2, 2, "")]


def test_the_protocol_decides_what_is_exploratory() -> None:
    table = make_readings(readers=4, cases=14, prespecified=("human-machine",), protocol_sha256="a" * 64)
    context = AnalysisContext(predictions=predictions_for(table))
    report = build_report(table, context, only=["human-machine", "reliance"])
    assert [s.key for s in report.prespecified] == ["human-machine"]
    assert [s.key for s in report.exploratory] == ["reliance"]


def test_what_the_protocol_names_and_the_report_lacks_is_said() -> None:
    planned = ("benefit", "human-machine", "benefit-malignancy", "item-response")
    table = make_readings(readers=2, cases=7, prespecified=planned, protocol_sha256="a" * 64)
    report = build_report(table, AnalysisContext(), only=["benefit-malignancy", "human-machine"])
    assert [s.key for s in report.prespecified] == ["benefit-malignancy"]
    assert [(n.key, n.planned) for n in report.not_done] == [("human-machine", True)]
    assert report.planned_elsewhere == ("Benefit of assistance", "Item response")
    html = render_html(report, appendix=True)
    assert "Named in the protocol and not done (see below): Readers and model." in html
    assert "Named in the protocol and not part of this report: Benefit of assistance, Item response." in html
    alone = replace(table, prespecified=("benefit",))
    other = build_report(alone, AnalysisContext(), only=["benefit-malignancy"])
    assert not other.prespecified


def test_the_records_that_cases_were_drawn_from_are_said_in_words() -> None:
    report = build_report(make_readings(readers=2, cases=7), AnalysisContext(), only=["benefit-malignancy"])
    for kept, there in (({"verification_stage": ["3"]}, True), ({}, False)):
        protocol = asdict(template_nature_medicine_2020(
            name="S", dataset_id="d", model_id="m", seed=1, taxonomy="ham7", record_filter=kept
        ))  # fmt: skip
        html = render_html(replace(report, facts=replace(report.facts, protocol=protocol)), appendix=True)
        assert ("Cases drawn from records with" in html) is there
        assert ("Only records with the following were drawn from: Verification stage: 3" in html) is there


def test_counts_per_image_allow_the_benefit_alone() -> None:
    assert {a.key for a in ANALYSES if a.counts} == {"benefit", "benefit-malignancy"}
    report = build_report(_counts(), AnalysisContext())
    assert [s.key for s in report.sections] == ["benefit", "benefit-malignancy"]
    assert {n.reason for n in report.not_done} == {study_report.NEEDS_READINGS}
    assert report.facts.n_readers == 0
    assert report.facts.n_readings == 2 * 5 * 12


def test_the_archive_holds_the_report_the_numbers_and_every_table(report: StudyReport) -> None:
    made = zipfile.ZipFile(io.BytesIO(report_archive(report, "<html>", b"%PDF")))
    assert set(made.namelist()) == {
        "report.html", "report.json", "report.pdf", *(f"tables/{t.name}.csv" for t in report.tables),
    }  # fmt: skip
    readers = list(csv.DictReader(io.StringIO(made.read("tables/human-machine-readers.csv").decode())))
    numbers = next(t for t in report.tables if t.name == "human-machine-readers").numbers
    assert [float(r["sensitivity"]) for r in readers] == pytest.approx(list(numbers["sensitivity"]))


def test_no_cell_of_an_archived_table_is_executed_by_a_spreadsheet() -> None:
    table = make_readings(readers=3, cases=14)
    frame = table.frame.assign(reader=["=1+1" + r for r in table.frame["reader"]])
    hostile = replace(table, frame=frame)
    report = build_report(hostile, AnalysisContext(predictions=predictions_for(hostile)), only=["human-machine"])
    made = zipfile.ZipFile(io.BytesIO(report_archive(report, "")))
    text = made.read("tables/human-machine-readers.csv").decode()
    assert "'=1+1r00" in text
    assert ",=1+1" not in text


def test_the_builders_import_nothing_until_they_are_called() -> None:
    assert "dermdash.analyses.benefit.section" not in vars(registry)


def _counts() -> AggregateTable:
    rows = []
    for i in range(12):
        truth = HAM7.codes[i % 7]
        other = HAM7.codes[(i + 1) % 7]
        counts = {f"{phase}_{code}": 0 for phase in ("unaided", "aided") for code in HAM7.codes}
        counts |= {f"unaided_{truth}": 3, f"unaided_{other}": 2, f"aided_{truth}": 4, f"aided_{other}": 1}
        rows.append({"case": f"i{i}", "modality": "multiclass_probability", "truth_dx": truth} | counts)
    empty = dict.fromkeys([f"{who}_{code}" for who in ("model", "crowd") for code in HAM7.codes])
    return AggregateTable(pd.DataFrame(rows).assign(**empty), "Counts", "nature-medicine", "ham7")
