"""What a data set is called that nobody named: as the folder, archive or table that it came in."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath
from typing import NamedTuple

ANYBODYS = "dataset"
"""Id that formats have which are of no one data set."""
_LONGEST = 60
_SAYS_NOTHING = frozenset(
    [
        "archive",
        "csv",
        "data",
        "dataset",
        "export",
        "file",
        "files",
        "groundtruth",
        "image",
        "images",
        "img",
        "imgs",
        "json",
        "jpg",
        "labels",
        "masks",
        "metadata",
        "photos",
        "pictures",
        "png",
        "table",
        "tables",
        "test",
        "train",
        "training",
        "untitled",
        "upload",
        "val",
        "validation",
        "xlsx",
        "zip",
    ]
)
_ENDINGS = re.compile(r"(\.(zip|tar|gz|tgz|csv|tsv|txt|xlsx|xls|json|jsonl|parquet))+$", re.IGNORECASE)


class DatasetName(NamedTuple):
    """What a data set is called: ``id`` of letters, digits, "-", "_" and "."; ``name`` for people."""

    id: str
    name: str


def named_after(paths: Iterable[PurePath]) -> DatasetName | None:
    """The name of the first that says something; None where all are called "images.zip" or "metadata.csv".

    A file that says nothing is called as the folder around it.
    """
    for path in paths:
        for part in (path.name, path.parent.name):
            words = [word for word in re.split(r"[\s_\-.]+", _ENDINGS.sub("", part)) if word]
            while words and words[-1].lower() in _SAYS_NOTHING:
                words.pop()
            while words and words[0].lower() in _SAYS_NOTHING:
                words.pop(0)
            if words and any(word[0].isalpha() for word in words):
                name = " ".join(words)[:_LONGEST].strip()
                return DatasetName(_as_id(name), name)
    return None


def _as_id(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return found or f"{ANYBODYS}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
