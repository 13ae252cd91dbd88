"""Arms compared between their readers, and sequences and periods of a crossover within and between them."""

from dataclasses import replace

import numpy as np

from dermdash.analyses.arms.conditions import (
    SEQUENCES,
    WITH_FIRST,
    WITHOUT_FIRST,
    ArmReaders,
    ArmsRead,
    CrossoverRead,
    arms_of,
    crossover_of,
    reference_arm,
)
from dermdash.analyses.arms.measures import MEASURES, ArmMeasure
from dermdash.analyses.arms.options import KEY, ArmsOptions
from dermdash.analyses.arms.result import (
    ArmComparison,
    ArmDifference,
    ArmsResult,
    ArmValue,
    CrossoverComparison,
    PeriodValue,
)
from dermdash.analyses.other_designs import why_no_diagnosis
from dermdash.analysis.arrays import BoolArray
from dermdash.analysis.mrmc.reader_groups import ReaderFigures, figures_of_readers, group_contrast, group_mean, within
from dermdash.analysis.paired_accuracy import holm
from dermdash.errors import InvalidInput, MissingColumns
from dermdash.readings.readings_table import ReadingsTable

NOTHING_TO_COMPARE = "all readers stand in one arm and one period, so that there is nothing to compare between them"
_WITHIN = "what assistance changes within readers is on the page Benefit of assistance"


def analyse_arms(table: ReadingsTable, options: ArmsOptions | None = None) -> ArmsResult:
    """Compare arms by their readers' last answers, and sequences by periods, as far as there are any.

    Raises
    ------
    InvalidInput
        Neither several arms nor two periods, or a reference that is no arm.
    MissingColumns
        No answer that any measure could be made of.
    """
    options = options or ArmsOptions()
    read, crossover = arms_of(table), crossover_of(table)
    compared = read.arms if len(read.arms) > 1 else ()
    if not compared and crossover is None:
        instead = why_no_diagnosis(table) or _WITHIN
        raise InvalidInput(f"{table.source}: {NOTHING_TO_COMPARE}. {instead[:1].upper()}{instead[1:]}")
    reference = _reference(compared, options) if compared else None
    result = ArmsResult(
        table.source,
        options,
        arms=compared,
        reference="" if reference is None else reference.key,
        comparisons=() if reference is None else tuple(_compare(read, m, reference, table, options) for m in MEASURES),
        sequences={} if crossover is None else {key: len(crossover.members(key)) for key in SEQUENCES},
        crossover=() if crossover is None else tuple(_cross(crossover, m, table, options) for m in MEASURES),
        clustered=table.clustered,
        excluded=_excluded(table, read if compared else None, crossover),
        notes=table.notes,
        prespecified=KEY in table.prespecified,
        simulated=table.simulated,
    )
    missing = result.not_computed
    if len(missing) == len(result.comparisons) + len(result.crossover):
        why = why_no_diagnosis(table)
        raise MissingColumns(missing[0][0] if why is None else f"{missing[0][0]}: {why}")
    return result


def _reference(arms: tuple[ArmReaders, ...], options: ArmsOptions) -> ArmReaders:
    if options.reference is None:
        return reference_arm(arms)
    found = next((arm for arm in arms if arm.key == options.reference), None)
    if found is None:
        raise InvalidInput(f"there is no arm {options.reference}: expected one of {', '.join(a.key for a in arms)}")
    return found


def _excluded(table: ReadingsTable, read: ArmsRead | None, crossover: CrossoverRead | None) -> dict[str, int]:
    found = dict(table.excluded)
    for part in (read, crossover):
        for reason, count in ({} if part is None else part.excluded).items():
            found[reason] = found.get(reason, 0) + count
    return found


def _compare(
    read: ArmsRead, measure: ArmMeasure, reference: ArmReaders, table: ReadingsTable, options: ArmsOptions
) -> ArmComparison:
    try:
        data = measure.data(read.frame, table.source, (("answer", ""),))
        figures = figures_of_readers(data, measure.merit)
    except (InvalidInput, MissingColumns) as error:
        return ArmComparison(measure, reason=str(error))
    groups = {arm.key: figures.members(arm.readers) for arm in read.arms}
    values = tuple(_value(figures, group, key, options.confidence) for key, group in groups.items())
    differences = tuple(
        ArmDifference(
            key,
            reference.key,
            within(group_contrast(figures, (group, groups[reference.key]), (1.0, -1.0), confidence=options.confidence)),
        )
        for key, group in groups.items()
        if key != reference.key
    )
    if len(differences) > 1:
        corrected = holm([d.test.p for d in differences])
        differences = tuple(replace(d, test=d.test.with_holm(p)) for d, p in zip(differences, corrected, strict=True))
    return ArmComparison(measure, values, differences, len(data.cases), figures.method)


def _value(figures: ReaderFigures, group: BoolArray, name: str, confidence: float) -> ArmValue:
    readers = tuple(reader for reader, own in zip(figures.readers, group, strict=True) if own)
    return ArmValue(name, group_mean(figures, group, confidence=confidence), readers, figures.values[group])


def _cross(
    crossover: CrossoverRead, measure: ArmMeasure, table: ReadingsTable, options: ArmsOptions
) -> CrossoverComparison:
    try:
        data = measure.data(crossover.pairs, table.source, (("aided", "_aided"), ("unaided", "_unaided")))
        change = figures_of_readers(data, measure.merit, (1.0, -1.0))
        # Only whoever has a figure under both conditions counts, everywhere.
        data = data.of_readers(np.isin(data.readers, change.readers))
        middle = figures_of_readers(data, measure.merit, (0.5, 0.5))
        halves = {name: figures_of_readers(data.of_modalities([name]), measure.merit) for name in data.modalities}
    except (InvalidInput, MissingColumns) as error:
        return CrossoverComparison(measure, reason=str(error))
    groups = [change.members(crossover.members(sequence)) for sequence in (WITHOUT_FIRST, WITH_FIRST)]
    level = options.confidence
    return CrossoverComparison(
        measure,
        _periods(halves, crossover, level),
        within(group_contrast(change, groups, (0.5, 0.5), confidence=level)),
        float(change.values.mean()),
        within(group_contrast(change, groups, (0.5, -0.5), confidence=level)),
        within(group_contrast(middle, groups, (1.0, -1.0), confidence=level)),
        len(data.cases),
        change.method,
    )


def _periods(halves: dict[str, ReaderFigures], crossover: CrossoverRead, level: float) -> tuple[PeriodValue, ...]:
    found = []
    for sequence in SEQUENCES:
        for period in (1, 2):
            aided = (sequence == WITHOUT_FIRST) == (period == 2)
            figures = halves["aided" if aided else "unaided"]
            group = figures.members(crossover.members(sequence))
            found.append(PeriodValue(sequence, period, _value(figures, group, sequence, level)))
    return tuple(found)
