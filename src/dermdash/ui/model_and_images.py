"""Which model speaks of which images: the choices that the pages share, and how a model is named on them.

A page starts with the model in use and with images of one kind; another model, or the other kind, is an explicit
choice.
The address names the model that was chosen (``?model=ID``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.frontend.exchange.gallery import BadgePayload
from dermdash.ui.messages import as_text
from dermdash.workflows.classifier.model_in_use import find_model_in_use
from dermdash.workflows.classifier.model_registry import list_models, model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import DRAWN, DRAWN_IMAGES, both_kinds_present, default_kind

_KINDS = {"real": "Photographs", "drawn": "Drawn images"}
_ADDRESS = "model"


def pick_model(
    models: Sequence[Mapping[str, Any]],
    *,
    key: str,
    label: str = "Model",
    width: int | str = 560,
    place: Any = st,
    **widget: Any,
) -> str:
    """Choose one of the models (the first to begin with, unless the address names another); return its id."""
    by_id = {str(m["id"]): m for m in models}
    return choose(
        label,
        list(by_id),
        lambda i: model_label(by_id[i]),
        key=key,
        name=_ADDRESS,
        always=True,
        width=width,
        place=place,
        **widget,
    )


def in_use_caption(workspace: Workspace, model: Mapping[str, Any]) -> None:
    """Say whether this is the model that answers where none is named, and else which one does."""
    used = find_model_in_use(workspace, simulated=bool(model["simulated"]), taxonomy=str(model["taxonomy"]))
    if used is None:
        return
    if used.id == model["id"]:
        st.caption(f"In use where no model is named: {used.why}.")
    else:
        st.caption(f"Where no model is named, {as_text(model_label(used.model))} answers ({used.why}).")


def pick_kind(
    workspace: Workspace,
    *,
    key: str,
    drawn: bool | None = None,
    ready: Callable[[bool], bool] = lambda drawn: True,
    place: Any = st,
) -> bool:
    """Choose photographs or drawn images where there are both; return whether the drawn ones.

    ``drawn`` is what the choice begins with; None: the kind of the model in the address, else photographs, drawn images
    only where there are no others, or where these alone have what the page is about (``ready``). Where there is one
    kind only, there is nothing to choose.
    """
    if not both_kinds_present(workspace):
        return default_kind(workspace)
    first = _first_kind(workspace, ready) if drawn is None else drawn
    chosen = choose_segment(
        "Images", list(_KINDS), _KINDS.__getitem__, default="drawn" if first else "real", key=key, name="images",
        always=True, place=place, help="Photographs and images drawn by a program are never mixed unasked.",
    )  # fmt: skip
    return chosen == "drawn"


def _first_kind(workspace: Workspace, ready: Callable[[bool], bool]) -> bool:
    wanted = address.asked(_ADDRESS)
    model = next((m for m in list_models(workspace) if m["id"] in wanted), None)
    if model is not None:
        return bool(model["simulated"])
    usual = default_kind(workspace)
    return usual if ready(usual) or not ready(not usual) else not usual


def datasets_with_records(workspace: Workspace, *, taxonomy: str | None = None) -> dict[str, str]:
    """Id to name of the data sets that hold records, photographs first; the word for drawn ones stands in the name."""
    there = [d for d in browse_records.list_datasets(workspace) if d["records"] and taxonomy in (None, d["taxonomy"])]
    there.sort(key=lambda d: bool(d["simulated"]))
    names = browse_records.dataset_names(workspace)
    return {str(d["id"]): f"{names[d['id']]}{f' ({DRAWN})' if d['simulated'] else ''}" for d in there}


def drawn_warning() -> None:
    """What stands above a result on drawn images."""
    st.warning(DRAWN_IMAGES, icon=":material/science:")


def drawn_badge() -> BadgePayload:
    """The mark of a drawn image on its tile."""
    return BadgePayload(text=DRAWN, shape="square")
