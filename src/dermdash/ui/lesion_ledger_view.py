"""A ledger file from elsewhere: what it says that is not decided here, what would follow, and taking it in."""

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import switch
from dermdash.ui.entries import enter_text
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.lesion_identity_view import DECISIONS, OUTCOME
from dermdash.ui.messages import as_text, empty_state, error_words, errors_shown, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.lesion_identity.foresee_merges import MergeOutlook, foresee_merges
from dermdash.workflows.lesion_identity.ledger_files import LedgerPlan, import_ledger, plan_ledger

_ENDINGS = [*TABLE_ENDINGS, "json"]


def show_ledger_import(workspace: Workspace) -> None:
    """The tab of a ledger from elsewhere: the file, what it would change, and taking it in as one act."""
    show_outcome(OUTCOME)
    if not browse_records.dataset_names(workspace):
        empty_state("upload", "This workspace is empty", "Import a data set first: a ledger is about its images.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return
    st.markdown(
        "A ledger that another workspace wrote (CSV or JSON), or any table with `image_id_1`, `image_id_2` and "
        "`decision` (same_image, same_lesion, different, unsure). Nothing is stored before you say so."
    )
    file = st.file_uploader("Ledger of decisions", type=_ENDINGS, key="identity.ledger.file")
    if file is None:
        return
    data = file.getvalue()
    source = enter_text(
        "What it is called", key="identity.ledger.source", max_chars=200, width=520, placeholder=file.name
    )  # fmt: skip
    try:
        plan = plan_ledger(workspace, data, name=file.name, source=source or None)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    overrule = bool(plan.disagreements) and switch(
        f"Let it overrule {counted(len(plan.disagreements), 'pair')} decided otherwise here",
        key="identity.ledger.overrule", help="Off: they are listed, and what people here decided stays.",
    )  # fmt: skip
    wanted = (*plan.to_decide, *(plan.overruling if overrule else ()))
    show_plan(plan, foresee_merges(workspace, wanted), key="identity.ledger", overrule=overrule)
    _show_left_out(plan)
    if not wanted:
        st.info("Nothing in this ledger is new here.", icon=":material/task_alt:")
        return
    if not access.may(Right.DECIDE_FINDINGS):
        st.caption("Curators take a ledger in.")
        return
    if st.button(f"Take in {counted(len(wanted), 'decision')}", type="primary", key="identity.ledger.import"):
        with errors_shown():
            account = access.act(Right.DECIDE_FINDINGS)
            done = import_ledger(workspace, account, data, name=file.name, source=source or None, overrule=overrule)
            redraw_saying(OUTCOME, f"{counted(done.decided, 'decision')} taken in. *History* takes them back as one.")


def show_plan(plan: LedgerPlan, outlook: MergeOutlook, *, key: str, overrule: bool = False) -> None:
    """What a file or list would decide, with what is decided otherwise here and what would follow."""
    lesions, groups = outlook.lesions, outlook.groups
    show_key_figures(
        [
            KeyFigure("Pairs to decide", f"{len(plan.to_decide):,}", f"{plan.same:,} decided so already"),
            KeyFigure("Lesions", f"{lesions[1]:,}", f"{lesions[0]:,} before"),
            KeyFigure("Independent groups", f"{groups[1]:,}", f"{groups[0]:,} before"),
            KeyFigure("Contradictions", f"{len(outlook.conflicts):,}", "within the merged groups"),
        ]
    )
    if plan.disagreements:
        stays = "these are overruled" if overrule else "these stay as they are"
        st.markdown(f"**Decided otherwise here: {stays}**")
        data_table(
            pd.DataFrame(
                {
                    "Images": [" · ".join(d.images) for d in plan.disagreements],
                    "Here": [DECISIONS[d.here] for d in plan.disagreements],
                    "There": [DECISIONS[d.there] for d in plan.disagreements],
                }
            ),
            key=f"{key}.disagreements",
        )
    if outlook.affected:
        st.markdown("**What follows it**")
        data_table(
            pd.DataFrame(
                {
                    "What": [found.kind.capitalize() for found in outlook.affected],
                    "Name": [found.name for found in outlook.affected],
                    "Change": [found.text for found in outlook.affected],
                }
            ),
            key=f"{key}.affected",
        )
    if outlook.merged:
        with st.expander(f"{counted(len(outlook.merged), 'group')} that would come to be or grow"):
            data_table(pd.DataFrame({"Images": [" · ".join(g) for g in outlook.merged]}), key=f"{key}.merged")
    if outlook.conflicts:
        with st.expander(counted(len(outlook.conflicts), "contradiction"), expanded=len(outlook.conflicts) <= 5):
            for conflict in outlook.conflicts[:50]:
                st.markdown(f":material/warning: {as_text(conflict.text)}")


def _show_left_out(plan: LedgerPlan) -> None:
    if plan.unknown:
        n = len(plan.unknown)
        with st.expander(f"{counted(n, 'image')} not here, or under one name in several data sets: left out"):
            data_table(pd.DataFrame({"Image": plan.unknown}), key="identity.ledger.unknown")
    if plan.only_here:
        with st.expander(f"{counted(len(plan.only_here), 'decision')} only here: the ledger says nothing of them"):
            data_table(
                pd.DataFrame({"Images": [" · ".join(p) for p in plan.only_here]}), key="identity.ledger.only_here"
            )
