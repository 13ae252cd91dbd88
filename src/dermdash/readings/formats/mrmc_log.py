"""Multi-reader multi-case ratings as readings: possible where one modality is the reading without assistance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.formats.crossover import one_session_per_modality
from dermdash.readings.formats.imrmc import comments_below_begin, is_imrmc, read_imrmc
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.log_format import LogFormat, of_tables, one_file
from dermdash.readings.formats.mrmc_csv import MODALITY_NAMES, RATING_NAMES, read_mrmc_csv
from dermdash.readings.formats.names import renamed_modalities
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog, Recognition, recognition, single
from dermdash.readings.modality import Modality, Phase
from dermdash.readings.spellings import NamesRead
from dermdash.records.csv_table import comment_notes

CSV_NAME, CSV_TITLE = "mrmc-csv", "Multi-reader multi-case ratings (CSV)"
IMRMC_NAME, IMRMC_TITLE = "imrmc", "Multi-reader multi-case ratings (.imrmc)"


def recognises(columns: Sequence[str]) -> Recognition:
    """Whether the columns are those of the CSV form."""
    needed = ("reader", MODALITY_NAMES, "case", "truth", RATING_NAMES)
    return recognition(CSV_NAME, CSV_TITLE, columns, needed, why="columns reader, modality or treatment, truth, rating")


def read_csv(tables: Sequence[LogTable], *, options: Mapping[str, str]) -> ParsedLog:
    """Readings of the CSV form; see `readings_of_ratings`."""
    log = single(tables, CSV_TITLE)
    return readings_of_ratings(read_mrmc_csv(log.table, names=log.names), source=log.name, options=options)


def read_imrmc_log(files: Sequence[LogFile], *, options: Mapping[str, str], source: str, names: NamesRead) -> ParsedLog:
    """Readings of an .imrmc file; see `readings_of_ratings`."""
    file = one_file(files, IMRMC_TITLE)
    log = readings_of_ratings(read_imrmc(file.data, names=names), source=file.name, options=options)
    return replace(log, notes=(*comment_notes(comments_below_begin(file.data)), *log.notes))


def readings_of_ratings(ratings: pd.DataFrame, *, source: str, options: Mapping[str, str]) -> ParsedLog:
    """Take the modality called unaided, none or without for the unaided phase and the others for assistance.

    Options ``modality:<as spelt>`` say what a modality is; ``unaided`` makes it the reading without assistance.

    Raises
    ------
    InvalidInput
        No modality, or more than one, is the one without assistance.
    """
    spelt = list(dict.fromkeys(ratings["modality"]))
    meant = renamed_modalities(spelt, options, source=source)
    unaided = [name for name in spelt if meant[name] == Modality.NONE]
    if len(unaided) != 1:
        found = "none of them is" if not unaided else f"{' and '.join(unaided)} are all"
        raise InvalidInput(
            f"{source} has the modalities {', '.join(spelt[:10])}; {found} called unaided. `dermdash analyse mrmc` "
            f"compares them as they are; to use the other analyses say which one is the reading without assistance, "
            f"for example modality:{spelt[0]}=unaided"
        )
    rows = pd.DataFrame(
        {
            "reader": ratings["reader"],
            "case": ratings["case"],
            "cluster": ratings.get("cluster"),
            "phase": ratings["modality"].map(lambda m: (Phase.UNAIDED if m == unaided[0] else Phase.AIDED).value),
            "modality": ratings["modality"].map(meant),
            "malignancy_rating": ratings["rating"],
            "truth_malignant": ratings["truth"].astype(bool).astype(object),
        }
    )
    rows, note = one_session_per_modality(rows)
    low, high = ratings["rating"].min(), ratings["rating"].max()
    notes = [
        f"The ratings run from {low:g} to {high:g}; higher is taken for more suspicious.",
        "The file holds no diagnoses: whether an answer was correct is not known.",
        note,
    ]
    return ParsedLog(rows, None, {}, tuple(n for n in notes if n))


CSV_FORMAT = LogFormat(
    key=CSV_NAME,
    title=CSV_TITLE,
    description="One row per rating, with reader, modality, case, truth and rating.",
    read=of_tables(read_csv),
    recognises=recognises,
    options=("modality:",),
)
IMRMC_FORMAT = LogFormat(
    key=IMRMC_NAME,
    title=IMRMC_TITLE,
    description="The input file of the iMRMC program.",
    read=read_imrmc_log,
    recognises_text=is_imrmc,
    text_why="it has a line BEGIN DATA:",
    options=("modality:",),
)
