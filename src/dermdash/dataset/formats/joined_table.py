"""A table whose rows belong to rows of another one, by a key."""

from dermdash.dataset.formats.table_plan import NAMES_IMAGE, NamedTable, TablePlan
from dermdash.records.csv_table import Row, clean_image_id
from dermdash.wording import counted

_SHOWN = 5


class JoinedTable:
    """A table whose rows belong to rows of the first one."""

    def __init__(self, named: NamedTable) -> None:
        self.name = named.name
        self.of = named.kind.of
        self.plan = TablePlan(named.kind, named.table)
        self.rows: dict[str, Row] = {}
        self.used: set[str] = set()
        self.notes: list[str] = []
        twice = 0
        key = (named.kind.key or next(c.name for c in named.kind.columns if c.to == self.of)).lower()
        at = named.table.columns.index(key)
        for row in named.table:
            if row.values is None:
                self.notes.append(f"{named.name}: {row.problem}")
            elif (name := key_of(row.values[at], self.of)) in self.rows:
                twice += self.rows[name].values != row.values
            else:
                self.rows[name] = row
        if twice:
            self.notes.append(f"{named.name}: {counted(twice, 'row')} with other values for a key that had one")

    def row_of(self, key: str) -> Row | None:
        """The row of that key, which is then of use."""
        row = self.rows.get(key)
        if row is not None:
            self.used.add(key)
        return row

    def closing_notes(self) -> list[str]:
        """What is to be said when all rows were joined: repeated keys, and rows that nobody asked for."""
        spare = [key for key in self.rows if key not in self.used]
        if not spare:
            return self.notes
        shown = ", ".join(spare[:_SHOWN]) + (", ..." if len(spare) > _SHOWN else "")
        return [*self.notes, f"{self.name}: {counted(len(spare), 'row')} of no image in the other table ({shown})"]


def key_of(cell: str, of: str) -> str:
    """A cell as the key that rows are joined by: an image without the ending of its file."""
    return clean_image_id(cell) if of in NAMES_IMAGE else cell.strip()
