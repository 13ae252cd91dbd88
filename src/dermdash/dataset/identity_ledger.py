"""A ledger of lesion identity as a file: which images show one lesion, who decided so, when, and on what evidence.

A table (CSV, or any other that `read_table_file` reads, or the JSON of `dermdash lesions ledger export`) with a row for
each pair of images.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.records.csv_table import clean_image_id
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.table_files import read_table_file
from dermdash.wording import counted

FORMAT = "dermdash lesion identity ledger 1"
_LONGEST = 2000
_SHOWN = 5


class PairDecision(StrEnum):
    """What a person decided about two images."""

    SAME_IMAGE = "same_image"
    SAME_LESION = "same_lesion"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A decision about two images, as a ledger says it; empty where it does not.

    ``dataset_id_1`` and ``dataset_id_2`` tell images of one name apart. ``person`` is who decided, by a pseudonym
    unless names were asked for; ``date`` when (ISO 8601); ``source`` the list or file it came from.
    """

    image_id_1: str
    image_id_2: str
    decision: str
    dataset_id_1: str = ""
    dataset_id_2: str = ""
    evidence: str = ""
    person: str = ""
    date: str = ""
    source: str = ""
    note: str = ""

    @property
    def images(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """(data set, image) of both, in one order whichever stood first."""
        one, other = sorted([(self.dataset_id_1, self.image_id_1), (self.dataset_id_2, self.image_id_2)])
        return one, other


COLUMNS = (
    "image_id_1", "dataset_id_1", "image_id_2", "dataset_id_2", "decision", "evidence", "person", "date", "source",
    "note",
)  # fmt: skip
_NEEDED = ("image_id_1", "image_id_2", "decision")


def write_ledger_csv(rows: Sequence[LedgerRow]) -> bytes:
    """The rows as CSV (UTF-8) that no spreadsheet executes."""
    return to_safe_csv(pd.DataFrame([asdict(row) for row in rows], columns=list(COLUMNS)))


def write_ledger_json(rows: Sequence[LedgerRow]) -> bytes:
    """The rows as JSON (UTF-8): the format, and a list of decisions."""
    decisions = [{name: getattr(row, name) for name in COLUMNS} for row in rows]
    return json.dumps({"format": FORMAT, "decisions": decisions}, ensure_ascii=False, indent=1).encode()


def read_ledger(source: Path | bytes, *, name: str = "") -> list[LedgerRow]:
    """Read a ledger; the same decision about a pair said twice is one row.

    Raises
    ------
    InvalidInput
        There is no such file, it is no ledger, a row cannot be used, or two rows decide differently about one pair: all
        such rows are named, and nothing of the file counts.
    """
    called = name or (source.name if isinstance(source, Path) else "the ledger")
    rows = _from_json(source, called)
    if rows is None:
        table = read_table_file(source, name=called, file_kind="ledger")
        if missing := [column for column in _NEEDED if column not in table.columns]:
            raise InvalidInput(
                f"{called} is no ledger: {', '.join(missing)} missing; expected a row for each pair with "
                f"{', '.join(_NEEDED)}. A published list of duplicates decides nothing: "
                "`dermdash import duplicates` reads it."
            )
        rows = [(row.number, row.cells, row.problem) for row in table]
    return _checked(called, rows)


_Row = tuple[int, Mapping[str, Any] | None, str]


def _from_json(source: Path | bytes, called: str) -> list[_Row] | None:
    """Rows of the JSON that an export writes; None for any other file."""
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
    except OSError as problem:
        raise InvalidInput(f"{called} cannot be read: {problem.strerror or problem}") from None
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        said = json.loads(data)
    except ValueError:
        return None  # one object a line: the reader of tables knows it
    if not isinstance(said, dict) or "decisions" not in said:
        return None
    if said.get("format") != FORMAT or not isinstance(said["decisions"], list):
        raise InvalidInput(f"{called} is a ledger of another format: expected {FORMAT!r}, found {said.get('format')!r}")
    return [
        (number, row, "") if isinstance(row, dict) else (number, None, f"decision {number} is no object")
        for number, row in enumerate(said["decisions"], start=1)
    ]


def _checked(called: str, rows: Sequence[_Row]) -> list[LedgerRow]:
    found: dict[tuple[tuple[str, str], tuple[str, str]], tuple[int, LedgerRow]] = {}
    problems: list[str] = []
    for number, cells, problem in rows:
        if cells is None:
            problems.append(problem)
            continue
        row, wrong = _row(cells)
        if row is None:
            problems.append(f"row {number}: {wrong}")
            continue
        earlier = found.setdefault(row.images, (number, row))
        if earlier[1].decision != row.decision:
            problems.append(
                f"row {number} says {row.decision} of {row.image_id_1} and {row.image_id_2}, row {earlier[0]} "
                f"{earlier[1].decision}"
            )
    if problems:
        more = f" and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        raise InvalidInput(
            f"{called}: {counted(len(problems), 'row')} cannot be used: {'; '.join(problems[:_SHOWN])}{more}. Nothing "
            "was taken from it."
        )
    return [row for _, row in found.values()]


def _row(cells: Mapping[str, Any]) -> tuple[LedgerRow | None, str]:
    said = {name: str(cells.get(name) or "").strip() for name in COLUMNS}
    for name in ("image_id_1", "image_id_2"):
        said[name] = clean_image_id(said[name])
    decision = said["decision"].lower().replace(" ", "_").replace("-", "_")
    if decision not in list(PairDecision):
        return None, f"{said['decision']!r} is no decision: expected {', '.join(PairDecision)}"
    images = {(said["dataset_id_1"], said["image_id_1"]), (said["dataset_id_2"], said["image_id_2"])}
    if not said["image_id_1"] or not said["image_id_2"] or len(images) < 2:
        return None, f"expected two different images, found {said['image_id_1']!r} and {said['image_id_2']!r}"
    if long := [name for name, value in said.items() if len(value) > _LONGEST]:
        return None, f"{long[0]} has more than {_LONGEST:,} characters"
    return LedgerRow(**(said | {"decision": decision})), ""
