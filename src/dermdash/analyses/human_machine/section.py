"""A model and the readers of a study in words, tables and figures."""

from __future__ import annotations

from dermdash.analyses.bibliography import DELONG, EFRON, HAN, NEWCOMBE_2006, OBUCHOWSKI_1997
from dermdash.analyses.human_machine.comparison import CLASS_SHARE, HumanMachine
from dermdash.analyses.human_machine.figures import (
    change_beside_curve_figure,
    class_panels_figure,
    distance_figure,
    readers_beside_curve_figure,
)
from dermdash.analyses.human_machine.mean_position import AIDED, ALL, MeanPosition
from dermdash.analyses.human_machine.options import KEY, TITLE
from dermdash.analyses.human_machine.reader_position import ABOVE, BELOW, UNDECIDED
from dermdash.analyses.human_machine.reader_position import LEAST_MATCHED as LEAST_ONE
from dermdash.analyses.human_machine.tables import (
    area_text,
    difference_from,
    ends,
    mean_name,
    result_tables,
)
from dermdash.analyses.section import SIMULATED, ResultFigure, Section
from dermdash.analysis.auc_intervals import RULE as AREA_RULE
from dermdash.analysis.bootstrap import NO_DRAWS
from dermdash.analysis.reader_calls import (
    LEAST_MATCHED,
    SENSITIVITY_AT_SPECIFICITY,
    SPECIFICITY_AT_SENSITIVITY,
)
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.wording import counted, estimated_percent, level, number, number_interval, percent, points

LEFT_OUT = {
    "no_answer_or_truth": "readings without an answer or a known truth",
    "no_score": "readings of cases that the model has no score for",
    "simulated": "readings of simulated readers beside people",
    "repeated": "repeated readings of a case, of which the first counts",
}
REFERENCES = (HAN, DELONG, NEWCOMBE_2006, OBUCHOWSKI_1997, EFRON)


def human_machine_section(
    result: HumanMachine, *, group_by: str | None = None, code: str = MALIGNANCY, exploratory: bool = True
) -> Section:
    """Word and draw a `HumanMachine`; ``code`` is the class that figures of single readers are drawn for."""
    main = result.target(MALIGNANCY)
    column = group_by or next((m.kind for m in main.means if m.kind in ("experience_group", "profession")), None)
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(result),
        methods=_methods(result),
        tables=tuple(result_tables(result, code)),
        figures=tuple(_figures(result, code, column)),
        warnings=_warnings(result),
        exploratory=exploratory,
        references=REFERENCES,
    )


def _summary(result: HumanMachine) -> tuple[str, ...]:
    main = result.target(MALIGNANCY)
    compared = (
        f"{result.model} and {counted(result.readers, 'reader')} were compared on "
        f"{counted(result.cases, 'case')} ({main.positives:,} malignant, {main.negatives:,} benign; "
        f"{counted(result.readings, 'reading')} without assistance)."
    )
    everyone = main.mean(ALL)
    if main.curve is None or everyone is None:
        return (compared, f"Readers cannot be placed beside a curve for malignancy: {main.reason}.")
    at_specificity = difference_from(everyone, SENSITIVITY_AT_SPECIFICITY)
    at_sensitivity = difference_from(everyone, SPECIFICITY_AT_SENSITIVITY)
    auc = main.auc.estimate
    sentences = [
        f"At the readers' mean specificity of {percent(everyone.mean.specificity.value)} the model's sensitivity for "
        f"malignancy was {percent(at_specificity.model)} against {percent(at_specificity.readers)}: "
        f"{points(at_specificity.difference, at_specificity.low, at_specificity.high)}. At their mean sensitivity its "
        f"specificity was {percent(at_sensitivity.model)} against {percent(at_sensitivity.readers)}: "
        f"{points(at_sensitivity.difference, at_sensitivity.low, at_sensitivity.high)}.",
        compared,
        f"The model's area under the curve for malignancy was {number_interval(auc.value, *ends(auc))}."
        + _area_sentence(everyone),
        f"Of {counted(main.placed, 'reader')} that could be placed, {main.nominally_above:,} had a point above "
        "the model's curve on the cases they read. "
        + (
            f"The interval of the distance excluded zero for {main.count(ABOVE):,} above and {main.count(BELOW):,} "
            f"below the curve; {main.count(UNDECIDED):,} could not be told apart from it with certainty."
            if result.replicates
            else f"How sure that is was not computed: {NO_DRAWS}."
        ),
    ]
    aided = main.mean(AIDED)
    if aided is not None:
        change = difference_from(aided, SENSITIVITY_AT_SPECIFICITY)
        sentences.append(
            f"With assistance the readers' mean sensitivity was {estimated_percent(aided.mean.sensitivity)} and their "
            f"mean specificity {estimated_percent(aided.mean.specificity)}; at that specificity the model minus the "
            f"assisted readers was {points(change.difference, change.low, change.high)} of sensitivity."
        )
    return tuple(sentences)


def _area_sentence(mean: MeanPosition) -> str:
    if mean.area is None or mean.area.difference is None:
        return ""
    found = mean.area
    return (
        f" On the cases each reader read it was {number(found.model)} on average, the readers' own empirical area "
        f"{number(found.readers)}: difference {area_text(found)}."
    )


