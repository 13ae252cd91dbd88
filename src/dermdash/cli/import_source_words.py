"""What `dermdash import auto` says of a source before it imports it, and writes of what it cannot use."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dermdash.cli.console import print_json, tell
from dermdash.dataset.formats.registry import FORMATS
from dermdash.wording import counted

if TYPE_CHECKING:
    from dermdash.dataset.formats.mapped_source import CellProblem
    from dermdash.workflows.dataset.import_source import PreparedImport

_SHOWN = 8
_IN_JSON = 1000


def write_problems(path: Path, problems: "Sequence[CellProblem]") -> None:
    """Write every cell that a mapping cannot use to a CSV file."""
    import pandas as pd

    from dermdash.records.safe_csv import to_safe_csv
    from dermdash.workflows.write_output import write_output

    columns = ["table", "row", "column", "value", "why"]
    write_output(path, to_safe_csv(pd.DataFrame([asdict(p) for p in problems], columns=columns)))


def write_left_out(path: Path, prepared: "PreparedImport") -> None:
    """Write what would be left out, and what is noted, to a CSV file."""
    from dermdash.records.safe_csv import to_safe_csv
    from dermdash.workflows.dataset.import_log import left_out_of
    from dermdash.workflows.write_output import write_output

    write_output(path, to_safe_csv(left_out_of(prepared.table, prepared.missing)))


def show_prepared(prepared: "PreparedImport", as_json: bool, problems: "Sequence[CellProblem] | None" = None) -> None:
    """Say what was recognised and what an import would do."""
    summary = prepared.summary
    if as_json:
        said: dict[str, object] = {}
        if problems is not None:
            said = {"problem_count": len(problems), "problems": [asdict(p) for p in problems[:_IN_JSON]]}
        print_json(summary.to_json() | said)
        return
    from dermdash.workflows.dataset.import_log import reason_words

    tell(f"Recognised as {summary.title} ({summary.format}): {', '.join(summary.files) or 'a list of duplicates'}")
    for key, files in summary.also.items():
        tell(f"  also there: {FORMATS[key].title} ({key}): {', '.join(files)}")
    tell(f"  {'rows':<15}  {summary.rows:>8,}")
    if summary.images != summary.with_record:
        tell(f"  {'images':<15}  {summary.images:>8,}")
    tell(f"  {'with a label':<15}  {summary.with_label:>8,}  {summary.with_class:,} in a class of {summary.taxonomy}")
    for left_out, words in ((summary.excluded, "rows left out"), (summary.excluded_images, "images left out")):
        for reason, count in left_out.items():
            tell(f"  {words:<15}  {count:>8,}  {reason_words(reason)}")
    if summary.pairs:
        tell(f"  {'known pairs':<15}  {summary.pairs:>8,}")
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
