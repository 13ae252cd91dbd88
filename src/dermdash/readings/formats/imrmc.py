"""The .imrmc file of FDA's iMRMC: free header lines with counts, then reader, case, modality, score."""

import csv
import re
from pathlib import Path

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.formats.mrmc_cells import (
    MRMC_COLUMNS,
    check_names,
    check_one_rating,
    check_one_truth,
    ratings_of,
    truths_of,
)
from dermdash.records.csv_table import read_text
from dermdash.records.safe_csv import unescape_cell
from dermdash.wording import counted

_BEGIN = re.compile(r"\s*BEGIN\s+DATA\s*(?:[:,;][\s,;]*)?", re.IGNORECASE)
_COUNT = re.compile(r"\s*(N0|N1|NR|NM)\s*[:=](.*)", re.IGNORECASE)
_TRUTH_READERS = frozenset({"-1", "truth"})
_MEANING = {
    "N0": "cases with truth 0",
    "N1": "cases with truth 1",
    "NR": "readers",
    "NM": "modalities",
}


def is_imrmc(text: str) -> bool:
    """Whether a file is of this kind: a line ``BEGIN DATA:``."""
    return any(_BEGIN.fullmatch(line) for line in text[:100_000].splitlines())


def read_imrmc(source: Path | bytes) -> pd.DataFrame:
    """Read such a file.

    Truth rows have the reader ``-1`` or ``truth``; their modality is not looked at. Counts in the header (``N0``,
    ``N1``, ``NR``, ``NM``) may be absent, but not wrong.

    Returns
    -------
    DataFrame
        ``reader``, ``modality``, ``case`` (text), ``truth`` (0 or 1) and ``rating`` (finite), one row per rating.

    Raises
    ------
    InvalidInput
        No ``BEGIN DATA:``, a row without four cells, a rating or truth that is none, two truths for a case, a rated
        case without truth, two ratings of a reader for a case and modality, or header counts that the data deny; the
        row is named.
    """
    name = source.name if isinstance(source, Path) else "the .imrmc file"
    lines = read_text(source, file_kind=".imrmc file").splitlines()
    begin = next((i for i, line in enumerate(lines) if _BEGIN.fullmatch(line)), None)
    if begin is None:
        raise InvalidInput(f"{name} has no line BEGIN DATA: below its header")
    body = _body(lines, begin + 1, source=name)
    if body.empty:
        raise InvalidInput(f"{name} has no row below BEGIN DATA:")
    about_truth = body["reader"].str.lower().isin(_TRUTH_READERS)
    truth, ratings = body[about_truth].copy(), body[~about_truth].copy()
    if truth.empty:
        raise InvalidInput(f"{name} has no truth: expected rows with the reader -1 and truth 0 or 1 as score")
    if ratings.empty:
        raise InvalidInput(f"{name} has truth rows only and no rating")
    truth["truth"] = truths_of(truth["score"].tolist(), truth["row"].tolist(), source=name)
    ratings["rating"] = ratings_of(ratings["score"].tolist(), ratings["row"].tolist(), source=name)
    check_names(ratings, source=name)
    check_one_truth(truth, source=name)
    known = truth.drop_duplicates("case").set_index("case")["truth"]
    unknown = ratings[~ratings["case"].isin(known.index)]
    if len(unknown):
        first = unknown.iloc[0]
        raise InvalidInput(
            f"{name}, row {first['row']}: case {first['case']} has no truth row "
            f"({counted(len(unknown), 'such rating')}): add -1,{first['case']},truth,0 or 1"
        )
    ratings["truth"] = ratings["case"].map(known).astype(int)
    check_one_rating(ratings, source=name)
    _check_counts(lines[:begin], known, ratings, source=name)
    return ratings[list(MRMC_COLUMNS)].reset_index(drop=True)


def _body(lines: list[str], start: int, *, source: str) -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, int]] = []
    for number, line in enumerate(lines[start:], start + 1):
        if not line.strip(" \t,;"):
            continue
        delimiter = max(",;\t", key=line.count)
        try:
            cells = [
                cell.strip()
                for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True))
            ]
        except csv.Error as error:
            raise InvalidInput(f"{source}, row {number}: {error}") from error
        while len(cells) > 4 and not cells[-1]:
            cells.pop()
        if len(cells) != 4:
            raise InvalidInput(
                f"{source}, row {number} has {len(cells)} cells, expected reader, case, modality, score"
                + (": is a decimal comma outside quotes?" if len(cells) == 5 else "")
            )
        reader, case, modality, score = cells
        reader = reader if reader in _TRUTH_READERS else unescape_cell(reader)
        rows.append((reader, unescape_cell(case), unescape_cell(modality), score, number))
    return pd.DataFrame(rows, columns=["reader", "case", "modality", "score", "row"], dtype=object)


def _check_counts(header: list[str], truth: "pd.Series[int]", ratings: pd.DataFrame, *, source: str) -> None:
    found = {
        "N0": int((truth == 0).sum()),
        "N1": int((truth == 1).sum()),
        "NR": ratings["reader"].nunique(),
        "NM": ratings["modality"].nunique(),
    }
    for number, line in enumerate(header, 1):
        if (match := _COUNT.fullmatch(line)) is None:
            continue
        name, written = match[1].upper(), match[2].strip(" \t,;")
        if len(written.split()) != 1:
            continue
        if not written.isdecimal() or int(written) != found[name]:
            raise InvalidInput(
                f"{source}, row {number}: the header says {name} {written}, the data have {found[name]} "
                f"{_MEANING[name]}: is the file complete?"
            )
