"""What the words of a column may mean for what it goes to, with how sure that is."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dermdash.dataset.formats.cells import reader_of
from dermdash.dataset.formats.diagnoses import reading_of
from dermdash.dataset.formats.layout import ColumnRole, SourceColumn
from dermdash.dataset.formats.mapping import SITE, has_words, meanings_of
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.records.cell_words import SAY_NOTHING
from dermdash.records.diagnosis_words import Decision
from dermdash.records.sites import general_site
from dermdash.records.taxonomy import Taxonomy

MOST_WORDS = 60
"""A column with more different words is no list of choices."""


@dataclass(frozen=True, slots=True)
class ProposedWord:
    """A word of a column: in how many rows, what it means (empty: nothing), how sure that is (0..1) and why."""

    word: str
    rows: int
    meaning: str
    confidence: float
    why: str = ""


def words_of(table: FoundTable, column: str) -> Counter[str]:
    """The words of a column with their numbers of rows, of the whole table."""
    at = table.table.columns.index(column.lower())
    cells = (row.values[at].strip() for row in table.table if row.values is not None)
    return Counter(cell for cell in cells if cell and cell.lower() not in SAY_NOTHING)


def propose_words(to: str, words: Counter[str], taxonomy: Taxonomy) -> tuple[ProposedWord, ...]:
    """What each word of a column may mean for a target, the most frequent first; none where it has too many."""
    if not has_words(to) or len(words) > MOST_WORDS:
        return ()
    read = _reader(to, taxonomy)
    spelt: dict[str, str] = {}
    rows: Counter[str] = Counter()
    for word, n in words.most_common():
        rows[spelt.setdefault(word.lower(), word)] += n  # capitals do not matter
    return tuple(ProposedWord(word, n, *read(word)) for word, n in rows.most_common())


def _reader(to: str, taxonomy: Taxonomy) -> Callable[[str], tuple[str, float, str]]:
    if to in (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY):

        def diagnosis(word: str) -> tuple[str, float, str]:
            reading = reading_of(word, taxonomy)
            sure = {Decision.SPELLING: 1.0, Decision.WORDS: 0.9}.get(reading.decision, 0.7)
            return (reading.code or "", sure if reading.code else 0.0, reading.how)

        return diagnosis
    if to == SITE:
        return lambda word: (site, 0.9, "") if (site := general_site(word)) else ("", 0.0, "no general site of ISIC's")
    cell_of = reader_of(SourceColumn(name="", to=to))

    def choice(word: str) -> tuple[str, float, str]:
        cell = cell_of(word)
        if cell.value is None:
            return ("", 0.0, cell.remark)
        value = cell.value[0] if isinstance(cell.value, list) and len(cell.value) == 1 else cell.value
        if isinstance(value, list) or (not meanings_of(to)):
            return ("", 0.5, "is read as it stands")
        known = _as_word(value)
        return (known, 1.0 if known.lower() == word.lower() else 0.6 if cell.remark else 0.9, cell.remark)

    return choice


def _as_word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
