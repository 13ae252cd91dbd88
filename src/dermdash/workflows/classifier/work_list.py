"""Sort a data set by an operating point: what to look at first, and what share of the malignant records it holds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dermdash.analysis.arrays import BoolArray, IntArray
from dermdash.analysis.estimates import Estimate, clustered_proportion
from dermdash.analysis.operating_point import Rule
from dermdash.analysis.scored_cases import MALIGNANCY, number_groups
from dermdash.analysis.threshold_rates import without_interval
from dermdash.errors import NotFound, WayOut
from dermdash.records.fields import LISTED
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import models, records
from dermdash.storage.acquisition import rejected_ids
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.held_out import held_out_records, records_of_lesions
from dermdash.workflows.classifier.malignancy import malignancy_under
from dermdash.workflows.classifier.operating_points import OperatingPoint, get_operating_point
from dermdash.workflows.dataset.identity_groups import group_keys_of
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden


@dataclass(frozen=True, slots=True)
class Triage:
    """A data set sorted by an operating point.

    ``work_list``: the records at or above the malignancy threshold, most probable first. ``records`` predicted in
    all, ``unpredicted`` others; ``rejected``: records that the acquisition gate rejected, which are in none of all
    this. ``seen``: share of the truly malignant records that the list holds; ``kept_off``: share of the truly
    benign ones it spares, both among ``judged`` records: diagnosed and held out from the model. Without intervals
    where the threshold was chosen on some of them. ``left_out_of_malignancy``: how many records of each class count
    as neither, as the policy of the point says; they are judged, and in neither share.
    """

    point: OperatingPoint
    dataset_id: str
    threshold: float
    records: int
    unpredicted: int
    rejected: int
    judged: int
    work_list: pd.DataFrame
    seen: Estimate
    kept_off: Estimate
    left_out_of_malignancy: dict[str, int]


def triage(workspace: Workspace, id_or_name: str, *, dataset_id: str) -> Triage:
    """List the records of a data set whose malignancy probability reaches the threshold, most probable first.

    The list holds every predicted record, diagnosed or not, but those that the acquisition gate rejected: nobody can
    say anything on such an image. What share of the malignant ones it catches is told from
    those that are diagnosed and held out from the model.

    Raises
    ------
    NotFound
        No such operating point or data set, or no prediction of its model there.
    """
    point = get_operating_point(workspace, id_or_name)
    threshold = point.thresholds[MALIGNANCY]
    assert threshold is not None  # choosing refuses a point without one
    rows = records.records_of_dataset(workspace.engine, dataset_id)
    if rows.empty:
        raise NotFound(f"There are no records in a data set {dataset_id!r}.")
    gone = rows["id"].isin(rejected_ids(workspace.engine, [dataset_id]))
    rejected, rows = int(gone.sum()), rows[~gone].reset_index(drop=True)
    if rows.empty:
        raise NotFound(f"Every record of {dataset_id} was rejected for image quality: there is nothing to look at.")
    stored = models.predictions_of_model(workspace.engine, point.model_id, rows["id"])
    if stored.empty:
        raise NotFound(
            f"The model of this operating point, {point.model_id}, has not predicted the records of {dataset_id} yet.",
            way_out=WayOut.PREDICT,
        )
    columns = malignancy_under(point.taxonomy, stored).set_index("record_id")[
        ["malignancy_probability", "predicted_dx"]
    ]
    joined = rows.join(columns, on="id", how="inner").reset_index(drop=True)
    over = (joined["malignancy_probability"] >= threshold).to_numpy(dtype=bool)
    judged = joined["dx"].isin(point.taxonomy.codes).to_numpy(dtype=bool)
    judged = judged & held_out_records(workspace, point.model_id, joined)
    malignant = joined["dx"].isin(point.taxonomy.malignant_codes).to_numpy(dtype=bool)
    benign = joined["dx"].isin(point.taxonomy.benign_codes).to_numpy(dtype=bool)
    neither = joined["dx"][judged & ~malignant & ~benign].value_counts()
    groups = number_groups(group_keys_of(workspace, list(joined["id"])))
    seen = _share(over, judged & malignant, groups, "no malignant record is diagnosed and held out")
    kept_off = _share(~over, judged & benign, groups, "no benign record is diagnosed and held out")
    if _chosen_on(workspace, point, dataset_id, joined["id"][judged]):
        seen, kept_off = without_interval(seen), without_interval(kept_off)
    listed = joined[over].sort_values(["malignancy_probability", "id"], ascending=[False, True])
    return Triage(
        point,
        dataset_id,
        threshold,
        records=len(joined),
        unpredicted=len(rows) - len(joined),
        rejected=rejected,
        judged=int(judged.sum()),
        work_list=listed.reset_index(drop=True),
        seen=seen,
        kept_off=kept_off,
        left_out_of_malignancy={code: int(neither[code]) for code in point.taxonomy.codes if code in neither},
    )


WORK_LIST_COLUMNS = (
    "image_id", "malignancy_probability", "predicted_dx", "dx", "lesion_id", "patient_id",
    *(spec.name for spec in LISTED), "technical_quality", "dataset_id",
)  # fmt: skip


def work_list_csv(workspace: Workspace, found: Triage, *, privacy: Privacy = AS_IT_IS) -> bytes:
    """The work list as CSV (UTF-8), with the operating point that made it in the last columns."""
    frame = hidden(workspace, found.work_list[list(WORK_LIST_COLUMNS)], privacy)
    frame["threshold"] = found.threshold
    frame["operating_point"] = found.point.name
    frame["borderline"] = found.point.borderline.value
    frame["model_id"] = found.point.model_id
    return to_safe_csv(frame)


def _chosen_on(workspace: Workspace, point: OperatingPoint, dataset_id: str, record_ids: pd.Series[str]) -> bool:
    """Whether the threshold was chosen, and not given, and on some of these very lesions or what belongs to them."""
    if point.rule is Rule.VALUE:
        return False
    chosen_on = records_of_lesions(workspace, point.chosen_lesions)
    return dataset_id == point.dataset_id or not chosen_on.isdisjoint(record_ids)


def _share(hits: BoolArray, among: BoolArray, groups: IntArray, empty: str) -> Estimate:
    return clustered_proportion(hits[among], groups[among], empty=empty)
