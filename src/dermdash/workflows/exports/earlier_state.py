"""A record as it was in a version: what the manifest says of it, with what no manifest says as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dermdash.records.change_chain import digest
from dermdash.records.details import FURTHER
from dermdash.workflows.dataset.manifest import FIELDS, LABEL


def as_it_was(row: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The row of a record with label, fields, image and mask of the version, and whether its further columns are
    lost: a manifest keeps no more of them than a digest."""
    label, fields = entry["label"], entry["fields"]
    now = row[FURTHER] or None
    same = fields.get(FURTHER) == (digest(now) if now else None)
    return {
        **row,
        **{name: label.get(name) for name in LABEL},
        **{name: fields.get(name) for name in FIELDS},
        "image_sha256": entry["image_sha256"],
        "mask_sha256": entry.get("mask_sha256"),
        FURTHER: now if same else None,
    }, not same
