"""A table to edit that keeps what was edited while a run does not draw it.

Streamlit forgets what was edited in a table as soon as a run leaves it out (a column that goes elsewhere for a moment,
a page that was left), and edits are told from the table that they were made in, which must not change meanwhile.
"""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.ui import keys
from dermdash.ui.tables import safe_to_take_away

_REMEMBERED = 200


def edit_table(frame: pd.DataFrame, *, key: str, ids: tuple[str, ...], **options: Any) -> pd.DataFrame:
    """Draw the table; as it was edited last. ``ids``: columns of ids, which are sent as they are."""
    kept: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = st.session_state.setdefault(keys.IMPORT_EDITED, {})
    if key in kept:
        start, last = kept[key]
        frame = start if key in st.session_state else last
    safe = safe_to_take_away(frame)
    safe = safe.assign(**{name: frame[name] for name in ids if name in frame})
    edited: pd.DataFrame = st.data_editor(safe, key=key, hide_index=True, **options)
    kept[key] = (frame, frame.assign(**{name: list(edited[name]) for name in ids if name in frame}))
    while len(kept) > _REMEMBERED:
        kept.pop(next(iter(kept)))
    return edited


def forget_edits() -> None:
    """Begin anew: what was edited before is not remembered."""
    st.session_state.pop(keys.IMPORT_EDITED, None)
