"""A crowd from an earlier study or log, the same for every reader: pooled once and frozen with the protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.reader_study.crowd import crowd_from_counts, crowd_sha256
from dermdash.reader_study.protocol import Protocol
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.assistance.assistance_form import CrowdOpinion
from dermdash.readings.modality import Phase
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.taxonomy import Taxonomy, get_taxonomy
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.named_records import named_records
from dermdash.workflows.reader_study import readings_source


def freeze_crowd(
    workspace: Workspace, key: str, *, dataset_id: str, taxonomy: str, minimum_readers: int
) -> dict[str, Any]:
    """The entry of a protocol that names a source as the crowd: whose it is, how many, and the hash of its shares.

    Raises
    ------
    InvalidInput
        The source has other classes, or no image of the data set that enough readers have read.
    """
    opinions, readers, name = _pooled(workspace, key, dataset_id, get_taxonomy(taxonomy), minimum_readers)
    if not opinions:
        raise InvalidInput(
            f"{name} is no crowd for this data set: no image of it was read without assistance by {minimum_readers} "
            "readers or more. Choose another source, or fewer readers"
        )
    return {
        "source": key, "name": name, "readers": readers, "images": len(opinions), "sha256": crowd_sha256(opinions),
    }  # fmt: skip


def crowd_of_protocol(workspace: Workspace, protocol: Protocol) -> Mapping[str, CrowdOpinion]:
    """The frozen crowd by image; empty where the protocol names none.

    Raises
    ------
    InvalidInput
        The source has other shares by now than the protocol was made with.
    """
    frozen = protocol.frozen_crowd
    if frozen is None:
        return {}
    opinions, _, name = _pooled(
        workspace, str(frozen["source"]), protocol.dataset_id, protocol.classes,
        protocol.minimum_crowd_readers,
    )  # fmt: skip
    if crowd_sha256(opinions) != frozen["sha256"]:
        raise InvalidInput(f"the readings of {name} have changed since this crowd was chosen: choose it again")
    return opinions


def _pooled(
    workspace: Workspace, key: str, dataset_id: str, taxonomy: Taxonomy, minimum_readers: int
) -> tuple[dict[str, CrowdOpinion], int, str]:
    """Shares by image of the data set, the number of readers (or of answers per image at most), and the source."""
    table = readings_source.load_source(workspace, key)
    if table.taxonomy != taxonomy.name:
        raise InvalidInput(f"{table.source} has other classes than {taxonomy.name} and cannot be its crowd")
    dataset = next((d for d in records.list_datasets(workspace.engine) if d["id"] == dataset_id), None)
    drawn = dataset is not None and bool(dataset["simulated"])
    counts, readers = (
        _aggregate_counts(table) if isinstance(table, AggregateTable) else _reading_counts(table, simulated=drawn)
    )
    known = records.records_of_dataset(workspace.engine, dataset_id)
    image_of = named_records(set(counts["case"].astype(str)), known)["image_id"].to_dict()
    counts = counts.assign(image=counts["case"].astype(str).map(image_of)).dropna(subset=["image"])
    opinions = crowd_from_counts(counts, key="image", taxonomy=taxonomy, minimum_readers=minimum_readers)
    return opinions, readers, table.source


def _reading_counts(table: ReadingsTable, *, simulated: bool) -> tuple[pd.DataFrame, int]:
    frame = table.frame
    # Simulated readers may be the crowd of drawn images only, never of photographs.
    people = frame if simulated else frame[~frame["simulated"].fillna(False).astype(bool)]
    first = people[(people["phase"] == Phase.UNAIDED) & people["dx"].notna()].drop_duplicates(["reader", "case"])
    return first.groupby(["case", "dx"]).size().rename("n").reset_index(), int(first["reader"].nunique())


def _aggregate_counts(table: AggregateTable) -> tuple[pd.DataFrame, int]:
    columns = {f"unaided_{code}": code for code in table.classes.codes}
    whole = table.frame[["case", *columns]].rename(columns=columns)
    counts = whole.melt("case", var_name="dx", value_name="n").groupby(["case", "dx"], as_index=False)["n"].sum()
    return counts[counts["n"] > 0], int(counts.groupby("case")["n"].sum().max())
