"""The formats a data set can come in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dermdash.dataset import generic_csv, ham10000, isic2018_test
from dermdash.dataset.source_records import SourceTable


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one public format is read, and what its data set is called when the user does not say."""

    read: Callable[[Path | bytes], SourceTable]
    title: str
    dataset_id: str
    name: str
    source: str = ""
    licence: str = ""


ADAPTERS: dict[str, Adapter] = {
    "ham10000": Adapter(
        ham10000.read_metadata,
        "HAM10000 metadata",
        "ham10000",
        "HAM10000",
        "doi:10.7910/DVN/DBW86T",
        "CC BY-NC 4.0",
    ),
    "isic2018-test": Adapter(
        isic2018_test.read_ground_truth,
        "ISIC 2018 Task 3 ground truth",
        "isic2018-test",
        "ISIC 2018 Task 3 test",
        "doi:10.7910/DVN/DBW86T",
        "CC BY-NC 4.0",
    ),
    "csv": Adapter(generic_csv.read_records, "Records CSV with the 16 fields", "dataset", "Data set"),
}
