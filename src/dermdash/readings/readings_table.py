"""One row per reading, whatever study it comes from: the input of every analysis.

A reading is one reader's answer to one case in one phase. A column that a source does not know is present and empty, so
that an analysis asks `ReadingsTable.has` and says what is missing instead of failing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.crowd_shown import CrowdShown
from dermdash.readings.experience import experience_order
from dermdash.readings.modality import Modality, Phase
from dermdash.records.alike_names import AlikeNames
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy, get_taxonomy
from dermdash.wording import counted

READING_KEY = ("reader", "session", "case", "repeat", "phase")
"""At most one reading has these; without ``phase`` they name a pair."""

_TEXT, _NUMBER, _WHOLE, _YES_NO = "object", "Float64", "Int64", "boolean"
COLUMN_TYPES: dict[str, str] = {
    # Who read what, and when in their order. `session`: a test or round-trip in which a case may come again.
    "reader": _TEXT,
    "case": _TEXT,
    # The patient, lesion or file of the case: cases of one cluster are not independent. Empty: a cluster of its own.
    "cluster": _TEXT,
    "session": _TEXT,
    "repeat": _WHOLE,  # 0: first time; 1, 2: shown again to measure intra-reader agreement
    "round": _WHOLE,
    "position": _WHOLE,
    "arm": _TEXT,
    # Of a reader who reads the cases several times over, each time under another condition: 1, 2, ...
    "period": _WHOLE,
    # `modality`: what is shown between the phases, also on the unaided row. `none`: nothing is.
    "phase": _TEXT,
    "modality": _TEXT,
    # True where an unaided reading stands once more, beside a further kind of assistance it is compared with.
    "copied": _YES_NO,
    # The answer. `malignancy_rating` rises with suspicion on whatever scale, `confidence` with certainty.
    "dx": _TEXT,
    "malignant_answer": _YES_NO,
    "malignancy_rating": _NUMBER,
    "confidence": _NUMBER,
    "trust": _NUMBER,
    "management": _TEXT,
    "client_ms": _NUMBER,
    # What the source's own check says of `client_ms`; every value but `plausible` takes it out of analyses of time.
    "time_check": _TEXT,
    # The truth of the case.
    "truth_dx": _TEXT,
    "truth_malignant": _YES_NO,
    "correct": _YES_NO,
    # The advice that was shown, on aided rows. `advice_probability`: the malignancy probability shown, 0..1;
    # `advice_confidence`: the probability shown for what is advised, a class or a side of malignancy, 0..1.
    "advice_dx": _TEXT,
    "advice_malignant": _YES_NO,
    "advice_probability": _NUMBER,
    "advice_confidence": _NUMBER,
    "advice_correct": _YES_NO,
    # Whether the advice was made wrong on purpose (faulty-AI arm).
    "advice_faulty": _YES_NO,
    # The reader.
    "profession": _TEXT,
    "years_experience": _NUMBER,
    "experience_group": _TEXT,
    "age_group": _TEXT,
    "gender": _TEXT,
    "country": _TEXT,
    "simulated": _YES_NO,
}
REQUIRED = ("reader", "case", "phase", "modality")


@dataclass(frozen=True, eq=False)
class ReadingsTable:
    """Checked readings of one study or log.

    Attributes
    ----------
    frame : DataFrame
        The columns of ``COLUMN_TYPES`` in this order and with these types; rows sorted by `READING_KEY`, unaided first.
    source : str
        The study or file in words, for headings.
    format : str
        What it was recognised as, e.g. ``study`` or ``dermachallenge``.
    taxonomy : str or None
        Name of the taxonomy of ``dx`` and ``truth_dx``; None where the log has no diagnoses or classes of its own.
    excluded : dict of str to int
        Readings left out while reading the source, counted by reason.
    notes : tuple of str
        What was assumed or derived, one sentence each, for the methods text.
    prespecified : tuple of str
        Analyses and subgroups named in the frozen protocol; everything else is exploratory.
    protocol_sha256 : str or None
        Hash of the frozen protocol, where the study has one.
    seed : int
        Of every bootstrap on this table: the protocol's, else 2020.
    alike : tuple of AlikeNames
        Spellings that look like one name and are kept apart, because nobody has said whether they are one.
    warnings : tuple of str
        What limits every result that is made of these readings, one sentence each.
    crowd : CrowdShown or None
        How a crowd's shares were shown; None where there was no crowd.
    borderline : BorderlinePolicy
        What borderline diagnoses count as (`dermdash.readings.borderline.with_borderline`).
    planned_borderline : BorderlinePolicy
        What the source itself counts them as: the protocol of the study, or a log that says it.
    confidence_words : tuple of str
        What degrees of confidence are called, the least sure first; empty: the source has no words for them.
    """

    frame: pd.DataFrame
    source: str
    format: str
    taxonomy: str | None = None
    excluded: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    prespecified: tuple[str, ...] = ()
    protocol_sha256: str | None = None
    seed: int = 2020
    alike: tuple[AlikeNames, ...] = ()
    warnings: tuple[str, ...] = ()
    crowd: CrowdShown | None = None
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
    planned_borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
    confidence_words: tuple[str, ...] = ()

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Patient, lesion or file of a case (column ``cluster``), where it is known."""
        known = self.frame[self.frame["cluster"].notna()].drop_duplicates("case")
        return dict(zip(known["case"].astype(str), known["cluster"].astype(str), strict=True))

    def with_units(self, units: Mapping[str, str]) -> "ReadingsTable":
        """The same readings with the unit of each case; cases that are not named have none."""
        return replace(self, frame=self.frame.assign(cluster=self.frame["case"].map(units).astype(object)))

    def unit_of(self, cases: "pd.Series[str]") -> "pd.Series[str]":
        """The unit of each case; a case of which nothing is known is a unit of its own."""
        return (
            cases.map({c: f"unit {u}" for c, u in self.units.items()})
            .astype(object)
            .fillna("case " + cases.astype(str))
        )

    def unit_numbers(self, cases: Iterable[str]) -> npt.NDArray[np.int64]:
        """Number of the unit of each of these cases: 0, 1, ... as they come."""
        numbers: npt.NDArray[np.int64] = pd.factorize(self.unit_of(pd.Series(list(cases), dtype=object)))[0]
        return numbers.astype(np.int64)

    @property
    def clustered(self) -> bool:
        """Whether some of the cases that were read share a unit."""
        return bool(self.units) and bool(self.unit_of(pd.Series(self.frame["case"].unique())).duplicated().any())

    def has(self, *columns: str) -> bool:
        """Whether every one of these columns holds at least one value."""
        return all(bool(self.frame[name].notna().any()) for name in columns)

    def require(self, *columns: str, purpose: str) -> None:
        """Raise MissingColumns when a column holds nothing, saying what it is needed for."""
        if empty := [name for name in columns if not self.has(name)]:
            raise MissingColumns(f"{purpose} needs {', '.join(empty)}, which {self.source} does not record")

    @property
    def classes(self) -> Taxonomy | None:
        """The taxonomy of the diagnoses, where there is one; its borderline classes count as they do here."""
        return None if self.taxonomy is None else get_taxonomy(self.taxonomy).counting_borderline_as(self.borderline)

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities of aided readings: ours in their usual order, then others alphabetically."""
        aided = self.frame.loc[self.frame["phase"] == Phase.AIDED, "modality"]
        found = set(aided.dropna().astype(str))
        ours = [m.value for m in Modality if m.value in found]
        return (*ours, *sorted(found - set(ours)))

    @property
    def answers(self) -> pd.DataFrame:
        """The frame with every answer once: without unaided readings that stand beside a further kind of assistance."""
        return self.frame[~self.frame["copied"].fillna(False).astype(bool)]

    @property
    def simulated(self) -> bool:
        """Whether any reading was made by a program and not by a person."""
        return bool(self.frame["simulated"].fillna(False).any())

    def groups_of(self, column: str) -> tuple[str, ...]:
        """Values of a column in the order to show: experience as it grows, anything else alphabetically."""
        found = {str(v) for v in self.frame[column].dropna()}
        return tuple(sorted(found, key=experience_order if column == "experience_group" else None))

    def subset(self, keep: "pd.Series[bool]") -> "ReadingsTable":
        """The same table with only the rows marked True."""
        return replace(self, frame=self.frame[keep.to_numpy(bool)].reset_index(drop=True))


def make_readings_table(
    rows: pd.DataFrame | Iterable[Mapping[str, object]],
    *,
    source: str,
    format: str,
    taxonomy: str | None = None,
    excluded: Mapping[str, int] | None = None,
    notes: tuple[str, ...] = (),
    prespecified: tuple[str, ...] = (),
    protocol_sha256: str | None = None,
    seed: int = 2020,
) -> ReadingsTable:
    """Check rows and bring them into the one form.

    What can be derived is: ``malignant_answer``, ``truth_malignant`` and ``advice_malignant`` from diagnoses by the
    taxonomy, ``correct`` from the diagnoses (else from malignancy), ``session`` "1" and ``repeat`` 0 where not given.
    A column ``row`` (its line in the file) is used in messages and not kept.

    Raises
    ------
    MissingColumns
        One of ``REQUIRED`` is absent.
    InvalidInput
        An unknown column, phase or diagnosis, a cell without reader, case or modality, two truths or clusters for one
        case, or two readings with one `READING_KEY`; row, column and value are named.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if missing := [name for name in REQUIRED if name not in frame.columns]:
        raise MissingColumns(f"{source} lacks {', '.join(missing)}; expected {', '.join(REQUIRED)}")
    if unknown := sorted(set(frame.columns) - COLUMN_TYPES.keys() - {"row"}):
        raise InvalidInput(f"{source} has unknown columns {', '.join(unknown)}: expected {', '.join(COLUMN_TYPES)}")
    numbers = frame["row"].to_numpy() if "row" in frame.columns else np.arange(1, len(frame) + 1)
    frame = _objects(frame).assign(row=numbers)
    for name in REQUIRED:
        _refuse(frame, frame[name].isna() | (frame[name] == ""), source, f"{name} is empty")
    known_phase = frame["phase"].isin([p.value for p in Phase])
    _refuse(frame, ~known_phase, source, "phase is {phase!r}: unaided or aided")
    frame["session"] = frame["session"].fillna("1").astype(str)
    frame["repeat"] = frame["repeat"].fillna(0)
    frame["reader"], frame["case"] = frame["reader"].astype(str), frame["case"].astype(str)
    frame["phase"], frame["modality"] = frame["phase"].map(str), frame["modality"].map(str)
    if taxonomy is not None:
        _derive_malignancy(frame, get_taxonomy(taxonomy), source)
    _check_one_truth(frame, source)
    _fill_clusters(frame, source)
    _derive_correct(frame)
    twice = frame.duplicated(list(READING_KEY))
    _refuse(frame, twice, source, "reader {reader} has a second {phase} answer to case {case}: one was expected")
    try:
        typed = frame.drop(columns="row").astype({n: t for n, t in COLUMN_TYPES.items() if t != _TEXT})
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{source}: a cell is no number or no yes/no: {error}") from None
    order = typed.assign(_p=typed["phase"].map({Phase.UNAIDED.value: 0, Phase.AIDED.value: 1}))
    order = order.sort_values(["reader", "session", "case", "repeat", "_p"], kind="stable").drop(columns="_p")
    return ReadingsTable(
        frame=order.reset_index(drop=True),
        source=source,
        format=format,
        taxonomy=taxonomy,
        excluded=dict(excluded or {}),
        notes=notes,
        prespecified=prespecified,
        protocol_sha256=protocol_sha256,
        seed=seed,
    )


