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
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import comment_problem, is_comment
from dermdash.records.safe_csv import unescape_cell
from dermdash.records.text_file import read_text
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


def read_imrmc(source: Path | bytes, *, names: NamesRead | None = None) -> pd.DataFrame:
    """Read such a file; ``names`` says what spellings are called.

    Truth rows have the reader ``-1`` or ``truth``; their modality is not looked at. Counts in the header (``N0``,
    ``N1``, ``NR``, ``NM``) may be absent, but not wrong. Lines that start with ``#`` are skipped above the first row
    (`comments_below_begin`) and refused among the rows, as in every table (`dermdash.records.csv_table`).

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
    spelt = names or NamesRead()
    body["case"] = spelt.column("case", body["case"])
    truth, ratings = body[about_truth].copy(), body[~about_truth].copy()
    for column in ("reader", "modality"):
        ratings[column] = spelt.column(column, ratings[column])
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


def comments_below_begin(source: Path | bytes) -> tuple[int, ...]:
    """Numbers of the lines between ``BEGIN DATA:`` and the first row that start with ``#``: they are skipped."""
    lines = read_text(source, file_kind=".imrmc file").splitlines()
    begin = next((i for i, line in enumerate(lines) if _BEGIN.fullmatch(line)), len(lines))
    return _leading_comments(lines, begin + 1)


def _leading_comments(lines: list[str], start: int) -> tuple[int, ...]:
    found = []
    for number, line in enumerate(lines[start:], start + 1):
        # Four cells may be a rating by somebody called "#1": nothing that may be one is skipped.
        if is_comment(line) and len(_cells(line)) != 4:
            found.append(number)
        elif line.strip(" \t,;"):
            break
    return tuple(found)


def _cells(line: str) -> list[str]:
    """The cells of a line without surrounding blanks; empty ones at the right edge beyond four are cut off."""
    delimiter = max(",;\t", key=line.count)
    read = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=not is_comment(line))
    cells = [cell.strip() for cell in next(read)]
    while len(cells) > 4 and not cells[-1]:
        cells.pop()
    return cells


def _refuse_comments(lines: list[str], body: pd.DataFrame, *, source: str) -> None:
    """Raise for a row that starts with ``#`` outside quotes, unless every rating does: then it is a name."""
    ratings = body[~body["reader"].str.lower().isin(_TRUTH_READERS)]
    marked = ratings["row"].map(lambda number: is_comment(lines[number - 1]))
    if marked.any() and not marked.all():
        raise InvalidInput(f"{source}, {comment_problem(ratings.loc[marked, 'row'].iloc[0])}")


def _body(lines: list[str], start: int, *, source: str) -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, int]] = []
    skipped = set(_leading_comments(lines, start))
    for number, line in enumerate(lines[start:], start + 1):
        if not line.strip(" \t,;") or number in skipped:
            continue
        try:
            cells = _cells(line)
        except csv.Error as error:
            raise InvalidInput(f"{source}, row {number}: {error}") from error
        if len(cells) != 4 and is_comment(line):
            raise InvalidInput(f"{source}, {comment_problem(number)}")
        if len(cells) != 4:
            raise InvalidInput(
                f"{source}, row {number} has {len(cells)} cells, expected reader, case, modality, score"
                + (": is a decimal comma outside quotes?" if len(cells) == 5 else "")
            )
        reader, case, modality, score = cells
        reader = reader if reader in _TRUTH_READERS else unescape_cell(reader)
        rows.append((reader, unescape_cell(case), unescape_cell(modality), score, number))
    body = pd.DataFrame(rows, columns=["reader", "case", "modality", "score", "row"], dtype=object)
    _refuse_comments(lines, body, source=source)
    return body


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
