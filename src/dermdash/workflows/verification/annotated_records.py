"""The annotations of a data set as one table, with what consensus and histology say: what agreement is measured on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from dermdash.errors import NotFound
from dermdash.records.acts import TaskPurpose
from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import accounts, annotation_rows, decisions, record_rows, tasks
from dermdash.storage.workspace import Workspace
from dermdash.verification.annotated_records import COLUMNS, OVERLAP_COLUMNS, AnnotatedRecords
from dermdash.verification.marks import Mark, overlap_by_structure, scaled
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.chosen_records import let_through
from dermdash.workflows.dataset.identity_groups import group_keys_of

LONGEST_SIDE = 512
"""Pixels of the masks that are compared: overlaps of larger ones differ in the third decimal."""


def annotated_records(
    workspace: Workspace, actor: Account, dataset_id: str, record_filter: RecordFilter | None = None
) -> AnnotatedRecords:
    """Read the latest answer to each task of a data set, or of the records that a filter lets through.

    Raises
    ------
    AccessDenied
        The person may not see everybody's answers.
    NotFound
        There is no such data set.
    """
    require_right(actor, Right.READ_ANSWERS)
    dataset = record_rows.dataset_row(workspace.engine, dataset_id)
    if dataset is None:
        raise NotFound(f"there is no data set {dataset_id}: `dermdash verification status` lists those that there are")
    every = annotation_rows.list_annotations(workspace.engine, dataset_id=dataset_id)
    passing = let_through(workspace, dataset_id, [row["record_id"] for row in every], record_filter)
    rows = [row for row, passes in zip(every, passing, strict=True) if passes]
    names = {row["id"]: str(row["name"]) for row in accounts.list_accounts(workspace.engine)}
    record_ids = sorted({row["record_id"] for row in rows})
    units = dict(zip(record_ids, group_keys_of(workspace, record_ids), strict=True)) if record_ids else {}
    consensus = _latest(decisions.all_consensus(workspace.engine, dataset_id))
    histology = _latest(decisions.all_histology(workspace.engine, dataset_id))
    answers = [
        {
            "record": row["record_id"],
            "unit": units[row["record_id"]],
            "reviewer": row["account_id"],
            "purpose": row["purpose"],
            "cycle": row["cycle"],
            "dx": row["dx"],
            "values": row["content"].get("values") or {},
            "quality": row["quality"],
            "month": row["recorded_at"].date().isoformat()[: len("2026-11")],
            "consensus": consensus.get((row["record_id"], row["cycle"])),
            "histology": histology.get((row["record_id"], row["cycle"])),
        }
        for row in rows
    ]
    return AnnotatedRecords(
        source=str(dataset["name"]),
        answers=pd.DataFrame(answers, columns=list(COLUMNS)),
        overlaps=pd.DataFrame(list(_overlaps(workspace, rows, units)), columns=list(OVERLAP_COLUMNS)),
        taxonomy=get_taxonomy(dataset["taxonomy"]),
        names={row["account_id"]: names.get(row["account_id"], row["account_id"]) for row in rows},
        simulated=bool(dataset["simulated"]),
        excluded={"of a record that the filter leaves out": len(every) - len(rows)} if len(rows) < len(every) else {},
    )


def yet_to_answer(workspace: Workspace, actor: Account) -> frozenset[str]:
    """Records that the person has open work on: of these nothing may reach them that others said.

    Raises
    ------
    AccessDenied
        The person may not see everybody's answers.
    """
    require_right(actor, Right.READ_ANSWERS)
    return frozenset(task["record_id"] for task in tasks.open_tasks(workspace.engine, actor.id))


def _latest(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], str]:
    """The label of each record and cycle."""
    return {(row["record_id"], row["cycle"]): row["dx"] for row in rows}


def _overlaps(workspace: Workspace, rows: list[dict[str, Any]], units: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """For each structure that one of two reviewers of a record marked, how far their regions overlap."""
    of_record: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows:
        if row["purpose"] == TaskPurpose.REVIEW:
            of_record.setdefault((row["record_id"], row["cycle"]), []).append(row)
    last = dict(sorted(of_record))
    for record_id, cycle in last.items():
        reviews = of_record[record_id, cycle]
        marks = [[Mark.from_json(mark) for mark in row["content"].get("marks") or ()] for row in reviews]
        if sum(map(bool, marks)) == 0 or len(reviews) < 2:
            continue
        record = record_rows.record_row(workspace.engine, record_id)
        if record is None:
            continue
        longest = max(record["width"], record["height"])
        scale = min(1.0, LONGEST_SIDE / longest)
        # A square holds the image either way round: its pixels may be stored on their side.
        side = max(1, round(longest * scale))
        small = [[scaled(mark, scale) for mark in of_one] for of_one in marks]
        for i, j in combinations(range(len(reviews)), 2):
            for structure, found in overlap_by_structure(small[i], small[j], side, side).items():
                yield {
                    "record": record_id,
                    "unit": units[record_id],
                    "structure": structure,
                    "first": reviews[i]["account_id"],
                    "second": reviews[j]["account_id"],
                    "iou": found.iou or 0.0,
                    "dice": found.dice or 0.0,
                }
