"""The page of collective decisions: which readers to mix, how large panels get, and what was found."""

import streamlit as st

from dermdash.analyses.collective.collective_result import CollectiveResult
from dermdash.analyses.collective.run import GROUP_COLUMNS, CollectiveOptions, analyse_collective
from dermdash.analyses.collective.section import GROUP_WORDS, collective_section
from dermdash.analyses.model_opinions import model_opinions
from dermdash.reader_study.profile import group_name
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.section_view import show_section
from dermdash.ui.choices import choose, choose_several
from dermdash.ui.entries import enter_number_or_none
from dermdash.ui.source_choice import shown_source, which_readings
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.dataset import browse_records

ALL = "all readers"


def collective_view(workspace: Workspace, table: ReadingsTable) -> None:
    """Ask how panels are composed, and show what they reach."""
    known = [c for c in GROUP_COLUMNS if table.has(c)]
    by, first, second = GROUP_COLUMNS[0], None, None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if known:
            by = choose(
                "Compare readers by", known, lambda c: GROUP_WORDS[c].capitalize(), key="collective.by", name="by",
                width=260,
            )  # fmt: skip
            groups = list(table.groups_of(by))
            if len(groups) > 1:
                pair = choose_several(
                    "Mix two groups", groups, group_name, most=2, key=f"collective.mix.{by}", name="mix", width=420,
                    placeholder="The two with most readers",
                )  # fmt: skip
                first, second = (pair[0], pair[1]) if len(pair) == 2 else (None, None)
        limit = enter_number_or_none(
            "Largest panel", 1, 101, key="collective.limit", name="largest", width=180, placeholder="as read",
            help="Empty: the largest that half of the cases can seat, at most 15.",
        )  # fmt: skip
    options = CollectiveOptions(limit=limit, by=by, first=first, second=second)
    identity = source_identity(workspace, table)
    show_section(collective_section(_result(workspace, table, identity, study_of_source(), options)))


def source_identity(workspace: Workspace, table: ReadingsTable) -> tuple[str, ...]:
    """What tells these readings, and the predictions beside them, from others."""
    predicted = str([(m["id"], m["predictions"]) for m in evaluable_models(workspace)])
    version = (str(browse_records.data_version(workspace)), predicted)
    readings = (shown_source(), table.source, table.protocol_sha256 or "", str(which_readings(table)))
    return str(workspace.home), *readings, *version


def study_of_source() -> str | None:
    """The study that the page is about; None for an imported log."""
    kind, _, identity = shown_source().partition(":")
    return identity if kind == "study" else None


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Counting the votes of every panel")
def _result(
    _workspace: Workspace,
    _table: ReadingsTable,
    identity: tuple[str, ...],
    study_id: str | None,
    options: CollectiveOptions,
) -> CollectiveResult:
    opinions = model_opinions(_table, workspace=_workspace, study_id=study_id)
    return analyse_collective(_table, opinions=opinions, options=options)
