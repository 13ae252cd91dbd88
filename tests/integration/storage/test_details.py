"""Details and further columns of records on both engines: stored, filtered, counted, explained by the log."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.factories import make_image, make_record

from dermdash.records.acts import Act
from dermdash.records.record_filter import FACETS, RecordFilter
from dermdash.storage import change_log, records
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.consistency import REFERENCES
from dermdash.storage.further_columns import change_further, further_of
from dermdash.storage.option_counts import option_counts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.completeness import completeness_of_datasets
from dermdash.workflows.verification.change_log import verify_log
from dermdash.workflows.verification.reopen import why_not_undone

FURTHER = {"tbp_lv_A": "20.1", "Название": "невус", "=1+1": "0012"}


@pytest.fixture
def detailed(workspace: Workspace) -> Workspace:
    records.save_dataset(
        workspace.engine,
        values={"id": "ham", "name": "H", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    rows = [
        make_record(
            "A", dx="mel", verification_stage=3, histopathology_result="mel", image_type="dermoscopic",
            acquisition_date="2019-05-03", breslow_mm=1.2, licence="CC0", further=FURTHER,
        ),
        make_record("B", image_type="tbp_tile", acquisition_date="2019", second_diameter_mm=4, licence="CC0"),
        make_record("C", dx="mel", verification_stage=1, acquisition_date="2021-01", dominant_colors=["red"]),
        make_record("D", dominant_colors=[], sex="", further={}),
    ]  # fmt: skip
    for row in rows:
        row["completeness"] = records_completeness(row)
    records.save_batch(workspace.engine, images=[make_image()], records=rows)
    return workspace


def records_completeness(row: dict[str, Any]) -> float:
    from dermdash.records.fields import completeness

    return completeness(row, malignant=row["dx"] == "mel")


def ids(workspace: Workspace, **chosen: Any) -> str:
    return "".join(records.page_of_records(workspace.engine, RecordFilter(**chosen))["image_id"])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"image_type": ("dermoscopic",)}, "A"),
        ({"image_type": ("unknown", "tbp_tile")}, "BCD"),
        ({"acquisition_year": ("2019",)}, "AB"),
        ({"acquisition_year": ("unknown",)}, "D"),
        ({"breslow_min": 1.0}, "A"),
        ({"second_diameter_max": 4.5}, "B"),
        ({"licence": ("CC0",), "dx": ("mel",)}, "A"),
        ({"source_label": ("nv",)}, "ABCD"),
        ({"attribution": ("nobody",)}, ""),
    ],
)
def test_records_are_filtered_by_details(detailed: Workspace, chosen: dict[str, Any], expected: str) -> None:
    assert ids(detailed, **chosen) == expected


@pytest.mark.parametrize(
    "chosen", [{}, {"image_type": ("dermoscopic",)}, {"dx": ("mel",), "licence": ("unknown",)}, {"breslow_min": 0.1}]
)
def test_counts_beside_options_are_those_of_the_filter_with_that_option(
    detailed: Workspace, chosen: dict[str, Any]
) -> None:
    wanted = RecordFilter(**chosen)
    counts = option_counts(detailed.engine, wanted)
    assert counts.keys() == FACETS.keys()
    for facet, options in counts.items():
        for option, n in options.items():
            assert records.count_records(detailed.engine, wanted.with_options(facet, (option,))) == n, (facet, option)
        if not FACETS[facet].membership:  # a record belongs to any number of splits, or to none
            assert sum(options.values()) == records.count_records(detailed.engine, wanted.without(facet)), facet


def test_further_columns_come_back_as_they_went_in(detailed: Workspace) -> None:
    assert further_of(detailed.engine, ["ham:A", "ham:B", "ham:D"]) == {"ham:A": FURTHER}
    (chunk,) = records.iterate_records(detailed.engine, RecordFilter(), further=True)
    assert [cells or None for cells in chunk["further"]] == [FURTHER, None, None, None]
    assert "further" not in next(records.iterate_records(detailed.engine, RecordFilter()))
    assert (t.record_further.c.record_id, t.record.c.id) in REFERENCES


@pytest.mark.parametrize(
    "change",
    [
        t.record.update().where(t.record.c.id == "ham:A").values(licence="CC BY"),
        t.record_further.update().values(cells={"tbp_lv_A": "99"}),
        t.record_further.delete(),
        t.record_further.insert().values(record_id="ham:B", cells={"x": "1"}),
    ],
)
def test_a_detail_or_further_column_that_was_changed_past_the_log_is_found(
    detailed: Workspace, change: sa.Executable
) -> None:
    assert verify_log(detailed).problems == ()
    with detailed.engine.begin() as connection:
        connection.execute(change)
    (problem,) = verify_log(detailed).problems
    assert "is not as it came" in problem


def test_further_columns_change_with_an_entry_of_the_log(detailed: Workspace) -> None:
    engine = detailed.engine

    def change(record: str, cells: dict[str, str]) -> bool:
        row = {"id": f"ham:{record}", "dataset_id": "ham"}
        return in_one_act(engine, "ada", lambda act: change_further(act, Act.CORRECTION, row, cells))

    assert not change("A", FURTHER)
    assert change("A", {"tbp_lv_A": "21"})
    assert change("B", {"new": "1"})
    assert change("A", {})
    assert further_of(engine, ["ham:A", "ham:B"]) == {"ham:B": {"new": "1"}}
    assert verify_log(detailed).problems == ()
    (entry, *_) = list(change_log.entries(engine, field="further"))
    assert "import it again" in (why_not_undone(detailed, entry) or "")


def test_what_is_filled_is_counted_as_each_record_counts_it(detailed: Workspace) -> None:
    found = completeness_of_datasets(detailed)
    rows = records.page_of_records(detailed.engine, RecordFilter())
    assert found.together.share == pytest.approx(rows["completeness"].mean())
    assert found.datasets["ham"].as_dict() == found.together.as_dict()
    said = found.together.as_dict()
    fields = {name: field for block in said["blocks"].values() for name, field in block["fields"].items()}
    assert fields["sex"]["filled"] == 3
    assert fields["dominant_colors"]["filled"] == 1
    # A has its histology; B and D are benign; C is a melanoma without.
    assert fields["histopathology_result"] == {"filled": 1, "not_expected": 2, "completeness": 0.75}
    assert {name: d["filled"] for name, d in said["details"].items() if d["filled"]} == {
        "image_type": 2, "acquisition_date": 3, "second_diameter_mm": 1, "breslow_mm": 1, "licence": 2
    }  # fmt: skip
    assert (said["records"], said["further_columns"]) == (4, 1)
    some = completeness_of_datasets(detailed, RecordFilter(image_type=("tbp_tile",))).together
    assert (some.records, some.further) == (1, 0)
    none = completeness_of_datasets(detailed, RecordFilter(dx=("vasc",)))
    assert (none.datasets, none.together.share) == ({}, None)
