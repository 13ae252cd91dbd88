"""Protocols in the making, kept on the server: begun, saved after every change, deleted and brought back, frozen."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from dermdash.errors import DermdashError, InvalidInput, NotFound
from dermdash.reader_study.protocol_draft import (
    DraftEntries,
    check_entries,
    entries_of_protocol,
    entries_of_template,
    entries_of_values,
    faults_of_entries,
    protocol_of_entries,
    without_what_needs_a_model,
)
from dermdash.reader_study.protocol_text import MOST_BYTES, parse_entries, parse_protocol
from dermdash.storage import study_drafts
from dermdash.storage.study_drafts import DELETED, FREEZING, FROZEN, SAVED
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.reader_study.create_study import create_study
from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent
from dermdash.workflows.reader_study.protocol_of_study import protocol_now

LONGEST_NAME = 120
MOST_DRAFTS = 1000
"""Open at one time."""
LARGEST = 2 * MOST_BYTES
"""Bytes of the entries of a draft as JSON: what a file may hold, and every part of it in full."""


class DraftChanged(InvalidInput):
    """Somebody, or another tab, has changed the draft since it was read: nothing was written over."""


@dataclass(frozen=True, slots=True)
class StudyDraft:
    """A draft in its latest state; ``number`` counts its states, and whoever saves says which one they have seen.

    ``kind`` is one of `dermdash.storage.study_drafts`; ``study_id`` what it was frozen as. ``broken`` says why it
    cannot be opened; its entries are then as they are kept, whatever that is.
    """

    id: str
    number: int
    kind: str
    entries: DraftEntries
    study_id: str | None
    begun_by: str
    begun_at: datetime
    changed_by: str
    changed_at: datetime
    broken: str = ""

    @property
    def name(self) -> str:
        """What the study is to be called; empty where nobody has said."""
        return str(self.entries.get("name", "")).strip()

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed."""
        return self.kind not in (DELETED, FROZEN)


def list_drafts(workspace: Workspace, *, deleted: bool = False) -> list[StudyDraft]:
    """The drafts that can be gone on with, or those that were deleted; latest change first.

    One that cannot be read is among them, and says why: it can be deleted and hides no other.
    """
    rows = study_drafts.list_drafts(workspace.engine)
    kinds = (DELETED,) if deleted else (SAVED, FREEZING)
    return [_draft(row) for row in rows if row["kind"] in kinds]


def get_draft(workspace: Workspace, draft_id: str) -> StudyDraft:
    """A draft in its latest state, also a deleted, frozen or broken one.

    Raises
    ------
    NotFound
        There is no such draft.
    """
    row = study_drafts.get_draft(workspace.engine, draft_id)
    if row is None:
        raise NotFound(f"there is no draft {draft_id!r} in this workspace")
    return _draft(row)


def begin_draft(workspace: Workspace, actor: Account, entries: DraftEntries) -> str:
    """Keep entries as a new draft and return its id.

    Raises
    ------
    AccessDenied
        Whoever asks may not run studies.
    InvalidInput
        There are too many drafts, or the entries are too large to be kept.
    """
    require_right(actor, Right.RUN_STUDIES)
    if study_drafts.count_open(workspace.engine) >= MOST_DRAFTS:
        raise InvalidInput(f"there are {MOST_DRAFTS:,} drafts already: delete some that nobody needs")
    draft_id = uuid4().hex[:12]
    _save(workspace, actor, draft_id, check_entries(entries), after=0)
    return draft_id


def save_draft(workspace: Workspace, actor: Account, draft_id: str, entries: DraftEntries, *, after: int) -> int:
    """Keep what was changed since state ``after`` and return the number of the new state.

    Raises
    ------
    AccessDenied
        Whoever asks may not run studies.
    DraftChanged
        There is a newer state than ``after``.
    InvalidInput
        The entries are too large to be kept.
    """
    require_right(actor, Right.RUN_STUDIES)
    return _save(workspace, actor, draft_id, entries, after=after)


def rename_draft(workspace: Workspace, actor: Account, draft_id: str, name: str) -> None:
    """Give a draft, and the study that it would be, another name; raises as `save_draft`."""
    require_right(actor, Right.RUN_STUDIES)
    now = get_draft(workspace, draft_id)
    _save(workspace, actor, draft_id, now.entries | {"name": name.strip()[:LONGEST_NAME]}, after=now.number)


def delete_draft(workspace: Workspace, actor: Account, draft_id: str) -> None:
    """Take a draft off the list; `restore_draft` brings it back while it is among the last ones that were deleted.

    Raises as `save_draft`.
    """
    require_right(actor, Right.RUN_STUDIES)
    now = get_draft(workspace, draft_id)
    _save(workspace, actor, draft_id, now.entries, after=now.number, kind=DELETED)
    study_drafts.forget_deleted(workspace.engine)


def restore_draft(workspace: Workspace, actor: Account, draft_id: str) -> None:
    """Bring a deleted draft back as it was; raises as `save_draft`."""
    require_right(actor, Right.RUN_STUDIES)
    now = get_draft(workspace, draft_id)
    if now.kind == DELETED:
        _save(workspace, actor, draft_id, now.entries, after=now.number)


