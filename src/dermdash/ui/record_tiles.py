"""Records as tiles of the gallery and as rows of a table."""

import base64
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from dermdash.charts.palette import DIAGNOSIS_COLORS, FLAG_COLOR
from dermdash.errors import FileMissing
from dermdash.records.details import LISTED_DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import LISTED, Block, is_filled
from dermdash.records.record_columns import table_head
from dermdash.records.record_filter import QualitySource
from dermdash.records.record_flags import RecordFlag
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import VerificationStage, dx_type_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.frontend.exchange.gallery import BadgePayload, TilePayload
from dermdash.ui.thumbnail_address import are_served, thumbnail_address
from dermdash.workflows.accounts.rights import SEES_LABELS
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import DRAWN

_LABEL_FIELDS = tuple(spec for spec in LISTED if spec.block is Block.DIAGNOSTIC)
_OTHER_FIELDS = tuple(spec for spec in LISTED if spec.block is not Block.DIAGNOSTIC)
_QUALITY_FROM = "quality_from"
TABLE_COLUMNS: dict[str, str] = {
    "dx": table_head("dx"),
    "image_id": table_head("image_id"),
    **{spec.name: spec.table_head for spec in _LABEL_FIELDS},
    "dx_type": table_head("dx_type"),
    "quality": table_head("quality"),
    _QUALITY_FROM: f"{table_head('quality')} from",
    **{spec.name: spec.table_head for spec in _OTHER_FIELDS},
    **{name: table_head(name) for name in ("completeness", "lesion_id", "patient_id", "dataset_id")},
}
DETAIL_COLUMNS: dict[str, str] = {spec.name: spec.table_head for spec in LISTED_DETAILS}
"""Stand in a table where any of its records says something of them."""


_MISSING_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120"><rect width="160" height="120" fill="#d8d8d8"/>'
    '<text x="80" y="66" font-family="sans-serif" font-size="15" text-anchor="middle" fill="#333">Image missing</text>'
    "</svg>"
)


