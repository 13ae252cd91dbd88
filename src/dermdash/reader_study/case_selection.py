"""Which records become the cases of a study: stratified by diagnosis, one image per lesion, seeded."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.protocol import Protocol
from dermdash.records.verification_stage import VerificationStage
from dermdash.wording import counted, form

REQUIRED_COLUMNS = ("record_id", "lesion_id", "dx")


@dataclass(frozen=True, slots=True)
class SelectedCase:
    """One drawn record; ``position`` counts from 1 within its round, practice cases are round 0.

    ``held_out`` is whether the study's model is known not to have trained on the lesion. ``verified`` is whether
    consensus, follow-up or histology confirmed the diagnosis (verification stage 2 or 3).
    """

    record_id: str
    lesion_id: str
    truth_dx: str
    round: int
    position: int
    practice: bool
    held_out: bool
    verified: bool
    part: CasePart = CasePart.STUDY


@dataclass(frozen=True, slots=True)
class CaseSelection:
    """The drawn cases, practice first: how many the model may have trained on, how many have a weak truth.

    ``diagnosed`` records there were to draw from, ``filtered_out`` of them were left out by the filter of the protocol.
    """

    cases: tuple[SelectedCase, ...]
    diagnosed: int = 0
    filtered_out: int = 0

    @property
    def study_cases(self) -> tuple[SelectedCase, ...]:
        """The cases that count."""
        return tuple(case for case in self.cases if not case.practice)

    @property
    def practice_cases(self) -> tuple[SelectedCase, ...]:
        """The cases with feedback before the first round."""
        return tuple(case for case in self.cases if case.part is CasePart.PRACTICE)

    @property
    def not_held_out(self) -> int:
        """Study cases whose lesion the model may have trained on (0 is what a study wants)."""
        return sum(not case.held_out for case in self.study_cases)

    @property
    def unverified(self) -> int:
        """Study cases whose diagnosis is an initial annotation only, or of unstated origin."""
        return sum(not case.verified for case in self.study_cases)


def select_cases(records: pd.DataFrame, *, protocol: Protocol) -> CaseSelection:
    """Draw the study and practice cases of a protocol.

    Parameters
    ----------
    records
        One row per record with ``record_id``, ``lesion_id``, ``dx``; ``patient_id``, ``image_sha256``, ``one_lesion``
        and ``identity`` (numbers of the records that show one lesion, and of those that belong together at all),
        ``held_out`` (bool) and ``verification_stage`` (1 to 3) are used where present. Without ``held_out`` no
        case counts as held out, without ``verification_stage`` none as verified. ``let_through`` (bool): whether the
        filter of the protocol does; cases are drawn from these alone, while a conflicting label of any record counts.
    protocol
        Gives the class mix, rounds, practice cases and the seed; equal input draws equal cases whatever
        the order of the rows.

    Raises
    ------
    MissingColumns
        A required column is absent.
    InvalidInput
        A class has fewer lesions than the mix asks for (all such classes are named), or too few lesions of
        other patients are left for practice.
    """
    if missing := [name for name in REQUIRED_COLUMNS if name not in records.columns]:
        raise MissingColumns(f"cannot draw cases: {', '.join(missing)} missing; expected {REQUIRED_COLUMNS}")
    rng = np.random.default_rng([protocol.seed, 1])
    pool = _one_image_per_lesion(records, protocol=protocol, rng=rng)
    diagnosed = records[records["dx"].notna()]
    filtered_out = int((~_let_through(diagnosed)).sum())

    wanted = {code: n * protocol.rounds for code, n in protocol.class_mix.items() if n > 0}
    available = pool["dx"].value_counts().to_dict()
    short = [
        f"{code} has {available.get(code, 0)}, needs {n}" for code, n in wanted.items() if available.get(code, 0) < n
    ]
    if short:
        left_out = (
            f". The filter leaves out {filtered_out:,} of {counted(len(diagnosed), 'diagnosed record')}"
            if filtered_out
            else ""
        )
        raise InvalidInput(
            f"too few lesions to draw from: {'; '.join(short)}{left_out}. Take fewer cases of these classes or more "
            "records"
        )
    drawn = {code: pool[pool["dx"] == code].head(n) for code, n in wanted.items()}
    study = pd.concat(list(drawn.values()))
    cases = list(_beside_the_study(pool, study=study, protocol=protocol))
    for round_ in range(protocol.rounds):
        rows = [
            row
            for code, frame in drawn.items()
            for row in frame.to_dict("records")[round_ * protocol.class_mix[code] :][: protocol.class_mix[code]]
        ]
        for position, index in enumerate(rng.permutation(len(rows)), 1):
            cases.append(_case(rows[index], round_=round_ + 1, position=position, practice=False))
    return CaseSelection(tuple(cases), len(diagnosed), filtered_out)


def _let_through(records: pd.DataFrame) -> "pd.Series[bool]":
    if "let_through" not in records.columns:
        return pd.Series(True, index=records.index)
    return records["let_through"].astype(bool)


def _one_image_per_lesion(records: pd.DataFrame, *, protocol: Protocol, rng: np.random.Generator) -> pd.DataFrame:
    """Shuffle, keep one image per lesion and one record per identical image, held-out lesions first."""
    pool = records[records["dx"].notna()].copy()
    pool["held_out"] = pool["held_out"].fillna(False).astype(bool) if "held_out" in pool.columns else False
    stage = pool["verification_stage"] if "verification_stage" in pool.columns else pd.Series(0, index=pool.index)
    pool["verified"] = (stage.astype("Float64").fillna(0) >= VerificationStage.CONSENSUS).astype(bool)
    if "patient_id" not in pool.columns:
        pool["patient_id"] = None
    # Sorting first makes the draw depend on the records, not on the order a database returned them in.
    pool = pool.sort_values("record_id").iloc[rng.permutation(len(pool))]
    # A lesion or a file with conflicting labels has no truth to measure a reader against, also where the other
    # label is of a class the study does not ask for.
    same = [name for name in ("lesion_id", "image_sha256", "one_lesion") if name in pool.columns]
    agreed = [pool.groupby(name)["dx"].transform("nunique") == 1 for name in same]
    pool = pool[np.logical_and.reduce(agreed) & pool["dx"].isin(list(protocol.class_mix)) & _let_through(pool)]
    for name in same:
        pool = pool.drop_duplicates(name)
    return pool.sort_values("held_out", ascending=False, kind="stable")


def _beside_the_study(pool: pd.DataFrame, *, study: pd.DataFrame, protocol: Protocol) -> Iterator[SelectedCase]:
    """Cases for practice, for screening (both round 0) and for the checks of each round."""
    screening, checks = protocol.checks.screening, protocol.checks.attention_checks
    places = [(CasePart.PRACTICE, 0)] * protocol.practice_cases
    places += [(CasePart.SCREENING, 0)] * (0 if screening is None else screening.cases)
    places += [(CasePart.CHECK, round_) for round_ in range(1, protocol.rounds + 1) for _ in range(checks)]
    what = "practice case" if screening is None and not checks else "practice, screening or check case"
    drawn = _draw_practice(pool, study=study, count=len(places), what=what).to_dict("records")
    for (part, round_), batch in groupby(zip(places, drawn, strict=True), key=lambda pair: pair[0]):
        for position, (_, row) in enumerate(batch, 1):
            yield _case(row, round_=round_, position=position, practice=True, part=part)


def _draw_practice(pool: pd.DataFrame, *, study: pd.DataFrame, count: int, what: str) -> pd.DataFrame:
    """Take cases from other lesions and other patients, the classes in turn; ``what`` they are called."""
    rest = pool[~pool["lesion_id"].isin(study["lesion_id"])]
    patients = study["patient_id"].dropna()
    rest = rest[rest["patient_id"].isna() | ~rest["patient_id"].isin(patients)]
    if "identity" in rest.columns:
        rest = rest[~rest["identity"].isin(study["identity"])]
    if len(rest) < count:
        raise InvalidInput(
            f"{counted(len(rest), 'lesion')} of patients outside the study {form(len(rest), 'is', 'are')} left for "
            f"{counted(count, what)}: take fewer {what}s or study cases, or more records"
        )
    turn = rest.groupby("dx").cumcount()
    # Held-out lesions also come first here: practice with a model that has seen the lesion teaches readers
    # more trust than it deserves.
    order = rest.assign(turn=turn).sort_values(["turn", "held_out"], ascending=[True, False], kind="stable")
    return order.head(count)


def _case(row: dict, *, round_: int, position: int, practice: bool, part: CasePart = CasePart.STUDY) -> SelectedCase:
    return SelectedCase(
        record_id=str(row["record_id"]),
        lesion_id=str(row["lesion_id"]),
        truth_dx=str(row["dx"]),
        round=round_,
        position=position,
        practice=practice,
        held_out=bool(row["held_out"]),
        verified=bool(row["verified"]),
        part=part,
    )
