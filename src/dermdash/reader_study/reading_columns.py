"""The columns of the readings export and what each means, kept in one place.

The file and its data dictionary are both made from this list.
"""

from dataclasses import dataclass

import pandas as pd

from dermdash.reader_study.answer_time import TimeCheck
from dermdash.reader_study.conduct import SessionMark
from dermdash.reader_study.management import Management
from dermdash.reader_study.profile import AGE_GROUPS, GENDERS, PROFESSIONS
from dermdash.readings.experience import EXPERIENCE_GROUPS
from dermdash.readings.modality import Modality, Phase
from dermdash.readings.small_cells import OTHER, SmallCells
from dermdash.wording import counted


@dataclass(frozen=True, slots=True)
class ReadingColumn:
    """One column: name, meaning, unit where it has one, and the values that may stand in it."""

    name: str
    meaning: str
    unit: str = ""
    values: str = "text"


def _list(choices: object) -> str:
    return " | ".join(str(choice) for choice in choices)  # type: ignore[attr-defined]


_YES_NO = "True | False"
_UTC = "ISO 8601, UTC"

READING_COLUMNS: tuple[ReadingColumn, ...] = (
    ReadingColumn("study", "Name of the study"),
    ReadingColumn("protocol_sha256", "SHA-256 of the frozen protocol's canonical JSON", values="64 hex digits"),
    ReadingColumn(
        "amendment",
        "Number of the amendment of the protocol that held when it was recorded; 0: none",
        values="0, 1, ...",
    ),
    ReadingColumn("reader", "Pseudonymous id of the reader"),
    ReadingColumn("profession", "Self-declared profession", values=_list(PROFESSIONS)),
    ReadingColumn("years_experience", "Self-declared experience in dermatoscopy; empty: not said", "years", "0 to 70"),
    ReadingColumn("experience_group", "Group of years_experience", values=_list((*EXPERIENCE_GROUPS, OTHER))),
    ReadingColumn("age_group", "Self-declared age group", "years", _list((*AGE_GROUPS, OTHER))),
    ReadingColumn("gender", "Self-declared gender", values=_list(GENDERS)),
    ReadingColumn("country", "Self-declared country", values=f"ISO 3166-1 alpha-2 | prefer_not_to_say | {OTHER}"),
    ReadingColumn("arm", "Arm of the reader", values="key of an arm of the protocol"),
    ReadingColumn("period", "Period in which it was read", values="1, 2, ..."),
    ReadingColumn("round", "Round of the study the case belongs to", values="1, 2, ..."),
    ReadingColumn("position", "Place of the case in this reader's order", values="1, 2, ..."),
    ReadingColumn("case", "Id of the case in the study"),
    ReadingColumn("repeat", "0: the reading that counts; 1: of a hidden repeat of the case", values="0 | 1"),
    ReadingColumn("image_id", "Image id in the data set"),
    ReadingColumn("lesion_id", "Lesion id in the data set"),
    ReadingColumn(
        "cluster",
        "What the case belongs to (patient, lesion, file, confirmed pair), named by the smallest image id of the study "
        "in it: cases of one cluster are not independent",
    ),
    ReadingColumn("truth_dx", "Diagnosis of the record when the study was frozen", values="class of the taxonomy"),
    ReadingColumn("truth_malignant", "Whether truth_dx is malignant in the taxonomy", values=_YES_NO),
    ReadingColumn(
        "verification_stage",
        "How truth_dx was confirmed: 1 initial annotation, 2 consensus or follow-up, 3 histology",
        values="1 | 2 | 3",
    ),
    ReadingColumn("phase", "Before or after the assistance was shown", values=_list(Phase)),
    ReadingColumn(
        "modality",
        "Assistance drawn for this case and reader; the same on the unaided row, where it was not yet shown",
        values=_list(Modality),
    ),
    ReadingColumn("dx", "Diagnosis answered; empty where the protocol does not ask", values="class of the taxonomy"),
    ReadingColumn("correct", "Whether dx equals truth_dx; empty where dx is", values=_YES_NO),
    ReadingColumn(
        "confidence",
        "How sure the reader was, 1 least; empty where the protocol does not ask",
        values="1 to the protocol's levels",
    ),
    ReadingColumn("management", "Management answered; empty where the protocol does not ask", values=_list(Management)),
    ReadingColumn(
        "malignancy_rating", "How likely malignant, answered; empty where the protocol does not ask", "%", "0 to 100"
    ),
    ReadingColumn("changed", "Whether dx differs from the reader's unaided dx; empty on unaided rows", values=_YES_NO),
    ReadingColumn(
        "assistance",
        "What was shown before this answer, as JSON with record ids of similar images; empty on unaided rows",
        values="JSON",
    ),
    ReadingColumn("model_id", "Model whose output was shown; empty where none was"),
    ReadingColumn(
        "advice_dx",
        "Diagnosis the assistance speaks for: highest probability, or commonest similar image; empty for a "
        "malignancy probability and on unaided rows",
        values="class of the taxonomy",
    ),
    ReadingColumn(
        "advice_correct",
        "Whether advice_dx equals truth_dx; for a malignancy probability whether its side of 0.5 is right",
        values=_YES_NO,
    ),
    ReadingColumn(
        "advice_faulty",
        "Whether the advice was made wrong on purpose (wrong advice of the protocol); the true one then stands in "
        "assistance under planted; empty on unaided rows and where the protocol has none",
        values=_YES_NO,
    ),
    ReadingColumn(
        "true_advice_dx",
        "Diagnosis that the model's true advice speaks for where advice_faulty is True",
        values="class of the taxonomy",
    ),
    ReadingColumn(
        "held_out",
        "Whether the model is known not to have trained on this lesion, its patient or the same file; True without a "
        "model",
        values=_YES_NO,
    ),
    ReadingColumn(
        "client_ms",
        "Time from painting the image or the assistance to the answer, browser clock, without hidden_ms",
        "ms",
        "from 0",
    ),
    ReadingColumn(
        "hidden_ms",
        "Time in between when it was not seen: in a hidden tab, behind a pause, on a sleeping device; empty: from an "
        "older version, whose client_ms holds it",
        "ms",
        "from 0",
    ),
    ReadingColumn(
        "time_check",
        "Whether client_ms can be: longer_than_open is longer than the step had been open by the server's clock; "
        "analyses of time leave out all that is not plausible; empty: not checked",
        values=_list(TimeCheck),
    ),
    ReadingColumn("shown_at", "When it was painted, browser clock", values=_UTC),
    ReadingColumn("submitted_at", "When it was answered, browser clock", values=_UTC),
    ReadingColumn(
        "sent_at", "When the step first left for the browser, server clock; empty: not recorded", values=_UTC
    ),
    ReadingColumn(
        "shown_sha256",
        "SHA-256 of the image and assistance as they left for the browser; empty: not recorded",
        values="64 hex digits",
    ),
    ReadingColumn("recorded_at", "When the answer was on disk, server clock", values=_UTC),
    ReadingColumn(
        "sequence",
        "Order of recording among all answers and events of the workspace: it holds where the clock was set back",
        values="1, 2, ...",
    ),
    ReadingColumn("reading_id", "Unique id of the reading, made by the browser", values="UUID"),
    ReadingColumn(
        "reader_mark",
        "What the study team said last of all that this reader answered; empty: nothing",
        values=_list(SessionMark),
    ),
    ReadingColumn("simulated", "Whether a generator and not a person answered", values=_YES_NO),
    ReadingColumn(
        "withdrawn", "Whether the reader has withdrawn since, in a study that keeps such answers", values=_YES_NO
    ),
)
READING_COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in READING_COLUMNS)


def data_dictionary(shared: SmallCells | None = None) -> pd.DataFrame:
    """Table of ``column``, ``meaning``, ``unit``, ``values``, one row per exported column in order.

    ``shared``: the exported readings, of which ``merged`` then says column by column what too few readers share.
    """
    table = pd.DataFrame(
        [(c.name, c.meaning, c.unit, c.values) for c in READING_COLUMNS],
        columns=["column", "meaning", "unit", "values"],
    )
    if shared is None:
        return table
    return table.assign(merged=[_merged(shared, column) for column in table["column"]])


def _merged(shared: SmallCells, column: str) -> str:
    said = []
    if n := shared.readers.get(column, 0):
        said.append(
            f"{OTHER} for {counted(n, 'reader')}: fewer than {shared.minimum} share the value, or it was merged with "
            "one"
        )
    if n := shared.emptied.get(column, 0):
        said.append(
            f"empty for {counted(n, 'reader')}: fewer than {shared.minimum} share the value, alone or together with "
            "what else these readers say of themselves"
        )
    return "; ".join(said)
