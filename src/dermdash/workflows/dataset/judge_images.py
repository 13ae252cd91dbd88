"""What a named person does about an image: says that it shows nobody, covers regions, cleans files, signs for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from uuid import NAMESPACE_OID, uuid5

from dermdash.dataset.burned_in_text import DETECTOR, TextRegion
from dermdash.dataset.covered_image import cover
from dermdash.dataset.image_ingestion import ImageLimits, PreparedImage, prepare_image
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import deidentification as store
from dermdash.storage import records
from dermdash.storage.deidentification import CLEAR, OPEN
from dermdash.storage.object_store import LOCKED, ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.covered_versions import take_away
from dermdash.workflows.dataset.deidentification_state import digest_of, images_of, text_state
from dermdash.workflows.dataset.import_worker import store_image
from dermdash.workflows.dataset.text_worker import screen_chunk

LONGEST_NOTE = 500
MOST_REGIONS = 200
"""That are covered in one act; more than anybody draws."""


def decide(
    workspace: Workspace,
    actor: Account,
    image_sha256: str,
    verdict: str,
    *,
    note: str = "",
    delivery: int | None = None,
) -> None:
    """Say that nothing in an image shows who somebody is (``clear``), or take that back (``open``).

    ``delivery``: the number that a browser gave the act. It may send it again, to a session that does not know it; by
    then somebody else may have decided otherwise, so the same act of the same person is done once.

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
    sent = None if delivery is None else uuid5(NAMESPACE_OID, f"{actor.id} {image_sha256} {verdict} {delivery}").hex
    store.add_decision(
        workspace.engine, image_sha256=image_sha256, verdict=verdict, note=_note(note), account_id=actor.id,
        decision_id=sent,
    )  # fmt: skip


def mask_regions(
    workspace: Workspace, actor: Account, image_sha256: str, regions: Sequence[TextRegion], *, note: str = ""
) -> str:
    """Cover regions of an image: every record that shows it gets the new version, the old one is locked away.

    Returns the hash of the new version, which is searched for writing at once. Embeddings, predictions and saliency
    maps of the records are of the old one and go; the next `predict` makes them anew.

    Raises
    ------
    AccessDenied
        The person may not.
    InvalidInput
        No region, too many, or one outside the image.
    NotFound
        No record has the image; somebody else has covered it meanwhile.
    FileMissing, WorkspaceFull
        The file is not there, or the disk is full; nothing is changed.
    """
    require_right(actor, Right.CHECK_IDENTITY)
    text = _note(note)
    if len(regions) > MOST_REGIONS:
        raise InvalidInput(f"{len(regions):,} regions at once are more than {MOST_REGIONS}.")
    shown = _known(workspace, image_sha256)
    data = workspace.files.get_whole(ORIGINALS, image_sha256)
    limits = ImageLimits.from_settings(workspace.settings)
    made = cover(data, regions, limits=limits)
    if made.sha256 == image_sha256:
        raise InvalidInput("These regions are covered already.")
    _replace(workspace, actor, image_sha256, made, regions, note=text, record_id=shown[0])
    searched = screen_chunk([made.sha256], files=workspace.files, limits=limits)
    store.save_screenings(workspace.engine, [image.row(DETECTOR) for image in searched if image.problem is None])
    return made.sha256


def clean_files(workspace: Workspace, actor: Account, dataset_ids: Collection[str] | None = None) -> int:
    """Take out of stored files what they hold beside their pixels, and return of how many.

    Such files came in before all of it was removed, and were found by `search_for_text.screen`. Their pixels stay as
    they are; the earlier versions are locked away.

    Raises
    ------
    AccessDenied
        The person may not.
    FileMissing, WorkspaceFull
        A file is not there, or the disk is full; what was cleaned before stays so.
    """
    require_right(actor, Right.CHECK_IDENTITY)
    frame = images_of(workspace, dataset_ids)
    limits = ImageLimits.from_settings(workspace.settings)
    cleaned = 0
    for sha256 in frame.loc[frame["surplus"].notna(), "sha256"].tolist():
        made = prepare_image(workspace.files.get_whole(ORIGINALS, sha256), limits=limits)
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
    files.put(LOCKED, image_sha256, files.get_whole(ORIGINALS, image_sha256))
    files.guard(LOCKED, image_sha256)
    # The file as it came is still known as this record, where somebody uploads it.
    row["source_sha256"] = records.get_record(workspace.engine, record_id)["source_sha256"]
    store.replace_image(
        workspace.engine, image_sha256=image_sha256, masked=row, regions=[asdict(r) for r in regions], note=note,
        account_id=actor.id,
    )  # fmt: skip
    # Last: what is still there after a crash is named by `dermdash check` as a file that belongs to nothing.
    take_away(files, [image_sha256])


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
    store.add_sign_off(
        workspace.engine, dataset_id=dataset_id, images=state.images, looked_at=state.looked_at,
        digest=digest_of(workspace, dataset_id), note=_note(note), account_id=actor.id,
    )  # fmt: skip


def _known(workspace: Workspace, image_sha256: str) -> list[str]:
    """Ids of the records that show an image, one at least."""
    ids = store.records_of_images(workspace.engine, [image_sha256])["id"].tolist()
    if not ids:
        raise store.no_record_shows(workspace.engine, image_sha256)
    return ids


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(f"the note has {len(text):,} characters, more than {LONGEST_NOTE}")
    return text.strip()
