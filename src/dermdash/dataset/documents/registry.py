"""The documents about a data set, in the order of page and command."""

import functools

from dermdash.dataset.documents.datasheet import DATASHEET
from dermdash.dataset.documents.document import DatasetDocument
from dermdash.dataset.documents.healthsheet import HEALTHSHEET
from dermdash.dataset.documents.nutrition_label import NUTRITION_LABEL
from dermdash.dataset.documents.standing_together import STANDING_TOGETHER
from dermdash.dataset.documents.table_facts import TABLE_FACTS
from dermdash.errors import InvalidInput

DOCUMENTS: dict[str, DatasetDocument] = {
    document.key: document for document in (DATASHEET, HEALTHSHEET, STANDING_TOGETHER, NUTRITION_LABEL, TABLE_FACTS)
}


def get_document(key: str) -> DatasetDocument:
    """The document of that name, or InvalidInput naming the known ones."""
    if key not in DOCUMENTS:
        raise InvalidInput(f"unknown document {key!r}: choose {', '.join(DOCUMENTS)}")
    return DOCUMENTS[key]


@functools.cache
def answer_keys() -> frozenset[str]:
    """Keys of all answers that any document asks for."""
    return frozenset(item.answer for document in DOCUMENTS.values() for item in document.items)
