"""What imports took out of image files: how often each kind, and which images."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from dermdash.dataset.removed_parts import Removed
from dermdash.storage import deidentification as store
from dermdash.storage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RemovedKinds:
    """Images from whose files each kind was taken; ``clean`` held only pixels, of ``unknown`` none knows."""

    counts: Mapping[Removed, int]
    clean: int
    unknown: int


def removed_by_kind(workspace: Workspace, dataset_ids: Collection[str]) -> RemovedKinds:
    """Count the images of data sets by what was taken out of their files, most frequent first."""
    kinds = store.images_of_datasets(workspace.engine, dataset_ids)["removed"].tolist()
    known = [_kinds(value) for value in kinds if value is not None]
    counts = {kind: sum(kind in of_one for of_one in known) for kind in Removed}
    found = {kind: n for kind, n in sorted(counts.items(), key=lambda pair: -pair[1]) if n}
    return RemovedKinds(found, sum(not of_one for of_one in known), len(kinds) - len(known))


def removed_table(workspace: Workspace, dataset_ids: Collection[str]) -> pd.DataFrame:
    """A row for each record whose file held more than pixels, or of which that is not known."""
    images = store.images_of_datasets(workspace.engine, dataset_ids)
    words = {
        str(sha256): "not known" if stored is None else "; ".join(kind.words for kind in _kinds(stored))
        for sha256, stored in zip(images["sha256"], images["removed"], strict=True)
    }
    records = store.records_of_images(workspace.engine, [sha256 for sha256, said in words.items() if said])
    chosen = records[records["dataset_id"].isin(list(dataset_ids))]
    return pd.DataFrame(
        {
            "dataset": chosen["dataset_id"].tolist(),
            "image_id": chosen["image_id"].tolist(),
            "removed": [words[sha256] for sha256 in chosen["image_sha256"]],
        }
    )


def _kinds(stored: Collection[str]) -> list[Removed]:
    """The kinds of a stored list; one that this version does not know is left out."""
    return [kind for kind in Removed if kind in stored]
