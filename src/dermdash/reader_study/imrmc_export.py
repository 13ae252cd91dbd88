"""The .imrmc file of FDA's iMRMC, written: truth, then every rating by reader, case and modality.

`dermdash.readings.formats.imrmc` reads it.
"""

from __future__ import annotations

from dermdash.errors import InvalidInput
from dermdash.readings.first_readings import first_of
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.safe_csv import escape_cell
from dermdash.wording import counted, form

UNAIDED = "unaided"
_TRUTH = "-1"


def to_imrmc(table: ReadingsTable) -> bytes:
    """Write the ratings of a table of readings.

    A modality is what was shown; the answer before it is of the modality ``unaided``. The rating is the malignancy
    rating of the table: what readers rated, else the confidence of their answer with the sign of its side. The first
    reading of a reader, case and modality counts; what is left out is said above the data.

    Raises
    ------
    InvalidInput
        No rating, or no case with a truth, is there: the file would hold nothing.
    """
    rows = table.frame.assign(shown=table.frame["modality"].where(table.frame["phase"] == Phase.AIDED.value, UNAIDED))
    known = rows["malignancy_rating"].notna() & rows["truth_malignant"].notna()
    kept, again = first_of(rows[known], ["reader", "case", "shown"])
    if kept.empty:
        raise InvalidInput(
            f"{table.source} has no rating of malignancy of a case whose truth is malignant or benign: .imrmc holds "
            "nothing else. Export the readings instead"
        )
    kept = kept.sort_values(["reader", "shown", "case"], kind="stable")
    truth = kept.drop_duplicates("case").sort_values("case")
    lines = [
        f"{_cell(table.source)} (dermdash)",
        f"N0: {int((~truth['truth_malignant'].astype(bool)).sum())}",
        f"N1: {int(truth['truth_malignant'].astype(bool).sum())}",
        f"NR: {kept['reader'].nunique()}",
        f"NM: {kept['shown'].nunique()}",
        *_left_out(int((~known).sum()), again),
        "BEGIN DATA:",
        *(
            _line(_TRUTH, case, "truth", int(m))
            for case, m in zip(truth["case"], truth["truth_malignant"], strict=True)
        ),
        *(
            _line(reader, case, shown, repr(float(rating)))
            for reader, case, shown, rating in zip(
                *(kept[name] for name in ("reader", "case", "shown", "malignancy_rating")), strict=True
            )
        ),
    ]
    return ("\n".join(lines) + "\n").encode()


def _left_out(unknown: int, again: int) -> list[str]:
    said = []
    if unknown:
        said.append(
            f"Left out: {counted(unknown, 'reading')} without a rating, or of a case that is neither malignant nor "
            "benign"
        )
    if again:
        said.append(f"Left out: {counted(again, 'reading')} that {form(again, 'repeats', 'repeat')} an earlier one")
    return said


def _line(*cells: object) -> str:
    return ",".join(_cell(cell) for cell in cells)


def _cell(value: object) -> str:
    text = str(value) if str(value) == _TRUTH else str(escape_cell(str(value)))
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(c in text for c in ',;"\t') else text
