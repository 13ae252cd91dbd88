"""Second opinion and triage by the model, in words, tables and figures."""

import pandas as pd

from dermdash.analyses.bibliography import ARVESEN
from dermdash.analyses.collective.section import LINEAR, drawn
from dermdash.analyses.collective.tables import rate_words, without_interval
from dermdash.analyses.section import SIMULATED, ResultFigure, ResultTable, Section
from dermdash.analyses.triage.figures import triage_curve_figure, triage_flow_figure
from dermdash.analyses.triage.options import KEY, TITLE
from dermdash.analyses.triage.rates import Change, Pathway
from dermdash.analyses.triage.result import ThresholdChoice, TriageStudy
from dermdash.analyses.triage.simulation import TriageResult
from dermdash.analyses.units import unit_text
from dermdash.analysis.bootstrap import NO_DRAWS
from dermdash.analysis.drawn_intervals import LEAST_CLUSTERS
from dermdash.readings.small_groups import SMALL_CASES, SMALL_READERS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import (
    INTERVAL,
    counted,
    form,
    left_out,
    level,
    number,
    percent,
    points,
    threshold,
)

REFERENCES = (ARVESEN,)


def triage_section(study: TriageStudy) -> Section:
    """The simulated pathways as a section of page and report."""
    triage = study.triage
    tables = [
        _pathway_table("triage-pathways", "Triage by the model", triage.pathways, triage.malignant_cases),
        _flow_table(triage),
    ]
    if triage.prevalence is not None:
        tables.append(_prevalence_table(triage))
    if study.second is not None:
        tables.append(
            _pathway_table(
                "second-opinion", "Second opinion on malignancy", study.second.pathways, study.second.malignant_cases
            )
        )
    if study.diagnosis is not None:
        tables.append(_diagnosis_table(study))
    tables.append(_threshold_table(triage))
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
        + f", sensitivity changed by {_change(first.sensitivity_change)} and specificity by "
        f"{_change(first.specificity_change)} against every case being read; {rate_words(triage.saved)} of the "
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
            f"by {_change(model.sensitivity_change)} and specificity by {_change(model.specificity_change)} against "
            f"one reader, at {number(model.readings_per_case, 2)} readings a case. Two readers, with a third where "
            f"they disagree, changed sensitivity by {_change(two.sensitivity_change)} and specificity by "
            f"{_change(two.specificity_change)}, at {number(two.readings_per_case, 2)} readings a case."
        )
    if study.diagnosis is not None:
        d = study.diagnosis
        said.append(
            f"For the diagnosis, the model as second reader changed the share of correct answers by "
            f"{_change(d.difference)}, from {rate_words(d.one_reader)} to {rate_words(d.with_model)} "
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


def _change(change: Change) -> str:
    return points(change.value, change.low, change.high)


def _pathway_table(name: str, title: str, pathways: tuple[Pathway, ...], malignant: int) -> ResultTable:
    rows = []
    for p in pathways:
        row: dict[str, object] = {"pathway": p.name}
        for key, rate in (
            ("sensitivity", p.sensitivity), ("specificity", p.specificity), ("accuracy", p.accuracy),
        ):  # fmt: skip
            row |= {key: rate.value, f"{key}_low": rate.low, f"{key}_high": rate.high}
        for key, change in (
            ("sensitivity_change", p.sensitivity_change), ("specificity_change", p.specificity_change),
        ):  # fmt: skip
            row |= {key: change.value, f"{key}_low": change.low, f"{key}_high": change.high}
        row |= {"readings_per_case": p.readings_per_case, "missed_malignant": p.missed, "n_malignant": malignant}
        rows.append(row)
    shown = [
        {
            "Pathway": p.name, f"Sensitivity ({INTERVAL})": rate_words(p.sensitivity),
            f"Specificity ({INTERVAL})": rate_words(p.specificity),
            f"Accuracy ({INTERVAL})": rate_words(p.accuracy),
            "Readings per case": number(p.readings_per_case, 2),
            "Malignant missed": f"{number(p.missed, 1)} of {malignant}",
            "Change of sensitivity": "" if not i else _change(p.sensitivity_change),
            "Change of specificity": "" if not i else _change(p.specificity_change),
        }
        for i, p in enumerate(pathways)
    ]  # fmt: skip
    return ResultTable(
        name, title, pd.DataFrame(rows), pd.DataFrame(shown),
        note=f"Changes: against the first row. Missed: expected number of {counted(malignant, 'malignant case')} "
        "called benign.",
    )  # fmt: skip


def _flow_table(triage: TriageResult) -> ResultTable:
    final = triage.pathways[1].missed_by_class
    rows = [f.as_dict() | {"missed_in_all": final.get(f.name) if f.malignant else None} for f in triage.flows]
    shown = [
        {
            "Class": diagnosis_name(f.name), "Truth": "malignant" if f.malignant else "benign", "Cases": f.cases,
            "Sent away unread": f.sent_away, "Read": f.read, "Referred unread": f.referred,
            "Missed in all (sent away or misread)": number(final.get(f.name), 1) if f.malignant else "",
        }
        for f in triage.flows
    ]  # fmt: skip
    return ResultTable("triage-by-class", "Where the cases go, by true class", pd.DataFrame(rows), pd.DataFrame(shown))


def _prevalence_table(triage: TriageResult) -> ResultTable:
    at = triage.prevalence
    assert at is not None
    shown = [
        {"Per 1,000 patients": name, "Every case read": number(alone, 1), "Triage": number(first, 1)}
        for name, alone, first in (
            ("Readings", 1000.0, at.read),
            ("Malignant sent away unread", 0.0, at.sent_away_malignant),
            ("Malignant missed in all", at.missed_if_all_read, at.missed),
            ("Benign called malignant", at.referred_benign_if_all_read, at.referred_benign),
        )
    ]
    title = f"In 1,000 patients, {percent(at.prevalence)} of them with a malignant lesion"
    return ResultTable("triage-prevalence", title, pd.DataFrame([at.as_dict()]), pd.DataFrame(shown))


def _diagnosis_table(study: TriageStudy) -> ResultTable:
    d = study.diagnosis
    assert d is not None
    kinds = (("One reader", d.one_reader), ("Reader and model, another reader where they differ", d.with_model),
             ("Model alone", d.model))  # fmt: skip
    rows = [{"pathway": n, "correct": r.value, "ci_low": r.low, "ci_high": r.high} for n, r in kinds]
    shown = [{"Pathway": n, f"Correct diagnoses ({INTERVAL})": rate_words(r)} for n, r in kinds]
    return ResultTable(
        "second-opinion-diagnosis", "Second opinion on the diagnosis", pd.DataFrame(rows), pd.DataFrame(shown),
        note=f"{counted(d.cases, 'case')}; the model named another class than {percent(d.disagreement)} of readings.",
    )  # fmt: skip


def _threshold_table(triage: TriageResult) -> ResultTable:
    """A few thresholds for people, all of them in the file."""
    shares = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, triage.thresholds.rule_out)
    grid = {min(triage.curve, key=lambda p, s=share: abs(p.rule_out - s)).rule_out for share in shares}  # type: ignore[misc]
    shown = [
        {
            "Rule-out threshold": threshold(p.rule_out) + (" (chosen)" if _is_chosen(p.rule_out, triage) else ""),
            "Cases read": percent(p.read), "Malignant sent away": p.missed,
            "Sensitivity": percent(p.sensitivity), "Specificity": percent(p.specificity),
            "Accuracy": percent(p.accuracy),
        }
        for p in triage.curve
        if p.rule_out in grid
    ]  # fmt: skip
    return ResultTable(
        "triage-thresholds", "Other rule-out thresholds", pd.DataFrame([p.as_dict() for p in triage.curve]),
        pd.DataFrame(shown), note="Thresholds tried on the same cases; one chosen from this table would look too good.",
    )  # fmt: skip


def _is_chosen(value: float, triage: TriageResult) -> bool:
    return value == triage.thresholds.rule_out
