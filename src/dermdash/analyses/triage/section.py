"""Second opinion and triage by the model, in words, tables and figures."""

from dermdash.analyses.bibliography import ARVESEN
from dermdash.analyses.collective.section import LINEAR, drawn
from dermdash.analyses.collective.tables import rate_words, without_interval
from dermdash.analyses.section import SIMULATED, ResultFigure, Section
from dermdash.analyses.triage.figures import triage_curve_figure, triage_flow_figure
from dermdash.analyses.triage.options import KEY, TITLE
from dermdash.analyses.triage.result import ThresholdChoice, TriageStudy
from dermdash.analyses.triage.tables import (
    change_words,
    diagnosis_table,
    flow_table,
    pathway_table,
    prevalence_table,
    threshold_table,
)
from dermdash.analyses.units import unit_text
from dermdash.analysis.bootstrap import NO_DRAWS
from dermdash.analysis.drawn_intervals import LEAST_CLUSTERS
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import (
    counted,
    form,
    left_out,
    level,
    number,
    percent,
    threshold,
)

REFERENCES = (ARVESEN,)


def triage_section(study: TriageStudy) -> Section:
    """The simulated pathways as a section of page and report."""
    triage = study.triage
    tables = [
        pathway_table("triage-pathways", "Triage by the model", triage.pathways, triage.malignant_cases),
        flow_table(triage),
    ]
    if triage.prevalence is not None:
        tables.append(prevalence_table(triage))
    if study.second is not None:
        tables.append(
            pathway_table(
                "second-opinion", "Second opinion on malignancy", study.second.pathways, study.second.malignant_cases
            )
        )
    if study.diagnosis is not None:
        tables.append(diagnosis_table(study))
    tables.append(threshold_table(triage))
    return Section(
        key=KEY,
        title=TITLE,
        summary=_summary(study),
        methods=_methods(study),
        tables=tuple(tables),
        figures=(
            ResultFigure(
                "triage-thresholds", "Over the range of thresholds", drawn(triage_curve_figure, triage),
                "Share of cases a reader sees, sensitivity and specificity; the dotted line is the chosen threshold.",
            ),
            ResultFigure("triage-flow", "Where the cases go", drawn(triage_flow_figure, triage)),
        ),
        warnings=_warnings(study),
        exploratory=study.exploratory,
        references=REFERENCES,
    )  # fmt: skip


def _summary(study: TriageStudy) -> tuple[str, ...]:
    triage = study.triage
    alone, first = triage.pathways
    missed = [
        f"{f.sent_away} of {f.cases} {diagnosis_name(f.name)}" for f in triage.flows if f.malignant and f.sent_away
    ]
    said = [
        f"With cases below {threshold(triage.thresholds.rule_out)} sent away"
        + (
            ""
            if triage.thresholds.rule_in is None
            else f" and those from {threshold(triage.thresholds.rule_in)} on referred unread"
        )
        + f", sensitivity changed by {change_words(first.sensitivity_change)} and specificity by "
        f"{change_words(first.specificity_change)} against every case being read; {rate_words(triage.saved)} of the "
        f"{counted(triage.cases, 'case')} needed no reader ({counted(triage.readers, 'reader')}, "
        f"{counted(triage.readings, 'reading')} without assistance).",
        f"Of {counted(triage.malignant_cases, 'malignant case')}, {rate_words(triage.sent_away_malignant)} were sent "
        "away" + (f" ({'; '.join(missed)})." if missed else "."),
        f"Sensitivity was {rate_words(first.sensitivity)} with the triage and {rate_words(alone.sensitivity)} when "
        f"every case was read, specificity {rate_words(first.specificity)} and {rate_words(alone.specificity)}.",
    ]
    if study.second is not None:
        two, model = study.second.pathways[1], study.second.pathways[2]
        said.append(
            f"As a second reader at {threshold(study.second.threshold)} the model disagreed with "
            f"{rate_words(study.second.disagreement)} of readings; with another reader for those, sensitivity changed "
            f"by {change_words(model.sensitivity_change)} and specificity by "
            f"{change_words(model.specificity_change)} against one reader, at {number(model.readings_per_case, 2)} "
            "readings a case. Two readers, with a third where they disagree, changed sensitivity by "
            f"{change_words(two.sensitivity_change)} and specificity by {change_words(two.specificity_change)}, at "
            f"{number(two.readings_per_case, 2)} readings a case."
        )
    if study.diagnosis is not None:
        d = study.diagnosis
        said.append(
            f"For the diagnosis, the model as second reader changed the share of correct answers by "
            f"{change_words(d.difference)}, from {rate_words(d.one_reader)} to {rate_words(d.with_model)} "
            f"({counted(d.cases, 'case')})."
        )
    return tuple(said)