def _methods(result: HumanMachine) -> tuple[str, ...]:
    main = result.target(MALIGNANCY)
    fewer = f" ({result.replicates // CLASS_SHARE:,} for single classes)" if len(result.targets) > 1 else ""
    rated = sum(r.area.from_ratings for r in main.readers)
    texts = [
        "Answers without assistance were compared with the model's scores of the same cases, as in Figure 3 of Han et "
        "al. (2018). A reader's diagnosis counted as a call of its class, and of malignancy where its class is "
        "malignant; sensitivity and specificity of these calls are the operating point. The mean reader is the mean of "
        "the readers' sensitivities and of their specificities, every reader counting alike. Of a case read several "
        "times the first answer counted.",
        "The model's ROC curve is the empirical step function of its probability of the class (of malignancy: the sum "
        "over malignant classes) and was not interpolated: at a reader's specificity the model has the greatest "
        "sensitivity among its thresholds of at least that specificity, and likewise at the reader's sensitivity; "
        "where cases are few this favours the readers. Each reader was compared with the curve of the cases they read; "
        "in comparisons with a mean of readers each case was weighted by its share in that mean. Differences are model "
        "minus readers.",
        "Distances and means of readers have no intervals, and no reader was called above or below the curve: "
        f"{NO_DRAWS}."
        if not result.replicates
        else f"Intervals ({level(result.confidence)}) of a single reader's distance come from "
        f"{counted(result.replicates, 'bootstrap draw')} of the reader's cases{fewer}: the wider of percentiles and of "
        "the t distribution with the draws' standard error, since the curve moves in steps of one case; "
        f"{LEAST_ONE} cases of the side whose rate is matched are needed for one, and a third of the others. Those of "
        f"means of readers come from a two-way bootstrap that draws readers and cases (seed {result.seed}), with the t "
        "distribution (readers, positive or negative cases, whichever are fewest, - 1 degrees of freedom), from "
        f"{LEAST_MATCHED} matched cases on. Cases were drawn in "
        f"{counted(result.groups, 'group')}: "
        + (
            "images of one patient, else of one lesion, together."
            if result.groups < result.cases
            else "no two cases were known to share a patient or lesion, so each stands alone."
        )
        + " A reader was called above or below the curve where the interval of the difference in sensitivity at the "
        "reader's specificity excluded zero. These intervals hold one by one and were not adjusted for the number of "
        f"readers: were all of them on the curve, up to {level(1 - result.confidence)} would still be called "
        "above or below it by chance, fewer where cases are few. No p values were computed.",
        f"A reader's empirical area is that under the ROC curve of the malignancy ratings ({rated:,} of "
        f"{counted(len(main.readers), 'reader')}), otherwise under the one point of the calls joined to the corners, "
        "which is (sensitivity + specificity) / 2 and smaller than the area under a full curve. Intervals of areas and "
        "of paired differences on the same cases use the variance of DeLong et al. (1988), between groups of cases "
        "after Obuchowski (1997); single areas on the log odds. The interval of the model's own area is "
        f"{'that of the bootstrap' if result.replicates else 'likewise'}. {AREA_RULE}",
    ]
    if main.mean(AIDED) is not None:
        texts.append(
            "Answers with assistance were placed beside the same curve. Arrows join a reader's points on the cases "
            "read both without and with assistance."
        )
    return tuple(texts)


def _figures(result: HumanMachine, code: str, column: str | None) -> list[ResultFigure]:
    target = result.target(code)
    figures = [
        ResultFigure(
            "readers-and-curve",
            f"Readers beside the model's curve, {target.name.lower()}",
            lambda theme: readers_beside_curve_figure(result, code, group_by=column, theme=theme),
            "Each point is a reader without assistance; large marks are the means of groups, the cross that of all. A "
            "point above the curve is a reader who was more sensitive than the model at the same specificity.",
        ),
        ResultFigure(
            "distance",
            f"Distance of each reader to the curve, {target.name.lower()}",
            lambda theme: distance_figure(result, code, theme=theme),
            "To the left of zero the reader was more sensitive than the model at the same specificity. Bars are "
            "intervals over the cases of the reader.",
        ),
    ]
    if target.mean(AIDED) is not None:
        figures.append(
            ResultFigure(
                "change",
                f"Before and after assistance, {target.name.lower()}",
                lambda theme: change_beside_curve_figure(result, code, theme=theme),
                "An arrow leads from a reader's point without assistance to that with it, on the same cases.",
            )
        )
    if len(result.targets) > 1:
        figures.append(
            ResultFigure(
                "classes",
                "Every class against the rest",
                lambda theme: class_panels_figure(result, theme=theme),
                "In brackets the number of cases of the class. Classes without a case are not drawn.",
            )
        )
    return figures


def _warnings(result: HumanMachine) -> tuple[str, ...]:
    warnings = list(result.warnings)
    if result.simulated:
        warnings.insert(0, SIMULATED)
    main = result.target(MALIGNANCY)
    if result.readers < SMALL_READERS:
        warnings.append(f"Only {counted(result.readers, 'reader')}: intervals over readers are rough.")
    if small := [
        mean_name(m)
        for m in main.means
        if m.kind != ALL and not (m.kind == AIDED and m.name == ALL)
        if m.readers < SMALL_READERS or m.cases < SMALL_CASES
    ]:
        warnings.append(
            f"Small groups (under {SMALL_READERS} readers or {SMALL_CASES} cases), not to conclude from: "
            f"{'; '.join(small)}."
        )
    if few := [t.name for t in result.targets if 0 < t.positives < SMALL_CASES]:
        warnings.append(f"Fewer than {SMALL_CASES} cases: {', '.join(few)}.")
    thin = sum(min(r.positives, r.negatives) < SMALL_CASES for r in main.readers)
    if thin:
        warnings.append(
            f"{counted(thin, 'reader')} read fewer than {SMALL_CASES} malignant or benign cases: a place above "
            "or below the curve says little of them."
        )
    for reason, n in result.left_out.items():
        warnings.append(f"Left out: {n:,} {LEFT_OUT.get(reason, reason)}.")
    return tuple(warnings)
