"""A data set, or what is chosen of it, in one of the formats: whole or not at all, nothing left out in silence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dermdash.dataset.exports.export_format import (
    DatasetExport,
)
from dermdash.dataset.exports.places import ARCHIVE, export_place
from dermdash.errors import InvalidInput, NotFound
from dermdash.progress import CountProgress
from dermdash.storage import record_rows, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.chosen_records import count_rejected
from dermdash.workflows.dataset.deidentification_state import text_state
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy
from dermdash.workflows.exports.export_report import ExportReport
from dermdash.workflows.exports.export_under_way import ExportUnderWay, rejected_filter
from dermdash.workflows.exports.selection import Selection, choose


def export_dataset(
    workspace: Workspace,
    actor: Account,
    form: DatasetExport,
    selection: Selection,
    out: Path,
    *,
    privacy: Privacy = AS_IT_IS,
    described: Mapping[str, Any] | None = None,
    mode: int | None = None,
    progress: CountProgress | None = None,
) -> ExportReport:
    """Write a data set in a format.

    A record whose image is missing or damaged in the workspace is left out and listed, and so is one that the format
    cannot hold. ``progress`` may raise to stop: then nothing is left. ``described``: what documents say of the data
    set, for a format that tells it. ``mode``: of the files, as of `export_place`.

    Raises
    ------
    AccessDenied
        Whoever asks is neither curator nor statistician.
    NotFound, InvalidInput
        There is no such data set; nothing was chosen; the place is taken or cannot be written.
    WorkspaceFull
        The disk is full; nothing is left there.
    """
    require_right(actor, Right.READ_ANSWERS)
    dataset = record_rows.dataset_row(workspace.engine, selection.dataset_id)
    if dataset is None:
        raise NotFound(f"There is no data set {selection.dataset_id!r}.")
    chosen = choose(workspace, selection)
    rejected = rejected_filter(chosen)
    total = records.count_records(workspace.engine, chosen.record_filter) if chosen.as_of is None else len(chosen.as_of)
    total += count_rejected(workspace, chosen.record_filter) if rejected is not None else 0
    if not total:
        why = f"no record of it passes: {chosen.words}" if chosen.words else "it holds no record"
        raise InvalidInput(f"nothing of {dataset['name']} can be exported: {why}")
    alone = _is_alone(form, out)
    run = ExportUnderWay(workspace, actor, form, chosen, dataset, privacy, selection, total, alone, described or {})
    with export_place(out, alone=alone, mode=mode) as place:
        run.write(place, out, progress)
    state = text_state(workspace, [selection.dataset_id])
    return run.report(place, out, state.to_json())


def _is_alone(form: DatasetExport, out: Path) -> bool:
    suffix = out.suffix.lower()
    if suffix in form.alone:
        return True
    if suffix and suffix != ARCHIVE and suffix in (".csv", ".json", ".jsonld", ".parquet", ".tar"):
        said = f"a {' or '.join(form.alone)} file, " if form.alone else ""
        raise InvalidInput(f"{form.title} is written as {said}a folder or a {ARCHIVE} file, not as {suffix}")
    return False
