"""The splits of a workspace: the list, one of them with its proof and its deviations, its lock."""

from urllib.parse import quote

import pandas as pd
import streamlit as st

from dermdash.charts.split_parts import sides_figure
from dermdash.errors import NotAsStored
from dermdash.records.split_parts import TEST, part_option
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.analysis.section_view import DETAILS
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.entries import enter_text
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, empty_state, redraw_saying, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.new_split_view import show_new_split
from dermdash.ui.private_download import private_download
from dermdash.ui.split_tables import counts_table, part_words, show_deviations
from dermdash.ui.tables import data_table
from dermdash.ui.theme import current_theme, show_figure
from dermdash.ui.work_beside import result_beside
from dermdash.wording import counted, form, margin, moment
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier.training.control import active_job
from dermdash.workflows.classifier.training.job import list_jobs
from dermdash.workflows.dataset import browse_records, kept_splits
from dermdash.workflows.dataset.check_split import SplitCheck, Tie, check_split
from dermdash.workflows.dataset.kept_splits import KeptSplit
from dermdash.workflows.dataset.locked_records import records_behind_locks
from dermdash.workflows.dataset.make_split import grouping_words
from dermdash.workflows.dataset.tag_version import list_versions

_OUTCOME = "splits.outcome"
_KEPT, _NEW = "kept", "new"
_LEAKS_SHOWN = 200
_STATES = {"open": "", "locked": "test part locked", "withdrawn": "withdrawn"}


def splits_state(workspace: Workspace) -> str:
    """How many splits and versions there are."""
    every = kept_splits.list_splits(workspace)
    locked = sum(split.locked_at is not None for split in every)
    versions = len(list_versions(workspace))
    if not every and not versions:
        return ""
    return f"{counted(len(every), 'split')}, {locked:,} locked · {counted(versions, 'version')}"


def show_splits(workspace: Workspace) -> None:
    """The tab of the splits."""
    every = kept_splits.list_splits(workspace, withdrawn=True)
    if not any(dataset["records"] for dataset in browse_records.list_datasets(workspace)):
        empty_state("upload", "Nothing to divide yet", "Import records first; then they can be divided here.")
        page_link("dataset/import_images", label="Import a data set", icon=":material/upload:")
        return
    show_outcome(_OUTCOME)
    view = _NEW
    if every:
        view = choose_segment(
            "Show", [_KEPT, _NEW], {_KEPT: "Splits", _NEW: "Make a split"}.__getitem__, key="splits.view", name="view",
            label_visibility="collapsed",
        )  # fmt: skip
    else:
        st.caption("There is no split yet: this makes the first.")
    if view == _NEW:
        show_new_split(workspace, outcome=_OUTCOME)
        return
    by_name = {split.name: split for split in every}
    name = choose(
        "Look at", list(by_name), lambda n: " · ".join(filter(None, (n, _STATES[by_name[n].state]))),
        key="splits.name", name="name", always=True, width=420,
    )  # fmt: skip
    _show_one(workspace, by_name[name])
    with st.expander(f"All splits ({len(every):,})", icon=":material/table_rows:"):
        data_table(_table(workspace, every), key="splits.table")


def _table(workspace: Workspace, every: list[KeptSplit]) -> pd.DataFrame:
    names, people = browse_records.dataset_names(workspace), names_of(workspace)
    return pd.DataFrame(
        {
            "Name": [split.name for split in every],
            "State": ["cannot be read" if split.broken else _STATES[split.state] for split in every],
            "Parts": [split.parts_in_words for split in every],
            "Records": [split.records for split in every],
            "Data sets": [", ".join(names.get(d, d) for d in split.datasets) for split in every],
            "Only": [split.filter_in_words for split in every],
            "Seed": [split.seed for split in every],
            "Made by": [people.get(split.created_by, split.created_by) for split in every],
            "Made": [moment(split.created_at) for split in every],
        }
    )


def _show_one(workspace: Workspace, split: KeptSplit) -> None:
    people = names_of(workspace)
    if split.broken:
        _show_broken(workspace, split)
        return
    said = [
        f"{counted(split.records, 'record')}, {split.parts_in_words}, seed {split.seed}.",
        grouping_words(split.grouping),
    ]
    if split.filter_in_words:
        said.append(f"Only records with {split.filter_in_words}.")
    if split.locked_at:
        who = people.get(str(split.locked_by), str(split.locked_by))
        note = f": {split.lock_note}" if split.lock_note else "."
        said.append(f"Its test part was locked by {who}, {moment(split.locked_at)}{note}")
    if split.withdrawn_at:
        said.append(f"Withdrawn {moment(split.withdrawn_at)}: {split.withdrawal_reason}")
    st.markdown(as_text(" ".join(said)))
    version = f"{browse_records.data_version(workspace)}:{kept_splits.knowledge_version(workspace)}"
    try:
        found = result_beside(
            workspace, ("splits.proof", version, split.name), "Looking at every record of the split",
            lambda report: check_split(workspace, split.name, report=report),
        )  # fmt: skip
    except NotAsStored:  # its row can be read, and its records are others
        _show_broken(workspace, kept_splits.get_split(workspace, split.name))
        return
    if found is None:
        return
    _say_answer(found)
    show_key_figures(_figures(found))
    _show_proof(found)
    with st.expander(DETAILS, icon=":material/list_alt:"):
        _show_deviation(found)
        _show_parts(found)
    _show_acts(workspace, split, found)


