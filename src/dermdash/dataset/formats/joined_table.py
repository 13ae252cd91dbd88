"""Tables whose rows belong to rows of the first one, by a key; also by way of another one of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from dermdash.dataset.formats.layout import ColumnRole
from dermdash.dataset.formats.row_says import RowSays, take_row
from dermdash.dataset.formats.table_plan import NAMES_IMAGE, NamedTable, TablePlan, places_in
from dermdash.dataset.image_names import bare_number
from dermdash.dataset.source_records import keys_told
from dermdash.records.alike_names import folded
from dermdash.records.csv_table import Row, clean_image_id
from dermdash.records.safe_csv import unescape_cell
from dermdash.wording import counted

_SHOWN = 5
_WITHIN = "\0"
"""Between a patient and a lesion whose id is unique only within the patient."""


class JoinedTable:
    """A table whose rows belong to rows of the first one.

    A key with rows that say different things belongs to none of them. One that is spelt otherwise (capitals, blanks,
    zeros that a spreadsheet took away) is found where it can mean one row only, and is listed.

    Parameters
    ----------
    asked
        All keys by which it will be asked for.
    within_patient
        Whether lesions are called so only within a patient.
    """

    def __init__(self, named: NamedTable, asked: Iterable[str] = (), *, within_patient: bool = False) -> None:
        self.name, self.of = named.name, named.kind.of
        self.plan = TablePlan(named.kind, named.table)
        self.key = (named.kind.key or next(c.name for c in named.kind.columns if c.to == self.of)).lower()
        self.rows: dict[str, Row] = {}
        self.several: set[str] = set()
        self.used: set[str] = set()
        self.absent: dict[str, None] = {}
        self.alike: dict[str, str] = {}
        self.notes: list[str] = []
        at = places_in(named.table)[self.key]
        patient = next((c for c in self.plan.columns if c.column.to == ColumnRole.PATIENT_ID), None)
        self.patient = patient if within_patient and self.of == ColumnRole.LESION_ID else None
        for row in named.table:
            if row.values is None:
                self.notes.append(f"{named.name}: {row.problem}")
            elif name := key_of(row.values[at], self.of):
                self._add(name, row)
                if self.patient is not None:
                    self._add(f"{row.values[self.patient.at].strip()}{_WITHIN}{name}", row)
        if self.several:
            # Within patients, a lesion that several of them have is no surprise.
            shown = [k for k in self.several if self.patient is None or _WITHIN in k]
            if shown:
                self.notes.append(
                    f"{named.name}: {counted(len(shown), 'key')} with rows that say different things, "
                    f"none of which is used {self._listed(sorted(shown))}"
                )
        self._find_alike(asked)

    def _add(self, key: str, row: Row) -> None:
        if key not in self.rows:
            self.rows[key] = row
        elif self.rows[key].values != row.values:
            self.several.add(key)

    def _find_alike(self, asked: Iterable[str]) -> None:
        missing = [key for key in dict.fromkeys(asked) if key]
        if all(key in self.rows for key in missing):
            return
        here, there = defaultdict(set), defaultdict(set)
        for key in self.rows:
            if _WITHIN not in key:
                here[loose_key(key)].add(key)
        for key in missing:
            there[loose_key(key)].add(key)
        for loose, keys in there.items():
            if len(keys) == 1 and len(here.get(loose, ())) == 1:
                (wanted,), (found,) = keys, here[loose]
                if wanted != found:
                    self.alike[wanted] = found
        if self.alike:
            words = [f"{wanted} is {found}" for wanted, found in self.alike.items()]
            self.notes.append(f"{self.name}: {counted(len(words), 'key')} spelt otherwise there {self._listed(words)}")

    def row_for(self, said: RowSays) -> Row | None:
        """The row that belongs to what was said so far, which is then of use; None where there is none."""
        key = self.key_in(said)
        patient = said.values.get(ColumnRole.PATIENT_ID) or ""
        if self.patient is not None and patient:
            key = f"{patient}{_WITHIN}{key}"
        found = self.alike.get(key, key)
        row = self.rows.get(found)
        if row is None:
            self.absent[key.replace(_WITHIN, " ")] = None
        else:
            self.used.add(found)
        return None if found in self.several else row

    def key_in(self, said: RowSays) -> str:
        """The key by which what was said so far asks for a row; empty where it does not say."""
        key = said.values.get(self.of) or ""
        if self.of == ColumnRole.IMAGE_ID and not key:
            key = said.values.get(ColumnRole.IMAGE_PATH) or ""
        return key_of(str(key), self.of)

    @property
    def spare(self) -> list[str]:
        """Keys of rows that no image asked for."""
        used = {id(self.rows[key]) for key in self.used}
        return [key for key, row in self.rows.items() if _WITHIN not in key and id(row) not in used]

    def closing_notes(self) -> list[str]:
        """What is to be said when all rows were joined: repeated keys, rows that nobody asked for, and none there."""
        notes = list(self.notes)
        if spare := self.spare:
            notes.append(
                f"{self.name}: {counted(len(spare), 'row')} of no image in the other table {self._listed(spare)}"
            )
        if self.absent:
            absent = list(self.absent)
            notes.append(
                f"{self.name}: no row for {counted(len(absent), 'key')} of the other table {self._listed(absent)}"
            )
        return notes

    def _listed(self, keys: Sequence[str]) -> str:
        shown = [key.replace(_WITHIN, " ") for key in keys[:_SHOWN]]
        return keys_told([*shown, "..."] if len(keys) > _SHOWN else shown, of_images=self.of in NAMES_IMAGE)


class Joins:
    """All tables that are joined to those whose rows are images."""

    def __init__(
        self, first: Sequence[NamedTable], others: Sequence[NamedTable], *, within_patient: bool = False
    ) -> None:
        every = (*first, *others)
        self.tables = [
            JoinedTable(t, _asked(t, [n for n in every if n is not t]), within_patient=within_patient) for t in others
        ]

    def take(self, said: RowSays) -> None:
        """Add what the rows say that belong to a row, also those found by what another table says."""
        for table, row in self.rows_for(said):
            assert row.values is not None
            take_row(said, table.plan, f"{table.name} row {row.number}", row.values)

    def rows_for(self, said: RowSays) -> Iterator[tuple[JoinedTable, Row]]:
        """Table by table the row that belongs to what was said; what it says is to be taken before the next."""
        waiting = self.tables
        while waiting:
            later = []
            for table in waiting:
                if not table.key_in(said):
                    later.append(table)
                elif (row := table.row_for(said)) is not None:
                    yield table, row
            if len(later) == len(waiting):
                return
            waiting = later


def _asked(table: NamedTable, others: Sequence[NamedTable]) -> Iterator[str]:
    """All keys by which the other tables may ask for a row of this one."""
    of = {table.kind.of, *(NAMES_IMAGE if table.kind.of == ColumnRole.IMAGE_ID else ())}
    for other in others:
        names = {c.name.lower() for c in other.kind.columns if c.to in of}
        names |= {other.kind.key.lower()} if other.kind.key and other.kind.of in of else set()
        place = places_in(other.table)
        places = sorted({place[name] for name in names if name in place})
        for row in other.table if places else ():
            if row.values is not None:
                yield from (key_of(row.values[at], table.kind.of) for at in places)


def key_of(cell: str, of: str) -> str:
    """A cell as the key that rows are joined by: an image without the ending of its file."""
    text = unescape_cell(cell)
    return clean_image_id(text) if of in NAMES_IMAGE else text.strip()


def loose_key(key: str) -> str:
    """What is left of a key without capitals, blanks, leading zeros and ``.0``."""
    return bare_number(folded(key))
