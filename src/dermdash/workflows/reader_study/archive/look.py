"""What is in a study archive, and what an import of it would do: told before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from dermdash.errors import InvalidInput
from dermdash.progress import StageProgress
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.reader_study.archive.import_study import StudyImportPlan, plan_import
from dermdash.workflows.reader_study.archive.layout import CONSENT, NUMBERS, ArchiveManifest
from dermdash.workflows.reader_study.archive.read import OpenedArchive, opened_archive


class ArchiveStanding(StrEnum):
    """How an archive and a workspace stand to one another."""

    NEW = "new"
    """The study is not here."""
    LATER = "later"
    """It is here, and the archive has more of it."""
    THERE = "there"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """A folder of an archive: how many files, and how many bytes they have unpacked."""

    name: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class ArchiveLook:
    """What an archive holds: every file of it was read and has the hash that its manifest says.

    Attributes
    ----------
    standing
        What an import would find; ``reason`` says why one is refused.
    amendments
        Number of amendments of the protocol; ``consents`` are the files of consent texts.
    rows
        Rows that an import would add.
    records, linked
        Records that would come with their images, and those of the study that are here.
    model
        As of `StudyImportPlan`; empty where the import is refused.
    numbers
        Whether the report's numbers are in it, to be reproduced.
    """

    name: str
    manifest: ArchiveManifest
    folders: tuple[ArchiveFolder, ...]
    standing: ArchiveStanding
    reason: str = ""
    amendments: int = 0
    consents: int = 0
    rows: int = 0
    records: int = 0
    linked: int = 0
    model: str = ""
    numbers: bool = False

    @property
    def study_id(self) -> str:
        """Of the study in it, which has the same id here once it was imported."""
        return str(self.manifest.study["id"])

    @property
    def importable(self) -> bool:
        """Whether an import would add something."""
        return self.standing in (ArchiveStanding.NEW, ArchiveStanding.LATER)


def look_at_archive(
    workspace: Workspace, actor: Account, path: Path, *, progress: StageProgress | None = None
) -> ArchiveLook:
    """Read an archive whole and say what is in it and what an import would do. Nothing is stored.

    Raises
    ------
    AccessDenied
        Whoever asks may not send files to the app.
    InvalidInput, UnsafeUpload
        It is no study archive, or not what its manifest says, as of `opened_archive`.
    """
    require_right(actor, Right.UPLOAD_FILES)
    say = progress or (lambda words, share: None)
    with opened_archive(path, workspace.settings, lambda words, share: say(words, 0.6 * share)) as archive:
        say("Checking the rows", 0.6)
        try:
            plan = plan_import(workspace, archive)
        except InvalidInput as error:
            return _look(archive, None, str(error))
        say("Done", 1.0)
        return _look(archive, plan, "")


def _look(archive: OpenedArchive, plan: StudyImportPlan | None, reason: str) -> ArchiveLook:
    sizes: dict[str, list[int]] = {}
    for name, (_, size) in archive.manifest.files.items():
        folder, inside, _ = name.partition("/")
        sizes.setdefault(f"{folder}/" if inside else name, []).append(size)
    shared = ArchiveLook(
        archive.name,
        archive.manifest,
        tuple(ArchiveFolder(name, len(found), sum(found)) for name, found in sorted(sizes.items())),
        ArchiveStanding.REFUSED,
        reason,
        consents=len(archive.names(CONSENT)),
        numbers=NUMBERS in archive,
    )
    if plan is None:
        return shared
    here = "study" not in plan.new
    standing = ArchiveStanding.NEW if not here else ArchiveStanding.LATER if plan.new else ArchiveStanding.THERE
    return replace(
        shared,
        standing=standing,
        amendments=len(plan.rows.get("study_amendment", ())),
        rows=sum(map(len, plan.new.values())),
        records=len(plan.to_bring),
        linked=len(plan.wanted) - len(plan.to_bring),
        model=plan.model,
    )
