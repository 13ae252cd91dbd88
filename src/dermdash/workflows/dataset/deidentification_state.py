"""Where the images of data sets stand on the way to being de-identified, and the one sentence that may be said of them.

A search finds writing that looks like writing, not all of it, and neither faces nor tattoos: what it does not propose
is nobody's word. Who has looked at the pictures of a data set says so for all of them (`judge_images.sign_off`); before
that nothing that leaves is called de-identified beyond its metadata.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from dermdash.dataset.burned_in_text import DETECTOR, TextRegion
from dermdash.records.change_chain import digest
from dermdash.storage import deidentification as store
from dermdash.storage import records
from dermdash.storage.deidentification import CLEAR, MASKED, OPEN
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.people import names_of


@dataclass(frozen=True, slots=True)
class ImageToJudge:
    """One image: its hash, the records that show it, where text is proposed, and what who said of it.

    ``verdict`` is `CLEAR` (it shows nobody) or `MASKED` (it is what ``decided_by`` made by covering an earlier
    version); None: nobody has said anything, or it was taken back.
    """

    image_sha256: str
    records: tuple[dict[str, Any], ...]
    regions: tuple[TextRegion, ...]
    verdict: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the search proposes something about which nobody has decided."""
        return self.verdict != CLEAR


@dataclass(frozen=True, slots=True)
class TextState:
    """Where the images of one or more data sets stand.

    ``images`` there are; ``screened`` by this version of the detector; ``proposed``: it proposes something in so many;
    ``open`` of these are not decided; ``masked``: covered versions that were made; ``looked_at``: of so many a person
    says that they show nobody, or covered what did; ``surplus``: files that hold more than pixels;
    ``signed_by``: who signed for each data set as it is now, by its id; ``unsigned`` data sets remain.
    """

    images: int
    screened: int
    proposed: int
    open: int
    masked: int
    looked_at: int
    surplus: int
    signed_by: Mapping[str, str]
    unsigned: tuple[str, ...]

    @property
    def deidentified(self) -> bool:
        """Whether more may be said than that metadata were removed."""
        return bool(self.images) and not self.unsigned and not self.open and not self.surplus

    def to_json(self) -> dict[str, Any]:
        """For machines, with the sentence that may be said."""
        return {**asdict(self), "unsigned": list(self.unsigned), "signed_by": dict(self.signed_by),
                "deidentified": self.deidentified, "statement": self.statement}  # fmt: skip

    @property
    def looks(self) -> str:
        """How many of the images a person has looked at, and how many only the search has seen."""
        if not self.images:
            return "There is no image yet."
        rest = self.images - self.looked_at
        if not rest:
            return f"A person has looked at each of the {counted(self.images, 'image')}."
        return (
            f"A person has looked at {self.looked_at:,} of {counted(self.images, 'image')} one by one; {rest:,} only "
            "the search has seen."
        )

    @property
    def statement(self) -> str:
        """What may be said of the images, and no more."""
        if self.deidentified:
            people = sorted(set(self.signed_by.values()))
            covered = f" {counted(self.masked, 'image was', 'images were')} covered in part." if self.masked else ""
            return (
                f"De-identified: metadata were removed from the files, and {_listed(people)} signed that none of the "
                f"{counted(self.images, 'image')} shows who somebody is. {self.looks}{covered}"
            )
        said = "Metadata were removed from the image files; no more than that is de-identified."
        if self.surplus:
            held = counted(self.surplus, "image file holds", "image files hold")
            said = f"{held} more than pixels, from before that was removed: clean them. Nothing is de-identified."
        if self.screened < self.images:
            return f"{said} {self.images - self.screened:,} of {counted(self.images, 'image')} not searched for text."
        if self.open:
            return f"{said} {counted(self.open, 'image')} with what may be text: nobody has decided yet."
        return f"{said} Nobody has signed yet that the images themselves show nobody."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _chosen(workspace: Workspace, dataset_ids: Collection[str] | None) -> list[str]:
    known = [str(d["id"]) for d in records.list_datasets(workspace.engine)]
    return [d for d in known if dataset_ids is None or d in dataset_ids]


def images_of(workspace: Workspace, dataset_ids: Collection[str] | None) -> pd.DataFrame:
    """Every image of these data sets (None: of all) as `storage.deidentification.images_of_datasets` tells of it."""
    return store.images_of_datasets(workspace.engine, _chosen(workspace, dataset_ids))


def digest_of(workspace: Workspace, dataset_id: str) -> str:
    """What a sign-off holds for: the images as they are."""
    return digest(store.image_hashes(workspace.engine, [dataset_id]))


def text_state(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> TextState:
    """Where the images of these data sets stand; None: of all."""
    chosen = _chosen(workspace, dataset_ids)
    signed = {d: row for d, row in store.sign_offs(workspace.engine).items() if d in chosen}
    valid = {d: row for d, row in signed.items() if row["digest"] == digest_of(workspace, d)}
    names = names_of(workspace)
    return TextState(
        **store.count_images(workspace.engine, chosen, DETECTOR),
        signed_by={d: names.get(row["account_id"], row["account_id"]) for d, row in valid.items()},
        unsigned=tuple(d for d in chosen if d not in valid),
    )


def list_proposals(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> list[ImageToJudge]:
    """Every image in which text is proposed, or of which a covered version came back; those that are open first.

    Within them the strongest proposal comes first.
    """
    frame = store.images_with_proposals(workspace.engine, _chosen(workspace, dataset_ids), DETECTOR)
    return sorted(
        _to_judge(workspace, frame), key=lambda i: (not i.is_open, -max((r.score for r in i.regions), default=0.0))
    )


def looked_at_by_image(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> dict[str, bool]:
    """Every image by its hash, in a lasting order, and whether a person has looked at it."""
    return store.looked_at_by_image(workspace.engine, _chosen(workspace, dataset_ids))


def image_to_judge(workspace: Workspace, image_sha256: str) -> ImageToJudge:
    """One image with all that is known of it.

    Raises
    ------
    NotFound
        No record shows it.
    """
    frame = store.images_by_hash(workspace.engine, [image_sha256])
    if not len(frame):
        raise store.no_record_shows(workspace.engine, image_sha256)
    return _to_judge(workspace, frame)[0]


def _to_judge(workspace: Workspace, frame: pd.DataFrame) -> list[ImageToJudge]:
    shown: dict[str, list[dict[str, Any]]] = {}
    for record in store.records_of_images(workspace.engine, frame["sha256"].tolist()).to_dict("records"):
        shown.setdefault(str(record["image_sha256"]), []).append({str(name): value for name, value in record.items()})
    return [_image_of_row(row, tuple(shown.get(row["sha256"], ()))) for row in frame.to_dict("records")]


def _image_of_row(row: Mapping[Any, Any], shown: tuple[dict[str, Any], ...]) -> ImageToJudge:
    regions = tuple(TextRegion(**region) for region in row["regions"] or ()) if row["detector"] == DETECTOR else ()
    said: tuple[str | None, str | None, datetime | None, str] = (None, None, None, "")
    if row["verdict"] == CLEAR:
        said = (CLEAR, row["account_id"], row["decided_at"], row["note"] or "")
    elif isinstance(row["covered_by"], str) and row["verdict"] != OPEN:
        said = (MASKED, row["covered_by"], None, "")
    return ImageToJudge(str(row["sha256"]), shown, regions, *said)
