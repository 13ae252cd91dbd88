"""The versions of a data set: which one it is now, tag the present state, compare two, verify one."""

from urllib.parse import quote

import pandas as pd
import streamlit as st

from dermdash.errors import DermdashError
from dermdash.records.record_columns import column_title
from dermdash.storage.records import record_id
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose
from dermdash.ui.entries import enter_text
from dermdash.ui.key_figures import KeyFigure, show_key_figures
from dermdash.ui.messages import as_text, empty_state, error_words, show_outcome
from dermdash.ui.navigation import page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.tables import data_table, height_of
from dermdash.ui.work_beside import begin_act, finish_act, result_beside
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.compare_versions import changes_csv, changes_table
from dermdash.workflows.dataset.manifest import FIELDS, LABEL
from dermdash.workflows.dataset.split_plan import LONGEST_NAME
from dermdash.workflows.dataset.tag_version import (
    NOW,
    DatasetVersion,
    Tagged,
    compare_versions,
    datasets_to_tag,
    list_versions,
    tag_version,
    verify_version,
    version_of,
)
from dermdash.workflows.lesion_identity.lesion_groups import value_words
from dermdash.workflows.page_tasks import forget_task, task_of

_OUTCOME = "versions.outcome"
_TAGGING, _READING = "versions.tagging", "versions.reading"
_ROWS = 500
_FLAGS = frozenset({"stage_claimed"})
_COLUMNS = frozenset((*LABEL, *FIELDS))


def show_versions(workspace: Workspace) -> None:
    """The tab of the versions."""
    names = browse_records.dataset_names(workspace)
    datasets = [str(d["id"]) for d in datasets_to_tag(workspace)]
    if not datasets:
        empty_state("upload", "Nothing to tag yet", "Import a data set first; then its state can be kept under a name.")
        page_link("dataset/import_images", label="Import a data set", icon=":material/upload:")
        return
    dataset_id = choose("Data set", datasets, names.__getitem__, key="versions.dataset", name="of", width=420)
    _finish_tag(workspace)
    show_outcome(_OUTCOME)
    every = list_versions(workspace, dataset_id)
    version = f"{browse_records.data_version(workspace)}:{len(every)}"
    state = result_beside(
        workspace, ("versions.state", version, dataset_id), "Reading the present state",
        lambda report: version_of(workspace, dataset_id, report=report),
    )  # fmt: skip
    if state is not None:
        st.markdown(f"Now: **{as_text(state.words)}**, manifest `{state.manifest_sha256[:16]}`")
    if access.may(Right.KEEP_VERSIONS):
        with st.expander("Tag the present state", expanded=not every):
            _tag(workspace, dataset_id)
    if not every:
        st.caption("No version yet. A tagged state can be compared with later ones, and named by exports.")
        return
    data_table(_table(workspace, every), key="versions.table")
    try:
        _compare(workspace, dataset_id, every)
    except DermdashError as error:  # a manifest that is missing hides neither the list nor the means to look for it
        st.error(error_words(error), icon=":material/error:")
    _verify(workspace, dataset_id, every)


def _tag(workspace: Workspace, dataset_id: str) -> None:
    left, right = st.columns([1, 2])
    name = enter_text(
        "Name of the version", key=f"versions.name.{dataset_id}", max_chars=LONGEST_NAME, placeholder="1.0", place=left
    )
    note = enter_text(
        "What it is for", key=f"versions.note.{dataset_id}", max_chars=500, place=right,
        placeholder="First release, for the paper",
    )  # fmt: skip
    st.caption("The name stands for this state for good: every record, label and field as it is now, and the splits.")
    if st.button("Tag", key="versions.tag", type="primary", disabled=not (name and note), icon=":material/sell:"):
        account = access.act(Right.KEEP_VERSIONS)
        begin_act(
            workspace, (_TAGGING, account.id), f"Tagging {name}",
            lambda report: tag_version(workspace, account, dataset_id, name, note=note, report=report),
        )  # fmt: skip
        st.rerun()


def _finish_tag(workspace: Workspace) -> None:
    account = access.shown_to()
    if account is None:
        return

    def said(tagged: Tagged) -> str:
        version = tagged.version
        return f"{as_text(version.name)} {tagged.words}: {counted(version.records, 'record')}."

    finish_act(workspace, (_TAGGING, account.id), outcome=_OUTCOME, said=said)


def _table(workspace: Workspace, every: list[DatasetVersion]) -> pd.DataFrame:
    people = names_of(workspace)
    return pd.DataFrame(
        {
            "Version": [version.name for version in every],
            "Records": [version.records for version in every],
            "Note": [version.note for version in every],
            "Tagged by": [people.get(version.tagged_by, version.tagged_by) for version in every],
            "Tagged": [moment(version.tagged_at) for version in every],
            "Manifest (sha256)": [version.manifest_sha256[:16] for version in every],
        }
    )


