"""Bring an archived study into a workspace: the same ids, hashes, order and times; whatever is there already stays."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.progress import StageProgress
from dermdash.settings import Settings
from dermdash.storage import consistency, models
from dermdash.storage.study_rows import OF_A_STUDY, Row, as_line, insert_rows, rows_of_study, rows_with
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.classifier.model_registry import add_checkpoint
from dermdash.workflows.reader_study.archive.collect import shown_records
from dermdash.workflows.reader_study.archive.import_records import bring_records, records_to_bring
from dermdash.workflows.reader_study.archive.leaving import leaving
from dermdash.workflows.reader_study.archive.read import OpenedArchive, model_in, opened_archive, rows_in
from dermdash.workflows.reader_study.archive.scratch import scratch_workspace
from dermdash.workflows.reader_study.archive.taxonomy import keep_taxonomy, taxonomy_known

_PROFILE = "reader_profile"
_NOT_COMPARED = (_PROFILE,)
"""A profile that is here may be whole where the archive has it in groups: it stays."""
_OWN_FILES = ("record.image_sha256",)
"""References that cannot hold where an archive is tried: images are looked at when they are brought."""


@dataclass(frozen=True, slots=True)
class StudyImport:
    """What an import of a study did.

    Attributes
    ----------
    added
        Rows that are new, by table; empty where all of it was there.
    records
        Records that were brought with their images; ``linked`` were there already.
    model
        Whether the model came with it ("brought"), was there ("there"), or the study has none ("none").
    notes
        What to know of it, in sentences.
    """

    study: str
    name: str
    simulated: bool
    added: Mapping[str, int]
    records: int
    linked: int
    model: str
    notes: tuple[str, ...] = field(default=())

    @property
    def already_there(self) -> bool:
        """Whether nothing of it was new."""
        return not self.added

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "study": self.study, "name": self.name, "simulated": self.simulated, "already_there": self.already_there,
            "added": dict(self.added), "records": self.records, "linked": self.linked, "model": self.model,
            "notes": list(self.notes),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StudyImportPlan:
    """What an import of an archive would store.

    Attributes
    ----------
    rows
        All of the archive, by table; ``new`` are those that are not here.
    wanted
        Records that the study shows; ``to_bring`` are those that would come with their images.
    model
        Whether the model would come along ("brought"), is there ("there"), or the study has none ("none").
    """

    rows: Mapping[str, list[Row]]
    new: Mapping[str, list[Row]]
    wanted: frozenset[str]
    to_bring: list[Row]
    model: str

    @property
    def study(self) -> Row:
        """The study's own row."""
        return self.rows["study"][0]


def plan_import(workspace: Workspace, archive: OpenedArchive) -> StudyImportPlan:
    """What an import would store; nothing is stored by asking.

    Raises
    ------
    InvalidInput
        It cannot be imported here, as of `import_study`.
    """
    with taxonomy_known(archive):
        rows = rows_in(archive)
    _refuse_inconsistent(archive, rows, workspace.settings)
    new = _new_rows(archive, rows, _rows_here(workspace, rows))
    if not new:
        return StudyImportPlan(rows, {}, frozenset(), [], "none" if rows["study"][0]["model_id"] is None else "there")
    wanted = frozenset(shown_records(rows))
    to_bring = records_to_bring(workspace, archive, rows, wanted)
    return StudyImportPlan(rows, new, wanted, to_bring, _where_model_is(workspace, archive, rows))


def import_study(
    workspace: Workspace,
    actor: Account,
    path: Path,
    *,
    processes: bool | None = True,
    progress: StageProgress | None = None,
) -> StudyImport:
    """Import a study archive. Nothing of the study is stored unless all of it can be.

    Records that are not here come first, as any import of records does, with an entry in the change log each; a second
    import adds nothing, and one of a later archive of the same study adds what came since.

    Raises
    ------
    AccessDenied
        Whoever asks may not run studies, or not import records where some have to come along.
    InvalidInput, UnsafeUpload
        The archive cannot be used; the study is here and says otherwise; a record of the study is here with another
        picture, or neither here nor in the archive.
    """
    require_right(actor, Right.RUN_STUDIES)
    say = progress or (lambda words, share: None)
    with opened_archive(path, workspace.settings, lambda words, share: say(words, 0.3 * share)) as archive:
        keep_taxonomy(workspace, archive)
        say("Checking the rows", 0.3)
        plan = plan_import(workspace, archive)
        rows, new, wanted, to_bring = plan.rows, plan.new, plan.wanted, plan.to_bring
        if not new:
            return _report(rows, {}, (0, 0), plan.model, ())
        if to_bring:
            require_right(actor, Right.IMPORT_RECORDS)
        model = _bring_model(workspace, archive, plan)
        notes = bring_records(
            workspace, archive, rows, to_bring, imported_by=actor.id, processes=processes,
            progress=lambda share: say("Importing records", 0.35 + 0.55 * share),
        )  # fmt: skip
        say("Storing the study", 0.95)
        predictions = [row for row in rows.get("prediction", ()) if model != "none" and row["record_id"] in wanted]
        insert_rows(workspace.engine, {**new, "prediction": predictions})
    say("Done", 1.0)
    added = {name: len(found) for name, found in new.items()}
    return _report(rows, added, (len(to_bring), len(wanted) - len(to_bring)), model, (*notes, *_links(rows)))


