"""Which cases of a log belong together: its column cluster, else patient and lesion."""

from collections.abc import Iterable, Mapping

from dermdash.readings.formats.parsed_log import text_cell

PATIENT, LESION = ("patient_id", "patient"), ("lesion_id", "lesion")
CLUSTER_COLUMNS = ("cluster", *PATIENT, *LESION)
"""Columns that say it; the first of a kind that the file has counts."""


def clusters_of(rows: Iterable[Mapping[str, str]]) -> list[str | None]:
    """The cluster of each row of a file, by its cells: as it is called, else its patient, else its lesion.

    A lesion whose patient any row names is that patient's on every row. None where a row says nothing.
    """
    found = list(rows)
    patients, lesions = ([_first(cells, names) for cells in found] for names in (PATIENT, LESION))
    of_lesion = {lesion: patient for lesion, patient in zip(lesions, patients, strict=True) if lesion and patient}
    said: list[str | None] = []
    for cells, patient, lesion in zip(found, patients, lesions, strict=True):
        owner = patient or of_lesion.get(lesion or "")
        said.append(
            text_cell(cells, "cluster") or (f"patient {owner}" if owner else f"lesion {lesion}" if lesion else None)
        )
    return said


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return text_cell(cells, next((name for name in names if name in cells), None))
