"""Whose answers the crowd is: readers as they come, or an earlier study or log, pooled and fixed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.crowd import crowd_words
from dermdash.reader_study.protocol_draft import DraftFault
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets
from dermdash.workflows.dataset.browse_records import data_version
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.reader_study.frozen_crowd import freeze_crowd

_GROWING = "growing"
_ENTRY = "frozen_crowd"


def choose_crowd(workspace: Workspace, desk: Desk) -> None:
    """Ask for the crowd, and from how many readers on it is shown."""
    entries = EntryWidgets(desk)
    entries.number(
        "minimum_crowd_readers", "Earlier readers a case needs before the crowd is shown", 1, 1000,
        help="Until then the case gets one of the other forms.",
    )  # fmt: skip
    sources = {s.key: s for s in readings_source.list_sources(workspace)}
    crowd = desk.at(_ENTRY)
    entries.loose_choice(
        "crowd_source", "Crowd", _GROWING if crowd is None else str(crowd.get("source")), [_GROWING, *sources],
        lambda k: f"Frozen: {sources[k].name}" if k in sources else "Readers of this data set so far, growing",
        lambda k: {_ENTRY: None if k == _GROWING else {"source": k}},
        help="Growing: each reader sees the shares of the readers before them, of this study too. They differ between "
        "readers, who then are not independent, and kinds are not balanced. Frozen: the shares of an earlier study or "
        "log, the same for every reader; only images that it has shares of are drawn.",
    )  # fmt: skip
    entries.say(_ENTRY)
    if crowd is not None and not desk.faults_at(_ENTRY):
        st.caption(as_text(f"Frozen with the protocol: {crowd_words(crowd)}."))


def pool_crowd(workspace: Workspace, desk: Desk) -> None:
    """Fix the shares of the crowd that was chosen, for the data set and number of readers that stand there now.

    Where it can be no crowd that is a fault of the draft: a study must not be frozen with another crowd than asked for.
    """
    crowd: dict[str, Any] | None = desk.at(_ENTRY)
    if crowd is None:
        return
    source = next((s for s in readings_source.list_sources(workspace) if s.key == crowd.get("source")), None)
    try:
        if source is None:
            # Of another workspace, say: the draw needs its readings here.
            raise DermdashError("the readings of this crowd are not in this workspace: choose another crowd")
        found = _frozen(
            workspace, str(workspace.home), source.key, source.readings, desk.at("dataset_id"), desk.at("taxonomy"),
            desk.at("minimum_crowd_readers"), data_version(workspace),
        )  # fmt: skip
    except DermdashError as error:
        others = tuple(fault for fault in desk.faults if fault.entry != _ENTRY)
        desk.faults = (*others, DraftFault(_ENTRY, str(error)))
        return
    if found != crowd and not desk.unsaved:
        desk.put({_ENTRY: found})
        desk.find_faults()


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Pooling the crowd")
def _frozen(
    _workspace: Workspace,
    home: str,
    key: str,
    readings: int,
    dataset_id: str,
    taxonomy: str,
    minimum_readers: int,
    version: str,
) -> dict[str, Any]:
    return freeze_crowd(_workspace, key, dataset_id=dataset_id, taxonomy=taxonomy, minimum_readers=minimum_readers)
