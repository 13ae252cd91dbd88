"""Which data sets a model is evaluated on, and what is said of photographs and drawn images there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.held_out import held_out_records, lesions_not_trained_on
from dermdash.workflows.dataset.image_kinds import DRAWN_IMAGES, DRAWN_MODEL, datasets_of_kind, kind_words


def default_dataset(workspace: Workspace, model: dict[str, Any], *, simulated: bool | None = None) -> dict[str, Any]:
    """The one data set a model is evaluated on where none is named; the same for every page and command.

    The one it was trained on, if that is here with predicted records held out from the training; else, of those of its
    kind and taxonomy with such records, the largest. Where there are none yet: its own, else the largest.

    Parameters
    ----------
    simulated
        A data set of drawn images (True) or of photographs (False); None: of what the model was trained on.

    Raises
    ------
    NotFound
        There is no data set of that kind with the classes of the model.
    """
    kind = bool(model["simulated"]) if simulated is None else simulated
    there = datasets_of_kind(workspace, simulated=kind, taxonomy=model["taxonomy"])
    there = sorted((d for d in there if d["records"]), key=lambda d: (-d["records"], d["id"]))
    if not there:
        raise NotFound(
            f"There are no {kind_words(kind)} to evaluate on: import a data set with the classes of "
            f"{model['taxonomy']}."
        )
    if len(there) == 1:
        return there[0]
    every = records.similarity_columns(workspace.engine)
    every = every[every["dataset_id"].isin([d["id"] for d in there])].reset_index(drop=True)
    own = _own_dataset(workspace, model, every)
    usable = every["id"].isin(models.predicted_record_ids(workspace.engine, model["id"])) & every["dx"].notna()
    rows = every[usable]
    evaluable = set(rows["dataset_id"][held_out_records(workspace, model["id"], rows)]) if len(rows) else set()
    ranked = sorted(there, key=lambda d: (d["id"] not in evaluable, d["id"] != own))
    return ranked[0]


def _own_dataset(workspace: Workspace, model: dict[str, Any], every: pd.DataFrame) -> str | None:
    """The data set a model was trained on: as registered, else the one that has most of its training lesions."""
    if model["dataset_id"] in set(every["dataset_id"]):
        return str(model["dataset_id"])
    if not model["training_lesions_known"]:
        return None
    trained = ~lesions_not_trained_on(workspace, model["id"], every)
    counts = every["dataset_id"][trained].value_counts()
    return None if counts.empty else str(counts.index[0])


def kind_warnings(model: dict[str, Any], datasets: Sequence[dict[str, Any]]) -> list[str]:
    """What to say where drawn images or a model of these take part: such figures say nothing about photographs."""
    drawn = [bool(d["simulated"]) for d in datasets]
    said = []
    if any(drawn) and not all(drawn):
        said.append("Photographs and drawn images are pooled, as was asked: these figures say little about either.")
    elif any(drawn):
        said.append(DRAWN_IMAGES)
    if model["simulated"] and not all(drawn):
        said.append(DRAWN_MODEL)
    return said


def named_datasets(
    workspace: Workspace, dataset_ids: Collection[str] | None, *, taxonomy: str | None = None
) -> list[dict[str, Any]]:
    """The data sets of these ids, or (None) every one of the taxonomy, of both kinds.

    Raises
    ------
    NotFound
        An id that does not exist.
    InvalidInput
        A data set of another taxonomy than the one asked for.
    """
    known = {str(d["id"]): d for d in records.list_datasets(workspace.engine)}
    if dataset_ids is None:
        return [d for d in known.values() if taxonomy is None or d["taxonomy"] == taxonomy]
    if absent := [d for d in dataset_ids if d not in known]:
        raise NotFound(f"There is no data set {', '.join(absent)}; there are: {', '.join(known) or 'none yet'}.")
    chosen = [known[d] for d in dict.fromkeys(dataset_ids)]
    if taxonomy is not None and (other := [d["id"] for d in chosen if d["taxonomy"] != taxonomy]):
        raise InvalidInput(f"the model names the classes of {taxonomy}, which {', '.join(other)} does not use")
    return chosen
