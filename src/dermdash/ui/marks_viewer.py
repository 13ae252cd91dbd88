"""Marks of several people over one image, to look at: by person and by structure."""

from dermdash.ui.frontend.exchange.annotation import MarksViewPayload
from dermdash.ui.script_route import our_component

_viewer = our_component("marks_viewer")


def marks_viewer(data: MarksViewPayload, *, key: str) -> None:
    """Show the marks of two or more people over one image; read only.

    Parameters
    ----------
    data
        As `dermdash.ui.annotation_payload.marks_view_data` makes it.
    key
        Widget key.
    """
    _viewer(key=key, data=data)
