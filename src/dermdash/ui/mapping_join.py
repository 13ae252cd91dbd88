"""What each of several tables is: that which names the images, one joined to it by a column, or not used."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.join_check import JoinFit
from dermdash.dataset.formats.layout import ColumnRole, TableLayout
from dermdash.dataset.formats.source_proposal import JoinProposal, share_matched
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.ui.choices import choose
from dermdash.ui.mapping_targets import target_title
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import counted, percent

IMAGES, JOINED, UNUSED = "images", "joined", "unused"
_ROLES = {
    IMAGES: "Its rows are images",
    JOINED: "Belongs to the images by a column",
    UNUSED: "Is not used",
}
_IDS = (str(ColumnRole.IMAGE_ID), str(ColumnRole.LESION_ID), str(ColumnRole.PATIENT_ID))
_SHOWN = 200


def choose_role(
    table: FoundTable, kind: TableLayout | None, join: JoinProposal | None, key: str, *, usual: str
) -> tuple[str, str, str]:
    """Draw what a table is; that, the column it is joined by, and what that column holds (both empty if not joined).

    ``usual``: what it is where no mapping says it.
    """
    if kind is not None:
        usual = IMAGES if kind.names_images and not kind.key else JOINED
    role, column, of = st.columns([5, 4, 4], vertical_alignment="bottom")
    chosen = choose("This table", list(_ROLES), _ROLES.__getitem__, key=f"import.role.{key}", default=usual, place=role)
    if chosen != JOINED:
        if chosen == UNUSED and join is not None:
            st.caption(f"It could be joined by {as_text(join.column)}: {as_text(join.why)}.")
        return chosen, "", ""
    heads = dict(zip(table.table.columns, table.table.heads or table.table.columns, strict=True))
    was = kind.key.lower() if kind is not None else ""
    first = was if was in heads else (join.column.lower() if join else table.table.columns[0])
    by = choose(
        "Joined by its column", list(heads), heads.__getitem__, key=f"import.key.{key}", default=first, place=column
    )
    targets = list(dict.fromkeys([*([str(kind.of)] if kind is not None else []), *_IDS]))
    usual_of = str(kind.of) if kind is not None and kind.key else join.of if join else _IDS[1]
    what = choose(
        "which holds", targets, target_title, key=f"import.of.{key}", default=usual_of, place=of,
        help="A column of another table has to go to the same.",
    )  # fmt: skip
    if join is not None and join.column.lower() == by:
        st.caption(f"Proposed, {percent(join.confidence, 0)} sure: {as_text(join.why)}.")
    return chosen, heads[by].strip(), what


def show_fit(fit: JoinFit, *, cut: bool, key: str) -> None:
    """How many rows find one another, and which do not."""
    of = " of the rows that were looked at" if cut else ""
    if not fit.rows:
        st.warning(
            f"No image says a {target_title(fit.of).lower()} by which its row here could be found: let a column of "
            "another table go there.",
            icon=":material/link_off:",
        )
        return
    words = f"**{share_matched(fit)}**{of} that say a {target_title(fit.of).lower()} find a row here by " + as_text(
        fit.column
    )
    more = [f"{counted(len(fit.absent), 'key')} without a row"] if fit.absent else []
    more += [f"{counted(len(fit.several), 'key')} with rows that say different things"] if fit.several else []
    more += [f"{counted(len(fit.spare), 'row')} here of no image"] if fit.spare else []
    more += [f"{counted(len(fit.alike), 'key')} spelt otherwise"] if fit.alike else []
    whole = fit.matched == fit.rows and not fit.several
    shown = st.success if whole else st.warning
    shown(f"{words}. " + "; ".join(more) + ("." if more else ""), icon=f":material/{'link' if whole else 'link_off'}:")
    absent = [one for one in fit.absent if one[3] not in fit.several]
    lines = [(f"{table} row {row}, {column}", k, f"no row in {fit.table}") for table, row, column, k in absent]
    lines += [(fit.table, k, "several rows that say different things: none is used") for k in fit.several]
    lines += [(fit.table, k, "no image asks for it") for k in fit.spare]
    lines += [(fit.table, there, f"{asked} elsewhere") for asked, there in fit.alike.items()]
    if lines:
        with st.expander(f"Which do not fit, or are spelt otherwise ({len(lines):,})"):
            frame = pd.DataFrame(lines[:_SHOWN], columns=["Where", "Key", "What"])
            data_table(frame, key=f"import.fit.{key}", height=height_of(len(frame), most=320))
