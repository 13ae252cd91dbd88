"""Published lists, each with what applying it would change; a pair entered by hand; every decision, and undo."""

import streamlit as st

from dermdash.dataset.identity_ledger import PairDecision, write_ledger_csv
from dermdash.records.table_files import TABLE_ENDINGS
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.entries import enter_text
from dermdash.ui.lesion_identity_view import DECISIONS, OUTCOME, entries_table, lesion_tiles
from dermdash.ui.lesion_ledger_view import show_plan
from dermdash.ui.messages import as_text, empty_state, errors_shown, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.tables import data_table
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.lesion_identity import apply_list, ledger
from dermdash.workflows.lesion_identity.listed_duplicates import import_duplicate_list, listed_in_words

_CONFIRMING = [PairDecision.SAME_LESION, PairDecision.SAME_IMAGE]
_KINDS = {
    "hand": "A pair entered by hand",
    "ledger": "A ledger taken in",
    "list": "A list applied",
}


def show_lists(workspace: Workspace) -> None:
    """The tab of the published lists: reading one, which there are, and what applying one would change."""
    show_outcome(OUTCOME)
    datasets = browse_records.dataset_names(workspace)
    if not datasets:
        empty_state("upload", "This workspace is empty", "Import a data set first: a list is about its images.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return
    lists = apply_list.lists_here(workspace)
    if not lists:
        empty_state(
            "list_alt",
            "No published list is here",
            "One that is read here is evidence beside the findings. It decides nothing until it is applied.",
        )
    if access.may(Right.DECIDE_FINDINGS):
        with st.expander("Read a published list", expanded=not lists, icon=":material/upload:"):
            _read_list(workspace, datasets)
    if not lists:
        return
    by_source = {found.source: found for found in lists}
    source = choose("List", list(by_source), key="identity.list", name="list", width=520)
    # Not in its title, which a browser keeps while the list is chosen: applying it changes this.
    st.caption(f"{counted(by_source[source].pairs, 'pair')}, {by_source[source].decided:,} decided")
    decision = choose_segment(
        "Its open pairs would be decided as", _CONFIRMING, lambda d: DECISIONS[d], key="identity.list.decision",
        name="list_as", default=PairDecision.SAME_LESION,
    )  # fmt: skip
    preview = apply_list.preview_list(workspace, source, decision=decision)
    show_plan(preview.plan, preview.outlook, key="identity.list")
    if not preview.plan.to_decide:
        st.info("Somebody has decided about every pair of this list.", icon=":material/task_alt:")
        return
    note = enter_text("Why it is applied", key="identity.list.note", max_chars=500, width=520)
    sure = st.checkbox(
        f"I have looked at what changes: {counted(len(preview.plan.to_decide), 'pair')}",
        key=f"identity.list.sure.{source}.{decision}",
    )
    if st.button("Apply this list", type="primary", disabled=not sure, key="identity.list.apply"):
        with errors_shown():
            account = access.act(Right.DECIDE_FINDINGS)
            done = apply_list.apply_list(workspace, account, source, decision=decision, note=note)
            redraw_saying(OUTCOME, f"{counted(done.decided, 'pair')} decided. *History* takes the list back as one.")


def _read_list(workspace: Workspace, datasets: dict[str, str]) -> None:
    st.markdown(
        "A table with two columns of images (`image_id_1` and `image_id_2`, `image_name_1` and `image_name_2`, "
        "`from_img` and `to_img`), or a file with one image a line. A list of the same name takes the place of what it "
        "said before; decisions stay."
    )
    file = st.file_uploader("Published list", type=[*TABLE_ENDINGS, "txt"], key="identity.list.file")
    with st.container(horizontal=True):
        dataset = choose(
            "Data set it is about", list(datasets), datasets.__getitem__, key="identity.list.dataset",
            name="of_dataset", width=320,
        )  # fmt: skip
        source = enter_text(
            "What it is called, and where it is from", key="identity.list.source", max_chars=200, width=520,
            placeholder=file.name if file else "",
        )  # fmt: skip
    if st.button("Read the list", key="identity.list.read", disabled=file is None) and file is not None:
        with errors_shown():
            account = access.act(Right.DECIDE_FINDINGS)
            told = import_duplicate_list(
                workspace, account, file.getvalue(), name=file.name, dataset_id=dataset, source=source or None
            )
            redraw_saying(OUTCOME, as_text(" ".join(listed_in_words(told))))


def show_entry(workspace: Workspace) -> None:
    """The tab for a pair that somebody knows of, whatever was found."""
    show_outcome(OUTCOME)
    with st.container(horizontal=True):
        named = [
            enter_text(label, key=f"identity.enter.{name}", name=name, max_chars=200, width=260)
            for label, name in (("Image", "one"), ("Other image", "other"))
        ]
    if not all(named):
        st.caption("Enter the ids of two images that you know show one lesion, or do not.")
        return
    with errors_shown():
        ids = [browse_records.resolve_record_id(workspace, name) for name in named]
        rows = [browse_records.record_detail(workspace, record).record for record in ids]
        st.html(lesion_tiles(workspace, rows))
        decision = choose_segment(
            "They show", list(PairDecision), lambda d: DECISIONS[d], key="identity.enter.decision", name="pair_as",
            default=PairDecision.SAME_LESION,
        )  # fmt: skip
        note = enter_text("Why", key="identity.enter.note", max_chars=500, width=520)
        if st.button("Decide", type="primary", key="identity.enter"):
            account = access.act(Right.DECIDE_FINDINGS)
            ledger.enter_pair(workspace, account, ids, decision, note=note)
            redraw_saying(OUTCOME, f"{as_text(' and '.join(named))}: {DECISIONS[decision].lower()}.")


def show_history(workspace: Workspace) -> None:
    """The tab of the history: every decision, acts that can be taken back as one, and the ledger as a file."""
    show_outcome(OUTCOME)
    history = ledger.ledger_history(workspace)
    if not history:
        empty_state(
            "history", "Nobody has decided anything", "Decisions about pairs will stand here, with who and when."
        )
        page_link("dataset/findings", label="Possible errors", icon=":material/troubleshoot:")
        return
    records = sorted({record for entry in history for record in entry.records})
    image_of = ledger.image_ids(workspace, records)
    data_table(entries_table(workspace, list(reversed(history)), image_of), key="identity.history")
    private_download(
        "Download the ledger",
        lambda privacy: write_ledger_csv(ledger.ledger_rows(workspace, privacy=privacy)),
        file_name="dermdash-lesion-identity.csv",
        key="identity.download",
        help="Every decision that holds. The tab *Take in a ledger* of another workspace reads it.",
    )
    _offer_undo(workspace)


def _offer_undo(workspace: Workspace) -> None:
    acts = {str(row["id"]): row for row in ledger.standing_acts(workspace)}
    if not acts or not access.may(Right.DECIDE_FINDINGS):
        return
    people = names_of(workspace)

    def title(key: str) -> str:
        row = acts[key]
        who = people.get(str(row["account_id"]), str(row["account_id"]))
        source = f" ({row['source']})" if row["source"] else ""
        return f"{_KINDS[row['kind']]}{source} · {who}, {moment(row['created_at'])}"

    st.markdown("**Take an act back as one**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose("Act", list(acts), title, key="identity.act", name="act", width=520)
        pressed = st.button("Take back", key="identity.undo", icon=":material/undo:")
    if pressed:
        with errors_shown():
            account = access.act(Right.DECIDE_FINDINGS)
            back, others = ledger.undo_act(workspace, account, chosen)
            left = f" {counted(others, 'pair')} decided anew since keep that." if others else ""
            redraw_saying(OUTCOME, f"{counted(back, 'decision')} taken back.{left}")
