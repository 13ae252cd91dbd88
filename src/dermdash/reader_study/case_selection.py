"""Which records become the cases of a study: stratified by diagnosis, one image per lesion, seeded."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.case_strata import quotas, shortages, strata_of, stratum_words
from dermdash.reader_study.drawn_cases import CaseSelection, LeftOut, SelectedCase
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import DifficultySource
from dermdash.records.verification_stage import VerificationStage
from dermdash.wording import counted, form

REQUIRED_COLUMNS = ("record_id", "lesion_id", "dx")


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
        ``difficulty`` (higher is harder, empty where not known): needed where the protocol draws by it.
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
    diagnosed = records[records["dx"].notna()]
    pool, left_out = _drawn_from(_one_image_per_lesion(records, protocol=protocol, rng=rng), protocol)
    left_out = LeftOut(int((~_let_through(diagnosed)).sum()), left_out.known_to_model, left_out.without_difficulty)
    words = stratum_words(protocol.draw.strata if by_difficulty(protocol) else 1)
    mix = {code: n for code, n in protocol.class_mix.items() if n > 0}
    wanted = quotas(mix, rounds=protocol.rounds, count=len(words))
    if short := shortages(pool, wanted, words):
        raise InvalidInput(_too_few(short, left_out, len(diagnosed), strata=len(words)))
    rounds = _drawn(pool, wanted)
    study = pd.concat(rounds) if rounds else pool.head(0)
    cases = list(_beside_the_study(pool, study=study, protocol=protocol))
    for number, frame in enumerate(rounds, 1):
        rows = frame.to_dict("records")
        for position, index in enumerate(rng.permutation(len(rows)), 1):
            cases.append(_case(rows[index], round_=number, position=position, practice=False))
    drawn = {case.record_id for case in cases}
    rest = pool[~pool["record_id"].astype(str).isin(drawn)].to_dict("records")
    spare = tuple(_case(row, round_=0, position=0, practice=False) for row in rest)
    return CaseSelection(tuple(cases), len(diagnosed), left_out, spare)


def by_difficulty(protocol: Protocol) -> bool:
    """Whether easy and hard cases are drawn in equal shares."""
    return protocol.draw.difficulty is not DifficultySource.NONE


def _too_few(short: Sequence[str], left_out: LeftOut, diagnosed: int, *, strata: int) -> str:
    said = f". Left out of {counted(diagnosed, 'diagnosed record')}: {', '.join(w)}" if (w := left_out.words) else ""
    ways = f"Take fewer cases of these classes{', fewer strata' if strata > 1 else ''} or more records"
    if left_out.known_to_model:
        ways += ", or a model that was not trained on them"
    if left_out.without_difficulty:
        ways += ", or do not draw by difficulty"
    return f"too few lesions to draw from: {'; '.join(short)}{said}. {ways}"


def _drawn_from(pool: pd.DataFrame, protocol: Protocol) -> tuple[pd.DataFrame, LeftOut]:
    """The lesions that may be drawn, with their stratum, and how many are left out beside the filter."""
    known_to_model = without_difficulty = 0
    if protocol.draw.held_out_only:
        known_to_model = int((~pool["held_out"]).sum())
        pool = pool[pool["held_out"]]
    if protocol.draw.one_per_patient:
        for name in ("identity", "patient_id"):
            if name in pool.columns:
                pool = pool[pool[name].isna() | ~pool.duplicated(name)]
    if not by_difficulty(protocol):
        return pool.assign(stratum=1, difficulty=np.nan), LeftOut(0, known_to_model, 0)
    if "difficulty" not in pool.columns:
        raise MissingColumns("cannot draw cases by difficulty: the column difficulty is missing")
    without_difficulty = int(pool["difficulty"].isna().sum())
    pool = pool[pool["difficulty"].notna()]
    strata = strata_of(pool, protocol.draw.strata)
    return pool.assign(stratum=strata), LeftOut(0, known_to_model, without_difficulty)


def _drawn(pool: pd.DataFrame, wanted: Sequence[dict[str, list[int]]]) -> list[pd.DataFrame]:
    """The cases of each round: of each class and stratum the next ones, in the order of the pool."""
    taken: dict[tuple[str, int], int] = {}
    groups = dict(tuple(pool.groupby(["dx", "stratum"], sort=False)))
    rounds = []
    for quota in wanted:
        parts = []
        for code, numbers in quota.items():
            for stratum, n in enumerate(numbers, 1):
                begin = taken.get((code, stratum), 0)
                if n:
                    parts.append(groups[code, stratum].iloc[begin : begin + n])
                taken[code, stratum] = begin + n
        rounds.append(pd.concat(parts))
    return rounds


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
        stratum=None if pd.isna(row["difficulty"]) else int(row["stratum"]),
        difficulty=None if pd.isna(row["difficulty"]) else float(row["difficulty"]),
        patient_id=None if pd.isna(row["patient_id"]) else str(row["patient_id"]),
        identity=int(row["identity"]) if "identity" in row else None,
    )
