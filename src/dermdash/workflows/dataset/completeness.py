"""How complete the records are that a filter lets through, by data set and together."""

from dataclasses import dataclass
from typing import Any

from dermdash.records.completeness import Completeness, completeness_of_counts
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.filled_counts import FURTHER_COLUMNS, RECORDS, filled_counts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.browse_records import classes_of_datasets


@dataclass(frozen=True, slots=True)
class CompletenessOfDatasets:
    """Completeness by data set id, of those of which any record passes, and of all these records together."""

    datasets: dict[str, Completeness]
    together: Completeness

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**self.together.as_dict(), "datasets": {key: found.as_dict() for key, found in self.datasets.items()}}


def completeness_of_datasets(workspace: Workspace, record_filter: RecordFilter | None = None) -> CompletenessOfDatasets:
    """How complete the records are that a filter lets through; None: all of the workspace."""
    malignant = _needing_histology(workspace)
    found = filled_counts(workspace.engine, record_filter or RecordFilter(), malignant=malignant)
    by_dataset = {key: _of(found[key]) for key in malignant if key in found}
    names = next(iter(found.values()), {})
    sums = {name: sum(counts[name] for counts in found.values()) for name in names}
    return CompletenessOfDatasets(by_dataset, _of(sums))


def completeness_by(workspace: Workspace, record_filter: RecordFilter, by: str) -> dict[str | None, Completeness]:
    """How complete the records are that a filter lets through, in each group that a column parts them into."""
    found = filled_counts(workspace.engine, record_filter, malignant=_needing_histology(workspace), by=by)
    return {group: _of(counts) for group, counts in found.items()}


def _needing_histology(workspace: Workspace) -> dict[str, tuple[str, ...] | None]:
    """Data set id to the classes that the methodology asks histology for; None where nobody knows its classes."""
    return {
        key: None if classes is None else classes.codes_needing_histology
        for key, classes in classes_of_datasets(workspace).items()
    }


def _of(counts: dict[str, int]) -> Completeness:
    return completeness_of_counts(counts, records=counts.get(RECORDS, 0), further=counts.get(FURTHER_COLUMNS, 0))
