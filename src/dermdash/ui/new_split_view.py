"""The form that makes a split: which records, into what, and what would come of it, before anything is stored."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError
from dermdash.records.chosen_records import kept_filter
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose_segment, choose_several
from dermdash.ui.entries import enter_number, enter_text
from dermdash.ui.messages import as_text, error_words, show_outcome
from dermdash.ui.navigation import switch_page
from dermdash.ui.record_choice import choose_records
from dermdash.ui.split_tables import show_deviations
from dermdash.ui.work_beside import begin_act, finish_act, result_beside
from dermdash.wording import counted, margin
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.check_split import deviations_of
from dermdash.workflows.dataset.image_kinds import default_kind
from dermdash.workflows.dataset.make_split import DrawnSplit, draw_split, grouping_words, make_split
from dermdash.workflows.dataset.split_plan import (
    FOLDS,
    LONGEST_NAME,
    MAX_FOLDS,
    PARTS,
    SplitPlan,
    shares_of_folds,
    shares_of_percent,
)
from dermdash.workflows.page_tasks import Report

_DEFAULT = (70, 15, 15)
_STORING = "splits.storing"
_ANY_NAME = "preview"
"""The preview needs no name: it is asked for when the split is stored."""


@dataclass(frozen=True, slots=True)
class _Preview:
    """What would come of a plan."""

    records: int
    counts: pd.DataFrame
    grouping: dict[str, int]
    warnings: tuple[str, ...]


def show_new_split(workspace: Workspace, *, outcome: str) -> None:
    """Draw the form, the preview, and the button that stores it. ``outcome``: where the page says what was done."""
    _finish(workspace, outcome)
    plan = _plan(workspace)
    if plan is None:
        return
    try:
        preview = _previewed(workspace, plan)
    except DermdashError as error:
        st.warning(error_words(error), icon=":material/info:")
        return
    if preview is None:
        return
    _show(preview, plan)
    if not access.may(Right.KEEP_VERSIONS):
        return
    name = enter_text(
        "Name", key="splits.new_name", max_chars=LONGEST_NAME, placeholder="main-2026", width=420,
        help="A name means one split for good. Letters, digits, blanks and . _ -",
    )  # fmt: skip
    if not st.button("Store the split", key="splits.store", type="primary", disabled=not name, icon=":material/save:"):
        return
    account = access.act(Right.KEEP_VERSIONS)
    try:
        named = SplitPlan(name, plan.shares, plan.seed, plan.datasets, plan.record_filter)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    begin_act(
        workspace, (_STORING, account.id), f"Storing {name}",
        lambda report: make_split(workspace, account, named, report=report),
    )  # fmt: skip
    st.rerun()


def _finish(workspace: Workspace, outcome: str) -> None:
    """Watch a split that this person is storing, and go to it once it is stored; else say why it is not."""
    account = access.shown_to()
    if account is None:
        return

    def said(result: tuple[DrawnSplit, bool]) -> str:
        drawn, made = result
        done = "is stored" if made else "was stored already, the very same"
        return f"{as_text(drawn.plan.name)} {done}: {counted(len(drawn.rows), 'record')}."

    stored = finish_act(workspace, (_STORING, account.id), outcome=outcome, said=said)
    if stored is not None:
        switch_page("dataset/splits", query_params={"name": stored[0].plan.name})
    show_outcome(outcome)


def _plan(workspace: Workspace) -> SplitPlan | None:
    datasets = {str(d["id"]): d for d in browse_records.list_datasets(workspace) if d["records"]}
    names = browse_records.dataset_names(workspace)
    drawn = default_kind(workspace)
    usual = [i for i, d in datasets.items() if bool(d["simulated"]) == drawn]
    with st.container(border=True):
        chosen = choose_several(
            "Data sets", list(datasets), lambda i: f"{names[i]} ({counted(datasets[i]['records'], 'record')})",
            key="splits.datasets", name="dataset", default=usual, always=False,
        )  # fmt: skip
        with st.expander("Which records"):
            st.caption("Only these are divided; nothing chosen: every record.")
            record_filter = choose_records(workspace, key="splits.records", named=True)
        shares = _shares()
        seed = enter_number(
            "Seed", 0, 2**31 - 1, 2020, key="splits.seed", name="seed", width=200,
            help="The same records, parts and seed give the same split.",
        )  # fmt: skip
    if not chosen:
        st.info("Choose at least one data set.", icon=":material/info:")
        return None
    return None if shares is None else SplitPlan(_ANY_NAME, shares, seed, tuple(chosen), record_filter)


def _shares() -> tuple[tuple[str, float], ...] | None:
    kind = choose_segment(
        "Into", [PARTS, FOLDS], {PARTS: "Train, validation, test", FOLDS: "Folds"}.__getitem__, key="splits.kind",
        name="into",
    )  # fmt: skip
    if kind == FOLDS:
        return shares_of_folds(enter_number("Folds", 2, MAX_FOLDS, 5, key="splits.folds", name="folds", width=200))
    places = st.columns(3)
    percent = [
        enter_number(f"{part} (%)", low, 98, default, key=f"splits.share.{part}", name=part.lower(), place=place)
        for place, part, low, default in zip(
            places, ("Train", "Validation", "Test"), (1, 0, 1), _DEFAULT, strict=True
        )
    ]  # fmt: skip
    if sum(percent) != 100:
        st.warning(
            f"The parts sum to {sum(percent)}: they must sum to 100. A validation of 0 leaves train and test.",
            icon=":material/info:",
        )
        return None
    return shares_of_percent([float(number) for number in percent if number])


def _key(plan: SplitPlan) -> str:
    return f"{plan.shares}:{plan.seed}:{plan.datasets}:{sorted(_kept(plan.record_filter).items())}"


def _kept(record_filter: RecordFilter) -> dict[str, list[str]]:
    return kept_filter(record_filter)


def _previewed(workspace: Workspace, plan: SplitPlan) -> _Preview | None:
    def draw(report: Report) -> _Preview:
        drawn = draw_split(workspace, plan, report=report)
        return _Preview(len(drawn.rows), drawn.counts, drawn.grouping, drawn.warnings)

    version = browse_records.data_version(workspace)
    return result_beside(workspace, ("splits.preview", version, _key(plan)), "Dividing the records", draw)


def _show(preview: _Preview, plan: SplitPlan) -> None:
    parts = [name for name, _ in plan.shares]
    deviations = deviations_of(preview.counts)
    st.markdown(
        f"**What would come of it** · {counted(preview.records, 'record')} in "
        f"{counted(preview.grouping['groups'], 'group')} · no class further from its share of the whole than "
        f"{margin(float(deviations.abs().to_numpy().max(initial=0.0)), 2)}  \n{grouping_words(preview.grouping)}"
    )
    for warning in preview.warnings:
        st.info(as_text(warning), icon=":material/info:")
    show_deviations(preview.counts, deviations, parts, key="splits.preview")