def _objects(frame: pd.DataFrame) -> pd.DataFrame:
    """All columns of a readings table as Python objects, None where nothing is; pandas takes five times as long."""
    cells = np.empty((len(frame), len(COLUMN_TYPES)), dtype=object)
    for place, name in enumerate(COLUMN_TYPES):
        if name in frame.columns:
            cells[:, place] = frame[name].to_numpy(dtype=object)
    cells[pd.isna(cells)] = None
    return pd.DataFrame(cells, index=frame.index, columns=list(COLUMN_TYPES), dtype=object)


def _refuse(frame: pd.DataFrame, wrong: "pd.Series[bool]", source: str, problem: str) -> None:
    """Raise for the first row that is wrong, with its values in the message, and say how many more there are."""
    if not wrong.any():
        return
    rows = frame[wrong]
    first = rows.iloc[0]
    values = {str(name): value for name, value in first.items()}
    more = f" (and {counted(len(rows) - 1, 'more row')})" if len(rows) > 1 else ""
    raise InvalidInput(f"{source}, row {first['row']}: {problem.format_map(values)}{more}")


def _derive_malignancy(frame: pd.DataFrame, taxonomy: Taxonomy, source: str) -> None:
    # What says nothing about malignancy is no call of it, and a truth that is held against nothing.
    called = {c.code: c.is_malignant for c in taxonomy.classes}
    known = ", ".join(taxonomy.codes)
    sides = {c.code: c.malignancy for c in taxonomy.classes}
    for dx, flag, malignant in (
        ("dx", "malignant_answer", called),
        ("truth_dx", "truth_malignant", sides),
        ("advice_dx", "advice_malignant", sides),
    ):
        diagnoses, given = frame[dx], frame[flag].notna()
        unknown = diagnoses.notna() & ~diagnoses.isin(list(malignant))
        _refuse(frame, unknown, source, f"{dx} is {{{dx}!r}}: expected one of {known}")
        frame[flag] = frame[flag].where(given, diagnoses.map(malignant))


