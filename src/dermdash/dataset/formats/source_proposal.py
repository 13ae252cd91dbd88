"""What several tables may be together: which names the images, and which column joins which; with how sure that is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dermdash.dataset.formats.join_check import JoinFit, join_fits
from dermdash.dataset.formats.joined_table import key_of, loose_key
from dermdash.dataset.formats.layout import ColumnRole, Layout, TableLayout
from dermdash.dataset.formats.mapped_source import kind_name, kind_of
from dermdash.dataset.formats.mapping import TableMapping
from dermdash.dataset.formats.mapping_proposal import ColumnProposal, MappingProposal, propose_mapping, proposed_table
from dermdash.dataset.formats.table_plan import NAMES_IMAGE, NamedTable
from dermdash.dataset.formats.table_sources import FoundTable, Shape
from dermdash.wording import counted, percent

LEAST_SHARE = 0.5
"""Of the values of a column, those that have to stand in the column that it is joined to."""
_IDS = (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH, ColumnRole.LESION_ID, ColumnRole.PATIENT_ID)
_MOST_REPEATED = 0.02
_UNRELATED, _ALIKE = 0.7, 0.85
"""How sure a join is, at most, of columns that neither are called alike nor are the same thing, and of some alike."""
_STEM = 4
"""Letters that words in the names of two columns have in common where they may mean one thing ("карты", "карта")."""


@dataclass(frozen=True, slots=True)
class JoinProposal:
    """By which column a table belongs to another one, how sure that is (0..1) and why."""

    table: str
    column: str
    of: str
    other_table: str
    other_column: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class SourceProposal:
    """What is proposed for several tables.

    Attributes
    ----------
    tables
        In the order in which a mapping names them, each with its columns.
    joins
        Of the tables that are joined.
    unused
        Names of tables that fit to none of the others.
    taxonomy
        Of the diagnoses.
    mapping
        None where no table names the images.
    fits
        How well the joined tables fit.
    """

    tables: tuple[tuple[FoundTable, MappingProposal], ...]
    joins: tuple[JoinProposal, ...]
    unused: tuple[str, ...]
    taxonomy: str
    mapping: TableMapping | None
    fits: tuple[JoinFit, ...] = ()

    def comments(self) -> dict[tuple[str, str], str]:
        """By kind of table and column, what to write beside it in a file."""
        alone = self.mapping is not None and len(self.mapping.layout.tables) == 1
        found = {
            ("table" if alone else kind_name(table), name): said
            for table, proposal in self.tables
            for name, said in proposal.comments().items()
        }
        kinds = {table.name: kind_name(table) for table, _ in self.tables}
        return found | {(kinds[j.table], ""): f"joined, {percent(j.confidence, 0)} sure: {j.why}" for j in self.joins}


def propose_source(tables: Sequence[FoundTable], *, taxonomy: str | None = None) -> SourceProposal:
    """Propose a mapping of tables that may belong together.

    Parameters
    ----------
    tables
        At least one. Tables with the same columns are taken for parts of one.
    taxonomy
        Of the diagnoses; None: the one with classes for most of them.
    """
    proposals = {t.name: propose_mapping(t, taxonomy=taxonomy) for t in tables}
    classes = taxonomy or _taxonomy_of(proposals)
    proposals = {
        t.name: p if (p := proposals[t.name]).taxonomy == classes else propose_mapping(t, taxonomy=classes)
        for t in tables
    }
    first = _first(tables, proposals)
    if first is None:
        return SourceProposal(tuple((t, proposals[t.name]) for t in tables), (), (), classes, None)
    joins: list[JoinProposal] = []
    known = [first]
    waiting = [t for t in tables if t is not first and (t.shape is not Shape.FOLDERS or _wanted(t, tables, proposals))]
    while waiting:
        found = [j for t in waiting if (j := _join(t, known, proposals)) is not None]
        if not found:
            break
        best = max(found, key=lambda j: j.confidence)
        table = next(t for t in waiting if t.name == best.table)
        waiting.remove(table)
        known.append(table)
        proposals[best.other_table] = _sent_to(proposals[best.other_table], best.other_column, best.of)
        joins.append(best)
    more = [t for t in waiting if t.columns == first.columns]
    unused = tuple(t.name for t in tables if t not in known and t not in more)
    mapping = _mapping(known, proposals, joins, classes)
    named = [NamedTable(t.name, kind, t.table) for t in (*known, *more) if (kind := kind_of(mapping, t)) is not None]
    ordered = (*known, *(t for t in tables if t not in known))
    return SourceProposal(
        tuple((t, proposals[t.name]) for t in ordered), tuple(joins), unused, classes, mapping,
        join_fits(mapping.layout, named),
    )  # fmt: skip


def _taxonomy_of(proposals: Mapping[str, MappingProposal]) -> str:
    """That of the table with most rows of diagnoses."""

    def rows(proposal: MappingProposal) -> int:
        told = (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY)
        return sum(w.rows for c in proposal.columns if c.to in told for w in c.words) + sum(
            1 for c in proposal.columns if c.stands_for
        )

    return max(proposals.values(), key=rows).taxonomy


def _wanted(folders: FoundTable, tables: Sequence[FoundTable], proposals: Mapping[str, MappingProposal]) -> bool:
    """Whether the folders of the images say the diagnosis: no table does, and they are called as diagnoses."""
    told = (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY, ColumnRole.DIAGNOSIS_PATH)
    others = [c for t in tables if t is not folders for c in proposals[t.name].columns]
    if any(c.to in told or c.stands_for for c in others):
        return False
    words = [w for c in proposals[folders.name].columns if c.to == ColumnRole.DIAGNOSIS for w in c.words]
    return sum(w.rows for w in words if w.meaning) >= LEAST_SHARE * len(folders.table.body)


def _first(tables: Sequence[FoundTable], proposals: Mapping[str, MappingProposal]) -> FoundTable | None:
    """The table whose rows are images: of several that with paths of files, else that with most rows."""

    def rank(table: FoundTable) -> tuple[bool, bool, int]:
        targets = {c.to for c in proposals[table.name].columns}
        pictures = any(c.picture is not None for c in proposals[table.name].columns)
        return (
            table.shape is not Shape.FOLDERS, pictures or ColumnRole.IMAGE_PATH in targets, len(table.table.body)
        )  # fmt: skip

    naming = [t for t in tables if proposals[t.name].mapping is not None]
    return max(naming, key=rank) if naming else None


def _join(
    table: FoundTable, known: Sequence[FoundTable], proposals: Mapping[str, MappingProposal]
) -> JoinProposal | None:
    """The best way to join a table to those that are joined already; None where none is likely."""
    if any(t.columns == table.columns for t in known):
        return None
    found = []
    for column in proposals[table.name].columns:
        keys = _values(table, column.name)
        rows = len(table.table.body)
        if not keys or rows - len(keys) > max(1, rows * _MOST_REPEATED):
            continue
        for other in known:
            for asked in proposals[other.name].columns:
                if asked.picture is None and (join := _fit(table, column, keys, other, asked)) is not None:
                    found.append(join)
    return max(found, key=lambda j: j.confidence, default=None)


def _fit(
    table: FoundTable, column: ColumnProposal, keys: set[str], other: FoundTable, asked: ColumnProposal
) -> JoinProposal | None:
    values = _values(other, asked.name)
    if not values:
        return None
    share = len(values & keys) / len(values)
    as_images = (*NAMES_IMAGE,)
    same = (column.to == asked.to and asked.to in _IDS) or (column.to in as_images and asked.to in as_images)
    likely = 1.0 if same or column.name.lower() == asked.name.lower() else _likeness(column.name, asked.name)
    related = likely > _UNRELATED
    numbers = all(value.isdigit() for value in values)
    if share < LEAST_SHARE or (numbers and not related) or (not related and len(values & keys) < min(3, len(values))):
        return None
    of = next((to for to in (asked.to, column.to) if to in _IDS), str(ColumnRole.LESION_ID))
    of = str(ColumnRole.IMAGE_ID) if of in NAMES_IMAGE else of
    if not related and asked.to not in (of, "") and asked.to not in NAMES_IMAGE:
        return None
    why = f"{len(values & keys):,} of {counted(len(values), 'value')} of {other.name}: {asked.name} stand there"
    sure = round(share * likely, 2)
    return JoinProposal(table.name, column.name, of, other.name, asked.name, sure, why)


def _likeness(name: str, other: str) -> float:
    one, two = ({w[:_STEM] for w in re.split(r"[\W\d_]+", n.lower()) if len(w) >= _STEM} for n in (name, other))
    return _ALIKE if one & two else _UNRELATED


def _values(table: FoundTable, column: str) -> set[str]:
    at = table.table.columns.index(column.lower())
    cells = (row.values[at] for row in table.table if row.values is not None)
    return {loose_key(key) for cell in cells if (key := key_of(cell, ColumnRole.IMAGE_ID))}


def _sent_to(proposal: MappingProposal, column: str, to: str) -> MappingProposal:
    """The proposal with a column sent where a join needs it, unless it names an image."""
    columns = tuple(
        replace(c, to=to, confidence=max(c.confidence, _UNRELATED), why="another table is joined by it", words=())
        if c.name == column and c.to != to and c.to not in NAMES_IMAGE
        else c
        for c in proposal.columns
    )
    return replace(proposal, columns=columns)


def _mapping(
    known: Sequence[FoundTable],
    proposals: Mapping[str, MappingProposal],
    joins: Sequence[JoinProposal],
    taxonomy: str,
) -> TableMapping:
    if not joins:
        kind = proposed_table(proposals[known[0].name].columns)
        return TableMapping(layout=Layout(tables=(kind,)), taxonomy=taxonomy)
    by_table = {j.table: j for j in joins}
    kinds: list[TableLayout] = []
    for table in known:
        called = kind_name(table)
        called = called if all(k.kind != called for k in kinds) else f"{called} {len(kinds) + 1}"
        kind = replace(proposed_table(proposals[table.name].columns), kind=called)
        if (join := by_table.get(table.name)) is not None:
            kind = as_joined(kind, join.column, join.of)
        kinds.append(kind)
    return TableMapping(layout=Layout(tables=tuple(kinds)), taxonomy=taxonomy)


def as_joined(kind: TableLayout, key: str, of: str) -> TableLayout:
    """The table as one whose rows belong to images by a key; what it says of images beside that is kept as text."""
    of_images = (*NAMES_IMAGE, of) if of == ColumnRole.IMAGE_ID else (of,)
    columns = tuple(
        replace(c, to="") if c.to in NAMES_IMAGE else c
        for c in kind.columns
        if not (c.name.lower() == key.lower() and c.to in (*of_images, ""))
    )
    return replace(kind, columns=columns, pictures=(), needs=(key,), key=key, of=of, names_images=False)


def share_matched(fit: JoinFit) -> str:
    """In words, how many rows find one another."""
    return (
        f"{fit.matched:,} of {counted(fit.rows, 'row')} ({percent(fit.matched / fit.rows, 0)})" if fit.rows else "none"
    )
