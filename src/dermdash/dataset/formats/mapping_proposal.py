"""What an unknown table may be, by the names of its columns and what stands in them: a mapping, with how sure it is."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dermdash.dataset.formats.cells import reader_of, target_spec
from dermdash.dataset.formats.diagnoses import reading_of
from dermdash.dataset.formats.layout import ColumnRole, Layout, OneHot, Picture, SourceColumn, TableLayout
from dermdash.dataset.formats.mapping import TableMapping, units_of, with_words_kept
from dermdash.dataset.formats.people_columns import names_people
from dermdash.dataset.formats.picture_columns import picture_columns
from dermdash.dataset.formats.proposal import propose
from dermdash.dataset.formats.table_sources import FoundTable, Shape
from dermdash.dataset.formats.word_proposal import MOST_WORDS, ProposedWord, propose_words
from dermdash.dataset.source_entry import is_image_name
from dermdash.records.cell_words import SAY_NOTHING
from dermdash.records.csv_table import number_or_none
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES, Taxonomy
from dermdash.wording import percent

LOOKED_AT = 5000
"""Rows from which is proposed what a column may be."""
BY_CELLS = 0.7
"""How sure a column is whose cells alone say what it may be, at most."""
_UNIT = re.compile(
    r"[\s_(\[,/]+(mm|cm|µm|um|years?|months?|weeks?|days?|мм|см|мкм|лет|мес(?:яц(?:ев)?)?\.?)[)\]]?\s*$", re.IGNORECASE
)
_UNITS = {
    "um": "µm", "year": "years", "month": "months", "week": "weeks", "day": "days", "мм": "mm", "см": "cm",
    "мкм": "µm", "лет": "years", "мес": "months", "мес.": "months", "месяц": "months", "месяцев": "months",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*|\d{1,2}[./]\d{1,2}[./]\d{4}")
_HISTOLOGY = re.compile(r"histo|pathol|гист", re.IGNORECASE)
"""Says what a column is only where its cells are diagnoses: there is also "histology: yes"."""
_LEFT_OUT = "names people: left out"
_ENOUGH = 0.8
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """A column of the table and what it may be.

    Attributes
    ----------
    name
        As it is written.
    to, confidence, why
        Where its cells may go (empty: kept verbatim), how sure that is (0..1), and what speaks for it.
    examples
        Some different values.
    unit
        Of its numbers, where its name says one.
    words
        Its words with their meanings, where the target has choices.
    stands_for
        The diagnosis that a 1 in it means, where diagnoses are spread over columns.
    left_out
        Whether it is proposed to leave it out, as it names people.
    picture
        Whether it names one of several images of the row, and of which type that is (empty: nobody knows).
    """

    name: str
    to: str
    confidence: float
    why: str
    examples: tuple[str, ...] = ()
    unit: str = ""
    words: tuple[ProposedWord, ...] = ()
    stands_for: str = ""
    picture: str | None = None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class MappingProposal:
    """What is proposed for a table: column by column, and as a mapping; None where no column may name the images."""

    columns: tuple[ColumnProposal, ...]
    taxonomy: str
    mapping: TableMapping | None

    def comments(self) -> dict[str, str]:
        """By column, what to write beside it in a file."""
        found = {}
        for c in self.columns:
            sure = f"{percent(c.confidence, 0)} sure, {c.why}" if c.to or c.picture is not None else c.why
            found[c.name] = f"{sure}; e.g. {', '.join(c.examples)}" if c.examples else sure
        return found


def propose_mapping(table: FoundTable, *, taxonomy: str | None = None) -> MappingProposal:
    """Propose a mapping of one table.

    Parameters
    ----------
    taxonomy
        Of its diagnoses; None: the one with classes for most of its words.
    """
    texts = _texts(table)
    heads = _heads(table)
    pictures = {} if table.shape is Shape.FOLDERS else picture_columns(heads, texts)
    by_name = propose([_UNIT.sub("", name) for name in table.table.columns])
    taken = {p.to for p in by_name if p.to} | ({ColumnRole.IMAGE_PATH} if pictures else set())
    settled = []
    for head, named, column in zip(heads, by_name, texts, strict=True):
        to, sure, why = named.to, named.confidence, "by its name"
        unit = _unit_of(head, to)
        if names_people(head) and not (to and sure == 1):
            to, sure, why = "", BY_CELLS, _LEFT_OUT
        elif head in pictures:
            to, sure, why = "", BY_CELLS, "one of several images of a row"
        elif to:
            share = _readable(to, unit, column)
            if share < 1:
                sure, why = (
                    round(sure * max(share, 0.05), 2),
                    f"by its name; {percent(share, 0)} of its cells can be read",
                )
        else:
            to, sure, why = _by_cells(head, column, taken)
            unit = _unit_of(head, to)
            if to:
                taken.add(to)
        settled.append((head, to, sure, why, unit, column))
    classes = _taxonomy(taxonomy, [words for _, to, *_, words in settled if to == ColumnRole.DIAGNOSIS], heads)
    spread = _spread(heads, texts, classes) if ColumnRole.DIAGNOSIS not in taken else {}
    columns = tuple(
        ColumnProposal(
            head, "" if head in spread else to, sure, "1 stands for a diagnosis" if head in spread else why,
            tuple(list(words)[:_EXAMPLES]), unit, () if head in spread else propose_words(to, words, classes),
            spread.get(head, ""), pictures.get(head), why == _LEFT_OUT,
        )
        for head, to, sure, why, unit, words in settled
    )  # fmt: skip
    return MappingProposal(columns, classes.name, _mapping(columns, classes.name))


def _mapping(columns: Sequence[ColumnProposal], taxonomy: str) -> TableMapping | None:
    kind = proposed_table(columns)
    return TableMapping(layout=Layout(tables=(kind,)), taxonomy=taxonomy) if kind.needs else None


def proposed_table(columns: Sequence[ColumnProposal]) -> TableLayout:
    """A table of a mapping with what is proposed for its columns; it needs those that name its images, if any do."""
    pictures = tuple(
        Picture(column=c.name, constants={"image_type": c.picture} if c.picture else {})
        for c in columns
        if c.picture is not None
    )
    images = tuple(c.name for c in columns if c.to in (ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH))
    spread = {c.name: c.stands_for for c in columns if c.stands_for}
    mapped = tuple(
        with_words_kept(
            SourceColumn(name=c.name, to=c.to, unit=c.unit, values={w.word: w.meaning for w in c.words if w.meaning})
        )
        for c in columns
        if not c.stands_for and c.picture is None and not c.left_out
    )
    return TableLayout(
        kind="table", needs=(*images, *(p.column for p in pictures)), columns=mapped,
        one_hot=OneHot(classes=spread) if spread else None, pictures=pictures,
        ignored=tuple(c.name for c in columns if c.left_out),
    )  # fmt: skip


def _heads(table: FoundTable) -> tuple[str, ...]:
    columns, heads = table.table.columns, table.table.heads
    if len(heads) != len(columns):
        return columns
    return tuple(
        head.strip() if head.strip().lower() == name else name for head, name in zip(heads, columns, strict=True)
    )


def _texts(table: FoundTable) -> list[Counter[str]]:
    rows = [row.values for row in table.table.body[:LOOKED_AT] if row.values is not None]
    return [
        Counter(cell for row in rows if (cell := row[at].strip()) and cell.lower() not in SAY_NOTHING)
        for at in range(len(table.table.columns))
    ]


def _unit_of(head: str, to: str) -> str:
    found = _UNIT.search(head)
    units = units_of(to)
    if found is None or not units:
        return ""
    unit = _UNITS.get(found[1].lower(), found[1].lower())
    return unit if unit in units and unit != units[0] else ""


def _readable(to: str, unit: str, words: Counter[str]) -> float:
    """The share of cells that say something for the target; 1 where any text does."""
    if not words or (target_spec(to) is None and to != ColumnRole.CONFIRMATION):
        return 1.0
    read = reader_of(SourceColumn(name="", to=to, unit=unit))
    return sum(n for word, n in words.items() if read(word).value is not None) / words.total()


def _by_cells(head: str, words: Counter[str], taken: set[str]) -> tuple[str, float, str]:
    """A target that the cells of a column speak for, though its name says nothing."""
    nothing = ("", 1.0, "kept as text")
    if not words:
        return ("", 1.0, "empty")
    found: list[tuple[float, str]] = []
    shares = {
        str(ColumnRole.IMAGE_PATH): _share(words, is_image_name),
        "acquisition_date": _share(words, lambda w: _DATE.fullmatch(w) is not None),
    }
    if not {ColumnRole.IMAGE_ID, ColumnRole.IMAGE_PATH} & taken and shares[ColumnRole.IMAGE_PATH] >= _ENOUGH:
        found.append((shares[ColumnRole.IMAGE_PATH], str(ColumnRole.IMAGE_PATH)))
    if "acquisition_date" not in taken and shares["acquisition_date"] >= _ENOUGH:
        found.append((shares["acquisition_date"], "acquisition_date"))
    if len(words) <= MOST_WORDS and not all(number_or_none(word) is not None for word in words):
        for to in ("sex", "image_type", "dermoscopic_structures", "dominant_colors", str(ColumnRole.CONFIRMATION)):
            if to not in taken and (share := _readable(to, "", words)) >= _ENOUGH:
                found.append((share, to))
        of_tissue = _HISTOLOGY.search(head) is not None
        if of_tissue or ColumnRole.DIAGNOSIS not in taken:
            share = max(_share(words, _has_class(t)) for t in TAXONOMIES.values())
            if share >= _ENOUGH:
                found.append((share, str(ColumnRole.HISTOLOGY if of_tissue else ColumnRole.DIAGNOSIS)))
    if not found:
        return nothing
    share, to = max(found, key=lambda pair: pair[0])
    return to, round(share * BY_CELLS, 2), f"{percent(share, 0)} of its cells can be read as that"


def _has_class(taxonomy: Taxonomy) -> Callable[[str], bool]:
    return lambda word: reading_of(word, taxonomy).code is not None


def _share(words: Counter[str], fits: Callable[[str], bool]) -> float:
    return sum(n for word, n in words.items() if fits(word)) / words.total()


def _taxonomy(asked: str | None, diagnoses: Iterable[Counter[str]], heads: Sequence[str]) -> Taxonomy:
    """The one asked for; else the one with classes for most of the diagnoses, or of the names of columns."""
    if asked is not None:
        return TAXONOMIES[asked]
    words: Counter[str] = Counter()
    for column in diagnoses:
        words.update(column)
    several = [TAXONOMIES[DEFAULT_TAXONOMY], *(t for t in TAXONOMIES.values() if t.name != DEFAULT_TAXONOMY)]
    if not words:
        words = Counter(heads)
    return max(several, key=lambda t: sum(n for word, n in words.items() if reading_of(word, t).code is not None))


def _spread(heads: Sequence[str], texts: Sequence[Counter[str]], taxonomy: Taxonomy) -> dict[str, str]:
    """Columns called as classes that hold nothing but 0 and 1, and the diagnosis of each; at least two, or none."""
    found = {}
    for head, words in zip(heads, texts, strict=True):
        if words and all(number_or_none(word) in (0, 1) for word in words) and reading_of(head, taxonomy).code:
            found[head] = head
    return found if len(found) > 1 else {}
