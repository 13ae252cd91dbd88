"""The tables of agreement on labels, with numbers and in words."""

from collections.abc import Callable, Sequence
from typing import Any

from dermdash.analyses.agreement.intra_reader import ReaderRepeats
from dermdash.analyses.agreement.tables import value_text
from dermdash.analyses.columns import Column, csv_only, parts_of, share_column, shown_table, table_of
from dermdash.analyses.label_agreement.results import (
    LabelAgreement,
    LabelPart,
    ReviewerPair,
    ReviewerQuality,
    StructureOverlap,
)
from dermdash.analyses.section import ResultTable
from dermdash.analysis.agreement.coefficients import LABELS, Coefficient
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.wording import CI, estimated_number, estimated_percent, number

_TITLES = {spec.name: spec.title for spec in FIELDS}
_FIGURES = parts_of({"estimate": "value", "low": "low", "high": "high", "se": "se"})


def label_tables(result: LabelAgreement) -> tuple[ResultTable, ...]:
    """Every table of a `LabelAgreement`."""
    tables = [_part_table("label-agreement", "Agreement on the diagnosis", (result.overall,), "")]
    for name, title, parts, head in (
        ("label-agreement-by-class", "By diagnosis: this one, or another", result.by_class, "Diagnosis"),
        ("label-agreement-by-field", "By field", result.by_field, "Field"),
        ("label-agreement-by-structure", "By structure and colour: seen, or not", result.by_structure, "Structure"),
        ("label-agreement-by-month", "By month", result.by_month, "Month"),
    ):
        if parts:
            tables.append(_part_table(name, title, parts, head))
    if result.pairs:
        tables.append(_pair_table(result))
    if result.confusion.any():
        tables.append(_confusion_table(result))
    if result.overlaps:
        tables.append(_overlap_table(result))
    if result.intra is not None:
        tables.append(_intra_table(result))
    tables.append(_reviewer_table(result))
    return tuple(tables)


def part_name(part: LabelPart) -> str:
    """What the agreement is on, in words."""
    if part.kind == "class":
        return diagnosis_name(part.value)
    if part.kind == "structure":
        field, _, choice = part.value.partition(":")
        words = choice.replace("_", " ")
        return words.capitalize() if field == "dermoscopic_structures" else f"Colour: {words}"
    return _TITLES.get(part.value, part.value) if part.kind == "field" else part.value


def _part_table(name: str, title: str, parts: Sequence[LabelPart], head: str) -> ResultTable:
    rows = [(part, found) for part in parts for found in part.coefficients]
    columns: list[Column[tuple[LabelPart, Coefficient]]] = [
        Column(head, "", lambda row: part_name(row[0])),
        Column("", "part", lambda row: row[0].kind),
        Column("", "value", lambda row: row[0].value),
        Column("Coefficient", "statistic", lambda row: row[1].statistic, LABELS.__getitem__),
        Column("Reviewers", "n_reviewers", lambda row: row[0].reviewers),
        Column("Records", "n_records", lambda row: row[0].records),
        Column("Answers", "n_answers", lambda row: row[0].answers),
        Column(f"Agreement ({CI})", "estimate", lambda row: row[1], value_text, _FIGURES, interval=True),
        Column("Remark", "reason", lambda row: row[1].reason or ""),
    ]
    note = "Intervals: t distribution with the standard error of draws of records with replacement."
    return table_of(name, title, columns, rows, note)


def _pair_table(result: LabelAgreement) -> ResultTable:
    def name(reviewer: str) -> str:
        return result.names.get(reviewer, reviewer)

    columns: list[Column[ReviewerPair]] = [
        Column("Reviewers", "", lambda row: f"{name(row.first)} and {name(row.second)}"),
        *csv_only("first", "second"),
        Column("Records in common", "n_records", lambda row: row.records),
        share_column(f"Same diagnosis ({CI})", "percent", lambda row: row.same),
        Column("Cohen's kappa", "kappa", lambda row: row.kappa.value, lambda kappa: number(kappa, 2)),
        Column("Standard error", "kappa_se", lambda row: row.kappa.se, lambda se: number(se, 2)),
        Column("Remark", "reason", lambda row: row.kappa.reason or ""),
    ]
    return table_of("label-agreement-pairs", "Pairs of reviewers", columns, result.pairs)


