"""Columns that name several images of one row: by what stands in them and how they are called."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from dermdash.dataset.source_entry import is_image_name
from dermdash.records.csv_table import clean_image_id

_ENOUGH = 0.8
_IMAGE_WORDS = re.compile(
    r"photo|foto|фото|bild|image|img|pict|снимок|изображен|файл|file|path|aufnahme", re.IGNORECASE
)
_TYPES: Mapping[str, re.Pattern[str]] = {
    "dermoscopic": re.compile(r"derm(ato|o)?s[ck]op|\bderm|дермат?оскоп|\bдс\b|auflicht", re.IGNORECASE),
    "clinical_overview": re.compile(r"overview|обзор|общ|übersicht|far\b", re.IGNORECASE),
    "tbp_tile": re.compile(r"\btbp|tile", re.IGNORECASE),
    "clinical_close_up": re.compile(r"clinic|close|macro|klin|nah|клин|макро|крупн|near\b", re.IGNORECASE),
}
_ID = re.compile(r"\b(id|nr|no|номер|код)\b|№", re.IGNORECASE)
"""In a name of a column: it calls an image, a lesion or a patient, and names no file beside another one."""
_REST = re.compile(r"[\W\d_]+")
_MOST_SHARED = 0.2
"""Of the images that two columns name, those that both do: an id and the path of one image are no two images."""
_MOST_REPEATED = 0.2
"""Share of cells that may repeat another one: a column of dates or places repeats far more."""


def picture_columns(heads: Sequence[str], texts: Sequence[Counter[str]]) -> dict[str, str]:
    """Columns that each name an image of the row, with the type of image that their names say; none where one does.

    Parameters
    ----------
    texts
        The cells of each column, those that say nothing left aside.
    """
    found = {}
    for head, cells in zip(heads, texts, strict=True):
        if _ID.search(head.replace("_", " ")):
            continue
        if cells and (_are_files(cells) or _are_called_so(head, cells)):
            found[head] = image_type_of(head)
    named = [{clean_image_id(c.replace("\\", "/").rpartition("/")[2]) for c in texts[heads.index(h)]} for h in found]
    same = any(len(a & b) > _MOST_SHARED * min(len(a), len(b)) for a, b in combinations(named, 2))
    return found if len(found) > 1 and not same else {}


def image_type_of(head: str) -> str:
    """The type of image that a name of a column speaks of; empty where it does not."""
    words = head.replace("_", " ")
    return next((to for to, pattern in _TYPES.items() if pattern.search(words)), "")


def _are_files(cells: Counter[str]) -> bool:
    return sum(n for cell, n in cells.items() if is_image_name(cell)) >= _ENOUGH * cells.total()


def _are_called_so(head: str, cells: Counter[str]) -> bool:
    """Whether its name says nothing but "photo", a number and a type, and hardly any cell repeats another."""
    rest = _IMAGE_WORDS.sub("", head)
    for pattern in _TYPES.values():
        rest = pattern.sub("", rest)
    plain = _IMAGE_WORDS.search(head) is not None and len(_REST.sub("", rest)) <= 2
    return plain and 1 - len(cells) / cells.total() <= _MOST_REPEATED
