"""Which study or imported log a page is about: in the address, else as chosen on the page before, else the newest.

The same choice on the pages of a study and of analysis: it stands at their head, travels with every link between them
and with the menu, and a page that cannot show it says so instead of quietly showing another.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dermdash.errors import InvalidInput, StillBlinded
from dermdash.readings.aggregate import AggregateTable
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

Table = TypeVar("Table", ReadingsTable, AggregateTable, ReadingsTable | AggregateTable)
PARAMETER = "source"
SIMULATED = "These readings are **simulated** by a program. Nothing here was answered by a person."
_NEEDS = {
    STUDY: "is an imported log, and this page is about a study of this workspace",
    AGGREGATE: "counts answers per image and holds no single readings, which this page needs",
    "readings": "has no readings yet",
}


def link_to(source_key: str) -> dict[str, str]:
    """Parameters of a link to a page about that source."""
    return {PARAMETER: source_key}


def link_to_study(study_id: str) -> dict[str, str]:
    """Parameters of a link to a page about that study."""
    return link_to(readings_source.key_of_study(study_id))


def shown_source() -> str:
    """Key of the source that the page at hand shows; empty before it was chosen."""
    return next(iter(address.asked(PARAMETER)), "")


def chosen_study(workspace: Workspace) -> dict[str, Any] | None:
    """Let the visitor choose a study; None (with what to do next on the page) when there is none."""
    studies = {readings_source.key_of_study(s["id"]): s for s in study_results.list_studies(workspace)}
    if not studies:
        empty_state("groups", "No study yet", "Create one from the template *Nature Medicine 2020*.")
        page_link("reader_study/new_study", label="New study", icon=":material/add_circle:")
        return None
    every = {source.key: source for source in readings_source.list_sources(workspace, empty=True)}
    key = _choose("Study", {key: str(s["name"]) for key, s in studies.items()}, every, STUDY, _row())
    study = studies[key]
    st.header(as_text(study["name"]), anchor=False)
    if study["dataset_id"] in simulated_dataset_ids(workspace):
        st.warning(
            "The images of this study are **drawn** by a program: nothing here is about photographs.",
            icon=":material/science:",
        )
    if study["simulated"]:
        st.warning(
            "The readers of this study are **simulated** by a program. Nothing here was answered by a person.",
            icon=":material/science:",
        )
    return study


def chosen_readings(workspace: Workspace) -> ReadingsTable | None:
    """Let the visitor choose a source of single readings; None (with what to do next on the page) without one.

    What limits everything that is made of them (`warned`) the page says where it fits.
    """
    row = _row()
    source = _chosen_source(workspace, row, aggregate=False)
    return None if source is None else _loaded(workspace, source, readings_as_asked, row)


def chosen_readings_or_counts(workspace: Workspace) -> ReadingsTable | AggregateTable | None:
    """The same, also from files that count answers per image."""
    row = _row()
    source = _chosen_source(workspace, row, aggregate=True)
    if source is None:
        return None
    counts = source.kind == AGGREGATE
    load: Callable[..., ReadingsTable | AggregateTable] = counts_as_asked if counts else readings_as_asked
    return _loaded(workspace, source, load, row)


def _row() -> DeltaGenerator:
    """Where the source stands, and beside it what of it counts."""
    return st.container(horizontal=True, vertical_alignment="bottom")


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


def _loaded(
    workspace: Workspace, source: ReadingsSource, load: Callable[..., Table], row: DeltaGenerator
) -> Table | None:
    with row:
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
        page_link("analysis/reading_logs", label="Reading logs", icon=":material/upload_file:")
    return table


def _chosen_source(workspace: Workspace, row: DeltaGenerator, *, aggregate: bool) -> ReadingsSource | None:
    every = {source.key: source for source in readings_source.list_sources(workspace, empty=True)}
    offered = {k: s for k, s in every.items() if s.readings and (aggregate or s.kind != AGGREGATE)}
    if not offered:
        _nothing_yet(counts_only=any(s.kind == AGGREGATE for s in every.values()))
        return None
    source = offered[_choose("Readings of", {k: s.name for k, s in offered.items()}, every, AGGREGATE, row)]
    said = f"{_KINDS[source.kind]} \N{MIDDLE DOT} {counted(source.readings, 'reading')}"
    st.caption(f"{said} \N{MIDDLE DOT} :material/science: {SIMULATED}" if source.simulated else said)
    return source


_KINDS = {STUDY: "Study of this workspace", readings_source.LOG: "Imported log", AGGREGATE: "Imported counts per image"}


def _choose(
    label: str, offered: Mapping[str, str], every: Mapping[str, ReadingsSource], needs: str, row: DeltaGenerator
) -> str:
    """Ask which source; ``offered`` are the keys and names that this page can show, newest first."""
    keys = list(offered)
    if address.read_again():
        _say_what_is_not_shown(keys, every, needs)
    before = remembered(PARAMETER)
    with row:
        chosen = choose(
            label,
            keys,
            offered.__getitem__,
            key="source.choice",
            name=PARAMETER,
            default=before if before in offered else keys[0],
            always=True,
            width=520,
        )
    remember(PARAMETER, chosen)
    return chosen


def _say_what_is_not_shown(offered: Sequence[str], every: Mapping[str, ReadingsSource], needs: str) -> None:
    """Say it where another source is shown than the address names or the page before was about."""
    asked = shown_source() or remembered(PARAMETER)
    if asked is None or asked in offered:
        return
    if asked not in every:
        st.warning(
            f"There is nothing “{as_text(asked)}” in this workspace. This is the newest.", icon=":material/link_off:"
        )
        return
    source = every[asked]
    reason = _NEEDS["readings"] if not source.readings and needs != STUDY else _NEEDS[needs]
    st.warning(f"“{as_text(source.name)}” {reason}. This is the newest that can be shown.", icon=":material/link_off:")


def _nothing_yet(*, counts_only: bool) -> None:
    if counts_only:
        empty_state(
            "menu_book",
            "No single readings yet",
            "The imported file counts answers per image and does not say which reader gave which. Run a study, or "
            "import a log with one row per reading.",
        )
    else:
        empty_state("menu_book", "No readings yet", "Run a study, or import the log of one.")
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
