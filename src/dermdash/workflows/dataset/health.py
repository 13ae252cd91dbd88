"""How a data set stands: what the Records page would show for each option of its filters, and a few of its lesions."""

from collections.abc import Mapping
from dataclasses import dataclass

from dermdash.records.record_filter import RecordFilter
from dermdash.storage import records
from dermdash.storage.option_counts import option_counts
from dermdash.storage.workspace import Workspace

PICTURES = 36


@dataclass(frozen=True, slots=True)
class DatasetHealth:
    """What is known of a data set at a glance.

    ``options``: by filter, how many of its records each option shows, as the Records page counts them. ``pictures``:
    id, hash of the image and diagnosis of some records, the classes by turns.
    """

    dataset_id: str
    records: int
    options: Mapping[str, Mapping[str, int]]
    pictures: tuple[tuple[str, str, str | None], ...]

    def count(self, facet: str, option: str) -> int:
        """How many records an option of a filter shows."""
        return self.options.get(facet, {}).get(option, 0)


def dataset_health(workspace: Workspace, dataset_id: str) -> DatasetHealth:
    """Count once over the records of a data set; nothing is read record by record."""
    of = RecordFilter(dataset_id=(dataset_id,))
    options = option_counts(workspace.engine, of)
    pictures = records.some_of_each_class(workspace.engine, of, limit=PICTURES)
    return DatasetHealth(dataset_id, sum(options["dx"].values()), options, tuple(pictures))
