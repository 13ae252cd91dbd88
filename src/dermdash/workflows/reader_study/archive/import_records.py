"""The records of an archived study that a workspace does not have: which they are, and how they come."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from dermdash.dataset.duplicate_lists import KnownPairs
from dermdash.dataset.import_plan import ImportPlan
from dermdash.dataset.source_records import SourceRecord, SourceTable
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import records
from dermdash.storage.study_rows import PAIRS, Row
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, form
from dermdash.workflows.dataset.image_kinds import kind_words
from dermdash.workflows.dataset.import_dataset import import_planned
from dermdash.workflows.lesion_identity.listed_duplicates import keep_listed
from dermdash.workflows.reader_study.archive.read import OpenedArchive, images_in

ADAPTER = "study-archive"
"""What the log of imports says that such records were read as."""


def records_to_bring(
    workspace: Workspace, archive: OpenedArchive, rows: Mapping[str, list[Row]], wanted: Collection[str]
) -> list[Row]:
    """The wanted records that are not here, each with its image in the archive.

    Raises
    ------
    InvalidInput
        A record is here with another picture; one is neither here nor in the archive with its image; the data set here
        is of the other kind or has other classes.
    """
    described = {row["id"]: row for row in rows.get("record", ())}
    if unknown := sorted(set(wanted) - described.keys()):
        raise InvalidInput(f"{archive.name} does not describe the record {unknown[0][:80]!r}, which the study shows")
    found = records.records_by_id(workspace.engine, sorted(wanted))
    here = dict(zip(found["id"], found["image_sha256"], strict=True))
    if other := sorted(key for key, digest in here.items() if digest != described[key]["image_sha256"]):
        raise InvalidInput(
            f"{archive.name}: {counted(len(other), 'record')} of the study (such as {other[0][:80]}) "
            f"{form(len(other), 'is', 'are')} here with another picture. Import the study into a workspace of "
            "its own"
        )
    missing = [described[key] for key in sorted(set(wanted) - here.keys())]
    images = images_in(archive)
    if lost := [row["id"] for row in missing if row["image_sha256"] not in images]:
        raise InvalidInput(
            f"{archive.name} is without the images of {counted(len(lost), 'record')} (such as {lost[0][:80]}), which "
            "are not here either: import their data set first, or make the archive with images"
        )
    _check_datasets(workspace, archive, rows, missing)
    return missing


def _check_datasets(
    workspace: Workspace, archive: OpenedArchive, rows: Mapping[str, list[Row]], missing: list[Row]
) -> None:
    told = {row["id"]: row for row in rows.get("dataset", ())}
    here = {d["id"]: d for d in records.list_datasets(workspace.engine)}
    for dataset_id in sorted({row["dataset_id"] for row in missing} | {rows["study"][0]["dataset_id"]}):
        if dataset_id not in told:
            raise InvalidInput(f"{archive.name} does not describe the data set {dataset_id[:80]!r}")
        known = here.get(dataset_id)
        if known is None:
            continue
        if bool(known["simulated"]) != bool(told[dataset_id]["simulated"]):
            raise InvalidInput(
                f"{archive.name}: the data set {dataset_id} holds {_kind(told[dataset_id])}, and the one of that id "
                f"here {_kind(known)}: import it into a workspace of its own"
            )
        if known["taxonomy"] != told[dataset_id]["taxonomy"]:
            raise InvalidInput(
                f"{archive.name}: the data set {dataset_id} has the classes of {told[dataset_id]['taxonomy']}, and the "
                f"one of that id here those of {known['taxonomy']}: import it into a workspace of its own"
            )


def _kind(dataset: Mapping[str, Any]) -> str:
    return kind_words(bool(dataset["simulated"]))


def bring_records(
    workspace: Workspace,
    archive: OpenedArchive,
    rows: Mapping[str, list[Row]],
    to_bring: list[Row],
    *,
    imported_by: str,
    processes: bool | None,
    progress: Callable[[float], None],
) -> list[str]:
    """Import these records with their images, each data set as an import of its own; return what is to be said.

    Raises
    ------
    InvalidInput
        An image of them is not what any import would take, or is not stored as the bytes it was archived with.
    """
    told = {row["id"]: row for row in rows.get("dataset", ())}
    for dataset_id in sorted({row["dataset_id"] for row in to_bring}):
        mine = [row for row in to_bring if row["dataset_id"] == dataset_id]
        dataset = told[dataset_id]
        plan = _plan(archive, mine)
        report = import_planned(
            workspace, plan.table, plan, adapter=ADAPTER, dataset_id=dataset_id, name=dataset["name"],
            taxonomy=get_taxonomy(dataset["taxonomy"]), source=dataset["source"], licence=dataset["licence"],
            simulated=bool(dataset["simulated"]), processes=processes, imported_by=imported_by,
            progress=lambda p: progress(p.done / max(1, p.total)),
        )  # fmt: skip
        if report.exclusions:
            first = report.exclusions[0]
            raise InvalidInput(
                f"{archive.name}: {counted(len(report.exclusions), 'record')} of the study cannot be imported, such as "
                f"{first.image_id}: {first.reason} {first.detail}. The study was not stored"
            )
    _refuse_other_bytes(workspace, archive, to_bring)
    return _pairs(workspace, rows)


def _plan(archive: OpenedArchive, rows: list[Row]) -> ImportPlan:
    images = images_in(archive)
    work = tuple((_source_record(row), archive.entry(images[row["image_sha256"]])) for row in rows)
    return ImportPlan(SourceTable(tuple(record for record, _ in work), ()), work, (), ())


def _source_record(row: Row) -> SourceRecord:
    return SourceRecord(
        image_id=row["image_id"],
        lesion_id=row["lesion_id"],
        patient_id=row["patient_id"],
        source_label=row["source_label"] or "",
        dx=row["dx"],
        dx_type=row["dx_type"],
        values={spec.name: row[spec.name] for spec in FIELDS},
        details={spec.name: row[spec.name] for spec in DETAILS if row[spec.name] is not None},
    )


def _refuse_other_bytes(workspace: Workspace, archive: OpenedArchive, brought: list[Row]) -> None:
    found = records.records_by_id(workspace.engine, [row["id"] for row in brought])
    here = dict(zip(found["id"], found["image_sha256"], strict=True))
    if other := [row["id"] for row in brought if here.get(row["id"]) != row["image_sha256"]]:
        raise InvalidInput(
            f"{archive.name}: {counted(len(other), 'image')} (such as that of {other[0][:80]}) would be stored with "
            "other bytes than the study was read on: this version cleans images in another way, or they were covered "
            "here. The study was not stored"
        )


def _pairs(workspace: Workspace, rows: Mapping[str, list[Row]]) -> list[str]:
    """Pairs that people confirmed elsewhere wait here for somebody's decision, as those of a published list do."""
    notes = []
    for dataset in rows.get("dataset", ()):
        prefix = records.record_id(dataset["id"], "")
        pairs = [
            tuple(pair[name].removeprefix(prefix) for name in ("record_1", "record_2"))
            for pair in rows.get(PAIRS, ())
            if pair["record_1"].startswith(prefix) and pair["record_2"].startswith(prefix)
        ]
        if not pairs:
            continue
        source = f"archive of {rows['study'][0]['id']}"
        known = KnownPairs(source, ADAPTER, tuple((a, b) for a, b in pairs))
        try:
            kept = keep_listed(workspace, known, dataset_id=dataset["id"], source=source)
        except NotFound:
            continue
        if waiting := kept.new + kept.joined:
            notes.append(
                f"{counted(waiting, 'pair')} of images that people elsewhere confirmed to show one lesion "
                f"{form(waiting, 'waits', 'wait')} for a decision here (page Images of one lesion): until then they "
                "count as two lesions."
            )
    return notes
