"""What a document about a data set is: sections of items, each with a question and the key of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OPEN, ANSWERED, NOT_KNOWN = "open", "answered", "unknown"
NOBODY, UNKNOWN = "Nobody has answered this yet.", "Not known."
"""Two things: nobody has said anything, and somebody looked in vain."""
FACTS: dict[str, str] = {
    "year": "year", "acquisition": "acquisition", "sop": "sop", "source": "source", "licence": "licence",
    "consent": "consent", "ethics": "ethics", "period": "period",
}  # fmt: skip
"""What a table of data sets asks for, and the key of the answer."""


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """One question of a document.

    ``id`` names it in the document ("C7"); ``answer`` is the key of its answer, which items of other documents may
    share: numbers by `computed.COMPUTED`, words by people.
    """

    id: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class DocumentSection:
    """Items under one heading."""

    title: str
    items: tuple[DocumentItem, ...]


@dataclass(frozen=True, slots=True)
class DatasetDocument:
    """A document. ``source`` says whose questions these are; they stand here in words of our own."""

    key: str
    title: str
    source: str
    sections: tuple[DocumentSection, ...]

    @property
    def items(self) -> Iterator[DocumentItem]:
        """Every question in order."""
        return (item for section in self.sections for item in section.items)


@dataclass(frozen=True, slots=True)
class FilledItem:
    """An item with its answer.

    Attributes
    ----------
    computed
        What the numbers of the data set say; empty: nothing.
    text, by, on
        What a person said, who and on which day.
    state
        `OPEN`, `ANSWERED`, or `NOT_KNOWN`.
    """

    item: DocumentItem
    computed: str
    text: str
    by: str
    on: str
    state: str

    @property
    def kind(self) -> str:
        """Whether numbers answer it, people, both or nobody."""
        if self.computed:
            return "both" if self.text else "computed"
        return "text" if self.text or self.state == NOT_KNOWN else "open"

    @property
    def words(self) -> list[str]:
        """Its paragraphs."""
        said = [self.computed] if self.computed else []
        if self.state == NOT_KNOWN:
            said.append(f"{UNKNOWN} {self.text}".strip())
        elif self.text:
            said.append(self.text)
        return said or [NOBODY]


@dataclass(frozen=True, slots=True)
class FilledDocument:
    """A document with its answers, about one data set as it stood."""

    document: DatasetDocument
    dataset_id: str
    dataset: str
    items: dict[str, FilledItem]
    version: str
    made_on: str
    simulated: bool

    def count(self, state: str) -> int:
        """How many items are in a state."""
        return sum(item.state == state for item in self.items.values())

    @property
    def completeness(self) -> str:
        """As "31 of 57 answered, 2 not known"."""
        unknown = self.count(NOT_KNOWN)
        more = f", {unknown} not known" if unknown else ""
        return f"{self.count(ANSWERED)} of {len(self.items)} answered{more}"

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "document": self.document.key, "title": self.document.title, "dataset": self.dataset_id,
            "version": self.version, "answered": self.count(ANSWERED), "not_known": self.count(NOT_KNOWN),
            "open": self.count(OPEN), "items": len(self.items),
        }  # fmt: skip


def section(letter: str, title: str, *questions: tuple[str, str] | tuple[str, str, str]) -> DocumentSection:
    """A section whose items are numbered: pairs of a question and the key of its answer.

    A third word makes it a part of the question before: "a" of L1 is L1a.
    """
    items, number = [], 0
    for question, answer, *part in questions:
        number += not part
        items.append(DocumentItem(f"{letter}{number}{''.join(part)}", question, answer))
    return DocumentSection(title, tuple(items))
