"""Which study or imported log the study page is about: in the address, else as chosen before, else the newest.

It stands at the head of the page, travels with every link and with the menu, and a part of the page that cannot show it
says so instead of quietly showing another.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import streamlit as st

from dermdash.errors import InvalidInput, StillBlinded
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.any_table import Table
from dermdash.readings.borderline import with_borderline
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.blinded import say_blinded
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.choices import choose, remember, remembered, switch
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.navigation import page_link
from dermdash.wording import counted
from dermdash.workflows.dataset.browse_records import data_version
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.reader_study import readings_source, study_results
from dermdash.workflows.reader_study.marked_readers import marked_readers
from dermdash.workflows.reader_study.readings_source import AGGREGATE, STUDY, ReadingsSource

PARAMETER = "source"
SIMULATED = "These readings are **simulated** by a program. Nothing here was answered by a person."


def link_to(source_key: str) -> dict[str, str]:
    """Parameters of a link to a page about that source."""
    return {PARAMETER: source_key}


def link_to_study(study_id: str) -> dict[str, str]:
    """Parameters of a link to a page about that study."""
    return link_to(readings_source.key_of_study(study_id))


def shown_source() -> str:
    """Key of the source that the page at hand shows; empty before it was chosen."""
    return next(iter(address.asked(PARAMETER)), "")


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """What the study page is about: a source of readings, and the study where it is one of this workspace."""

    source: ReadingsSource
    study: dict[str, Any] | None


def chosen_source(workspace: Workspace) -> ChosenSource | None:
    """Let the visitor choose a study or log, say at the head which it is; None (with what to do next) without any."""
    sources = {source.key: source for source in readings_source.list_sources(workspace, empty=True)}
    if not sources:
        st.title("Study", anchor=False)
        _nothing_yet()
        return None
    if address.read_again():
        _say_what_is_unknown(sources)
    head, others = st.container(), st.container()
    if len(sources) > 1:
        head, others = st.columns([3, 2], vertical_alignment="bottom", gap="large")
    with others:
        source = sources[_choose(sources)]
    study = _study_of(workspace, source.key)
    with head:
        st.title(as_text(source.name), anchor=False)
        latest = " \N{MIDDLE DOT} the latest" if len(sources) > 1 and source.key == next(iter(sources)) else ""
        st.caption(f"{_KINDS[source.kind]} \N{MIDDLE DOT} {counted(source.readings, 'reading')}{latest}")
    if study is not None and study["dataset_id"] in simulated_dataset_ids(workspace):
        st.warning(
            "The images of this study are **drawn** by a program: nothing here is about photographs."
            + (f" {SIMULATED}" if source.simulated else ""),
            icon=":material/science:",
        )
    elif source.simulated:
        st.warning(SIMULATED, icon=":material/science:")
    return ChosenSource(source, study)


def _study_of(workspace: Workspace, source_key: str) -> dict[str, Any] | None:
    study_id = readings_source.study_of(source_key)
    return next((s for s in study_results.list_studies(workspace) if s["id"] == study_id), None)


def readings_of(workspace: Workspace, source: ReadingsSource) -> ReadingsTable | None:
    """The single readings of a source as they are asked for; None (with why on the page) where there are none.

    What limits everything that is made of them (`warned`) the page says where it fits.
    """
    if source.kind == AGGREGATE:
        st.warning(
            f"“{as_text(source.name)}” counts answers per image and holds no single readings, which this needs. Run a "
            "study, or import a log with one row per reading.",
            icon=":material/link_off:",
        )
        return None
    return None if _has_none(source) else _loaded(workspace, source, readings_as_asked)


def readings_or_counts_of(workspace: Workspace, source: ReadingsSource) -> ReadingsTable | AggregateTable | None:
    """The same, also from files that count answers per image."""
    if _has_none(source):
        return None
    load: Callable[..., ReadingsTable | AggregateTable] = (
        counts_as_asked if source.kind == AGGREGATE else readings_as_asked
    )
    return _loaded(workspace, source, load)


def _has_none(source: ReadingsSource) -> bool:
    if not source.readings:
        empty_state("monitoring", "No readings yet", "This fills with the first answers of readers.")
    return not source.readings


def stage_3_switch(*, key: str = "source.stage3") -> bool:
    """Ask whether only cases verified by histology count: one switch for all pages of a tab, off at first."""
    return switch(
        "Only cases verified by histology (stage 3)",
        key=key,
        name="stage-3",
        comes_along=True,
        help="Every result again on these cases alone, as the workspace knows them now. It stays on from page to page.",
    )


def marked_switch(marked: Sequence[str], *, key: str = "source.marked") -> bool:
    """Ask whether readers whose session is marked as suspicious are left out, where there are any; off at first."""
    return bool(marked) and switch(
        f"Leave out {counted(len(marked), 'marked reader')}",
        key=key,
        name="without-marked",
        comes_along=True,
        help="Readers whose session the study team marked as suspicious. It stays on from page to page.",
    )


def marked_of(workspace: Workspace, source_key: str) -> tuple[str, ...]:
    """The readers of a source who are marked as suspicious: of a study of this workspace alone."""
    study_id = readings_source.study_of(source_key)
    return () if study_id is None else marked_readers(workspace, study_id)


def which_readings(table: ReadingsTable | AggregateTable) -> int:
    """A number for caches, which says which readings of a source these are.

    Readings are only ever appended and a log never changes, so their number would do; of some cases only, which cases
    these are can change with the records, and of some readers only with their marks. What borderline diagnoses count as
    belongs to it.
    """
    of = [str(table.borderline), table.source, *sorted(table.frame["case"].astype(str).unique())]
    if isinstance(table, ReadingsTable):
        of += sorted(table.frame["reader"].astype(str).unique())
    return (len(table.frame) << 32) + zlib.crc32("\n".join(of).encode())


class Narrowed(NamedTuple):
    """Which readings of a source were asked for, and what changes when these are others.

    ``stage_3``: of cases verified by histology alone, as ``version`` of the records has them; ``marked``: readers who
    are marked as suspicious, of whom none where ``leave_out_marked``.
    """

    stage_3: bool
    version: str
    marked: tuple[str, ...]
    leave_out_marked: bool


def ask_which(workspace: Workspace, source_key: str, *, of: str = "source") -> Narrowed:
    """Ask what the readings of a source are narrowed to; ``of`` stands before the keys of the switches."""
    stage_3 = stage_3_switch(key=f"{of}.stage3")
    marked = marked_of(workspace, source_key)
    return Narrowed(
        stage_3, data_version(workspace) if stage_3 else "", marked, marked_switch(marked, key=f"{of}.marked")
    )


def readings_as_asked(workspace: Workspace, source: ReadingsSource, asked: Narrowed) -> ReadingsTable:
    """The readings of a source, loaded once for the same ones."""
    return _load(workspace, str(workspace.home), source.key, source.readings, asked)


def counts_as_asked(workspace: Workspace, source: ReadingsSource, asked: Narrowed) -> AggregateTable:
    """The counts per image of a source, in which nobody can be marked."""
    return _load_counts(workspace, str(workspace.home), source.key, source.readings, asked.stage_3, asked.version)


def _loaded(workspace: Workspace, source: ReadingsSource, load: Callable[..., Table]) -> Table | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = ask_which(workspace, source.key)
    try:
        return with_borderline_choice(load(workspace, source, asked))
    except StillBlinded as error:
        say_blinded(error, link_to(source.key))
        return None
    except InvalidInput as error:
        if not asked.stage_3 and not asked.leave_out_marked:
            raise
        st.info(as_text(str(error)), icon=":material/info:")
        return None


def with_borderline_choice(table: Table, *, key: str = "source.borderline") -> Table:
    """Ask what borderline diagnoses count as, where there are any, and count them so."""
    policy = borderline_choice([table.taxonomy], key=key, comes_along=True, planned=table.planned_borderline)
    return with_borderline(table, policy)


def warned(table: Table) -> Table:
    """Say at the head of the page what limits everything on it."""
    for warning in table.warnings:
        st.warning(as_text(warning), icon=":material/warning:")
    if table.alike:
        st.caption("Import the file again to say whether they are one; its old entry can be withdrawn.")
        page_link("analysis/reading_logs", label="Readings from elsewhere", icon=":material/upload_file:")
    return table


_KINDS = {
    STUDY: "Study of this workspace",
    readings_source.LOG: "Imported log",
    AGGREGATE: "Imported counts per image",
}


def _choose(sources: Mapping[str, ReadingsSource]) -> str:
    """Ask which source, newest first; where there is but one, it is that."""
    keys = list(sources)
    if len(keys) == 1:
        address.put(PARAMETER, keys[0])
        remember(PARAMETER, keys[0])
        return keys[0]
    before = remembered(PARAMETER)
    chosen = choose(
        "Another study or log",
        keys,
        lambda key: sources[key].name,
        key="source.choice",
        name=PARAMETER,
        default=before if before in sources else keys[0],
        always=True,
    )
    remember(PARAMETER, chosen)
    return chosen


def _say_what_is_unknown(sources: Mapping[str, ReadingsSource]) -> None:
    """Say it where another source is shown than the address names or the page before was about."""
    asked = shown_source() or remembered(PARAMETER)
    if asked is not None and asked not in sources:
        st.warning(
            f"There is nothing “{as_text(asked)}” in this workspace. This is the newest.", icon=":material/link_off:"
        )


def _nothing_yet() -> None:
    empty_state(
        "groups",
        "No study yet",
        "Create one from the template *Nature Medicine 2020*, or import the log of a study done elsewhere.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        page_link("reader_study/new_study", label="New study", icon=":material/add_circle:")
        page_link("analysis/reading_logs", label="Import a log", icon=":material/upload_file:")


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Loading the readings")
def _load(_workspace: Workspace, home: str, key: str, readings: int, asked: Narrowed) -> ReadingsTable:
    # Readings are only ever appended and a log never changes, so their number says which ones these are; stages of
    # cases change with the records, whose version this is, and who is marked with what the study team says.
    return readings_source.load_readings(
        _workspace, key, stage_3=asked.stage_3, leave_out_marked=asked.leave_out_marked
    )


@st.cache_data(ttl=3600, max_entries=4, show_spinner="Loading the counts")
def _load_counts(
    _workspace: Workspace, home: str, key: str, readings: int, stage_3: bool, version: str
) -> AggregateTable:
    return readings_source.load_aggregate(_workspace, key, stage_3=stage_3)
