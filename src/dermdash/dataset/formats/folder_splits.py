"""Folders that part a data set, and folders that name a class."""

from collections.abc import Iterable

SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})


def split_of(folders: Iterable[str]) -> str:
    """The first folder that is called as a part of a data set, in small letters; empty where none is."""
    return next((name.lower() for name in folders if name.lower() in SPLITS), "")


def class_folder(folders: Iterable[str]) -> str:
    """The innermost folder that is no part of a data set; empty where there is none."""
    return next((name for name in reversed(list(folders)) if name.lower() not in SPLITS), "")
