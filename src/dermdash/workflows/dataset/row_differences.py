"""What rows that come again say otherwise than when they came first, and what may be taken over of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dermdash.dataset.source_records import SourceRecord
from dermdash.records.change_chain import LABEL_COLUMNS
from dermdash.records.taxonomy import Taxonomy
from dermdash.storage import import_runs
from dermdash.storage.import_runs import KEPT, TOLD, UPDATED
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.import_report import Difference
from dermdash.workflows.dataset.record_of_row import completeness_of, values_of_row

_LABEL = (*LABEL_COLUMNS, "verification_stage", "clinical_diagnosis", "histopathology_result")
"""What belongs together: who decides about one of them decides about the label."""
_SITE = ("anatomical_site", "source_site")
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class _Update:
    record_id: str
    values: dict[str, Any]


def compare_rows(
    workspace: Workspace, dataset_id: str, rows: Mapping[str, SourceRecord], taxonomy: Taxonomy, *, update: bool
) -> Iterator[tuple[list[Difference], _Update | None]]:
    """For each record of a data set whose row says otherwise than before: the differences, and the values to store.

    A column that stands in no row of the table is not compared: a table that does not speak of ages says nothing
    against one. What people here have decided is never written over: it is compared with what the record came with.

    Parameters
    ----------
    rows
        By image id, those whose records are there.
    update
        Whether what may be taken over shall be.
    """
    spoken_of = _columns_in_use(rows.values())
    if not spoken_of:
        return
    of_source = import_runs.values_of_source(workspace.engine, dataset_id)
    for stored in import_runs.stored_rows(workspace.engine, dataset_id):
        for there in stored:
            row = rows.get(there["image_id"])
            if row is not None:
                differing = _differences(there, row, spoken_of, of_source.get(there["id"], {}), update=update)
                if differing:
                    yield differing, _update_of(there, differing, taxonomy)


def store_updates(workspace: Workspace, updates: Collection[_Update], *, account_id: str, run_id: str) -> None:
    """Store what was taken over, some hundred records in one act."""
    every = list(updates)
    for start in range(0, len(every), _AT_ONCE):
        part = {update.record_id: update.values for update in every[start : start + _AT_ONCE]}
        import_runs.update_records(workspace.engine, part, account_id=account_id, reason=f"import {run_id}")


def _columns_in_use(rows: Collection[SourceRecord]) -> tuple[str, ...]:
    """Columns of which at least one row says something of its own."""
    found: dict[str, None] = {}
    for row in rows:
        values = values_of_row(row)
        # Who does not know lesions calls each by its image.
        if row.lesion_id == row.image_id:
            del values["lesion_id"]
        found.update(dict.fromkeys(name for name, value in values.items() if not _is_empty(value)))
    return tuple(found)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == ()


def _differences(
    there: Mapping[str, Any],
    row: SourceRecord,
    spoken_of: Collection[str],
    of_source: Mapping[str, tuple[Any, bool]],
    *,
    update: bool,
) -> list[Difference]:
    label_decided = any(decided for name, (_, decided) in of_source.items() if name in _LABEL)
    label_decided = label_decided or there["stage_claimed"] is False
    found = []
    values = values_of_row(row)
    # From before sites were harmonised: the same word, which only an update takes to its site.
    same_site = not update and there["source_site"] is None and there["anatomical_site"] == values["source_site"]
    for name in spoken_of:
        if name not in there or (same_site and name in _SITE):
            continue  # the first: a detail that this version of the database has no column for
        new = plain(values.get(name))
        old, decided = of_source.get(name, (plain(there[name]), False))
        if old == new or (_is_empty(old) and _is_empty(new)):
            continue
        kept = decided or (name in _LABEL and label_decided)
        outcome = KEPT if kept else UPDATED if update else TOLD
        found.append(Difference(there["id"], there["image_id"], name, old, new, outcome))
    return found


def _update_of(there: Mapping[str, Any], differing: Collection[Difference], taxonomy: Taxonomy) -> _Update | None:
    values = {d.field: d.new for d in differing if d.outcome == UPDATED}
    if not values:
        return None
    after = {**there, **values}
    values["completeness"] = completeness_of(after, taxonomy)
    if "verification_stage" in values:
        values["stage_claimed"] = None if values["verification_stage"] is None else True
    return _Update(there["id"], values)


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value
