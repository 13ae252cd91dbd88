"""The maps of a model as a gallery: filtered by diagnosis and by correct or wrong, with an opacity of the visitor's."""

import io
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.charts import saliency_overlay
from dermdash.classifier.saliency_map import SaliencyMap
from dermdash.errors import FileMissing
from dermdash.records.taxonomy import Taxonomy, diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.choices import choose, choose_segment, choose_several
from dermdash.ui.entries import slide_number, turned_to
from dermdash.ui.frontend.exchange.gallery import BadgePayload, TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.messages import empty_state
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_saliency import explained_name
from dermdash.ui.record_tiles import data_uri, thumbnail_uri, tile_color
from dermdash.wording import PERCENT_FORMAT, counted, percent
from dermdash.workflows.classifier import explain_predictions
from dermdash.workflows.classifier.faithfulness_report import FaithfulnessReport, explained_records
from dermdash.workflows.dataset import browse_records

PER_PAGE = 12
_ORDERS = {"image_id": "Image id", "low": "Least inside the lesion first", "high": "Most inside the lesion first"}


def show_gallery(workspace: Workspace, report: FaithfulnessReport, *, taxonomy: Taxonomy) -> None:
    """Filters, opacity and legend, and a page of tiles; a click opens the record."""
    rows = explained_records(workspace, model_id=report.model_id, target=report.target, simulated=report.simulated)
    if len(report.table):
        rows = rows.merge(report.table[["record_id", "share"]], on="record_id", how="left")
    chosen, opacity = _filtered(rows, taxonomy)
    if chosen.empty:
        empty_state("filter_alt_off", "No map passes these filters", "Take a filter away.")
        return
    pages = -(-len(chosen) // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{len(chosen):,} of {counted(len(rows), 'map')}", width="content")
        _legend()
        # A key for each number of pages: other filters start again at the first one.
        pager = keys.saliency_pager(pages)
        page = turned_to(pages, key=pager, name="page")
        if pages > 1:
            st.pagination(pages, key=pager, width="content")
    shown = chosen.iloc[(page - 1) * PER_PAGE : page * PER_PAGE]
    maps = explain_predictions.saliency_of_records(
        workspace, list(shown["record_id"]), model_id=report.model_id, target=report.target
    )
    tiles = [
        _tile(workspace, row, maps[str(row["record_id"])], opacity)
        for row in explain_predictions.rows_of(shown)
        if row["record_id"] in maps
    ]
    opened = gallery(tiles, key="saliency.gallery", tile_px=190, label="Saliency maps")
    if opened in set(shown["record_id"]):
        switch_page(RECORD_SCRIPT, query_params={"id": str(opened)})


def _filtered(rows: pd.DataFrame, taxonomy: Taxonomy) -> tuple[pd.DataFrame, float]:
    """The rows that pass, and how opaque their maps are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        present = [code for code in taxonomy.codes if rows["dx"].eq(code).any()]
        classes = choose_several("Diagnosis", present, diagnosis_name, key="saliency.dx", name="diagnosis", width=280)
        outcome = choose_segment(
            "Classified", ["all", "correct", "wrong"], str.capitalize, key="saliency.outcome", name="classified"
        )
        orders = list(_ORDERS) if "share" in rows else ["image_id"]
        order = choose("Order", orders, _ORDERS.__getitem__, key="saliency.order", name="order", width=260)
        opacity = slide_number(
            "Opacity of the map", 0, 100, 60, step=5, key="saliency.opacity", name="opacity", format=PERCENT_FORMAT,
            width=280,
        )  # fmt: skip
    if classes:
        rows = rows[rows["dx"].isin(classes)]
    if outcome != "all":
        rows = rows[rows["correct"].eq(outcome == "correct")]
    if order == "image_id":
        return rows.sort_values(["image_id", "record_id"]), opacity / 100
    by_share = rows.sort_values(["share", "record_id"], ascending=order == "low", na_position="last")
    return by_share, opacity / 100


def _legend() -> None:
    st.html(
        '<span style="display:inline-flex;gap:8px;align-items:center;font-size:.875rem">no evidence'
        '<i aria-hidden="true" style="width:140px;height:12px;border-radius:3px;border:1px solid #888;'
        f'background:{saliency_overlay.scale_css()},#d9a58c"></i>strongest in this image</span>',
        width="content",
    )


def _tile(workspace: Workspace, row: dict[str, Any], found: SaliencyMap, opacity: float) -> TilePayload:
    badges = []
    if row["correct"] is not None:
        said = "correct" if row["correct"] else f"said {diagnosis_name(row['predicted'])}"
        badges.append(BadgePayload(text=said, shape="circle" if row["correct"] else "triangle"))
    if found.is_empty:
        badges.append(BadgePayload(text="no evidence found", shape="square"))
    elif pd.notna(row.get("share")):
        badges.append(BadgePayload(text=f"{percent(row['share'], 0)} inside", shape="square"))
    return TilePayload(
        id=row["record_id"],
        image=_picture(workspace, row["image_sha256"], found, opacity),
        title=diagnosis_name(row["dx"]),
        subtitle=f"for {explained_name(found.explained)} ({percent(found.probability, 0)})",
        color=tile_color(row["dx"]),
        badges=badges,
    )


def _picture(workspace: Workspace, image_sha256: str, found: SaliencyMap, opacity: float) -> str:
    if found.is_empty or opacity == 0:
        return thumbnail_uri(workspace, image_sha256)
    try:
        thumbnail = browse_records.thumbnail(workspace, image_sha256)
    except FileMissing:
        return thumbnail_uri(workspace, image_sha256)
    drawn = saliency_overlay.overlay(thumbnail, found, opacity)
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", quality=88)
    return data_uri(buffer.getvalue())