def _check_one_truth(frame: pd.DataFrame, source: str) -> None:
    for name in ("truth_dx", "truth_malignant"):
        _check_one(frame, name, "truth", source)


def _fill_clusters(frame: pd.DataFrame, source: str) -> None:
    """One cluster per case, on every row of it."""
    if frame["cluster"].notna().any():
        frame["cluster"] = frame["cluster"].map(lambda label: None if label is None else str(label))
        first = _check_one(frame, "cluster", "cluster", source)
        frame["cluster"] = frame["case"].map(first).astype(object).where(frame["case"].isin(first.index), None)


def _check_one(frame: pd.DataFrame, name: str, what: str, source: str) -> "pd.Series[Any]":
    """What each case has in a column; raise where one has two."""
    known = frame.loc[frame[name].notna(), ["case", name, "row"]]
    first = known.drop_duplicates("case").set_index("case")
    found: pd.Series[Any] = first[name]
    others = known[name] != known["case"].map(found)
    if others.any():
        # The wrong one of the two may be the first, so both are named.
        known = known.assign(_first=known["case"].map(found), _row=known["case"].map(first["row"]))
        _refuse(
            known,
            others,
            source,
            f"case {{case}} has {name} {{{name}!r}} here and {{_first!r}} in row {{_row}}: one {what} per case",
        )
    return found


