"""The check for likely label errors, from features that a model made of the images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdash.analysis import label_errors
from dermdash.storage import models
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, percent
from dermdash.workflows.classifier import embeddings
from dermdash.workflows.classifier.held_out import held_out_records
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import list_models
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.findings.check import Found, Scope, finding

VERSION = "1"
_NEIGHBOURS = 6
_MOST, _LEAST = 0.05, 20
"""Share of the records that is kept from the top of the ranking, and at least so many."""
LEAST_RECORDS = 60


def likely_label_errors(scope: Scope) -> Found:
    """Records of which a model that did not see them is sure of another diagnosis."""
    found = Found({"label_error": []})
    taxonomies = sorted({str(d["taxonomy"]) for d in scope.datasets})
    could = False
    for taxonomy in taxonomies:
        wanted = {str(d["id"]) for d in scope.datasets if d["taxonomy"] == taxonomy}
        model = _model_with_features(scope, wanted)
        if model is None:
            found.notes.append(
                f"{', '.join(sorted(wanted))}: no model has features of its records. `dermdash predict"
                f"{' --simulated' if scope.simulated else ''}` makes them, or *Predict* on the page of models."
            )
            continue
        could = True
        _look(scope, wanted, model, found)
    found.could_not = not could
    return found


def _model_with_features(scope: Scope, wanted: set[str]) -> dict[str, Any] | None:
    """The model in use, else the first other with features of enough of the records."""
    for model in offered(scope.workspace, list_models(scope.workspace), simulated=scope.simulated):
        known = embeddings.record_ids(scope.workspace, model["id"])
        if sum(record.partition(":")[0] in wanted for record in known) >= LEAST_RECORDS:
            return dict(model)
    return None


def _look(scope: Scope, wanted: set[str], model: dict[str, Any], found: Found) -> None:
    workspace = scope.workspace
    _, features, facts = embeddings.current_features(workspace, model["id"], simulated=scope.simulated)
    mine = facts["dataset_id"].isin(wanted).to_numpy() & ~facts["id"].isin(scope.rejected).to_numpy()
    diagnosed = mine & facts["dx"].notna().to_numpy()
    facts, features = facts[diagnosed].reset_index(drop=True), features[diagnosed]
    of_identity = identity_groups(workspace).of(facts["id"].tolist())
    names, labels = np.unique(facts["dx"].to_numpy(dtype=str), return_inverse=True)
    enough = np.array([len(set(of_identity[labels == c])) >= label_errors.LEAST_GROUPS for c in range(len(names))])
    where = ", ".join(sorted(wanted))
    if enough.sum() < 2:
        found.notes.append(
            f"{where}: fewer than two diagnoses of at least {label_errors.LEAST_GROUPS} patients or lesions with "
            "features."
        )
        return
    kept = enough[labels]
    facts, features = facts[kept].reset_index(drop=True), features[kept]
    names, labels = np.unique(facts["dx"].to_numpy(dtype=str), return_inverse=True)
    _, groups = np.unique(of_identity[kept], return_inverse=True)
    report = scope.report
    probabilities = label_errors.out_of_fold_probabilities(
        features, labels, groups, progress=lambda share: report("Predicting each fold from the others", share, 1)
    )
    held_out = _held_out_predictions(workspace, model["id"], facts, list(names))
    both: NDArray[np.bool_] = np.asarray(np.isfinite(held_out).all(axis=1))
    # Two opinions that neither saw the record; their geometric mean trusts what both hold for possible.
    probabilities[both] = _mean(probabilities[both], held_out[both])
    margins = label_errors.label_margins(probabilities, labels)
    every = np.argsort(-margins.score, kind="stable")
    passing, likely = int((margins.score >= 0.5).sum()), int(margins.likely.sum())
    most = max(_LEAST, int(_MOST * len(every)))
    chosen = [i for i in every[:most].tolist() if margins.score[i] >= 0.5]
    near = _neighbours(features, groups, chosen)
    for i, neighbours in zip(chosen, near, strict=True):
        given, proposed = int(labels[i]), int(margins.proposed[i])
        details = {
            "given": names[given], "proposed": names[proposed],
            "p_given": round(float(probabilities[i, given]), 4),
            "p_proposed": round(float(probabilities[i, proposed]), 4),
            "usual_given": round(float(margins.thresholds[given]), 4),
            "usual_proposed": round(float(margins.thresholds[proposed]), 4),
            "basis": "k-fold and held out" if both[i] else "k-fold",
            "neighbours": [facts["id"].iloc[j] for j in neighbours],
        }  # fmt: skip
        found.rows["label_error"].append(
            finding(
                "label_error", [facts["id"].iloc[i]], score=margins.score[i], details=details, version=VERSION,
                verdict="likely" if margins.likely[i] else "unsure", model_id=model["id"],
            )
        )  # fmt: skip
    n_groups, n_both = len(set(groups.tolist())), int(both.sum())
    found.notes.append(
        f"{where}: {counted(len(facts), 'record')} of {counted(n_groups, 'patient or lesion', 'patients or lesions')} "
        f"in {label_errors.FOLDS} folds, features of model {model['name']}; {n_both:,} with its held-out prediction as "
        f"well; {int(mine.sum()) - len(facts):,} left out (no diagnosis, or a class of too few)."
    )
    right = float((probabilities.argmax(axis=1) == labels).mean())
    found.notes.append(
        f"Without having seen them, the model is right about {percent(right)} of the labels; what is likely wrong "
        f"({likely:,}) holds its own errors, too. The first {len(chosen):,} of {passing:,} over the threshold are kept."
    )
    if model["training_lesions_known"] and n_both < len(facts):
        found.notes.append(
            f"The model trained on {len(facts) - n_both:,} of these records: its features remember their labels, so "
            "errors among them are found less surely."
        )


def _held_out_predictions(
    workspace: Workspace, model_id: str, facts: pd.DataFrame, names: list[str]
) -> NDArray[np.float64]:
    """Stored probabilities of the classes (n, k) where the model did not train on the record; NaN elsewhere."""
    result = np.full((len(facts), len(names)), np.nan)
    held_out = held_out_records(workspace, model_id, facts)
    if not held_out.any():
        return result
    stored = models.predictions_of_model(workspace.engine, model_id, facts["id"][held_out].tolist())
    place = {record: i for i, record in enumerate(facts["id"])}
    for record, probabilities in zip(stored["record_id"], stored["probabilities"], strict=True):
        row = np.array([float(probabilities.get(name, 0.0)) for name in names])
        if row.sum() > 0:
            result[place[record]] = row / row.sum()
    return result


def _mean(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    both = np.sqrt(np.clip(one, 1e-6, 1) * np.clip(other, 1e-6, 1))
    return np.asarray(both / both.sum(axis=1, keepdims=True)) if len(both) else both


def _neighbours(features: NDArray[np.float32], groups: NDArray[np.intp], chosen: list[int]) -> list[list[int]]:
    """For each chosen record the nearest ones by cosine that are of other groups."""
    if not chosen:
        return []
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)
    near = []
    for start in range(0, len(chosen), 256):
        part = chosen[start : start + 256]
        similarity = unit[part] @ unit.T
        for row, i in zip(similarity, part, strict=True):
            row[groups == groups[i]] = -2
            best = np.argpartition(-row, min(_NEIGHBOURS, len(row) - 1))[:_NEIGHBOURS]
            near.append([int(j) for j in best[np.argsort(-row[best])] if row[j] > -2])
    return near


def has_features(scope: Scope) -> bool:
    """Whether some model has features of enough records for the check to run."""
    wanted = {str(d["id"]) for d in scope.datasets}
    return _model_with_features(scope, wanted) is not None
