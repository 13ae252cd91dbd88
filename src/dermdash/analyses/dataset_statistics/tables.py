"""Tables 2 to 5 of the methodology for clinically verified dermatoscopic data sets, and two beyond them.

Heads, rows, their order and the number of decimals are those of the paper; how many records each holds is added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.analyses.columns import Column, csv_only, table_of
from dermdash.analyses.section import ResultTable
from dermdash.records.completeness import FieldCompleteness
from dermdash.records.dataset_statistics import CategoryCount, DatasetStatistics
from dermdash.records.fields import Block
from dermdash.records.verification_stage import VerificationStage
from dermdash.wording import counted, number, percent_alone, plain_number

_Columns = tuple[Column[Any], ...]
EM_DASH = "\N{EM DASH}"
OF_A_PART = "not known of a part of a data set"
_NO_STAGE = "No stage"
_REASON_WORDS = {"no_image_file": "without an image file"}


def statistics_tables(found: DatasetStatistics) -> tuple[ResultTable, ...]:
    """Every table, in the order of the paper."""
    return (
        blocks_table(found), fields_table(found), stages_table(found), categories_table(found), summary_table(found),
        stage_by_class_table(found),
    )  # fmt: skip


def blocks_table(found: DatasetStatistics) -> ResultTable:
    """Table 2: the blocks of the information model."""
    columns: _Columns = (
        Column("Block", "block", lambda row: str(row.block)),
        Column("Fields", "fields", lambda row: _names(row.fields)),
        Column("Purpose", "purpose", lambda row: row.block.purpose),
        Column("Filled, %", "filled_share", _filled_share, percent_alone),
    )
    return table_of(
        "table-2-information-model", "Information model of the metadata", columns, found.completeness.blocks,
        "Filled: mean over the fields of the block of the share of records that hold something.",
    )  # fmt: skip


def _names(fields: tuple[FieldCompleteness, ...]) -> str:
    return ", ".join(field.field.name for field in fields)


def _filled_share(block: Any) -> float | None:
    shares = [field.filled / field.records for field in block.fields if field.records]
    return sum(shares) / len(shares) if shares else None


def fields_table(found: DatasetStatistics) -> ResultTable:
    """Of every field of the model how many records hold it."""
    columns: _Columns = (
        Column("Block", "block", lambda row: str(row[0])),
        Column("Field", "field", lambda row: row[1].field.name),
        Column("Filled", "filled", lambda row: row[1].filled, lambda n: number(n, 0)),
        Column("Filled, %", "filled_share", lambda row: _share(row[1].filled, row[1].records), percent_alone),
        Column("Not expected", "not_expected", lambda row: row[1].not_expected, lambda n: number(n, 0)),
        Column("Complete, %", "complete_share", lambda row: row[1].share, percent_alone),
    )
    rows: list[tuple[Block, FieldCompleteness]] = [
        (block.block, field) for block in found.completeness.blocks for field in block.fields
    ]
    return table_of(
        "fields-filled", "Fields of the information model", columns, rows,
        "Complete counts a histopathology result as no gap in benign lesions below stage 3.",
    )  # fmt: skip


def stages_table(found: DatasetStatistics) -> ResultTable:
    """Table 3: the stages of verification, with how many images stand at each."""
    columns: _Columns = (
        Column("Stage", "stage", lambda s: s.described[0]),
        Column("Content", "content", lambda s: s.described[1]),
        Column("Result", "result", lambda s: s.described[2]),
        Column("Images", "images", lambda s: found.stages.get(int(s), 0), lambda n: number(n, 0)),
    )
    without = found.stages.get(None, 0)
    note = " ".join(
        filter(None, [f"{counted(without, 'image')} at no stage." if without else "", claimed_words(found)])
    )
    return table_of("table-3-verification", "Stages of verification", columns, VerificationStage, note)


def claimed_words(found: DatasetStatistics) -> str:
    """How many images stand at their stage only because their source says so; empty where none does."""
    said = [f"{number(n, 0)} of stage {stage}" for stage, n in found.stages_claimed.items() if stage is not None and n]
    return f"As the source claims, not as reached here: {', '.join(said)}." if said else ""


def categories_table(found: DatasetStatistics) -> ResultTable:
    """Table 4: nosological categories, with a line for all."""
    undiagnosed = [("No diagnosis", found.undiagnosed, None)] if found.undiagnosed else []
    rows: list[tuple[str, int, CategoryCount | None]] = [(c.name, c.n, c) for c in found.categories]
    rows += [*undiagnosed, ("Total", found.records, None)]

    def of_class(attribute: str) -> Any:
        return lambda row: EM_DASH if row[2] is None else str(getattr(row[2], attribute)).capitalize()

    columns: _Columns = (
        Column("Nosological category", "category", lambda row: row[0]),
        *csv_only("code", of=lambda row: row[2] or _NO_CLASS),
        Column("N", "n", lambda row: row[1], str),
        Column("Share, %", "share", lambda row: _share(row[1], found.records), percent_alone),
        Column("Origin", "origin", of_class("origin")),
        Column("Clinical status", "status", of_class("status")),
    )
    return table_of("table-4-categories", "Nosological categories", columns, rows)


@dataclass(frozen=True, slots=True)
class _NoClass:
    code: str = ""


_NO_CLASS = _NoClass()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of Table 5: what it says, its key and numbers for the CSV, and the numbers in words."""

    title: str
    key: str
    values: Mapping[str, float | None]
    shown: str


