"""What `dermdash import auto` says of a source before it imports it, and writes of what it cannot use."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dermdash.cli.console import tell
from dermdash.cli.import_options import ImportWish
from dermdash.dataset.formats.registry import FORMATS
from dermdash.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from dermdash.dataset.formats.mapped_source import CellProblem
    from dermdash.workflows.dataset.import_report import ImportReport
    from dermdash.workflows.dataset.import_source import PreparedImport

_SHOWN = 8
_IN_JSON = 1000


def write_problems(path: Path, problems: "Sequence[CellProblem]") -> None:
    """Write every cell that a mapping cannot use to a CSV file."""
    import pandas as pd

    columns = ["table", "row", "column", "value", "why"]
    _write(path, pd.DataFrame([asdict(p) for p in problems], columns=columns))


def write_left_out(path: Path, prepared: "PreparedImport") -> None:
    """Write what would be left out, and what is noted, to a CSV file."""
    from dermdash.workflows.dataset.import_log import left_out_of

    _write(path, left_out_of(prepared.table, prepared.matched))


def write_changes(path: Path, foreseen: "ImportReport | None") -> None:
    """Write what rows say otherwise than the records that are there to a CSV file; nothing is, without a workspace."""
    from dermdash.workflows.dataset.import_log import changes_by, no_changes

    _write(path, no_changes() if foreseen is None else changes_by(foreseen))


def write_lists(report: "ImportReport", wish: ImportWish) -> None:
    """Write the lists that were asked for of what an import left out and found changed."""
    from dermdash.workflows.dataset.import_log import left_out_by

    if wish.exclusions is not None:
        _write(wish.exclusions, left_out_by(report))
    if wish.changes is not None:
        write_changes(wish.changes, report)


def _write(path: Path, table: "pd.DataFrame") -> None:
    from dermdash.records.safe_csv import to_safe_csv
    from dermdash.workflows.write_output import write_output

    write_output(path, to_safe_csv(table))


def prepared_json(
    prepared: "PreparedImport", foreseen: "ImportReport | None", problems: "Sequence[CellProblem] | None" = None
) -> dict[str, object]:
    """What was recognised and what an import would do, for machines."""
    said: dict[str, object] = {"already_present": 0, "changed": 0, "changes": []}
    if foreseen is not None:
        said = {"already_present": foreseen.already_present, "changed": foreseen.changed}
        said["changes"] = [change.to_json() for change in foreseen.changes[:_IN_JSON]]
    if problems is not None:
        said |= {"problem_count": len(problems), "problems": [asdict(p) for p in problems[:_IN_JSON]]}
    return prepared.summary.to_json() | said


def show_prepared(
    prepared: "PreparedImport",
    problems: "Sequence[CellProblem] | None" = None,
    foreseen: "ImportReport | None" = None,
) -> None:
    """Say what was recognised and what an import would do."""
    summary = prepared.summary
    from dermdash.workflows.dataset.import_log import difference_words, reason_words

    tell(f"Recognised as {summary.title} ({summary.format}): {', '.join(summary.files) or 'a list of duplicates'}")
    for key, files in summary.also.items():
        tell(f"  also there: {FORMATS[key].title} ({key}): {', '.join(files)}")
    tell(f"  {'rows':<15}  {summary.rows:>8,}")
    if summary.images != summary.with_record:
        tell(f"  {'images':<15}  {summary.images:>8,}")
    tell(f"  {'with a label':<15}  {summary.with_label:>8,}  {summary.with_class:,} in a class of {summary.taxonomy}")
    if foreseen is not None:
        for words, count in (("already present", foreseen.already_present), ("changed", foreseen.changed)):
            if count:
                tell(f"  {words:<15}  {count:>8,}")
        for difference in foreseen.changes[:_SHOWN]:
            tell(f"  differs: {difference_words(difference)}")
        if len(foreseen.changes) > _SHOWN:
            tell(f"  and {counted(len(foreseen.changes) - _SHOWN, 'more difference')}; --changes FILE.csv lists all")
    for left_out, words in ((summary.excluded, "rows left out"), (summary.excluded_images, "images left out")):
        for reason, count in left_out.items():
            tell(f"  {words:<15}  {count:>8,}  {reason_words(reason)}")
    if summary.pairs:
        tell(f"  {'known pairs':<15}  {summary.pairs:>8,}")
    if summary.outlines:
        tell(f"  {'outlines':<15}  {summary.outlines:>8,}  of lesions, which become masks")
    if summary.fields:
        tell("  fields: " + ", ".join(f"{name} {n:,}" for name, n in summary.fields.items()))
    if summary.further:
        tell("  kept as text: " + _some(summary.further))
    for note in summary.notes[:_SHOWN]:
        tell(f"  note: {note}")
    if len(summary.notes) > _SHOWN:
        tell(f"  and {counted(len(summary.notes) - _SHOWN, 'more note')}")
    if problems is not None:
        for problem in problems[:_SHOWN]:
            tell(f"  problem: {problem}")
        if len(problems) > _SHOWN:
            tell(f"  and {counted(len(problems) - _SHOWN, 'more problem')}; --problems FILE.csv lists all")
    elif summary.value_notes:
        tell(f"  {counted(summary.value_notes, 'value')} could not be used; the import lists each")
    for name, why in summary.not_used[:_SHOWN]:
        tell(f"  not used: {name} ({why})")
    if summary.lacks:
        tell(f"  lacks: {', '.join(summary.lacks)}; without it nothing can be imported")
    if summary.caution:
        tell(f"  {summary.caution}")


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