def _derive_correct(frame: pd.DataFrame) -> None:
    for answer, truth in (("dx", "truth_dx"), ("malignant_answer", "truth_malignant")):
        both = frame[answer].notna() & frame[truth].notna() & frame["correct"].isna()
        frame.loc[both, "correct"] = (frame.loc[both, answer] == frame.loc[both, truth]).astype(object)
    advice = frame["advice_dx"].notna() & frame["truth_dx"].notna() & frame["advice_correct"].isna()
    frame.loc[advice, "advice_correct"] = (frame.loc[advice, "advice_dx"] == frame.loc[advice, "truth_dx"]).astype(
        object
    )
    # Advice that names no class is judged by malignancy alone.
    side = frame["advice_malignant"].notna() & frame["truth_malignant"].notna() & frame["advice_correct"].isna()
    frame.loc[side, "advice_correct"] = (
        frame.loc[side, "advice_malignant"] == frame.loc[side, "truth_malignant"]
    ).astype(object)


def confidence_weighted_rating(
    malignant_answer: "pd.Series[bool]", confidence: "pd.Series[float]"
) -> "pd.Series[float]":
    """An ordinal malignancy rating from a diagnosis and how sure the reader was.

    Malignant answers rate ``+confidence``, benign ones ``-confidence``: a sure benign answer is the least suspicious, a
    sure malignant one the most, as on the usual scale from definitely benign to definitely malignant. Empty where
    either is.
    """
    sign = malignant_answer.astype("boolean").map({True: 1.0, False: -1.0}).astype("Float64")
    return sign * confidence.astype("Float64")
