"""Stored pictures for viewers. Where a file is lost or damaged, that and the way out stand in its place: what else the
page says of the record can be read all the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dermdash.dataset.png_parts import PNG_SIGNATURE
from dermdash.errors import FileMissing
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_message
from dermdash.ui.record_tiles import data_uri
from dermdash.workflows.dataset import browse_records


@contextmanager
def said_in_its_place() -> Iterator[None]:
    """Show that a picture drawn inside cannot be shown, where it would stand."""
    try:
        yield
    except FileMissing as error:
        st.warning(as_message(str(error)), icon=":material/broken_image:")


def original_uri(workspace: Workspace, image_sha256: str) -> str | None:
    """The original of an image; None where why it cannot be shown was said instead."""
    return _uri(lambda: browse_records.original(workspace, image_sha256))


def mask_uri(workspace: Workspace, mask_sha256: str | None) -> str | None:
    """A mask; None where there is none, or why it cannot be shown was said."""
    return _uri(lambda: browse_records.mask(workspace, mask_sha256)) if mask_sha256 else None


def _uri(read: Callable[[], bytes]) -> str | None:
    with said_in_its_place():
        data = read()
        return data_uri(data, "image/png" if data.startswith(PNG_SIGNATURE) else "image/jpeg")
    return None