def indicators(found: DatasetStatistics) -> tuple[Indicator, ...]:
    """The lines of Table 5: those of the paper in its order, then what else was excluded."""
    x, per = found.exclusions, found.images_per_patient
    part = OF_A_PART if x is None else None
    stage = {s: found.stages.get(int(s), 0) for s in VerificationStage}
    lines = [
        _line("Excluded at SOP stage by image_quality_score", "excluded_at_acquisition",
              None if x is None else x.rejected_at_acquisition, part),
        _line("Initial records (after SOP quality control)", "initial_records", found.initial_records, part),
        _line("Excluded duplicates (by cryptographic hash)", "excluded_duplicates",
              None if x is None else x.duplicates, part),
        Indicator("Proportion of excluded duplicates, %", "duplicate_share", {"duplicate_share": found.duplicate_share},
                  part or percent_alone(found.duplicate_share)),
        _line("Unique images", "images", found.images),
        _line("Patients with images", "patients", found.patients if found.patients else None, "not known"),
        Indicator(
            "Min / median / mean / max images per patient", "images_per_patient",
            {"min": per.minimum, "median": per.median, "mean": per.mean, "max": per.maximum},
            f"{per.minimum} / {plain_number(per.median, 1)} / {number(per.mean, 2)} / {per.maximum}" if per.n
            else "not known",
        ),
        _line("Diagnostic categories", "categories", len(found.categories)),
        _line("Fields in the metadata information model", "fields", found.fields),
        _line("Images with verification_stage (consensus)", "stage_2", stage[VerificationStage.CONSENSUS]),
        _line("Images with verification_stage (histology)", "stage_3", stage[VerificationStage.HISTOLOGY]),
        Indicator(
            "Proportion of histologically verified of all malignant, %", "verified_share",
            {"verified_share": found.verified_share},
            "no malignant image" if found.verified_share is None else percent_alone(found.verified_share),
        ),
    ]  # fmt: skip
    return (*lines, *_beyond(found))


def _beyond(found: DatasetStatistics) -> list[Indicator]:
    """Lines that the paper has no need of: only where there is something to say."""
    more = [
        ("Records", "records", found.records if found.records != found.images else 0),
        ("Images with verification_stage (initial annotation)", "stage_1", found.stages.get(1, 0)),
        ("Images without verification_stage", "stage_none", found.stages.get(None, 0)),
        ("Images of no named patient", "without_patient", found.without_patient if found.patients else 0),
        ("Images without a diagnosis", "undiagnosed", found.undiagnosed),
    ]
    if found.exclusions is not None:
        more += [
            (f"Excluded at import: {_REASON_WORDS.get(reason, reason.replace('_', ' '))}", f"excluded_{reason}", n)
            for reason, n in found.exclusions.by_reason.items()
            if reason != "duplicate_content"
        ]
    return [_line(title, key, n) for title, key, n in more if n]


def _line(title: str, key: str, value: int | None, missing: str | None = None) -> Indicator:
    return Indicator(title, key, {key: value}, missing or "" if value is None else number(value, 0))


def summary_table(found: DatasetStatistics) -> ResultTable:
    """Table 5: the data set in twelve lines."""
    columns: _Columns = (
        Column("Indicator", "", lambda row: row.title),
        Column("Value", "", lambda row: row.shown),
    )
    lines = indicators(found)
    shown = table_of("table-5-summary", "Summary of the data set", columns, lines, claimed_words(found))
    numbers = [
        {"indicator": line.key, "value": key if len(line.values) > 1 else "", "number": value}
        for line in lines
        for key, value in line.values.items()
    ]
    return _with_numbers(shown, numbers)


def _with_numbers(table: ResultTable, numbers: list[dict[str, Any]]) -> ResultTable:
    return ResultTable(
        table.name,
        table.title,
        pd.DataFrame(numbers, columns=["indicator", "value", "number"], dtype=object),
        table.shown,
        table.note,
    )


def stage_by_class_table(found: DatasetStatistics) -> ResultTable:
    """How many images of each category stand at each stage."""
    rows = [(c.name, c.stages, c.n) for c in found.categories]
    if found.undiagnosed:
        rows.append(("No diagnosis", found.undiagnosed_stages, found.undiagnosed))
    stages: list[tuple[str, str, int | None]] = [(s.title, f"stage_{s}", int(s)) for s in VerificationStage]
    if None in found.stages:
        stages.append((_NO_STAGE, "stage_none", None))

    def at(stage: int | None) -> Any:
        return lambda row: row[1].get(stage, 0)

    columns: _Columns = (
        Column("Nosological category", "category", lambda row: row[0]),
        *(Column(title, key, at(stage), lambda n: number(n, 0)) for title, key, stage in stages),
        Column("Images", "n", lambda row: row[2], lambda n: number(n, 0)),
    )
    return table_of("stage-by-class", "Verification by category", columns, rows)


def _share(n: int, of: int) -> float | None:
    return n / of if of else None
