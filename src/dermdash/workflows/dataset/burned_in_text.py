"""Burned-in text: what a search proposes, what a named person decides, and what an export may say of it.

A search finds writing that looks like writing, not all of it, and neither faces nor tattoos: so what it does not
propose is nobody's word. Who has looked at the pictures of a data set says so for all of them (`sign_off`); before that
nothing that leaves is called de-identified beyond its metadata.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from dermdash.dataset.burned_in_text import DETECTOR, TextRegion
from dermdash.dataset.covered_image import cover
from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, prepare_image
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.change_chain import digest
from dermdash.storage import deidentification as store
from dermdash.storage import records
from dermdash.storage.object_store import LOCKED, ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.import_worker import store_image
from dermdash.workflows.dataset.text_worker import ScreenedImage, screen_chunk
from dermdash.workflows.worker_pool import worker_pool

CLEAR, OPEN = "clear", "open"
"""Verdicts besides ``MASKED``: nothing in the image shows who somebody is; an earlier decision is taken back."""
MASKED = store.MASKED
LONGEST_NOTE = 500
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class Proposal:
    """One image of the queue: its hash, the records that show it, where text is proposed, and who decided what."""

    image_sha256: str
    records: tuple[dict[str, Any], ...]
    regions: tuple[TextRegion, ...]
    verdict: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextState:
    """Where the images of one or more data sets stand.

    ``images`` there are; ``screened`` by this version of the detector; ``proposed``: it proposes something in so many;
    ``open`` of these are not decided; ``masked``: covered versions that were made; ``surplus``: files that hold more
    than pixels; ``signed_by``: who signed for each data set as it is now, by its id; ``unsigned`` data sets remain.
    """

    images: int
    screened: int
    proposed: int
    open: int
    masked: int
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
    def statement(self) -> str:
        """What may be said of the images, and no more."""
        if self.deidentified:
            people = sorted(set(self.signed_by.values()))
            covered = f" {counted(self.masked, 'image was', 'images were')} covered in part." if self.masked else ""
            return (
                f"De-identified: metadata were removed from the files, and {_listed(people)} signed that none of the "
                f"{counted(self.images, 'image')} shows who somebody is.{covered}"
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


@dataclass(frozen=True, slots=True)
class ScreeningReport:
    """What a search did: images searched, those in which text is proposed, and why some could not be read."""

    screened: int
    proposed: int
    unreadable: Mapping[str, str]


def screen(
    workspace: Workspace,
    *,
    dataset_ids: Collection[str] | None = None,
    processes: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> ScreeningReport:
    """Search for burned-in text in the images that this version of the detector has not seen.

    What was found before an interruption is kept, and the same call goes on from there.
    """
    frame = _images(workspace, dataset_ids)
    todo = frame.loc[frame["detector"] != DETECTOR, "sha256"].tolist()
    limits = ImageLimits.from_settings(workspace.settings)
    found: list[ScreenedImage] = []
    unreadable: dict[str, str] = {}
    say = progress or (lambda done, total: None)
    say(0, len(todo))
    workers = workspace.settings.workers or os.cpu_count() or 1
    if todo:
        with worker_pool(workers, processes=processes) as pool:
            done = 0
            for part in _parts(todo, _CHUNK * workers * 2):
                waiting = [_submit(pool, chunk, workspace, limits) for chunk in _parts(part, _CHUNK)]
                new = [image for future in waiting for image in future.result()]
                readable = [image for image in new if image.problem is None]
                store.save_screenings(workspace.engine, [image.row(DETECTOR) for image in readable])
                unreadable |= {image.sha256: image.problem for image in new if image.problem is not None}
                found += readable
                done += len(part)
                say(done, len(todo))
    return ScreeningReport(len(found), sum(bool(image.regions) for image in found), unreadable)


def _parts(hashes: Sequence[str], size: int) -> list[Sequence[str]]:
    return [hashes[at : at + size] for at in range(0, len(hashes), size)]


def _submit(
    pool: Executor, chunk: Sequence[str], workspace: Workspace, limits: ImageLimits
) -> Future[list[ScreenedImage]]:
    return pool.submit(screen_chunk, list(chunk), files=workspace.files, limits=limits)


def _images(workspace: Workspace, dataset_ids: Collection[str] | None) -> pd.DataFrame:
    known = [str(d["id"]) for d in records.list_datasets(workspace.engine)]
    return store.images_of_datasets(workspace.engine, known if dataset_ids is None else dataset_ids)


def text_state(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> TextState:
    """Where the images of these data sets stand; None: of all."""
    datasets = {str(d["id"]): d for d in records.list_datasets(workspace.engine)}
    chosen = [d for d in datasets if dataset_ids is None or d in dataset_ids]
    frame = _images(workspace, chosen)
    current = frame[frame["detector"] == DETECTOR]
    proposed = set(current.loc[[bool(regions) for regions in current["regions"]], "sha256"])
    decisions = store.latest_decisions(workspace.engine)
    # An image that was covered has come again with another import: it is to be decided anew.
    decided = {sha256 for sha256, row in decisions.items() if row["verdict"] != MASKED}
    here = set(frame["sha256"])
    # Also where the search proposes nothing: a face was covered by hand.
    back = {sha256 for sha256, row in decisions.items() if row["verdict"] == MASKED} & here
    masked = {row["masked_sha256"] for row in decisions.values() if row["verdict"] == MASKED} & here
    signed = {d: row for d, row in store.sign_offs(workspace.engine).items() if d in chosen}
    valid = {d: row for d, row in signed.items() if row["digest"] == _digest(_images(workspace, [d]))}
    named = _names(workspace)
    return TextState(
        images=len(frame),
        screened=len(current),
        proposed=len(proposed),
        open=len((proposed | back) - decided),
        masked=len(masked),
        surplus=int(current["surplus"].notna().sum()),
        signed_by={d: named.get(row["account_id"], row["account_id"]) for d, row in valid.items()},
        unsigned=tuple(d for d in chosen if d not in valid),
    )


def _names(workspace: Workspace) -> dict[str, str]:
    from dermdash.workflows.accounts.people import names_of

    return names_of(workspace)


def _digest(frame: pd.DataFrame) -> str:
    return digest(sorted(frame["sha256"]))


def list_proposals(workspace: Workspace, dataset_ids: Collection[str] | None = None) -> list[Proposal]:
    """Every image in which text is proposed or about which somebody decided, those that are open first.

    Within them the strongest proposal comes first.
    """
    frame = _images(workspace, dataset_ids)
    decisions = store.latest_decisions(workspace.engine)
    searched = frame[frame["detector"] == DETECTOR]
    regions = {
        str(sha256): tuple(TextRegion(**region) for region in stored)
        for sha256, stored in zip(searched["sha256"], searched["regions"], strict=True)
    }
    wanted = [sha256 for sha256 in frame["sha256"] if regions.get(sha256) or sha256 in decisions]
    shown: dict[str, list[dict[str, Any]]] = {}
    for record in store.records_of_images(workspace.engine, wanted).to_dict("records"):
        shown.setdefault(str(record["image_sha256"]), []).append({str(name): value for name, value in record.items()})
    found = []
    for sha256 in wanted:
        proposal = Proposal(sha256, tuple(shown.get(sha256, ())), regions.get(sha256, ()))
        said = decisions.get(sha256)
        if said is not None and said["verdict"] != MASKED:
            proposal = replace(
                proposal, verdict=said["verdict"], decided_by=said["account_id"], decided_at=said["decided_at"],
                note=said["note"],
            )  # fmt: skip
        found.append(proposal)
    return sorted(found, key=lambda p: (p.verdict is not None, -max((r.score for r in p.regions), default=0.0)))


def decide(workspace: Workspace, actor: Account, image_sha256: str, verdict: str, *, note: str = "") -> None:
    """Say that nothing in an image shows who somebody is (``clear``), or take that back (``open``).

    Raises
    ------
    AccessDenied
        The person may not.
    InvalidInput
        Another verdict, or a note that is too long.
    NotFound
        No record has the image.
    """
    require_right(actor, Right.CHECK_IDENTITY)
    if verdict not in (CLEAR, OPEN):
        raise InvalidInput(f"the verdict {verdict!r} is none: {CLEAR}, {OPEN}")
    _known(workspace, image_sha256)
    store.add_decision(
        workspace.engine, image_sha256=image_sha256, verdict=verdict, note=_note(note), account_id=actor.id
    )


def mask_regions(
    workspace: Workspace, actor: Account, image_sha256: str, regions: Sequence[TextRegion], *, note: str = ""
) -> str:
    """Cover regions of an image: every record that shows it gets the new version, the old one is locked away.

    Returns the hash of the new version. Embeddings, predictions and saliency maps of the records are of the old one and
    go; the next `predict` makes them anew.

    Raises
    ------
    AccessDenied
        The person may not.
    InvalidInput
        No region, or one outside the image.
    NotFound
        No record has the image.
    FileMissing, WorkspaceFull
        The file is not there, or the disk is full; nothing is changed.
    """
    require_right(actor, Right.CHECK_IDENTITY)
    text = _note(note)
    shown = _known(workspace, image_sha256)
    data = workspace.files.get(ORIGINALS, image_sha256)
    made = cover(data, regions, limits=ImageLimits.from_settings(workspace.settings))
    if made.sha256 == image_sha256:
        raise InvalidInput("These regions are covered already.")
    _replace(workspace, actor, image_sha256, made, regions, note=text, record_id=shown[0])
    return made.sha256


def clean_files(workspace: Workspace, actor: Account, dataset_ids: Collection[str] | None = None) -> int:
    """Take out of stored files what they hold beside their pixels, and return of how many.

    Such files came in before all of it was removed, and were found by `screen`. Their pixels stay as they are; the
    earlier versions are locked away.

    Raises
    ------
    AccessDenied
        The person may not.
    FileMissing, WorkspaceFull
        A file is not there, or the disk is full; what was cleaned before stays so.
    """
    require_right(actor, Right.CHECK_IDENTITY)
    frame = _images(workspace, dataset_ids)
    limits = ImageLimits.from_settings(workspace.settings)
    cleaned = 0
    for sha256 in frame.loc[frame["surplus"].notna(), "sha256"].tolist():
        made = prepare_image(workspace.files.get(ORIGINALS, sha256), limits=limits)
        if made.sha256 != sha256:
            _replace(workspace, actor, sha256, made, (), note="", record_id=_known(workspace, sha256)[0])
            cleaned += 1
    return cleaned


def _replace(
    workspace: Workspace,
    actor: Account,
    image_sha256: str,
    made: PreparedImage,
    regions: Sequence[TextRegion],
    *,
    note: str,
    record_id: str,
) -> None:
    """Put a new version in the place of an image, and lock the earlier one away."""
    files = workspace.files
    row = store_image(made, files)
    files.put(LOCKED, image_sha256, files.get(ORIGINALS, image_sha256))
    files.path(LOCKED, image_sha256).chmod(0o400)
    # The file as it came is still known as this record, where somebody uploads it.
    row["source_sha256"] = records.get_record(workspace.engine, record_id)["source_sha256"]
    store.replace_image(
        workspace.engine, image_sha256=image_sha256, masked=row, regions=[asdict(r) for r in regions], note=note,
        account_id=actor.id,
    )  # fmt: skip
    # Last: what is still there after a crash is named by `dermdash check` as a file that belongs to nothing.
    for kind in (ORIGINALS, THUMBNAILS):
        files.path(kind, image_sha256).unlink(missing_ok=True)


def sign_off(workspace: Workspace, actor: Account, dataset_id: str, *, note: str = "") -> None:
    """Give one's word that no image of a data set, as it is now, shows who somebody is.

    Raises
    ------
    AccessDenied
        The person may not.
    NotFound
        There is no such data set.
    InvalidInput
        Images were not searched, or proposals wait for a decision, or files hold more than pixels.
    """
    require_right(actor, Right.CHECK_IDENTITY)
    if dataset_id not in {d["id"] for d in records.list_datasets(workspace.engine)}:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    state = text_state(workspace, [dataset_id])
    missing = state.images - state.screened
    if missing or state.open or state.surplus:
        raise InvalidInput(
            f"Not yet: {counted(missing, 'image')} not searched for text, {counted(state.open, 'proposal')} not "
            f"decided, {counted(state.surplus, 'file')} with more than pixels."
        )
    frame = _images(workspace, [dataset_id])
    store.add_sign_off(
        workspace.engine, dataset_id=dataset_id, images=len(frame), digest=_digest(frame), note=_note(note),
        account_id=actor.id,
    )  # fmt: skip


def _known(workspace: Workspace, image_sha256: str) -> list[str]:
    """Ids of the records that show an image, one at least."""
    ids = store.records_of_images(workspace.engine, [image_sha256])["id"].tolist()
    if not ids:
        raise NotFound(f"No record of this workspace has the image {image_sha256[:12]}….")
    return ids


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(f"the note has {len(text):,} characters, more than {LONGEST_NOTE}")
    return text.strip()