def _confusion_table(result: LabelAgreement) -> ResultTable:
    used = [k for k in range(len(result.classes)) if result.confusion[k].any()]

    def count_of(column: int) -> Callable[[int], int]:
        return lambda row: int(result.confusion[row, column])

    columns: list[Column[int]] = [
        Column("One reviewer said", "", lambda row: diagnosis_name(result.classes[row])),
        *(Column(result.classes[k], "", count_of(k)) for k in used),
    ]
    numbers = [
        {"said": result.classes[i], "other_said": result.classes[j], "pairs": int(result.confusion[i, j])}
        for i in used
        for j in used
    ]
    return shown_table(
        "label-agreement-confusion",
        "What another reviewer said of the same record",
        columns,
        used,
        numbers,
        "Every pair of reviewers of a record counts both ways, so that the table is alike across its diagonal.",
    )


def _overlap_table(result: LabelAgreement) -> ResultTable:
    def mean_of(name: str, head: str) -> Column[StructureOverlap]:
        parts = parts_of({name: "value", f"{name}_low": "low", f"{name}_high": "high"})
        return Column(f"{head} ({CI})", name, None, estimated_number, parts, interval=True)

    columns: list[Column[StructureOverlap]] = [
        Column("Structure", "structure", None, lambda text: text.replace("_", " ").capitalize()),
        Column("Records", "n_records", lambda row: row.records),
        Column("Pairs of reviewers", "n_pairs", lambda row: row.pairs),
        Column("Both marked it", "n_both", lambda row: row.both),
        mean_of("iou", "Intersection over union"),
        mean_of("dice", "Dice"),
        Column("Remark", "reason", lambda row: row.iou.reason or ""),
    ]
    return table_of(
        "label-agreement-regions",
        "Overlap of marked regions",
        columns,
        result.overlaps,
        "Means over records of the pairs of whom both marked the structure; intervals from draws of records.",
    )


def _intra_table(result: LabelAgreement) -> ResultTable:
    assert result.intra is not None
    columns: list[Column[ReaderRepeats]] = [
        Column("Reviewer", "reviewer", lambda row: row.reader, lambda name: result.names.get(name, name)),
        Column("Records seen again", "pairs"),
        Column(
            f"Same diagnosis ({CI})", "percent",
            lambda row: Coefficient("percent", row.share, row.low, row.high), value_text,
            parts_of({"percent": "value", "low": "low", "high": "high"}), interval=True,
        ),
        Column("Cohen's kappa", "kappa", lambda row: row.kappa.value, lambda kappa: number(kappa, 2)),
        Column("Remark", "reason", lambda row: row.kappa.reason or ""),
    ]  # fmt: skip
    return table_of(
        "label-agreement-with-oneself",
        "Agreement of reviewers with themselves",
        columns,
        result.intra.before,
        "Records that the same reviewer was shown again without a word. Wilson interval.",
    )


def _reviewer_table(result: LabelAgreement) -> ResultTable:
    def share_of(name: str, head: str, more: dict[str, str]) -> Column[ReviewerQuality]:
        parts = parts_of({name: "value", f"{name}_low": "low", f"{name}_high": "high"} | more)
        return Column(f"{head} ({CI})", name, None, _with_reason, parts, interval=True)

    columns: list[Column[ReviewerQuality]] = [
        Column("Reviewer", "reviewer", None, lambda name: result.names.get(name, name)),
        Column("Answers", "n_answers", lambda row: row.answers),
        Column("Without a diagnosis", "n_unsure", lambda row: row.unsure),
        share_of("consensus", "As consensus", {"consensus_n": "total"}),
        share_of("histology", "As histology", {"histology_n": "total"}),
        share_of("model", "Right by the answers of all", {"model_reason": "reason"}),
    ]
    return table_of(
        "label-agreement-reviewers",
        "Each reviewer",
        columns,
        result.reviewers,
        "In the consensus the reviewer had a say themselves, and lesions with histology were excised for a reason: "
        "both shares flatter or blame. The last column knows of no truth: an error that most share looks right to it.",
    )


def _with_reason(found: Any) -> str:
    return estimated_percent(found, why=True)
