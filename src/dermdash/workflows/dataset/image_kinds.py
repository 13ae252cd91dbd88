"""Photographs and drawn lesions are kept apart: which data sets are of which kind, and what is said of the drawn ones.

A data set is *simulated* when its images were drawn by a program; else it is *real*. Nothing mixes the two unless
asked: where no data set is named, those of one kind are meant, the real one where there is any.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.wording import form

DRAWN = "drawn"
"""What a tile or a badge says of a simulated image."""
DRAWN_IMAGES = "These images are drawn by a program: the figures say nothing about photographs."
DRAWN_MODEL = "This model was trained on lesions drawn by a program: it says nothing about photographs."
NO_PHOTOGRAPHS = "There are no photographs in this workspace: its records are all drawn by a program."


def datasets_of_kind(workspace: Workspace, *, simulated: bool, taxonomy: str | None = None) -> list[dict[str, Any]]:
    """Data sets of one kind, oldest first; of one taxonomy where that is named."""
    return [
        d
        for d in records.list_datasets(workspace.engine)
        if bool(d["simulated"]) == simulated and taxonomy in (None, d["taxonomy"])
    ]


def simulated_dataset_ids(workspace: Workspace) -> frozenset[str]:
    """Ids of the data sets whose images were drawn."""
    return frozenset(name for name, simulated in records.kinds_of_datasets(workspace.engine).items() if simulated)


def kind_of_datasets(workspace: Workspace, dataset_ids: Collection[str]) -> bool:
    """Whether these data sets are simulated.

    Raises
    ------
    NotFound
        An id that does not exist.
    InvalidInput
        Some are simulated and some are real.
    """
    known = records.kinds_of_datasets(workspace.engine)
    if absent := [d for d in dataset_ids if d not in known]:
        raise NotFound(f"There is no data set {', '.join(absent)}; there are: {', '.join(known) or 'none yet'}.")
    kinds = {known[d] for d in dataset_ids}
    if len(kinds) > 1:
        drawn = ", ".join(d for d in dataset_ids if known[d])
        raise InvalidInput(
            f"photographs and drawn images would be mixed ({drawn} is drawn by a program): name data sets of one kind"
        )
    return kinds.pop() if kinds else default_kind(workspace)


def default_kind(workspace: Workspace) -> bool:
    """Whether drawn images are meant where nothing is named: only where no photograph is there."""
    present = {bool(d["simulated"]) for d in records.list_datasets(workspace.engine) if d["records"]}
    return present == {True}


def both_kinds_present(workspace: Workspace) -> bool:
    """Whether there are records of both kinds."""
    return len({bool(d["simulated"]) for d in records.list_datasets(workspace.engine) if d["records"]}) == 2


def other_kind_words(workspace: Workspace, *, simulated: bool) -> str:
    """What is left out where one kind is meant, as "420 drawn images (Demo)"; empty where there is nothing else."""
    others = [d for d in datasets_of_kind(workspace, simulated=not simulated) if d["records"]]
    if not others:
        return ""
    count = sum(d["records"] for d in others)
    return f"{count:,} {kind_words(not simulated)} ({', '.join(str(d['name']) for d in others)})"


def kind_words(simulated: bool, n: int = 2) -> str:
    """What images of a kind are called, after the number ``n`` of them."""
    return form(n, "drawn image", "drawn images") if simulated else form(n, "photograph", "photographs")