def data_uri(data: bytes, mime: str = "image/jpeg") -> str:
    """Return bytes as a data URI: the way an image reaches a browser without an address of its own."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


_MISSING = data_uri(_MISSING_SVG.encode(), "image/svg+xml")


@lru_cache(maxsize=6000)
def _thumbnail_uri(workspace: Workspace, image_sha256: str) -> str:
    return data_uri(browse_records.thumbnail(workspace, image_sha256))


def thumbnail_uri(workspace: Workspace, image_sha256: str) -> str:
    """Data URI of a thumbnail, from memory after the first time (about 10 kB each).

    Where its file is missing a picture says so: one lost file hides no list, and `dermdash check` names it.
    """
    try:
        return _thumbnail_uri(workspace, image_sha256)
    except FileMissing:
        return _MISSING


def tile_picture(workspace: Workspace, image_sha256: str) -> str:
    """What a tile shows an image by: its address for whose pages show every label, else the picture itself."""
    addresses = tile_addresses(workspace, [image_sha256])
    return addresses[0] if addresses else thumbnail_uri(workspace, image_sha256)


def tile_addresses(workspace: Workspace, images: Iterable[str]) -> list[str]:
    """The addresses of what tiles show these images by; none for whose pages do not show every label."""
    account = access.shown_to() if are_served() else None
    if account is None or not account.has(*SEES_LABELS):
        return []
    return [thumbnail_address(workspace.home, account.id, image) for image in images]


def plain_tile(
    workspace: Workspace, record_id: str, image_sha256: str, dx: str | None, *, subtitle: str | None = None
) -> TilePayload:
    """A record beside another: its picture and its diagnosis, and below what it is shown for."""
    tile = TilePayload(
        id=record_id,
        image=thumbnail_uri(workspace, image_sha256),
        title=diagnosis_name(dx),
        color=tile_color(dx),
    )
    if subtitle is not None:
        tile["subtitle"] = subtitle
    return tile


def quality_origin(row: pd.Series | Mapping[Any, Any], source: QualitySource) -> str:
    """Whether the quality shown for a row is the human score or the estimate."""
    if source is QualitySource.HUMAN:
        return "human"
    if source is QualitySource.ESTIMATED or pd.isna(row["image_quality_score"]):
        return "estimated"
    return "human"


def record_tile(
    workspace: Workspace,
    row: pd.Series | Mapping[Any, Any],
    source: QualitySource,
    *,
    drawn: Collection[str] = (),
    flags: Collection[RecordFlag] = (),
) -> TilePayload:
    """One tile: thumbnail, diagnosis, stage and quality, with where the quality comes from.

    ``drawn``: ids of the data sets whose images were drawn by a program, which the tile says; ``flags``: what asks for
    a look at it.
    """
    stage = row["verification_stage"]
    badges = [BadgePayload(text=DRAWN, shape="square")] if row["dataset_id"] in drawn else []
    if not pd.isna(stage):
        badges.append(stage_badge(int(stage), is_claimed(row)))
    badges += [BadgePayload(text=flag.short, shape="triangle", color=FLAG_COLOR) for flag in flags]
    quality = row["quality"]
    return TilePayload(
        id=row["id"],
        image=tile_picture(workspace, row["image_sha256"]),
        title=diagnosis_name(row["dx"]),
        subtitle=row["image_id"],
        color=tile_color(row["dx"]),
        badges=badges,
        quality=None if pd.isna(quality) else int(quality),
        quality_estimated=quality_origin(row, source) == "estimated",
    )


def stage_badge(stage: int, claimed: bool) -> BadgePayload:
    """How a tile says a stage, and that only the source says so."""
    return BadgePayload(text=VerificationStage(stage).title + (", claimed" if claimed else ""), shape=f"stage-{stage}")


def is_claimed(row: pd.Series | Mapping[Any, Any]) -> bool:
    """Whether only the source of a record says that it has its stage."""
    claimed = row.get("stage_claimed")
    return claimed is not None and not pd.isna(claimed) and bool(claimed)


def tile_color(dx: str | None) -> str | None:
    """The fixed colour of a diagnosis, None for a record without one."""
    return DIAGNOSIS_COLORS.get(dx) if dx else None


def _is_there(value: Any) -> bool:
    return is_filled(value) and (isinstance(value, list) or not pd.isna(value))


def table_of(rows: pd.DataFrame, source: QualitySource, datasets: Mapping[str, str]) -> pd.DataFrame:
    """The page as a table in words; ``datasets`` maps the id of a data set to what it is called."""
    table = rows.assign(
        dx=rows["dx"].map(diagnosis_name),
        quality_from=[quality_origin(row, source) for _, row in rows.iterrows()],
        completeness=rows["completeness"].astype(float) * 100,
        dataset_id=rows["dataset_id"].map(lambda key: datasets.get(key, key)),
    )
    for spec in (*LISTED, *LISTED_DETAILS):
        # Numbers stay numbers, which a table can be sorted by; what is more than its value is words.
        if spec.words is not None or not spec.is_number:
            table[spec.name] = [value_in_words(spec, v) if _is_there(v) else "" for v in table[spec.name]]
    claimed = [is_claimed(row) for _, row in rows.iterrows()]
    stages = table["verification_stage"]
    table["verification_stage"] = [
        f"{s}, claimed" if c and s else s for s, c in zip(stages, claimed, strict=True)
    ]  # fmt: skip
    table["dx_type"] = [dx_type_words(how) if _is_there(how) else "" for how in table["dx_type"]]
    table["patient_id"] = table["patient_id"].fillna("")
    said = {name: head for name, head in DETAIL_COLUMNS.items() if (table[name] != "").any()}
    columns = TABLE_COLUMNS | said
    return table[list(columns)].rename(columns=columns)
