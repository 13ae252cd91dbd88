"""A study with its report as one zip file, and the numbers of such a file computed anew from its readings."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dermdash.analyses.declaration import AnalysisContext
from dermdash.errors import DermdashError, InvalidInput
from dermdash.progress import StageProgress
from dermdash.report.html_report import render_html
from dermdash.report.software import software_versions
from dermdash.report.study_numbers import ComparedNumbers, compare_numbers, numbers_of, report_on
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace
from dermdash.wording import sentence
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.reader_study.archive.collect import StudyPrivacy, StudyRows, collect_rows
from dermdash.workflows.reader_study.archive.exports import ExportFiles, export_files, json_file
from dermdash.workflows.reader_study.archive.layout import NUMBERS, READINGS, REPORT, ArchiveManifest
from dermdash.workflows.reader_study.archive.may_archive import require_archive
from dermdash.workflows.reader_study.archive.read import OpenedArchive, opened_archive, rows_in
from dermdash.workflows.reader_study.archive.scratch import scratch_workspace
from dermdash.workflows.reader_study.archive.taxonomy import taxonomy_files, taxonomy_known
from dermdash.workflows.reader_study.archive.write import ArchiveContents, write_archive
from dermdash.workflows.reader_study.readings_source import study_readings

_COLLECTED, _REPORTED, _RENDERED = 0.1, 0.8, 0.85
"""Shares of the whole that are done then."""


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What an archive holds, and how many numbers of the report."""

    out: Path
    manifest: ArchiveManifest
    numbers: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        said = self.manifest.as_dict()
        return {
            "study": self.manifest.study["id"], "out": str(self.out), "files": len(self.manifest.files),
            "bytes": sum(size for _, size in self.manifest.files.values()), "numbers": self.numbers,
            "counts": said["counts"], "privacy": said["privacy"], "left_out": said["left_out"],
            "simulated": self.manifest.study["simulated"],
        }  # fmt: skip


def archive_study(
    workspace: Workspace,
    actor: Account,
    study_id: str,
    out: Path,
    *,
    privacy: StudyPrivacy | None = None,
    images: bool = True,
    model: bool = True,
    mode: int | None = None,
    progress: StageProgress | None = None,
) -> ArchiveReport:
    """Write everything that belongs to a study to one zip file.

    Parameters
    ----------
    privacy
        What is held back of people; None: profiles in groups that are large enough, records as they are.
    images, model
        Whether the images of cases and similar images, and the study's model, are in it: an import elsewhere needs
        them.
    mode
        Of the file; None: as this process makes files.
    progress
        Called with what is being done and the share done; may raise to stop, which leaves nothing.

    Raises
    ------
    AccessDenied
        Whoever asks may not see what is in it.
    NotFound
        There is no such study.
    InvalidInput, WorkspaceFull
        The place cannot be written.
    """
    say = progress or (lambda words, share: None)
    require_archive(workspace, actor, study_id)
    kept_back = privacy or StudyPrivacy()
    say("Collecting the rows of the study", 0.0)
    collected = collect_rows(workspace, study_id, kept_back)
    made = _report_files(workspace, study_id, collected, lambda words, share: say(words, _between(share)))
    say("Writing", _RENDERED)
    manifest = write_archive(
        workspace,
        collected,
        ArchiveContents(made.files, made.left_out, images, model),
        out,
        privacy=kept_back,
        software=software_versions(),
        mode=mode,
        progress=lambda words, share: say(words, _RENDERED + (1 - _RENDERED) * share),
    )
    say("Done", 1.0)
    found = made.files.get(NUMBERS)
    numbers = 0 if found is None else compare_numbers(*(json.loads(found),) * 2).numbers
    return ArchiveReport(out, manifest, numbers)


def _between(share: float) -> float:
    return _COLLECTED + (_REPORTED - _COLLECTED) * share


