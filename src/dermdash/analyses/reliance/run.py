"""How readers of a study or log rely on the advice they saw."""

from dataclasses import dataclass

from dermdash.analyses.other_designs import why_no_advice_followed, why_no_diagnosis
from dermdash.analyses.reliance.options import ADVICE, Compared, RelianceOptions
from dermdash.analyses.reliance.study import Reliance, reliance
from dermdash.errors import InvalidInput
from dermdash.readings.first_readings import first_readings
from dermdash.readings.pairs import reading_pairs, unpaired
from dermdash.readings.readings_table import ReadingsTable
from dermdash.wording import counted, form

GROUPS = ("experience_group", "profession", "confidence_unaided", "round")
MOST_VALUES = 12
"""A column with more values than this is no grouping but a scale; the dependence curves show it."""


@dataclass(frozen=True, slots=True)
class RelianceResult:
    """Reliance with what the table says about its readings; ``later`` ones of a case by its reader are left out."""

    reliance: Reliance
    options: RelianceOptions
    unpaired: int
    later: int = 0


def analyse_reliance(table: ReadingsTable, *, options: RelianceOptions | None = None) -> RelianceResult:
    """Reliance on advice in these readings.

    Raises
    ------
    MissingColumns
        The log records neither what was advised nor whether it was right.
    InvalidInput
        No pair of answers can be judged.
    """
    options = options or RelianceOptions()
    if not any(map(table.has, ADVICE)):
        table.require("advice_dx", purpose="reliance on advice (what was advised: a class or a side of malignancy)")
    if why := why_no_diagnosis(table) or why_no_advice_followed(table):
        raise InvalidInput(f"{table.source} has no answer that could be changed to advice: {why}")
    first = first_readings(table)
    pairs = reading_pairs(first)
    if first.clustered:
        pairs["unit"] = first.unit_of(pairs["case"])
    found = reliance(
        pairs,
        modalities=table.modalities,
        groups={c: values for c in GROUPS if 1 < len(values := _values(table, c)) <= MOST_VALUES},
        seed=table.seed,
        replicates=options.replicates,
        confidence=options.confidence,
        bins=options.bins,
        on_malignancy=options.level is Compared.MALIGNANCY,
    )
    if found is None:
        raise InvalidInput(
            f"{table.source} has no pair of answers, before and after, with advice that can be judged: "
            f"{counted(len(pairs), 'pair')} {form(len(pairs), 'was', 'were')} found"
        )
    return RelianceResult(found, options, unpaired(first), len(table.frame) - len(first.frame))


def _values(table: ReadingsTable, column: str) -> tuple[str, ...]:
    if column in ("confidence_unaided", "round"):
        return tuple(str(v) for v in sorted(table.frame[column.removesuffix("_unaided")].dropna().unique()))
    return table.groups_of(column)
