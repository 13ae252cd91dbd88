"""The records of a CSV, one at a time: which sign separates cells, where a quoted cell ends, and where none does.

A cell in quotes may run over several lines, and a quote that nobody closed looks the same: it would swallow every row
up to the next quote. So a record that runs over several lines is taken for one only where its quotes stand as they
must, and where none of its lines is a row of its own.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dermdash.errors import InvalidInput
from dermdash.records.metadata_table import COMMENT, Line

FRAMED = "||"
"""Separator of tables drawn as text: it also stands at both ends of a line."""
_SEPARATORS = ",;\t|"
_SEP_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_RULE = re.compile(r"[\s|:+=-]*")
_PHYSICAL = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = "\0"
LONGEST_CELL = 1 << 24
csv.field_size_limit(LONGEST_CELL)  # 128 KiB otherwise, which a report or a list of points may have


def separator_of(header: str) -> str:
    """The sign that parts the cells of a header line, quoted names left aside."""
    if header.strip().startswith(FRAMED):
        return FRAMED
    bare = _QUOTED.sub("", header)
    return max(_SEPARATORS, key=bare.count)


def said_separator(line: str) -> str | None:
    """The separator that a line ``sep=;`` names, as spreadsheets write it above the header; None for another line."""
    found = _SEP_LINE.fullmatch(line.rstrip("\r\n").strip(" "))
    return found[1] if found else None


def is_comment(line: str) -> bool:
    """Whether a line starts with ``#``."""
    return line.lstrip().startswith(COMMENT)


@dataclass(slots=True)
class CsvLines:
    """Records of a text, in order, blank ones left out; ``above`` lines stand before it in the file.

    ``outside`` are the numbers of lines of a framed table that stand outside the frame.
    """

    text: str
    separator: str
    file_kind: str
    above: int = 0
    start: int = 0
    outside: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[Line]:
        return self._framed() if self.separator == FRAMED else self._separated()

    def _physical(self) -> Iterator[str]:
        return (found[0] for found in _PHYSICAL.finditer(self.text, self.start))

    def _framed(self) -> Iterator[Line]:
        for number, line in enumerate(self._physical(), start=self.above + 1):
            bare = line.strip()
            if not bare.startswith(FRAMED):
                self.outside += (number,) if bare else ()
            elif not _RULE.fullmatch(bare):
                inner = bare.removeprefix(FRAMED).removesuffix(FRAMED)
                yield Line(number, [cell.strip() for cell in inner.split(FRAMED)])

    def _separated(self) -> Iterator[Line]:
        lines = self._physical()
        at = self.above  # lines read
        number = self.above  # records read
        columns = 0
        for line in lines:
            at += 1
            number += 1
            if '"' not in line:
                cells, problem = line.rstrip("\r\n").split(self.separator), ""
            else:
                cells, problem, more = self._quoted(line, lines, at, number, columns)
                at += more
            if not any(cell.strip() for cell in cells):
                continue
            columns = columns or len(cells)
            yield Line(number, cells, is_comment(line), problem)

    def _quoted(
        self, first: str, lines: Iterator[str], at: int, number: int, columns: int
    ) -> tuple[list[str], str, int]:
        """The cells of a record that begins with a line, why it is no row, and how many more lines it takes."""
        taken = [first]

        def feed() -> Iterator[str]:
            yield first
            for line in lines:
                taken.append(line)
                yield line

        try:
            cells = next(csv.reader(feed(), delimiter=self.separator, strict=True))
        except (csv.Error, StopIteration):
            if sum(map(len, taken)) > LONGEST_CELL:
                raise InvalidInput(
                    f"line {at} of the {self.file_kind} has a cell in quotes of more than {LONGEST_CELL:,} letters, or "
                    "a quote that is not closed"
                ) from None
            if len(taken) > 1 or not _closes(first, self.separator):
                raise InvalidInput(self._unclosed(at, taken)) from None
            cells = next(csv.reader([first], delimiter=self.separator))
            if columns and len(cells) == columns:
                # Such as "5" nail": read as it stands, since nothing else can be meant.
                return cells, "", 0
            return cells, f'row {number} has a quote in the middle of a cell: write it twice ("") there', 0
        if len(taken) > 1 and (inner := self._row_inside(taken[1:], columns)) is not None:
            raise InvalidInput(
                f"line {at} of the {self.file_kind} opens a quote that closes in line {at + len(taken) - 1}, and line "
                f"{at + inner} between them looks like a row of its own: close the quote where its cell ends"
            )
        return cells, "", len(taken) - 1

    def _unclosed(self, at: int, taken: list[str]) -> str:
        shown = taken[0].strip()[:60]
        return f"line {at} of the {self.file_kind} opens a quote that is not closed where its cell ends: {shown}"

    def _row_inside(self, lines: list[str], columns: int) -> int | None:
        """Which of the later lines of a record, from 1, has the cells of a row; None where none has."""
        for place, line in enumerate(lines, start=1):
            cells = line.rstrip("\r\n").split(self.separator)
            # In prose a comma is followed by a blank, and what stands before it is no name.
            if (
                len(cells) == columns > 1
                and cells[0].strip()
                and not any(" " in cell.strip() for cell in cells[:1])
                and (self.separator != "," or not cells[1].startswith(" "))
            ):
                return place
        return None


def _closes(line: str, separator: str) -> bool:
    """Whether a line, its odd quotes read leniently, ends outside quotes."""
    probe = line.rstrip("\r\n") + separator + _END
    return next(csv.reader([probe], delimiter=separator))[-1] == _END