def _show_broken(workspace: Workspace, split: KeptSplit) -> None:
    try:
        kept_splits.check_whole(split)
    except NotAsStored as error:
        st.warning(as_text(str(error)), icon=":material/warning:")
    st.caption("Nothing is trained, measured or exported by it. Which record stands in which part is kept apart.")
    private_download(
        "Download the parts (CSV)", lambda privacy: kept_splits.split_csv(workspace, split.name, privacy=privacy),
        file_name=f"dermdash-split-{split.name}.csv", key="splits.download",
    )  # fmt: skip
    if split.state == "open" and access.may(Right.KEEP_VERSIONS):
        with st.expander("Withdraw this split"):
            _withdraw(workspace, split)


def _figures(found: SplitCheck) -> list[KeyFigure]:
    deviation = KeyFigure("Largest deviation", margin(found.largest_deviation, 2), "of a class within a part")
    parts = [
        KeyFigure(
            part_words(row["part"]).capitalize(),
            f"{row['records']:,}",
            counted(row["patients"], "patient") if row["patients"] else counted(row["groups"], "group"),
        )
        for row in found.parts.to_dict("records")
    ]
    return [*parts, deviation]


def _say_answer(found: SplitCheck) -> None:
    """Whether anything stands on two sides."""
    if found.leaks_nothing:
        st.success("Nothing that is known today stands on two sides.", icon=":material/verified:")
        return
    across = max((len(leak.across) for leak in found.leaks if leak.tie.is_sure), default=0)
    st.error(
        f"The split leaks: at least {counted(across, 'group')} of records that belong together "
        f"{form(across, 'stands', 'stand')} on two sides. A split never changes, so make a new one; a training on this "
        "one leaves such records out.",
        icon=":material/error:",
    )


def _show_proof(found: SplitCheck) -> None:
    """How much of what belongs together stands in which part, and beside it what to know of the split."""
    drawn, beside = st.columns([3, 2], gap="large")
    with drawn:
        parts = [part.name for part in found.split.parts]
        rows = [(leak.tie.words, leak.within, len(leak.across)) for leak in found.leaks]
        show_figure(sides_figure(rows, parts, theme=current_theme()), key=f"splits.sides.{found.split.id}")
        st.caption("How many stand in which part. At the right: on more than one side.")
    with beside:
        _show_notes(found)
    _show_leaks(found)


def _show_notes(found: SplitCheck) -> None:
    if found.undecided:
        n = found.undecided
        st.warning(
            f"{counted(n, 'pair')} across parts that may show one lesion {form(n, 'waits', 'wait')} for a decision.",
            icon=":material/help:",
        )
        page_link("dataset/findings", label="Possible errors", icon=":material/troubleshoot:")
    if found.rejected:
        gone = f"{counted(found.rejected, 'record')} of it {form(found.rejected, 'was', 'were')}"
        st.info(f"{gone} rejected for image quality since: trainings and evaluations leave them out.")
    for model in found.trained:
        st.warning(
            f"The model {as_text(model['name'])} was trained on {counted(model['records'], 'record')} of the test "
            "part: an evaluation of it leaves them out.",
            icon=":material/model_training:",
        )


def _show_leaks(found: SplitCheck) -> None:
    """What stands on two sides, each set of records once, by its closest tie."""
    known: dict[tuple[str, ...], Tie] = {}
    for leak in found.leaks:
        for ids in leak.across:
            known.setdefault(tuple(sorted(ids)), leak.tie)
    if not known:
        return
    shown = list(known.items())[:_LEAKS_SHOWN]
    frame = pd.DataFrame(
        {
            "What": [tie.words for _, tie in shown],
            "Records": [", ".join(f"{i} ({part_words(found.sides[i])})" for i in ids) for ids, _ in shown],
            **{title: [_link(ids[at]) for ids, _ in shown] for at, title in enumerate(("First", "Second"))},
        }
    )
    links = {t: st.column_config.LinkColumn(t, display_text="open", width="small") for t in ("First", "Second")}
    data_table(frame, key="splits.leaks", column_config=links)
    if len(known) > _LEAKS_SHOWN:
        st.caption(f"{len(known) - _LEAKS_SHOWN:,} more: `dermdash split check` lists all.")