def _methods(study: TriageStudy) -> tuple[str, ...]:
    how = [
        f"The malignancy probabilities were of {study.model} ({study.origin}). "
        f"{_threshold_words('Rule-out threshold', study.rule_out)} "
        + (
            "No case was referred unread. "
            if study.rule_in is None
            else f"{_threshold_words('Rule-in threshold', study.rule_in)} "
        )
        + _threshold_words("As second reader the model called malignant from", study.threshold),
        "Nobody read anything anew: pathways were composed of the logged answers without assistance. In the triage a "
        "case below the rule-out threshold was called benign, one at or above the rule-in threshold malignant, and "
        "every other was called as one of its readers did. Every reader of a case could have been the one who saw "
        "it, and figures are the mean over all of them.",
        "In the second opinion a reader and the model, or two readers, judged a case; where they disagreed, the answer "
        "of another reader of the same case counted, taken without replacement. Figures are the exact mean over "
        "all such readers; cases with fewer than three readers were left out, for the diagnosis those with fewer than "
        "two.",
        (
            f"Intervals ({level(0.95)}) are of the t distribution with the standard error of "
            f"{counted(study.replicates, 'bootstrap replicate')} that redrew readers and cases (seed {study.seed}), "
            "paired for differences, with the smaller number of readers and cases (of a side) - 1 degrees of freedom; "
            f"below {LEAST_CLUSTERS} cases none is given. {LINEAR} "
            if study.replicates
            else f"Figures of readers have no intervals: {NO_DRAWS}. "
        )
        + "Shares of cases that the "
        "model alone decides have Wilson's interval. "
        + unit_text(study.clustered, "were drawn together and counted as one case"),
        "No hypothesis was tested, and intervals were not widened for their number. Readers who know that a model has "
        "gone first may answer otherwise than they did here. " + left_out(study.excluded),
    ]
    if study.triage.prevalence is not None:
        how.append(
            f"Numbers per 1,000 patients assume that {percent(study.triage.prevalence.prevalence)} of lesions are "
            "malignant, and the same shares within malignant and benign lesions as among these cases."
        )
    return tuple(how)


def _threshold_words(what: str, choice: ThresholdChoice) -> str:
    return f"{what}: {threshold(choice.value)} ({choice.origin})."


def _warnings(study: TriageStudy) -> tuple[str, ...]:
    said = [*study.all_warnings, *study.not_computed]
    triage = study.triage
    pathways = [*triage.pathways, *(study.second.pathways if study.second else ())]
    fixed = without_interval(r.reason for p in pathways for r in (p.sensitivity, p.specificity) if r.value is not None)
    if study.replicates and fixed:
        said.append(fixed)
    if study.simulated:
        said.append(SIMULATED)
    if triage.readers < SMALL_READERS or triage.cases < SMALL_CASES:
        said.append(
            f"Small: {counted(triage.readers, 'reader')} and {counted(triage.cases, 'case')}; these figures should not "
            "be generalised."
        )
    elif triage.malignant_cases < SMALL_CASES:
        said.append(f"Only {counted(triage.malignant_cases, 'malignant case')}: what is missed is not known well.")
    if triage.cases_left_out:
        n = triage.cases_left_out
        said.append(
            f"{counted(n, 'case')} without a malignancy probability of the model {form(n, 'was', 'were')} left out."
        )
    said.append(
        f"{percent(triage.malignant_cases / triage.cases)} of these cases are malignant; where fewer are, more work is "
        "saved and fewer are missed per patient."
    )
    return tuple(said)