def _report(
    rows: Mapping[str, list[Row]],
    added: Mapping[str, int],
    brought_and_linked: tuple[int, int],
    model: str,
    notes: Sequence[str],
) -> StudyImport:
    study = rows["study"][0]
    return StudyImport(
        study["id"], study["name"], bool(study["simulated"]), added, *brought_and_linked, model, tuple(notes)
    )


def _links(rows: Mapping[str, list[Row]]) -> tuple[str, ...]:
    if not rows.get("invitation"):
        return ()
    return (
        "Links of invitations do not come along: renew the invitation of whoever is to go on here, and close the study "
        "where it comes from, so that nobody reads in both places.",
    )


def _refuse_inconsistent(archive: OpenedArchive, rows: Mapping[str, list[Row]], settings: Settings) -> None:
    """Hold the rows to what the check of a workspace holds its own to."""
    with scratch_workspace(rows, settings) as scratch:
        found = [
            f"{column} names {example[:80]!r}, which is not in it"
            for column, _, example, _ in consistency.lost_references(scratch.engine)
            if column not in _OWN_FILES
        ]
        found += [
            f"{table} has {', '.join(names)} twice" for table, names, _ in consistency.doubled_keys(scratch.engine)
        ]
        found += [f"reading {key[:80]} {words}" for key, words in consistency.misplaced_readings(scratch.engine)]
        found += [f"reader {key[:80]}: {words}" for key, words in consistency.gaps(scratch.engine)]
        stored = rows_of_study(scratch.engine, rows["study"][0]["id"])
    for table in OF_A_STUDY:
        if len(stored[table.name]) != len(rows.get(table.name, ())):
            found.append(f"rows of {table.name} belong to no study, or stand in it twice")
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise InvalidInput(f"{archive.name} is not consistent: {found[0]}{more}. Take the archive anew")


def _rows_here(workspace: Workspace, rows: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """Rows of this workspace that have a key of the archive's, or are of its study."""
    study_id = rows["study"][0]["id"]
    of_study = rows_of_study(workspace.engine, study_id)
    found = {}
    for table in OF_A_STUDY:
        first = next(iter(table.primary_key.columns)).name
        same = rows_with(workspace.engine, table, first, [row[first] for row in rows.get(table.name, ())])
        every = {_key(table, row): row for row in (*same, *of_study[table.name])}
        found[table.name] = list(every.values())
    return found


def _key(table: Any, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _new_rows(
    archive: OpenedArchive, rows: Mapping[str, list[Row]], here: Mapping[str, list[Row]]
) -> dict[str, list[Row]]:
    """The rows that are not here yet.

    Raises
    ------
    InvalidInput
        A row is here and says otherwise, or both places have rows that the other has not.
    """
    new: dict[str, list[Row]] = {}
    more: dict[str, int] = {}
    for table in OF_A_STUDY:
        name = table.name
        stored = {_key(table, row): row for row in here[name]}
        incoming = {_key(table, row): row for row in rows.get(name, ())}
        differing = [
            key
            for key in incoming.keys() & stored.keys()
            if name not in _NOT_COMPARED and _line(name, incoming[key]) != _line(name, stored[key])
        ]
        if differing:
            raise InvalidInput(
                f"{archive.name}: the workspace has {counted(len(differing), 'row')} of {name} under the same id that "
                f"say otherwise, such as {str(differing[0][0])[:80]!r}: the study was changed here or there. Import it "
                "into another workspace"
            )
        if found := [row for key, row in incoming.items() if key not in stored]:
            new[name] = found
        if missing := len(stored.keys() - incoming.keys()):
            more[name] = missing
    if new and more:
        one, other = next(iter(new.items())), next(iter(more.items()))
        raise InvalidInput(
            f"{archive.name} has {counted(len(one[1]), 'row')} of {one[0]} that are not here, and here "
            f"{form(other[1], 'is', 'are')} {counted(other[1], 'row')} of {other[0]} that it has not: the study "
            "went on in both places. Import it into another workspace"
        )
    return new


def _line(table: str, row: Row) -> str:
    """What of a row leaves, as text: the rest is made anew where it arrives."""
    return as_line(leaving(table, [row])[0])


def _where_model_is(workspace: Workspace, archive: OpenedArchive, rows: Mapping[str, list[Row]]) -> str:
    model_id = rows["study"][0]["model_id"]
    if model_id is None:
        return "none"
    if any(model["id"] == model_id for model in models.list_models(workspace.engine)):
        return "there"
    if model_in(archive) is None:
        raise InvalidInput(
            f"{archive.name} was made without the model {model_id} of the study, which is not here either: add its "
            "checkpoint (`dermdash model add`), or make the archive with it"
        )
    return "brought"


def _bring_model(workspace: Workspace, archive: OpenedArchive, plan: StudyImportPlan) -> str:
    name = model_in(archive)
    if plan.model != "brought" or name is None:
        return plan.model
    rows, model_id = plan.rows, plan.study["model_id"]
    row = next((row for row in rows.get("model", ()) if row["id"] == model_id), None)
    with tempfile.TemporaryDirectory(prefix="dermdash-model-") as folder:
        path = Path(folder, "model.safetensors")
        path.write_bytes(archive.read(name))
        added = add_checkpoint(
            workspace, path, name=row["name"] if row else None, simulated=bool(row and row["simulated"]),
            dataset_id=row["dataset_id"] if row else None,
        )  # fmt: skip
    if added != model_id:
        raise InvalidInput(f"{archive.name}: its model is {added} and not {model_id}, the one of the study")
    return "brought"
