"""Readings of the cases whose diagnosis histology verified: every analysis can be done again on these alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.any_table import Table
from dermdash.readings.readings_table import ReadingsTable
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.dataset.named_records import named_records

STAGE = int(VerificationStage.HISTOLOGY)
LOWER, UNKNOWN = (
    f"the case is below stage {STAGE} (its diagnosis is not verified by histology)",
    "it is not known at which stage the diagnosis of the case is",
)

ONLY = f" (stage {STAGE} only)"
"""What the source is called by then, so that no heading, file or cache takes it for all cases."""


def verified_only(table: ReadingsTable | AggregateTable) -> bool:
    """Whether these are the readings of cases at stage 3 alone."""
    return table.source.endswith(ONLY)


def stages_of_study(workspace: Workspace, study_id: str) -> dict[str, int]:
    """Stage of each case of a study by its image id; cases without a stage are absent."""
    cases = studies.cases_of_study(workspace.engine, study_id)
    rows = records.records_by_id(workspace.engine, cases["record_id"])
    return _stages(rows["image_id"], rows["verification_stage"])


def stages_of_images(workspace: Workspace, cases: Collection[str]) -> dict[str, int]:
    """The same for cases that bear the name of exactly one image of the workspace."""
    named = named_records(cases, records.similarity_columns(workspace.engine))
    return _stages(named.index.to_series(), named["verification_stage"])


def _stages(images: pd.Series[str], stages: pd.Series[float]) -> dict[str, int]:
    there = stages.notna()
    return dict(zip(images[there].astype(str), stages[there].astype(int), strict=True))


def only_verified(table: Table, stages: Mapping[str, int]) -> Table:
    """The readings (or counts) of cases at stage 3 alone, with what was left out counted and said.

    A protocol names its analyses for all cases: of the result none is pre-specified.

    Raises
    ------
    InvalidInput
        No case is at stage 3.
    """
    frame = table.frame
    stage = frame["case"].astype(str).map(dict(stages))
    keep = (stage == STAGE).to_numpy(bool)
    if not keep.any():
        raise InvalidInput(
            f"no case of {table.source} is known to be verified by histology (stage {STAGE}): analyse all cases, or "
            "record their verification first"
        )
    unknown = stage.isna().to_numpy(bool)
    cases = {name: frame["case"][which].nunique() for name, which in (("kept", keep), ("unknown", unknown))}
    every, rows_out = frame["case"].nunique(), int((~keep).sum())
    lower = every - cases["kept"] - cases["unknown"]
    what = "reading" if isinstance(table, ReadingsTable) else "row"
    said = (
        f"Only cases verified by histology (stage {STAGE}) are in these results: {cases['kept']:,} of "
        f"{counted(every, 'case')}. "
        + (
            f"Left out {form(rows_out, 'is', 'are')} {counted(rows_out, what)} of {counted(lower, 'case')} at a lower "
            f"stage and {counted(cases['unknown'], 'case')} of unknown stage."
            if rows_out
            else "All of them are, so that nothing is left out."
        )
        + " Lesions that were excised are not like all lesions: shares of right and wrong answers are those of such "
        "lesions."
    )
    excluded = dict(table.excluded)
    for reason, n in ((LOWER, int((~keep & ~unknown).sum())), (UNKNOWN, int(unknown.sum()))):
        if n:
            excluded[reason] = excluded.get(reason, 0) + n
    more: dict[str, Any] = {"prespecified": ()} if isinstance(table, ReadingsTable) else {}
    return replace(
        table,
        frame=frame[keep].reset_index(drop=True),
        source=f"{table.source}{ONLY}",
        excluded=excluded,
        warnings=(said, *table.warnings),
        **more,
    )
