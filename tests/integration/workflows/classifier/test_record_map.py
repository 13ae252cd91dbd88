"""The map of records: of one kind of images, kept until something changes; two data sets held apart."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from tests.filled_workspace import DATASET, fill_records
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.two_kinds import DRAWN, OF_DRAWINGS, OF_PHOTOGRAPHS, add_model, fill_two_kinds, predict

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.record_filter import RecordFilter
from dermdash.storage import findings, records, statistics_counts
from dermdash.storage import tables as t
from dermdash.storage.results import read_rows
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.classifier import running_map
from dermdash.workflows.classifier.dataset_distance import dataset_distance
from dermdash.workflows.classifier.map_colours import COLOURS, map_colour
from dermdash.workflows.classifier.map_columns import MapColumns
from dermdash.workflows.classifier.record_map import RecordMap, chosen_rows, is_kept, map_state, record_map
from dermdash.workflows.classifier.running_map import MapStopped, begin_map, map_under_way


@pytest.fixture
def filled(tmp_path: Path, made_once: MadeOnce) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_two_kinds, tmp_path / "workspace")
    yield opened
    let_go(opened)


def is_drawn(workspace: Workspace) -> bool:
    return is_kept(workspace, map_state(workspace, OF_PHOTOGRAPHS, simulated=False).key)


def test_a_map_holds_one_kind_of_images_and_is_kept_until_something_changes(filled: Workspace) -> None:
    assert not is_drawn(filled)
    assert record_map(filled, OF_PHOTOGRAPHS, simulated=False, compute=False) is None
    found = record_map(filled, OF_PHOTOGRAPHS, simulated=False)
    assert found is not None
    assert set(found.facts["dataset_id"]) == {DATASET}
    assert len(found) == map_state(filled, OF_PHOTOGRAPHS, simulated=False).coverage.records
    again = record_map(filled, OF_PHOTOGRAPHS, simulated=False, compute=False)
    assert again is not None
    assert np.array_equal(again.places, found.places)
    table = found.table()
    assert list(table.columns) == ["id", "dataset_id", "image_id", "dx", "x", "y", "uniqueness", "nearest"]
    assert (table["nearest"] != table["id"]).all()
    fill_records(filled, dataset="more")
    predict(filled, OF_PHOTOGRAPHS, "more")
    assert not is_drawn(filled)


def test_a_damaged_map_is_drawn_again(filled: Workspace) -> None:
    found = record_map(filled, OF_PHOTOGRAPHS, simulated=False)
    assert found is not None
    (file,) = (filled.home / "maps").glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert record_map(filled, OF_PHOTOGRAPHS, simulated=False, compute=False) is None
    again = record_map(filled, OF_PHOTOGRAPHS, simulated=False)
    assert again is not None
    assert np.array_equal(again.places, found.places)


def test_a_filter_hides_points_and_moves_none(filled: Workspace) -> None:
    found = record_map(filled, OF_DRAWINGS, simulated=True)
    assert found is not None
    rows = chosen_rows(filled, found, RecordFilter(dx=("mel",), dataset_id=(DRAWN,)))
    assert set(found.facts["dx"].iloc[rows]) == {"mel"}
    assert len(chosen_rows(filled, found, RecordFilter(text="no such id"))) == 0


def said_of_each(filled: Workspace, found: RecordMap, colour: str) -> list[Any]:
    """Of each record of a map what the database holds, asked record by record."""
    c, p = t.record.c, t.prediction.c
    if colour == "malignancy_probability":
        asked = sa.select(p.record_id, p.malignancy_probability).where(p.model_id == found.model_id)
    elif colour == "quality":
        asked = sa.select(c.id, sa.func.coalesce(c.image_quality_score, c.technical_quality))
    else:
        asked = sa.select(c.id, c[colour])
    known = {row[0]: row[1] for row in read_rows(filled.engine, asked)}
    return [known[record_id] for record_id in found.facts["id"]]


def test_every_colour_says_of_each_record_what_the_database_holds(filled: Workspace) -> None:
    found = record_map(filled, OF_PHOTOGRAPHS, simulated=False)
    assert found is not None
    for colour in COLOURS:
        made = map_colour(filled, found, colour)
        shown = [made.words[code] for code in made.codes] if made.numbers is None else list(made.numbers)
        assert len(shown) == len(found), colour
        if colour == "uniqueness":
            assert shown == found.uniqueness.astype(float).tolist()
        elif colour == "malignancy":
            assert set(shown) == {"Malignant", "Benign"}
            groups = dict(zip(found.facts["dx"], shown, strict=True))
            assert (groups["mel"], groups["nv"]) == ("Malignant", "Benign")
        else:
            held = said_of_each(filled, found, colour)
            # Records that hold the same are shown the same, and others are not: words are tested where they are made.
            pairs = set(zip(map(str, held), map(str, shown), strict=True))
            assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}), colour
            missing = [value is None or value == "" for value in held]
            nothing = [value == "" or value != value for value in shown]
            assert missing == nothing, colour
            if made.numbers is not None:
                np.testing.assert_array_equal(made.numbers, np.array(held, np.float64), colour)
    dx = map_colour(filled, found, "dx")
    assert [dx.diagnoses[dx.words[code]] for code in dx.codes] == found.facts["dx"].tolist()


def test_rows_in_another_order_and_records_that_are_gone_keep_to_their_records(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = record_map(filled, OF_PHOTOGRAPHS, simulated=False)
    assert found is not None
    usual = {column: found.columns.coded(column).numbers().tolist() for column in ("verification_stage",)}
    whole = statistics_counts.column_values

    def others(engine: sa.Engine, column: str) -> pa.Table:
        return whole(engine, column).sort_by([("id", "descending")])

    monkeypatch.setattr(statistics_counts, "column_values", others)
    columns = MapColumns(filled, found.model_id, found.facts["id"])
    assert columns.coded("verification_stage").numbers().tolist() == usual["verification_stage"]
    gone = MapColumns(filled, found.model_id, [*found.facts["id"], "gone"])
    assert gone.coded("verification_stage").values[gone.coded("verification_stage").codes[-1]] is None
    assert np.isnan(gone.probabilities()[-1])


def test_a_model_without_features_says_how_to_get_them(filled: Workspace) -> None:
    add_model(filled, "m00000000013")
    with pytest.raises(NotFound, match="run `dermdash predict --model m00000000013`"):
        record_map(filled, "m00000000013", simulated=False)


def test_a_map_beside_the_page_can_be_stopped_and_begun_again(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    whole = running_map.record_map

    def slow(*args: Any, progress: Any, **options: Any) -> Any:
        held.wait(30)
        return whole(*args, progress=progress, **options)

    monkeypatch.setattr(running_map, "record_map", slow)
    key = map_state(filled, OF_PHOTOGRAPHS, simulated=False).key
    job = begin_map(filled, OPERATOR, OF_PHOTOGRAPHS, simulated=False, key=key)
    assert begin_map(filled, OPERATOR, OF_PHOTOGRAPHS, simulated=False, key=key) is job
    with pytest.raises(InvalidInput, match="Another map is being drawn"):
        begin_map(filled, OPERATOR, OF_PHOTOGRAPHS, simulated=False, key="another")
    job.stop()
    held.set()
    assert job.wait(30)
    assert isinstance(job.error, MapStopped)
    assert not is_drawn(filled)
    again = begin_map(filled, OPERATOR, OF_PHOTOGRAPHS, simulated=False, key=key)
    assert again.wait(30)
    assert map_under_way(filled.home) is again
    assert again.error is None
    assert is_drawn(filled)


def test_two_data_sets_are_held_apart_by_lesion_or_patient(filled: Workspace) -> None:
    fill_records(filled, dataset="more")
    predict(filled, OF_PHOTOGRAPHS, "more")
    found = dataset_distance(filled, OF_PHOTOGRAPHS, DATASET, "more")
    assert found.overall.energy is not None
    assert found.overall.first_units < map_state(filled, OF_PHOTOGRAPHS, simulated=False).coverage.records / 2
    assert found.as_dict() == dataset_distance(filled, OF_PHOTOGRAPHS, DATASET, "more").as_dict()
    assert found.by_class == {}  # fewer than 20 of each
    assert found.in_both == 0
    ids = sorted(records.record_ids(filled.engine, RecordFilter()))
    pair = [next(i for i in ids if i.startswith(f"{dataset}:")) for dataset in (DATASET, "more")]
    row = {"records": pair, "score": 1.0, "threshold": 0.0, "verdict": "certain", "details": {},
           "method_version": "1", "model_id": None}  # fmt: skip
    findings.save_findings(filled.engine, findings.SAME_LESION, [row], searched={})
    key = findings.finding_id(findings.SAME_LESION, pair)
    findings.add_decision(filled.engine, finding_id=key, decision="same_lesion", account_id="admin")
    without = dataset_distance(filled, OF_PHOTOGRAPHS, DATASET, "more")
    assert without.in_both == 1
    assert without.overall.first_units < found.overall.first_units
