"""The tables of second opinion and triage."""

from collections.abc import Callable

from dermdash.analyses.collective.malignancy_panels import PanelRate
from dermdash.analyses.columns import Column, interval_column, share_column, shown_table, table_of
from dermdash.analyses.section import ResultTable
from dermdash.analyses.triage.rates import Pathway, RateChange
from dermdash.analyses.triage.result import TriageStudy
from dermdash.analyses.triage.simulation import CaseFlow, TriagePoint, TriageResult
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import (
    INTERVAL,
    counted,
    number,
    percent,
    points,
    threshold,
)


def change_words(change: RateChange) -> str:
    """A difference of shares with its interval, in points."""
    return points(change.value, change.low, change.high)


def pathway_table(name: str, title: str, pathways: tuple[Pathway, ...], malignant: int) -> ResultTable:
    """What each way of deciding finds and costs, the first being what the others are compared with."""

    def change(of: Callable[[Pathway], RateChange]) -> Callable[[Pathway], str]:
        return lambda p: "" if p is pathways[0] else change_words(of(p))

    columns: list[Column[Pathway]] = [
        Column("Pathway", "pathway", lambda p: p.name),
        share_column(f"Sensitivity ({INTERVAL})", "sensitivity", lambda p: p.sensitivity, why=True),
        share_column(f"Specificity ({INTERVAL})", "specificity", lambda p: p.specificity, why=True),
        share_column(f"Accuracy ({INTERVAL})", "accuracy", lambda p: p.accuracy, why=True),
        interval_column("", "sensitivity_change", points, lambda p: p.sensitivity_change),
        interval_column("", "specificity_change", points, lambda p: p.specificity_change),
        Column("Readings per case", "readings_per_case", None, lambda readings: number(readings, 2)),
        Column(
            "Malignant missed",
            "missed_malignant",
            lambda p: p.missed,
            lambda missed: f"{number(missed, 1)} of {malignant}",
        ),
        Column("Change of sensitivity", "", change(lambda p: p.sensitivity_change), interval=True),
        Column("Change of specificity", "", change(lambda p: p.specificity_change), interval=True),
        Column("", "n_malignant", lambda _: malignant),
    ]
    note = (
        f"Changes: against the first row. Missed: expected number of {counted(malignant, 'malignant case')} "
        "called benign."
    )
    return table_of(name, title, columns, pathways, note)


def flow_table(triage: TriageResult) -> ResultTable:
    """How many cases of each class nobody reads, and how many are missed."""
    final = triage.pathways[1].missed_by_class
    columns: list[Column[CaseFlow]] = [
        Column("Class", "class", lambda f: f.name, diagnosis_name),
        Column("Truth", "malignant", None, lambda malignant: "malignant" if malignant else "benign"),
        Column("Cases", "n_cases", lambda f: f.cases),
        Column("Sent away unread", "sent_away"),
        Column("Read", "read"),
        Column("Referred unread", "referred_unread", lambda f: f.referred),
        Column("", "missed_in_all", lambda f: final.get(f.name) if f.malignant else None),
        Column(
            "Missed in all (sent away or misread)",
            "",
            lambda f: number(final.get(f.name), 1) if f.malignant else "",
        ),
    ]
    return table_of("triage-by-class", "Where the cases go, by true class", columns, triage.flows)


def prevalence_table(triage: TriageResult) -> ResultTable:
    """One line in the CSV, one for each kind of patient for people."""
    at = triage.prevalence
    assert at is not None
    columns: list[Column[tuple[str, float, float]]] = [
        Column("Per 1,000 patients", "", lambda row: row[0]),
        Column("Every case read", "", lambda row: number(row[1], 1)),
        Column("Triage", "", lambda row: number(row[2], 1)),
    ]
    rows = [
        ("Readings", 1000.0, at.read),
        ("Malignant sent away unread", 0.0, at.sent_away_malignant),
        ("Malignant missed in all", at.missed_if_all_read, at.missed),
        ("Benign called malignant", at.referred_benign_if_all_read, at.referred_benign),
    ]
    title = f"In 1,000 patients, {percent(at.prevalence)} of them with a malignant lesion"
    return shown_table("triage-prevalence", title, columns, rows, [at.as_dict()])


def diagnosis_table(study: TriageStudy) -> ResultTable:
    """Right diagnoses of one reader, with the model as second reader, and of the model alone."""
    d = study.diagnosis
    assert d is not None
    columns: list[Column[tuple[str, PanelRate]]] = [
        Column("Pathway", "pathway", lambda row: row[0]),
        share_column(
            f"Correct diagnoses ({INTERVAL})", "correct", lambda row: row[1], why=True, bounds=("ci_low", "ci_high")
        ),
    ]
    rows = (("One reader", d.one_reader), ("Reader and model, another reader where they differ", d.with_model),
            ("Model alone", d.model))  # fmt: skip
    note = f"{counted(d.cases, 'case')}; the model named another class than {percent(d.disagreement)} of readings."
    return table_of("second-opinion-diagnosis", "Second opinion on the diagnosis", columns, rows, note)


def threshold_table(triage: TriageResult) -> ResultTable:
    """A few thresholds for people, all of them in the file."""
    shares = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, triage.thresholds.rule_out)
    grid = {min(triage.curve, key=lambda p, s=share: abs(p.rule_out - s)).rule_out for share in shares}  # type: ignore[misc]
    columns: list[Column[TriagePoint]] = [
        Column(
            "Rule-out threshold",
            "rule_out",
            None,
            lambda value: threshold(value) + (" (chosen)" if value == triage.thresholds.rule_out else ""),
        ),
        Column("Cases read", "share_read", lambda p: p.read, percent),
        Column("Malignant sent away", "malignant_sent_away", lambda p: p.missed),
        Column("Sensitivity", "sensitivity", None, percent),
        Column("Specificity", "specificity", None, percent),
        Column("Accuracy", "accuracy", None, percent),
    ]
    return table_of(
        "triage-thresholds",
        "Other rule-out thresholds",
        columns,
        triage.curve,
        "Thresholds tried on the same cases; one chosen from this table would look too good.",
        csv_first=("rule_out", "share_read", "sensitivity", "specificity", "accuracy"),
        shown_rows=[p for p in triage.curve if p.rule_out in grid],
    )
