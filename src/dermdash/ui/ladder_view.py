"""The ladder of a data set: records by stage, what waits for what, and giving out work with a look ahead."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import diagnosis_name, get_taxonomy
from dermdash.records.verification_stage import stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_several
from dermdash.ui.entries import enter_number_or_none
from dermdash.ui.messages import empty_state, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.tables import data_table
from dermdash.verification.standing import Step
from dermdash.wording import counted, day, told_apart
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification.assign_reviews import Assigned, assign_work, preview_work
from dermdash.workflows.verification.histology import list_outstanding
from dermdash.workflows.verification.ladder_overview import LadderOverview, ladder_overview

_PLACE = "verification.assign"
_NEW, _REVIEW, _ANEW = "new", "review", "anew"
_WHICH = {
    _NEW: "Records without a stage, and those that have begun",
    _REVIEW: "Also those with a claimed stage: they are reviewed, and what the source says is their first annotation",
    _ANEW: "Also those with a claimed stage: they are annotated anew from the beginning",
}


def choose_dataset(workspace: Workspace) -> dict[str, Any] | None:
    """Draw the choice of a data set; None, and what to do, where there is none."""
    datasets = {str(d["id"]): d for d in browse_records.list_datasets(workspace)}
    if not datasets:
        empty_state("upload", "This workspace is empty", "Import a data set; then its labels can be verified here.")
        page_link("dataset/import_images", label="Import images", icon=":material/upload:")
        return None
    names = told_apart({key: str(d["name"]) for key, d in datasets.items()})
    chosen = choose(
        "Data set",
        list(datasets),
        names.__getitem__,
        key="verification.dataset",
        name="dataset",
        always=True,
        width=420,
    )
    return datasets[chosen]


def show_ladder(workspace: Workspace, actor: Account, dataset: Mapping[str, Any]) -> None:
    """Where the records stand, what they wait for, and what can be given out."""
    show_outcome(_PLACE)
    overview = ladder_overview(workspace, actor, dataset["id"])
    stands, waits = st.columns([3, 2], gap="large")
    with stands:
        _show_stages(overview)
        _show_without_histology(workspace, actor, dataset)
    with waits:
        _show_waiting(overview)
    _offer_work(workspace, dataset, overview)


def _show_stages(overview: LadderOverview) -> None:
    st.header("Where the labels stand", anchor=False)
    frame = pd.DataFrame(
        {
            "Stage": ["none yet" if s.stage is None else stage_words(s.stage) for s in overview.stages],
            "Reached here": [s.here for s in overview.stages],
            "Claimed elsewhere": [s.claimed for s in overview.stages],
        }
    )
    data_table(frame, key="verification.stages")
    st.caption("Claimed elsewhere: the stage came along with the import, and nobody here has confirmed it.")


def _show_waiting(overview: LadderOverview) -> None:
    st.header("What waits", anchor=False)
    waiting = overview.waiting
    rows = [
        ("To be given out for a first annotation", overview.to_queue),
        ("In the queue for a first annotation", overview.queued),
        ("For reviewers to be named", waiting.get(Step.REVIEWERS, 0)),
        (f"For reviewers to answer ({counted(overview.answers_missing, 'answer')})", waiting.get(Step.REVIEWS, 0)),
        ("For the board", waiting.get(Step.BOARD, 0)),
        ("Malignant, for histology", overview.without_histology),
        ("Claimed elsewhere, nothing begun here", overview.untouched),
    ]
    data_table(pd.DataFrame(rows, columns=["For what", "Records"]), key="verification.waiting")
    with st.container(horizontal=True):
        page_link("verification/board", label="Board", icon=":material/forum:")
        page_link("verification/histology", label="Histology", icon=":material/lab_panel:")


def _show_without_histology(workspace: Workspace, actor: Account, dataset: Mapping[str, Any]) -> None:
    by_class = defaultdict(list)
    for row in list_outstanding(workspace, actor, dataset["id"]):
        by_class[row.dx].append(row)
    if not by_class:
        return
    st.header("Malignant classes without histology", anchor=False)
    frame = pd.DataFrame(
        {
            "Class": [diagnosis_name(dx) for dx in by_class],
            "Records": [len(rows) for rows in by_class.values()],
            "Oldest, days": [max(row.days for row in rows) for rows in by_class.values()],
            "Since": [day(min(row.since for row in rows)) for rows in by_class.values()],
        }
    )
    data_table(frame.sort_values("Oldest, days", ascending=False), key="verification.without_histology")


def _offer_work(workspace: Workspace, dataset: Mapping[str, Any], overview: LadderOverview) -> None:
    st.header("Give out work", anchor=False)
    if not overview.records:
        st.markdown("This data set has no record.")
        return
    which = choose(
        "Which records", list(_WHICH), _WHICH.__getitem__, key="verification.which", name="which", draw="radio"
    )
    left, right = st.columns([3, 1])
    with left:
        codes = get_taxonomy(dataset["taxonomy"]).codes
        classes = choose_several(
            "Only of these classes", list(codes), diagnosis_name, key="verification.classes", name="class",
            placeholder="Any class, and records without one",
        )  # fmt: skip
    with right:
        most = enter_number_or_none("Begin at most", 1, 1_000_000, key="verification.most", name="most",
                                    placeholder="all")  # fmt: skip
    chosen = (dataset["id"], which, tuple(classes), most)
    seen = st.session_state.get(keys.ASSIGN_PREVIEW)
    fits = seen is not None and seen[0] == chosen
    if st.button("See what it would do", key="verification.preview", icon=":material/visibility:"):
        actor = access.act(Right.CURATE_LABELS)
        with st.spinner("Looking through the records"):
            st.session_state[keys.ASSIGN_PREVIEW] = seen = (chosen, preview_work(workspace, actor, **_asked(*chosen)))
        fits = True
    if not fits or seen is None:
        return
    _show_preview(workspace, seen[1])
    nothing = not seen[1].queued and not seen[1].reviews
    if st.button("Give it out", key="verification.assign", type="primary", disabled=nothing):
        actor = access.act(Right.CURATE_LABELS)
        st.session_state.pop(keys.ASSIGN_PREVIEW, None)
        with st.spinner("Giving out the work"):
            made = assign_work(workspace, actor, **_asked(*chosen))
        redraw_saying(_PLACE, f"Given out: {_in_words(made)}.", well=not made.unmet)


def _asked(dataset_id: str, which: str, classes: tuple[str, ...], most: int | None) -> dict[str, Any]:
    records = RecordFilter().with_options("dataset_id", [dataset_id])
    if classes:
        records = records.with_options("dx", classes)
    return {"records": records, "claimed": which != _NEW, "initial": which == _ANEW, "most": most}


def _in_words(made: Assigned) -> str:
    reviews = sum(made.reviews.values())
    text = f"{counted(made.queued, 'record')} into the queue and {counted(reviews, 'review')} to " + counted(
        len(made.reviews), "person", "people"
    )
    if made.unmet:
        text += f"; for {counted(len(made.unmet), 'record')} people are missing"
    return text


def _show_preview(workspace: Workspace, made: Assigned) -> None:
    names = names_of(workspace)
    with st.container(border=True):
        st.markdown(f"**It would bring {_in_words(made)}.**")
        if made.reviews:
            frame = pd.DataFrame(
                {
                    "Reviewer": [names.get(key, key) for key in made.reviews],
                    "New reviews": list(made.reviews.values()),
                }
            )
            data_table(frame.sort_values("Reviewer"), key="verification.preview_reviews", width="content")
        notes = []
        if made.unmet:
            missing = sum(made.unmet.values())
            notes.append(
                f"{counted(missing, 'more reviewer')} would be needed in all for {counted(len(made.unmet), 'record')}: "
                "invite people with the role of a reviewer, or lower the number in the rule."
            )
        if made.unexperienced:
            notes.append(f"{counted(len(made.unexperienced), 'record')} would have residents alone.")
        notes += [f"{counted(n, 'record')} left as they are: each {why}." for why, n in made.left_out.items()]
        if notes:
            st.markdown("\n".join(f"- {note}" for note in notes))
