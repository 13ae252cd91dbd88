"""Every format of exports: export, import elsewhere through recognition, and what it says it carries is the same."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.exported_workspace import CLINIC, fill_clinic, pixels_of
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.dataset.exports.registry import EXPORTS
from dermdash.records.record_filter import RecordFilter
from dermdash.settings import Settings
from dermdash.storage import export_rows
from dermdash.storage.object_store import MASKS, ORIGINALS
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.import_source import import_prepared, prepare_import
from dermdash.workflows.exports.export_dataset import export_dataset
from dermdash.workflows.exports.selection import Selection


@pytest.fixture
def clinic(made_once: MadeOnce, tmp_path: Path) -> Any:
    workspace, _ = made_once.open_copy(fill_clinic, tmp_path / "clinic")
    yield workspace
    let_go(workspace)


def rows_of(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Records by image id, as an export reads them."""
    chosen = RecordFilter(dataset_id=(CLINIC,))
    return {row["image_id"]: row for rows in export_rows.export_rows(workspace.engine, chosen) for row in rows}


@pytest.mark.parametrize("ending", ["", ".zip"])
@pytest.mark.parametrize("key", EXPORTS)
def test_what_a_format_carries_is_the_same_elsewhere(
    key: str, ending: str, clinic: Workspace, tmp_path: Path, made_once: MadeOnce
) -> None:
    form = EXPORTS[key]
    if ending and key not in ("folder", "webdataset"):
        pytest.skip("an archive holds the same files as a folder")
    out = tmp_path / f"leaves{ending}"
    report = export_dataset(clinic, OPERATOR, form, Selection(dataset_id=CLINIC), out)
    elsewhere = open_workspace(Settings(home=tmp_path / "elsewhere", database_url=""))
    try:
        prepared = prepare_import([out], taxonomy="ham7", dataset_id=CLINIC, workspace=elsewhere)
        assert prepared.summary.format == form.imported_as
        imported = import_prepared(elsewhere, prepared, processes=False)
        prepared.close()
        assert (imported.imported, imported.excluded) == (report.records, {}), imported
        before, after = rows_of(clinic), rows_of(elsewhere)
        assert len(after) == report.records == len(before) - sum(report.left_out.values())
        for image_id, came in after.items():
            left = before[image_id]
            assert {n: came[n] for n in form.carries} == {n: left[n] for n in form.carries}, image_id
            if form.further:
                assert (left["further"] or {}).items() <= (came["further"] or {}).items()
            _same_files(clinic, left, elsewhere, came, pixels=form.pixels, masks=form.masks)
    finally:
        elsewhere.close()


def _same_files(
    here: Workspace, left: dict[str, Any], there: Workspace, came: dict[str, Any], *, pixels: bool, masks: bool
) -> None:
    if pixels:
        first, second = (w.files.get(ORIGINALS, r["image_sha256"]) for w, r in ((here, left), (there, came)))
        assert np.abs(pixels_of(first).astype(int) - pixels_of(second)).max() <= 2
    else:
        assert came["image_sha256"] == left["image_sha256"]
    if masks:
        drawn = [
            w.files.get(MASKS, r["mask_sha256"]) if r["mask_sha256"] else None for w, r in ((here, left), (there, came))
        ]
        assert (drawn[0] is None) == (drawn[1] is None)
        if drawn[0] is not None and drawn[1] is not None:
            assert (pixels_of(drawn[0]) == pixels_of(drawn[1])).all()