def _link(record_id: str) -> str:
    return f"record?id={quote(record_id, safe='')}"


def _show_deviation(found: SplitCheck) -> None:
    st.markdown("**Has every part its share of every class?**")
    parts = [part.name for part in found.split.parts]
    st.caption("At the right: the largest deviation of each class.")
    show_deviations(found.classes, found.deviations, parts, key=f"splits.{found.split.id}")


def _show_parts(found: SplitCheck) -> None:
    st.markdown("**Patients, stages and quality by part**")
    titles = {"part": "Part", "records": "Records", "groups": "Groups", "patients": "Patients", "lesions": "Lesions"}
    named = found.parts.assign(part=found.parts["part"].map(part_words))
    data_table(named.rename(columns=titles), key="splits.parts")
    left, right = st.columns(2)
    for place, counts, what in ((left, found.stages, "Verification stage"), (right, found.qualities, "Quality")):
        with place:
            known = counts.rename(index=lambda value: value or "Not recorded")
            counts_table(known, what, key=f"splits.by_{what}")


def _show_acts(workspace: Workspace, split: KeptSplit, found: SplitCheck) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for part in split.parts:
            page_link(
                "dataset/records", label=f"Records of {part_words(part.name)}", icon=":material/grid_view:",
                query_params={"split": part_option(split.name, part.name)},
            )  # fmt: skip
        private_download(
            "Download the parts (CSV)", lambda privacy: kept_splits.split_csv(workspace, split.name, privacy=privacy),
            file_name=f"dermdash-split-{split.name}.csv", key="splits.download",
        )  # fmt: skip
    if split.state != "open" or not access.may(Right.KEEP_VERSIONS):
        return
    if split.has_test:
        with st.expander("Lock the test part"):
            _lock(workspace, split, found)
    with st.expander("Withdraw this split"):
        _withdraw(workspace, split)


def _lock(workspace: Workspace, split: KeptSplit, found: SplitCheck) -> None:
    n = next(part.records for part in split.parts if part.name == TEST)
    st.markdown(
        f"Locking freezes the {counted(n, 'record')} of the test part **for good**. No training in this workspace uses "
        "them from then on, nor others that show the same lesion or person, in whatever data set. Every training says "
        "how many it left out. There is no way back, and the split cannot be withdrawn any more."
    )
    if not found.leaks_nothing:
        st.warning("This split leaks: a new one would be the better test set.", icon=":material/error:")
    for model in found.trained:
        st.caption(
            f"The model {as_text(model['name'])} knows {model['records']:,} of them already: that stays as it is."
        )
    if (running := active_job(list_jobs(workspace.home))) is not None:
        st.caption(
            f"The training {as_text(running.settings.title)} is running. It ends as it began: where it uses such "
            "records, this page will name its model."
        )
    note = enter_text("What for (optional)", key=f"splits.note.{split.id}", max_chars=300)
    sure = st.checkbox(f"Freeze the test part of {as_text(split.name)} for good", key=f"splits.sure.{split.id}")
    if st.button("Lock", key="splits.lock", type="primary", disabled=not sure, icon=":material/lock:"):
        account = access.act(Right.KEEP_VERSIONS)
        locked = kept_splits.lock_split(workspace, account, split.name, note=note)
        others = len(records_behind_locks(workspace)[split.name]) - n
        redraw_saying(
            _OUTCOME,
            f"The test part of {as_text(split.name)} {'is locked' if locked else 'was locked already'}: "
            f"{counted(n, 'record')}, and {counted(others, 'other record')} of the same lesions, people or files.",
        )


def _withdraw(workspace: Workspace, split: KeptSplit) -> None:
    st.markdown(
        "Withdrawing takes the split out of every list to choose from. It stays in this history, and its name stays "
        "taken."
    )
    if users := kept_splits.uses_of_split(workspace, split):
        st.caption(f"It cannot be withdrawn: {as_text(', '.join(users))} used it.")
        return
    reason = enter_text("Why", key=f"splits.reason.{split.id}", max_chars=300)
    if st.button("Withdraw", key="splits.withdraw", disabled=not reason, icon=":material/block:"):
        account = access.act(Right.KEEP_VERSIONS)
        kept_splits.withdraw_split(workspace, account, split.name, reason=reason)
        redraw_saying(_OUTCOME, f"Withdrawn: {as_text(split.name)}.")
