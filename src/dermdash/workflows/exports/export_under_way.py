"""One export under way: every chosen record as it leaves, and what cannot leave, with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from dermdash.dataset.exports.beside import read_me
from dermdash.dataset.exports.export_format import (
    DatasetExport,
    ExportedDataset,
    ExportedRecord,
    LeftOutOfFormat,
    Writer,
)
from dermdash.dataset.exports.file_names import FileNames
from dermdash.dataset.exports.places import ExportPlace
from dermdash.dataset.exports.tables import CsvStream
from dermdash.dataset.formats.beside_exports import LABEL_COLUMNS, LABELS, LEFT_OUT, LEFT_OUT_COLUMNS
from dermdash.errors import FileDamaged, FileMissing, InvalidInput
from dermdash.progress import CountProgress
from dermdash.records.details import FURTHER
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import ACQUISITION, RecordFilter
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import export_rows
from dermdash.storage.object_store import LOCKED, MASKS, ORIGINALS
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.dataset.deidentification_state import text_state
from dermdash.workflows.dataset.private_export import AGE, HiddenNames, Privacy, hidden
from dermdash.workflows.exports.earlier_state import as_it_was
from dermdash.workflows.exports.export_report import ExportReport
from dermdash.workflows.exports.selection import Chosen, Selection
from dermdash.workflows.verification.label_export import NAMES_LEFT_OUT
from dermdash.workflows.verification.label_history import LabelHistories, label_histories

README = "README.txt"
MISSING, DAMAGED, AT_GATE = "image_missing", "image_damaged", "rejected_at_acquisition"
COVERED = "covered_since_the_version"
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}


def rejected_filter(chosen: Chosen) -> RecordFilter | None:
    """The filter of the records that are left out only because the acquisition gate rejected them; None: there are
    none, or they are asked for."""
    if chosen.as_of is not None or not chosen.record_filter.hides_rejected:
        return None
    return chosen.record_filter.with_options(ACQUISITION, (REJECTED,))


class _Unusable(Exception):
    """Why the files of a record cannot be written."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class ExportUnderWay:
    """One export under way."""

    def __init__(
        self,
        workspace: Workspace,
        actor: Account,
        form: DatasetExport,
        chosen: Chosen,
        dataset: Mapping[str, Any],
        privacy: Privacy,
        selection: Selection,
        total: int,
        alone: bool,
        documents: Mapping[str, Any],
    ) -> None:
        self._documents = documents
        self._workspace, self._form, self._chosen, self._privacy = workspace, form, chosen, privacy
        self._selection, self._total, self._alone = selection, total, alone
        self._histories: LabelHistories = label_histories(workspace, actor, selection.dataset_id)
        self._names = HiddenNames.of(workspace, privacy) if privacy.names else None
        self.dataset = self._described(dataset)
        self.left_out: Counter[str] = Counter()
        self.written = self.withheld = self._further_lost = 0
        self._seen: set[str] = set()
        self.notes: tuple[str, ...] = ()

    def _described(self, dataset: Mapping[str, Any]) -> ExportedDataset:
        engine, hidden_names = self._workspace.engine, self._names
        several = export_rows.lesions_of_several_patients(engine, self._chosen.record_filter)
        further = () if hidden_names else export_rows.further_names(engine, self._chosen.record_filter)
        return ExportedDataset(
            id=dataset["id"], name=dataset["name"], source=dataset["source"], licence=dataset["licence"],
            taxonomy=get_taxonomy(dataset["taxonomy"]), simulated=bool(dataset["simulated"]), records=self._total,
            further=tuple(further) if self._form.further else (),
            lesions_of_several=frozenset(
                str(hidden_names.name("lesion_id", lesion, key)) if hidden_names else lesion for key, lesion in several
            ),
            version=self._chosen.version, state=self._chosen.state, split=self._selection.split,
            facts={
                "max_pixels": self._workspace.settings.max_image_pixels,
                "croissant": self._documents,
                "age_bins": self._privacy.age_years is not None and not self._form.ages_as_numbers,
            },
        )  # fmt: skip

    def write(self, place: ExportPlace, out: Path, progress: CountProgress | None) -> None:
        """Write every record, what is said beside them, and what was left out."""
        beside = f"{out.stem}." if self._alone else ""
        labels = CsvStream(place.stream(f"{beside}{LABELS}"), LABEL_COLUMNS)
        left_out = CsvStream(place.stream(f"{beside}{LEFT_OUT}"), LEFT_OUT_COLUMNS)
        more = {"table": out.name} if self._alone else {}
        writer: Writer = self._form.open(place, self.dataset, not self._alone, **more)
        for done, record in enumerate(chain(self._rejected(left_out), self._records(left_out)), start=1):
            if record is not None:
                try:
                    writer.add(record)
                except LeftOutOfFormat as problem:
                    self._leave_out(left_out, record.row, problem.reason, problem.detail)
                else:
                    self.written += 1
                    for row in record.labels:
                        labels.row(row)
            if progress is not None:
                progress(done, self._total)
        self._gone(left_out)
        left_out.close()
        labels.close()
        writer.close()
        if not self.written:
            reasons = ", ".join(f"{reason} {n:,}" for reason, n in self.left_out.most_common())
            raise InvalidInput(f"nothing was written: {self._form.title} can hold none of the records ({reasons})")
        self.notes = tuple(writer.notes())
        if self._further_lost:
            lost = counted(self._further_lost, "record")
            self.notes += (f"Further columns of {lost} have changed since the version, which keeps no copy of them.",)
        if not self._alone:
            place.put(README, self._read_me(out))

    def _leave_out(self, listed: CsvStream, row: Mapping[str, Any], reason: str, detail: str) -> None:
        self.left_out[reason] += 1
        listed.row({"record_id": row["id"], "image_id": row["image_id"], "reason": reason, "detail": detail})

    def _rejected(self, left_out: CsvStream) -> Iterator[None]:
        """List what the acquisition gate rejected."""
        if (wanted := rejected_filter(self._chosen)) is None:
            return
        for rows in export_rows.export_rows(self._workspace.engine, wanted):
            for row in rows:
                self._leave_out(left_out, row, AT_GATE, f"image quality score {row['image_quality_score']}")
                yield None

    def _as_of(self, rows: list[dict[str, Any]], left_out: CsvStream) -> list[dict[str, Any]]:
        """Rows as they were in the version that is written; those of it alone."""
        as_of = self._chosen.as_of
        if as_of is None:
            return rows
        found, files = [], self._workspace.files
        for row in rows:
            if (entry := as_of.get(row["id"])) is None:
                continue
            self._seen.add(row["id"])
            was, lost = as_it_was(row, entry)
            self._further_lost += lost
            if was[ACQUISITION] == REJECTED and not self._chosen.rejected_too:
                self._leave_out(left_out, row, AT_GATE, f"image quality score {was['image_quality_score']}")
            elif was["image_sha256"] != row["image_sha256"] and files.holds(LOCKED, was["image_sha256"]):
                # What was covered since shows who somebody is: it stays locked away, whatever was tagged.
                self._leave_out(
                    left_out, row, COVERED, "regions of the image were covered after the version was tagged"
                )
            else:
                found.append(was)
        return found

    def _gone(self, left_out: CsvStream) -> None:
        """List what the version had and the data set has no more."""
        for key, entry in (self._chosen.as_of or {}).items():
            if key not in self._seen:
                row = {"id": key, "image_id": entry["image_id"]}
                self._leave_out(left_out, row, "gone_since_the_version", "the record is no longer in the data set")

    def _records(self, left_out: CsvStream) -> Iterator[ExportedRecord | None]:
        """Every chosen record as it leaves; None for one whose files are not there."""
        names = FileNames(dots=self._form.key != "webdataset")
        for current in export_rows.export_rows(self._workspace.engine, self._chosen.record_filter):
            rows = self._as_of(current, left_out)
            for stored, leaving in zip(rows, self._hidden(rows), strict=True):
                try:
                    image, mask = self._files(stored)
                except _Unusable as problem:
                    self._leave_out(left_out, stored, problem.reason, problem.detail)
                    yield None
                    continue
                key = str(stored["id"])
                self.withheld += key in self._histories.withheld
                yield ExportedRecord(
                    leaving, names.of(str(stored["image_id"])), _SUFFIXES.get(stored["format"], ".jpg"),
                    (stored[FURTHER] or {}) if self.dataset.further else {},
                    self._histories.rows(stored, until=self._chosen.until), self._chosen.part_of.get(key, ""), image,
                    mask,
                )  # fmt: skip

    def _hidden(self, rows: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
        people = self._histories.people
        if not self._privacy.changes:
            return [{**row, "examiner_id": people.get(row["examiner_id"], row["examiner_id"])} for row in rows]
        frame = hidden(self._workspace, pd.DataFrame(rows, dtype=object), self._privacy, people=people)
        found = frame.astype(object).where(frame.notna(), None).to_dict("records")
        if self._privacy.age_years is not None and self._form.ages_as_numbers:
            for row in found:
                row[AGE] = None if row[AGE] is None else int(str(row[AGE]).partition("-")[0].rstrip("+"))
        return [{str(name): value for name, value in row.items()} for row in found]

    def _files(self, row: Mapping[str, Any]) -> tuple[bytes | None, bytes | None]:
        if self._alone and self._form.key not in ("webdataset", "coco"):
            return None, None
        mask = self._file(MASKS, row["mask_sha256"], "mask") if row["mask_sha256"] else None
        if self._alone and self._form.key == "coco":
            return None, mask
        return self._file(ORIGINALS, row["image_sha256"], "image"), mask

    def _file(self, kind: str, sha: str, what: str) -> bytes:
        """A stored file; why it cannot be used is said without where the workspace lies, as the list leaves."""
        try:
            return self._workspace.files.get_whole(kind, sha)
        except FileDamaged:
            raise _Unusable(DAMAGED, f"the file of its {what} in the workspace is not what was stored") from None
        except FileMissing:
            raise _Unusable(MISSING, f"the file of its {what} is missing from the workspace") from None

    def _read_me(self, out: Path) -> bytes:
        return read_me(
            self._form, self.dataset, written=self.written, left_out=self.left_out, notes=self.notes,
            only=self._chosen.words, names=f"{NAMES_LEFT_OUT} {self._privacy.words}",
            images=text_state(self._workspace, [self.dataset.id]).statement, folder=out.name,
        )  # fmt: skip

    def report(self, place: ExportPlace, out: Path, images: Mapping[str, Any]) -> ExportReport:
        """What was done."""
        chosen = self._selection
        return ExportReport(
            format=self._form.key, dataset=self.dataset.id, out=out, records=self.written, of=self._total,
            files=place.files, size=place.bytes, left_out=dict(self.left_out.most_common()),
            version=self._chosen.version, state=self._chosen.state, split=chosen.split, part=chosen.part,
            only=self._chosen.words,
            hidden={"pseudonyms": self._privacy.names, "age_bins": self._privacy.age_years},
            withheld=self.withheld, notes=self.notes, statement=f"{NAMES_LEFT_OUT} {self._privacy.words}",
            taxonomy=self.dataset.taxonomy.name, simulated=self.dataset.simulated, images=images,
        )  # fmt: skip