def _compare(workspace: Workspace, dataset_id: str, every: list[DatasetVersion]) -> None:
    st.markdown("**What has changed?**")
    left, right = st.columns(2)
    names = [version.name for version in every]
    old = choose("From", names, key=f"versions.old.{dataset_id}", name="from", place=left)
    new = choose(
        "To", [NOW, *names], lambda n: "The present state" if n == NOW else n, key=f"versions.new.{dataset_id}",
        name="to", place=right,
    )  # fmt: skip
    version = browse_records.data_version(workspace)
    changes = result_beside(
        workspace, ("versions.changes", version, dataset_id, old, new), "Comparing",
        lambda report: compare_versions(workspace, dataset_id, old, new, report=report),
    )  # fmt: skip
    if changes is None:
        return
    if changes.none:
        st.success("Nothing differs.", icon=":material/check_circle:")
        return
    labels = {change.image_id for change in changes.labels}
    fields = {change.image_id for change in changes.fields}
    show_key_figures(
        [
            KeyFigure("Added", f"{len(changes.added):,}", "records"),
            KeyFigure("Removed", f"{len(changes.removed):,}", "records"),
            KeyFigure("Other image", f"{len(changes.images):,}", "records"),
            KeyFigure("Other label", f"{len(labels):,}", "records"),
            KeyFigure("Other fields", f"{len(fields):,}", "records"),
        ]
    )
    for text, splits in (("Splits made", changes.splits_added), ("Splits withdrawn", changes.splits_removed)):
        if splits:
            st.markdown(f"{text}: {as_text(', '.join(splits))}")
    if changes.diagnoses:
        frame = pd.DataFrame(
            [(_value("dx", before), _value("dx", after), n) for (before, after), n in changes.diagnoses.items()],
            columns=["Diagnosis was", "Is", "Records"],
        )
        data_table(frame, key="versions.diagnoses")
    table = changes_table(changes)
    if table.empty:
        return
    first = table.head(_ROWS)
    shown = first.assign(
        link=[_link(dataset_id, image_id) for image_id in first["image_id"]],
        field=first["field"].map(_title),
        **{side: [_value(*pair) for pair in zip(first["field"], first[side], strict=True)] for side in ("old", "new")},
    )
    titles = {"change": "Change", "image_id": "Image", "field": "Field", "old": "Was", "new": "Is"}
    data_table(
        shown.rename(columns=titles)[["link", *titles.values()]], key="versions.changes",
        height=height_of(len(shown), most=260),
        column_config={"link": st.column_config.LinkColumn("Record", display_text="open", width="small")},
    )  # fmt: skip
    if len(table) > _ROWS:
        st.caption(f"{len(table) - _ROWS:,} more in the download.")
    with st.container(horizontal=True, vertical_alignment="center"):
        private_download(
            "Download every change (CSV)",
            lambda privacy: changes_csv(workspace, dataset_id, changes, privacy=privacy),
            file_name=f"dermdash-{dataset_id}-{old}-{new}.csv",
            key="versions.csv",
        )


def _title(field: str) -> str:
    """A column as people read it; what is none stays as it is."""
    return column_title(field) if field in _COLUMNS else field


def _value(field: str, value: str | None) -> str:
    """A value as people read it: a diagnosis by its name, a confirmation in words."""
    if not value:
        return "none" if field == "dx" else ""
    if field in _FLAGS:
        return {"True": "yes", "False": "no"}.get(value, value)
    return value_words(field, value) if field in ("dx", "dx_type") else value


def _link(dataset_id: str, image_id: str) -> str:
    return f"record?id={quote(record_id(dataset_id, image_id), safe='')}" if image_id else ""


def _verify(workspace: Workspace, dataset_id: str, every: list[DatasetVersion]) -> None:
    with st.expander("Is every file of a version still there?"):
        name = choose("Version", [v.name for v in every], key=f"versions.verify.{dataset_id}", width=420)
        key = (_READING, dataset_id, name)
        if st.button("Read every file", key="versions.verify", icon=":material/fact_check:"):
            forget_task(workspace.home, key)  # read them again, not what was read before
        elif task_of(workspace.home, key) is None:
            return
        found = result_beside(
            workspace, key, "Reading the files",
            lambda report: verify_version(
                workspace, dataset_id, name, progress=lambda done, total: report("Reading", done, total)
            ),
        )  # fmt: skip
        if found is None:
            return
        if found.whole:
            st.success(f"{counted(found.files, 'file')}: every one is as it was.", icon=":material/verified:")
        else:
            st.error(f"{counted(len(found.faults), 'file')} missing or damaged.", icon=":material/error:")
            frame = pd.DataFrame(
                [(f.image_id, f.kind, f.why) for f in found.faults], columns=["Image", "File", "What is wrong"]
            )
            data_table(frame, key="versions.faults")
        if found.covered:
            st.caption(
                f"{counted(found.covered, 'image')} replaced by a covered version; the earlier file is locked away."
            )
