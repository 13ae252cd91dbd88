"""The true diagnosis of the cases of a log, from a file beside it or from records of the workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dermdash.dataset.truth_csv import read_truth
from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.formats.parsed_log import ParsedLog
from dermdash.records.csv_table import clean_image_id
from dermdash.records.name_match import NameMatch, match_names
from dermdash.records.taxonomy import TAXONOMIES, Taxonomy, get_taxonomy
from dermdash.wording import counted

TRUTH_FILE = "the truth file"


def truth_of_images(truth: Path | bytes, *, taxonomy: str | None) -> dict[str, str]:
    """Diagnosis by image id from a truth file; ``taxonomy`` None: of the first that has all its diagnoses."""
    return _truth(truth, taxonomy)[0]


def _truth(truth: Path | bytes, taxonomy: str | None) -> tuple[dict[str, str], Taxonomy]:
    of, frame = _read_truth(truth, list(TAXONOMIES) if taxonomy is None else [taxonomy])
    return dict(zip(frame["image_id"].astype(str), frame["dx"].astype(str), strict=True)), of


def _read_truth(truth: Path | bytes, names: Sequence[str]) -> tuple[Taxonomy, pd.DataFrame]:
    """The file in the first of the taxonomies that it can be read in; what the first lacks is said where none fits."""
    refused: InvalidInput | None = None
    for of in map(get_taxonomy, names):
        try:
            return of, read_truth(truth, taxonomy=of).frame
        except InvalidInput as error:
            refused = refused or error
    assert refused is not None
    raise refused


def aggregate_with_truth_file(table: AggregateTable, truth: Path | bytes | None) -> AggregateTable:
    """The same counts with the diagnoses of a truth file, where there is one."""
    if truth is None:
        return table
    return aggregate_with_truth(table, truth_of_images(truth, taxonomy=table.taxonomy), origin=TRUTH_FILE)


def aggregate_with_truth(table: AggregateTable, known: Mapping[str, str], *, origin: str) -> AggregateTable:
    """The same counts with the true diagnosis of each image.

    Raises
    ------
    InvalidInput
        None of the images is known.
    """
    match = match_names(table.frame["case"], known)
    found = table.frame["case"].map({case: known[name] for case, name in match.found.items()})
    _check_any(found, table.source, origin, match)
    frame = table.frame.assign(truth_dx=found.astype(object).where(found.notna(), None))
    return replace(
        table,
        frame=frame,
        notes=(*table.notes, _truth_note(table.frame["case"], found, origin)),
        warnings=(*table.warnings, *match.warnings("images", origin)),
    )


def log_with_truth_file(log: ParsedLog, truth: Path | bytes | None, *, source: str) -> ParsedLog:
    """Fill in the truth; a log that says otherwise of a case is refused."""
    if truth is None:
        return log
    known, of = _truth(truth, log.taxonomy)
    rows = log.rows.copy()
    cases = rows["case"].map(lambda case: None if case is None else clean_image_id(str(case)))
    match = match_names(cases.dropna(), known)
    found = cases.map({case: known[name] for case, name in match.found.items()})
    _check_any(found, source, TRUTH_FILE, match)
    _refuse_other_truth(rows, found, source)
    malignant = found.map({c.code: c.is_malignant for c in of.classes})
    values = {"truth_malignant": malignant} | ({"truth_dx": found} if log.taxonomy is not None else {})
    for name, new in values.items():
        old = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
        rows[name] = old.astype(object).where(old.notna(), new.astype(object).where(new.notna(), None))
    notes = [*log.notes, _truth_note(cases, found, TRUTH_FILE)]
    if log.taxonomy is None:
        notes.append("The classes of the log are its own: of the truth file only malignancy was used.")
    return replace(log, rows=rows, notes=tuple(notes), warnings=(*log.warnings, *match.warnings("images", TRUTH_FILE)))


def _check_any(found: "pd.Series[str]", source: str, origin: str, match: NameMatch) -> None:
    if not found.notna().any():
        near = "".join(f" {text}" for text in match.warnings("images", origin))
        raise InvalidInput(f"{source}: {origin} knows none of its images: is it of another data set?{near}")


def _refuse_other_truth(rows: pd.DataFrame, found: "pd.Series[str]", source: str) -> None:
    if "truth_dx" not in rows:
        return
    other = rows[rows["truth_dx"].notna() & found.notna() & (rows["truth_dx"] != found)]
    if len(other):
        bad = other.iloc[0]
        raise InvalidInput(
            f"{source}, row {bad['row']}: case {bad['case']} is {bad['truth_dx']} in the log and "
            f"{found[other.index[0]]} in the truth file ({counted(other['case'].nunique(), 'such case')}): one truth "
            "per case"
        )


def _truth_note(cases: "pd.Series[str]", found: "pd.Series[str]", origin: str) -> str:
    missing = cases[found.isna()].nunique()
    left = f"; it does not know {missing:,}, which are left out where the truth is needed" if missing else ""
    return f"The true diagnosis of {counted(cases[found.notna()].nunique(), 'image')} is from {origin}{left}."