def freeze_draft(
    workspace: Workspace,
    actor: Account,
    draft_id: str,
    *,
    after: int,
    list_seen: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> str:
    """Freeze state ``after`` of a draft as a study and return the id of the study.

    ``list_seen``: the list of cases that was looked at, as `create_study` takes it.

    The draft is claimed first, so that two tabs do not make two studies of it. Where freezing fails it is open again.

    Raises
    ------
    AccessDenied, DraftChanged
        As `save_draft`.
    InvalidInput
        The entries make no protocol, or the cases cannot be drawn or are others than those that were looked at.
    """
    require_right(actor, Right.RUN_STUDIES)
    draft = get_draft(workspace, draft_id)
    if draft.broken:
        raise InvalidInput(f"this draft cannot be read: {draft.broken}")
    if not draft.is_open:
        raise DraftChanged("this draft was frozen or deleted in the meantime: load the newer state")
    protocol = with_fitting_consent(workspace, protocol_of_entries(draft.entries))
    number = _save(workspace, actor, draft_id, draft.entries, after=after, kind=FREEZING)
    try:
        study_id = create_study(workspace, protocol, list_seen=list_seen, progress=progress)
    except BaseException:
        _save(workspace, actor, draft_id, draft.entries, after=number)
        raise
    _save(workspace, actor, draft_id, draft.entries, after=number, kind=FROZEN, study_id=study_id)
    return study_id


def from_template(
    workspace: Workspace, key: str, *, dataset_id: str, name: str = "", seed: int | None = None
) -> DraftEntries:
    """Entries of a template for a data set, with the model that answers for its images where none is named.

    ``seed`` None: one drawn by chance.

    Raises
    ------
    InvalidInput
        There is no such template.
    NotFound
        There is no such data set.
    """
    taxonomy = browse_records.taxonomy_of_dataset(workspace, dataset_id).name
    models = models_for(workspace, dataset_id, taxonomy)
    entries = entries_of_template(
        key, dataset_id=dataset_id, taxonomy=taxonomy, model_id=next(iter(models), None),
        seed=secrets.randbelow(10**6) if seed is None else seed,
    )  # fmt: skip
    entries |= {"name": name.strip()[:LONGEST_NAME]}
    return entries if models else without_what_needs_a_model(entries)


def from_study(workspace: Workspace, study_id: str) -> DraftEntries:
    """Entries of the protocol that a study follows now, under a name that says so, with a seed of their own.

    Raises
    ------
    NotFound
        There is no such study.
    """
    protocol = protocol_now(workspace, study_id)
    entries = entries_of_protocol(protocol)
    return entries | {"name": f"{protocol.name} (2)"[:LONGEST_NAME], "seed": secrets.randbelow(10**6)}


def from_yaml(text: str, *, file: str) -> DraftEntries:
    """Entries of a protocol as a file has it; a design that cannot be is a draft whose faults the page shows.

    Raises
    ------
    InvalidInput
        It is no file of a protocol, as `dermdash.reader_study.protocol_text.parse_protocol` says.
    """
    try:
        return entries_of_protocol(parse_protocol(text, file=file))
    except InvalidInput:
        entries = entries_of_values(parse_entries(text, file=file))
        if entries is None or not faults_of_entries(entries):
            raise
        return entries


def models_for(workspace: Workspace, dataset_id: str, taxonomy: str) -> dict[str, dict[str, Any]]:
    """The models that may advise on a data set, by id: of its kind of images and its classes, the one in use first."""
    drawn = dataset_id in simulated_dataset_ids(workspace)
    kind = (drawn, taxonomy)
    every = [m for m in model_registry.list_models(workspace) if (bool(m["simulated"]), m["taxonomy"]) == kind]
    return {str(m["id"]): m for m in offered(workspace, every, simulated=drawn, taxonomy=taxonomy)}


def _save(
    workspace: Workspace,
    actor: Account,
    draft_id: str,
    entries: DraftEntries,
    *,
    after: int,
    kind: str = SAVED,
    study_id: str | None = None,
) -> int:
    if len(json.dumps(entries)) > LARGEST:
        raise InvalidInput(f"the draft is larger than {LARGEST // 1024} KiB, which no protocol is: shorten its texts")
    number = study_drafts.save_state(
        workspace.engine, draft_id=draft_id, kind=kind, entries=entries, account_id=actor.id, after=after,
        study_id=study_id,
    )  # fmt: skip
    if number is None:
        raise DraftChanged("this draft was changed elsewhere in the meantime, and nothing was written over")
    return number


def _draft(row: dict[str, Any]) -> StudyDraft:
    kept, broken = row["entries"], ""
    try:
        entries = check_entries(kept)
    except DermdashError as error:  # its taxonomy is gone, say, or an older version wrote it
        entries, broken = dict(kept) if isinstance(kept, Mapping) else {}, str(error)
    return StudyDraft(
        id=row["id"], number=row["number"], kind=row["kind"], entries=entries, study_id=row["study_id"],
        begun_by=row["begun_by"], begun_at=row["begun_at"], changed_by=row["account_id"], changed_at=row["made_at"],
        broken=broken,
    )  # fmt: skip
