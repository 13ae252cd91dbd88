"""Files that are multi-reader multi-case data already: ratings by reader, modality and case, and a model's scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dermdash.analysis.mrmc.data import MrmcData, make_mrmc_data
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.formats.imrmc import comments_below_begin, is_imrmc, read_imrmc
from dermdash.readings.formats.mrmc_csv import MODALITY_NAMES, RATING_NAMES, read_mrmc_csv
from dermdash.readings.formats.names import check_modalities
from dermdash.readings.reversed_ratings import turned_round
from dermdash.readings.spellings import NamesRead, SpellingChoice, alike_warnings, read_with_spellings
from dermdash.records.alike_names import AlikeNames
from dermdash.records.csv_table import comment_notes, number_or_none, read_columns, read_table
from dermdash.records.text_file import read_text

FILE_KIND = "file of ratings"
_BEGINNING = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class RatingsFile:
    """The ratings of a file.

    Attributes
    ----------
    data : MrmcData
        The ratings.
    alike : tuple of AlikeNames
        Spellings that look like one reader, case or modality, and are kept apart because nobody has decided.
    notes : tuple of str
        What was skipped or done in reading, for the methods text.
    """

    data: MrmcData
    alike: tuple[AlikeNames, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What limits every result that is made of these ratings."""
        return alike_warnings(self.alike)


@dataclass(frozen=True, slots=True)
class ScoresFile:
    """A model's score by case, and what was skipped in reading."""

    scores: dict[str, float]
    notes: tuple[str, ...] = ()


def is_mrmc_file(source: Path | bytes) -> bool:
    """Whether a file holds ratings by reader, modality and case: .imrmc, or a CSV with these columns."""
    # The beginning is enough, of a log of any size.
    if isinstance(source, Path):
        with source.open("rb") as file:
            data = file.read(_BEGINNING)
    else:
        data = source[:_BEGINNING]
    if data.startswith(b"PK"):
        return False
    text = read_text(data, file_kind=FILE_KIND)
    if is_imrmc(text):
        return True
    try:
        columns = set(read_columns(data, file_kind=FILE_KIND))
    except InvalidInput:  # whoever reads it as something else says what is wrong with it
        return False
    return {"reader", "case", "truth"} <= columns and all(columns & set(n) for n in (MODALITY_NAMES, RATING_NAMES))


def read_mrmc_file(
    source: Path | bytes,
    *,
    name: str | None = None,
    spellings: SpellingChoice | None = None,
    spelling_rule: Mapping[str, str] | None = None,
    reverse_ratings: bool = False,
) -> RatingsFile:
    """Read such a file or its bytes; see `dermdash.readings.formats` for what is refused.

    Parameters
    ----------
    name
        What to call it.
    spellings, spelling_rule
        Which spellings are one name; see `dermdash.readings.spellings`.
    reverse_ratings
        Higher ratings of the file speak less for the condition: turn them round within their range.
    """
    title = name or (source.name if isinstance(source, Path) else "the file")
    imrmc = is_imrmc(read_text(source, file_kind=FILE_KIND))
    table = None if imrmc else read_table(source, file_kind=FILE_KIND)
    notes = comment_notes(comments_below_begin(source)) if table is None else table.notes

    def read(names: NamesRead) -> pd.DataFrame:
        return read_imrmc(source, names=names) if table is None else read_mrmc_csv(table, names=names)

    frame, names = read_with_spellings(read, spellings, spelling_rule)
    check_modalities(frame["modality"], source=title)
    if reverse_ratings:
        ratings, note = turned_round(frame["rating"])
        frame, notes = frame.assign(rating=ratings), (*notes, note)
    return RatingsFile(make_mrmc_data(frame, source=title), names.undecided, (*notes, *names.notes))


def read_model_scores(source: Path | bytes, *, name: str = "the model's scores") -> ScoresFile:
    """Score by case from a CSV with a column case (or image, image_id) and one named score (or rating).

    Raises
    ------
    MissingColumns, InvalidInput
        A column is absent, a score is no finite number, or a case stands in two rows; the row is named.
    """
    table = read_table(source, file_kind=FILE_KIND)
    case = next((c for c in ("case", "image", "image_id") if c in table.columns), None)
    column = next((c for c in ("score", "rating", "malignancy_probability") if c in table.columns), None)
    if case is None or column is None:
        raise MissingColumns(
            f"{name}: expected the columns case (or image) and score (or rating); found {', '.join(table.columns)}"
        )
    scores: dict[str, float] = {}
    for row in table:
        if row.cells is None:
            raise InvalidInput(f"{name}: {row.problem}")
        key, value = row.cells[case].strip(), number_or_none(row.cells[column])
        if value is None:
            raise InvalidInput(f"{name}, row {row.number}: {column} is {row.cells[column]!r}, expected a finite number")
        if key in scores:
            raise InvalidInput(f"{name}, row {row.number}: case {key} stands in two rows: one score per case")
        scores[key] = value
    return ScoresFile(scores, table.notes)
