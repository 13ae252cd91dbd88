"""Which model answers where none is named, and the act of choosing another.

There is one for photographs and one for drawn images, for each taxonomy. For photographs: the model that somebody chose
for this workspace, else the one that comes with dermdash. For drawn images: the one chosen, else the first that was
trained on such images. A newly trained or added model changes nothing until it is chosen, and a model of one kind is
never chosen for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from dermdash.errors import InvalidInput, NotFound
from dermdash.records.taxonomy import DEFAULT_TAXONOMY
from dermdash.storage import models, records
from dermdash.storage.workspace import Workspace
from dermdash.wording import moment
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.classifier.model_registry import get_model, list_models, model_label, reference_model_id
from dermdash.workflows.dataset.browse_records import RecordDetail
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind, kind_of_datasets, kind_words

CHOSEN, REFERENCE, FIRST = "chosen", "reference", "first"


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """The model that answers for one kind of images where none is named, and why it is this one.

    ``reason``: `CHOSEN` (``chosen_by``, ``chosen_at``), `REFERENCE` (it comes with dermdash) or `FIRST` (the first of
    its kind).
    """

    model: dict[str, Any]
    reason: str
    chosen_by: str = ""
    chosen_at: datetime | None = None

    @property
    def id(self) -> str:
        """Id of the model."""
        return str(self.model["id"])

    @property
    def why(self) -> str:
        """The reason in words."""
        if self.reason == CHOSEN and self.chosen_at is not None:
            return f"chosen by {self.chosen_by} on {moment(self.chosen_at)}"
        return "the one that comes with dermdash" if self.reason == REFERENCE else "the first of its kind"


def find_model_in_use(workspace: Workspace, *, simulated: bool, taxonomy: str | None = None) -> ModelInUse | None:
    """The model in use for images of a kind, or None where there is no model for them.

    ``taxonomy`` None: that of the data sets of this kind, the default one where there are several or none.
    """
    taxonomy = taxonomy or _default_taxonomy(workspace, simulated=simulated)
    known = {
        str(m["id"]): m for m in list_models(workspace) if m["simulated"] == simulated and m["taxonomy"] == taxonomy
    }
    for choice in models.list_choices(workspace.engine):
        if (bool(choice["simulated"]), choice["taxonomy"]) == (simulated, taxonomy) and choice["model_id"] in known:
            return ModelInUse(known[choice["model_id"]], CHOSEN, choice["chosen_by"], choice["chosen_at"])
    with suppress(NotFound):
        if (reference := reference_model_id()) in known:
            return ModelInUse(known[reference], REFERENCE)
    first = min(known.values(), key=lambda m: (m["created_at"], m["id"]), default=None)
    return None if first is None else ModelInUse(first, FIRST)


def model_in_use(workspace: Workspace, *, simulated: bool | None = None, taxonomy: str | None = None) -> ModelInUse:
    """The model in use; ``simulated`` None: for photographs, for drawn images only where there are no others.

    Raises
    ------
    NotFound
        There is no model for such images.
    """
    kind = default_kind(workspace) if simulated is None else simulated
    found = find_model_in_use(workspace, simulated=kind, taxonomy=taxonomy)
    if found is None:
        of = f" with the classes of {taxonomy}" if taxonomy else ""
        raise NotFound(f"There is no model of {kind_words(kind)}{of} yet: `dermdash train` makes one.")
    return found


def answering_model(
    workspace: Workspace,
    model_id: str | None,
    *,
    dataset_ids: Collection[str] | None = None,
    simulated: bool | None = None,
) -> dict[str, Any]:
    """The model named, or else the one in use for the images that are meant.

    Which images are meant: those of the data sets named, else of the kind named, else photographs where there are any.

    Raises
    ------
    NotFound
        There is no such model or data set, or no model in use for such images.
    InvalidInput
        The data sets are of both kinds or of several taxonomies, and no model is named.
    """
    if model_id is not None:
        return get_model(workspace, model_id)
    if not dataset_ids:
        return model_in_use(workspace, simulated=simulated).model
    kind = kind_of_datasets(workspace, dataset_ids)
    taxonomies = {d["taxonomy"] for d in records.list_datasets(workspace.engine) if d["id"] in dataset_ids}
    if len(taxonomies) > 1:
        raise InvalidInput(f"the data sets have the classes of {', '.join(sorted(taxonomies))}: name a model")
    return model_in_use(workspace, simulated=kind, taxonomy=taxonomies.pop()).model


def choose_model(workspace: Workspace, model_id: str, *, chosen_by: str = ADMIN_ACCOUNT) -> ModelInUse:
    """Let a model answer where none is named, for images of its own kind; logged with person and time.

    Raises
    ------
    NotFound
        There is no such model.
    InvalidInput
        It is in use already.
    """
    model = get_model(workspace, model_id)
    kind, taxonomy = bool(model["simulated"]), str(model["taxonomy"])
    before = find_model_in_use(workspace, simulated=kind, taxonomy=taxonomy)
    if before is not None and before.id == model_id:
        raise InvalidInput(
            f"{model_label(model)} answers for {kind_words(kind)} already where no model is named ({before.why})"
        )
    models.save_choice(
        workspace.engine,
        values={
            "id": uuid4().hex, "model_id": model_id, "simulated": kind, "taxonomy": taxonomy, "chosen_by": chosen_by,
            "replaced_model_id": None if before is None else before.id,
        },
    )  # fmt: skip
    return model_in_use(workspace, simulated=kind, taxonomy=taxonomy)


def list_choices(workspace: Workspace) -> list[dict[str, Any]]:
    """Every choice that was made, the latest first: model, the one it replaced, person and time."""
    return models.list_choices(workspace.engine)


def models_in_use(workspace: Workspace) -> list[ModelInUse]:
    """Every model in use: for photographs, and for drawn images where a model or a data set of these is there."""
    kinds = [
        (False, _default_taxonomy(workspace, simulated=False)),
        (True, _default_taxonomy(workspace, simulated=True)),
    ]
    kinds += [(bool(d["simulated"]), str(d["taxonomy"])) for d in records.list_datasets(workspace.engine)]
    kinds += [(bool(m["simulated"]), str(m["taxonomy"])) for m in list_models(workspace)]
    found = [find_model_in_use(workspace, simulated=kind, taxonomy=of) for kind, of in dict.fromkeys(kinds)]
    return [used for used in found if used is not None]


def offered(
    workspace: Workspace,
    every: list[dict[str, Any]],
    *,
    simulated: bool | None = None,
    taxonomy: str | None = None,
    ready: Callable[[Mapping[str, Any]], bool] = lambda model: True,
) -> list[dict[str, Any]]:
    """Models to choose from, the one in use first, then those of its kind, then the others; each newest first.

    ``ready``: whether a model has what is asked for. Those that have go before all others, as a page begins with the
    first.
    """
    kind = default_kind(workspace) if simulated is None else simulated
    used = find_model_in_use(workspace, simulated=kind, taxonomy=taxonomy)
    first = None if used is None else used.id
    return sorted(every, key=lambda m: (not ready(m), m["id"] != first, bool(m["simulated"]) != kind))


def predictions_to_show(workspace: Workspace, detail: RecordDetail) -> list[dict[str, Any]]:
    """The predictions of a record in the order to offer them: of the model in use, of its kind, then the others."""
    used = find_model_in_use(workspace, simulated=detail.simulated, taxonomy=detail.taxonomy)
    first = None if used is None else used.id
    return sorted(
        detail.predictions, key=lambda p: (p["model_id"] != first, bool(p["model_simulated"]) != detail.simulated)
    )


def _default_taxonomy(workspace: Workspace, *, simulated: bool) -> str:
    there = [str(d["taxonomy"]) for d in datasets_of_kind(workspace, simulated=simulated) if d["records"]]
    return there[0] if there and DEFAULT_TAXONOMY not in there else DEFAULT_TAXONOMY