def _report_files(workspace: Workspace, study_id: str, collected: StudyRows, say: StageProgress) -> ExportFiles:
    """Exports and report, or why there is none of it; and the classes that others do not know."""
    logged = collected.logged
    classes = taxonomy_files([row["taxonomy"] for row in collected.rows["dataset"]])
    try:
        table = study_readings(workspace, study_id, logged)
    except DermdashError as error:
        return ExportFiles(classes, (f"report/ and {READINGS}: {sentence(str(error))}",))
    found = export_files(workspace, study_id, logged=logged, shared=collected.shared, table=table)
    found = replace(found, files={**found.files, **classes})
    if table.frame.empty:
        return replace(found, left_out=(*found.left_out, "report/: the study has no reading yet."))
    report = report_on(
        table, AnalysisContext(workspace, study_id), lambda done, total, words: say(words or "Report", done / total)
    )
    numbers = numbers_of(report, table, minimum_group=workspace.settings.minimum_group)
    files = {**found.files, NUMBERS: json_file(numbers), REPORT: render_html(report, appendix=True).encode()}
    return ExportFiles(files, found.left_out)


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came out when the numbers of an archive were computed anew.

    ``files`` are exports in it that its rows do not give again.
    """

    study: str
    simulated: bool
    compared: ComparedNumbers
    files: tuple[str, ...]
    archived_with: dict[str, str]
    software: dict[str, str]

    @property
    def equal(self) -> bool:
        """Whether every number and every export of the readings is what the rows give."""
        return self.compared.equal and not self.files

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        differing = {
            name: {"archived": version, "here": self.software.get(name)}
            for name, version in self.archived_with.items()
            if self.software.get(name) != version
        }
        return {
            "equal": self.equal, "numbers": self.compared.numbers, "different": self.compared.n_different,
            "differences": list(self.compared.differences), "files_differ": list(self.files), "study": self.study,
            "simulated": self.simulated, "other_versions": differing,
        }  # fmt: skip


def reproduce(path: Path, settings: Settings, progress: StageProgress | None = None) -> Reproduction:
    """Compute the numbers of an archived study anew, from the readings in the archive alone.

    No workspace is opened or made: the rows go into a database that is thrown away.

    Raises
    ------
    InvalidInput, UnsafeUpload
        As `opened_archive` and `rows_in`; or it holds no numbers, as the study had no readings.
    """
    say = progress or (lambda words, share: None)
    with ExitStack() as stack:
        archive = stack.enter_context(
            opened_archive(path, settings, lambda words, share: say(words, _COLLECTED * share))
        )
        if NUMBERS not in archive:
            why = "; ".join(archive.manifest.left_out)
            raise InvalidInput(
                f"{archive.name} holds no numbers to reproduce ({why or 'it was made without a report'})"
            )
        archived = _numbers(archive)
        stack.enter_context(taxonomy_known(archive))
        rows = rows_in(archive)
        least = archived["options"].get("minimum_group", settings.minimum_group)
        with scratch_workspace(rows, settings.model_copy(update={"minimum_group": least})) as scratch:
            study_id = archive.manifest.study["id"]
            table = study_readings(scratch, study_id)
            report = report_on(
                table,
                AnalysisContext(scratch, study_id),
                lambda done, total, words: say(words or "Comparing", _COLLECTED + (1 - _COLLECTED) * done / total),
            )
            anew = json.loads(json_file(numbers_of(report, table, minimum_group=least)))
            return Reproduction(
                study_id,
                bool(archive.manifest.study.get("simulated")),
                compare_numbers(archived, anew),
                _files_that_differ(archive, scratch, study_id),
                dict(archive.manifest.software),
                software_versions(),
            )


def _numbers(archive: OpenedArchive) -> dict[str, Any]:
    found = archive.json(NUMBERS)
    if not isinstance(found, dict) or not isinstance(found.get("options"), dict):
        raise InvalidInput(f"{archive.name}: {NUMBERS} is damaged: take the archive anew")
    return found


def _files_that_differ(archive: OpenedArchive, scratch: Workspace, study_id: str) -> tuple[str, ...]:
    """Exports of the readings that are not what the rows give: one of both was changed, or another version wrote it."""
    collected = collect_rows(scratch, study_id, StudyPrivacy(whole_profiles=True))
    anew = export_files(
        scratch, study_id, logged=collected.logged, shared=collected.shared, table=study_readings(scratch, study_id)
    ).files
    compared = [name for name in archive.names(READINGS) if not name.endswith((".parquet", "dictionary.csv"))]
    return tuple(name for name in compared if anew.get(name) != archive.read(name))
