"""What stands beside a record, a tab each: similar images, all a model says, others of its lesion, those around it."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.storage.record_order import RecordBeside, Surroundings
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose_tab
from dermdash.ui.gallery import gallery
from dermdash.ui.messages import error_words
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_tiles import plain_tile
from dermdash.ui.record_view import ShownPrediction, show_probabilities
from dermdash.wording import similarity
from dermdash.workflows.classifier import find_similar
from dermdash.workflows.dataset.browse_records import RecordDetail

_TILE_PX = 130
_SIMILAR, _CLASSES, _LESION, _AROUND = "similar", "classes", "lesion", "around"
_TITLES = {
    _SIMILAR: "Similar images of other lesions",
    _CLASSES: "All that the model says",
    _LESION: "Other images of this lesion",
    _AROUND: "Before and after it",
}


def show_beside(
    workspace: Workspace,
    detail: RecordDetail,
    prediction: ShownPrediction | None,
    around: Surroundings,
    query: Mapping[str, list[str]],
    *,
    sees_all: bool,
) -> None:
    """Draw a tab for each kind there is; whoever reviews sees only those that they came through.

    ``query``: the filter and order in whose way the record stands, as the address has them.
    """
    ways: dict[str, Callable[[], None]] = {}
    # What stands beside other records, some of which may still be under review.
    if sees_all and prediction is not None:
        ways[_SIMILAR] = lambda: _similar(workspace, detail, prediction.stored)
        ways[_CLASSES] = lambda: show_probabilities(prediction)
    if sees_all and not detail.same_lesion.empty:
        ways[_LESION] = lambda: _same_lesion(workspace, detail)
    if around.before or around.after:
        ways[_AROUND] = lambda: _neighbours(workspace, detail.record, around, query)
    if not ways:
        return
    tabs = choose_tab({kind: _TITLES[kind] for kind in ways}, key="record.beside", name="beside")
    for kind, draw in ways.items():
        if tabs[kind].open:
            with tabs[kind]:
                draw()


def _similar(workspace: Workspace, detail: RecordDetail, prediction: Mapping[str, Any]) -> None:
    """The eight most similar images of other lesions and of the same kind; a click opens one."""
    record_id = detail.record["id"]
    try:
        similar = find_similar.similar_records(workspace, record_id, model_id=prediction["model_id"], k=8)
    except DermdashError as error:
        st.info(error_words(error))
        return
    tiles = [
        plain_tile(workspace, s.record_id, s.image_sha256, s.dx, subtitle=similarity(s.similarity)) for s in similar
    ]
    chosen = gallery(tiles, key=f"record.similar.{record_id}", tile_px=_TILE_PX, label="Similar images")
    _open(chosen, {s.record_id for s in similar}, {})


def _same_lesion(workspace: Workspace, detail: RecordDetail) -> None:
    tiles = [
        plain_tile(workspace, row["id"], row["image_sha256"], row["dx"], subtitle=row["image_id"])
        for _, row in detail.same_lesion.iterrows()
    ]
    chosen = gallery(tiles, key=f"record.lesion.{detail.record['id']}", tile_px=_TILE_PX, label="Other images")
    _open(chosen, set(detail.same_lesion["id"]), {})


def _neighbours(
    workspace: Workspace, record: Mapping[str, Any], around: Surroundings, query: Mapping[str, list[str]]
) -> None:
    """The pictures before and after this one; a click goes there."""
    own = RecordBeside(str(record["id"]), str(record["image_sha256"]), record["dx"])
    row = (*around.before, own, *around.after)
    tiles = [plain_tile(workspace, one.id, one.image_sha256, one.dx) for one in row]
    tiles[len(around.before)]["selected"] = True
    chosen = gallery(tiles, key="record.neighbours", tile_px=_TILE_PX, label="Records before and after this one")
    _open(chosen, {one.id for one in row} - {own.id}, {**query, "beside": [_AROUND]})


def _open(chosen: str | None, those: set[str], query: Mapping[str, list[str]]) -> None:
    if chosen in those:
        switch_page(RECORD_SCRIPT, query_params={**query, "id": str(chosen)})
