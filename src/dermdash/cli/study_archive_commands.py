"""`dermdash study archive`, `dermdash study import`, `dermdash reproduce`: a study as one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dermdash.cli.console import Json, command_workspace, errors_explained, print_json, say, step_lines, tell
from dermdash.cli.private_options import HideNames, KeyId, names_words
from dermdash.wording import counted, file_size

INTERRUPTED = "Interrupted. Nothing was written."
_NOT_EQUAL = 3
"""Exit status of `reproduce` where a number differs: neither success nor an error of use."""
Archive = Annotated[Path, typer.Argument(help="A .zip file that `dermdash study archive` made.")]


def register(study: typer.Typer, main: typer.Typer) -> None:
    """Add the commands."""
    study.command("archive")(archive)
    study.command("import")(import_archive)
    main.command("reproduce")(reproduce)


def archive(
    study: Annotated[str, typer.Argument(help="Study id or name, as `dermdash study list` shows them.")],
    out: Annotated[Path, typer.Option("--out", help=".zip file to write.")],
    images: Annotated[
        bool, typer.Option("--images/--no-images", help="With the images that readers saw; an import needs them.")
    ] = True,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="With the study's model; an import needs it.")
    ] = True,
    whole_profiles: Annotated[
        bool,
        typer.Option("--whole-profiles", help="What readers said of themselves as they said it, not in groups."),
    ] = False,
    hide_names: HideNames = False,
    key: KeyId = None,
    as_json: Json = False,
) -> None:
    """Write a study with readings, exports, consent, events and report to one .zip file with a manifest and hashes."""
    with command_workspace(INTERRUPTED) as workspace:
        from dermdash.report.study_archive import archive_study
        from dermdash.storage.private_files import usual_mode
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.dataset.private_export import Privacy
        from dermdash.workflows.reader_study import study_results
        from dermdash.workflows.reader_study.archive.collect import StudyPrivacy

        found = study_results.find_study(workspace, study)["id"]
        privacy = StudyPrivacy(whole_profiles, Privacy(hide_names, key_id=key))
        with step_lines("Archive") as step:
            made = archive_study(
                workspace, OPERATOR, found, out, privacy=privacy, images=images, model=model, mode=usual_mode(),
                progress=step,
            )  # fmt: skip
    if as_json:
        print_json(made.as_dict())
        return
    size = sum(size for _, size in made.manifest.files.values())
    counts = made.manifest.counts
    tell(
        f"{counted(counts['readings'], 'reading')} of {counted(counts['readers'], 'reader')} and "
        f"{counted(made.numbers, 'number')} of the report: {counted(len(made.manifest.files), 'file')}, "
        f"{file_size(size)} unpacked, written to {out}"
    )
    for words in made.manifest.left_out:
        tell(f"Not in it: {words}")
    say(names_words(privacy.records.words, hidden=hide_names))
    if whole_profiles:
        say("Profiles of readers are whole: keep the file as the workspace is kept.")


def reproduce(archive: Archive, as_json: Json = False) -> None:
    """Compute the numbers of an archived study anew from its readings, and compare each with the archived one.

    No workspace is needed or changed. Counts have to be the same, other numbers within the tolerance that the archive
    states. The exit status is 3 where something differs.
    """
    with errors_explained():
        from dermdash.report.study_archive import reproduce as compute
        from dermdash.settings import Settings

        with step_lines("Reproduce") as step:
            found = compute(archive, Settings(), progress=step)
    if as_json:
        print_json(found.as_dict())
    else:
        words = "are the archived ones" if found.compared.equal else f"{found.compared.n_different:,} places differ"
        tell(f"{found.study}: {counted(found.compared.numbers, 'number')} computed anew, {words}")
        for entry in found.compared.differences:
            tell(f"  {entry['number']}: archived {entry['archived']}, now {entry['anew']}")
        for name in found.files:
            tell(f"  {name} is not what the rows of the study give")
        for name, versions in found.as_dict()["other_versions"].items():
            say(f"Note: made with {name} {versions['archived']}, here is {versions['here']}.")
    if not found.equal:
        raise typer.Exit(_NOT_EQUAL)


def import_archive(archive: Archive, as_json: Json = False) -> None:
    """Bring an archived study into this workspace, with its readings, and records and model where they are not here.

    A second import adds nothing; one of a later archive of the same study adds what came since.
    """
    with command_workspace("Interrupted. What came of records is kept; the study was not stored.") as workspace:
        from dermdash.workflows.accounts.access import OPERATOR
        from dermdash.workflows.reader_study.archive.import_study import import_study

        with step_lines("Import") as step:
            report = import_study(workspace, OPERATOR, archive, progress=step)
    if as_json:
        print_json(report.as_dict())
        return
    if report.already_there:
        tell(f"{report.study} is in this workspace already: nothing is new.")
        return
    simulated = " with simulated readers" if report.simulated else ""
    tell(
        f"Imported {report.study}{simulated}: {counted(report.added.get('reading', 0), 'reading')} of "
        f"{counted(report.added.get('reader', 0), 'reader')}; {counted(report.records, 'record')} came along, "
        f"{report.linked:,} were here. Model: {report.model}."
    )
    for note in report.notes:
        tell(note)
