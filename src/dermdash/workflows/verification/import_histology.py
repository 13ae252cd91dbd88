"""Histology from a table: every row finds its record or is listed with the reason, and all are stored or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from typing import Any

from dermdash.errors import NotFound
from dermdash.records.taxonomy import Taxonomy
from dermdash.storage import record_rows
from dermdash.storage.act_transaction import ActTransaction, in_one_act, without_trace
from dermdash.storage.workspace import Workspace
from dermdash.verification.histology_table import HistologyRow, class_of, read_histology
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.dataset.browse_records import classes_of_datasets, taxonomy_of_dataset
from dermdash.workflows.dataset.identity_groups import ONE_LESION, IdentityGroups, identity_groups
from dermdash.workflows.verification.histology import (
    IMPORTED,
    HistologyContradiction,
    agreed_before,
    current_histology,
    store_histology,
)
from dermdash.workflows.verification.people import active_accounts
from dermdash.workflows.verification.record_state import load_state


class RowStatus(StrEnum):
    """What becomes of a row."""

    MATCHED = "matched"
    PRESENT = "already_present"
    CONTRADICTION = "contradiction"
    """It is stored, and is another class than people agreed on: a finding says so."""
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    DISAGREES = "disagrees"
    """One lesion would have two results."""
    UNUSABLE = "unusable"

    @property
    def words(self) -> str:
        """As people read it."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be used: its number as a spreadsheet counts it, what it names, and why."""

    row: int
    name: str
    reason: str
    status: RowStatus = RowStatus.UNUSABLE


@dataclass(frozen=True, slots=True)
class RowPreview:
    """A row and what an import would do with it.

    ``records``: image ids of the records that it means; ``note``: why it cannot be used, or what it contradicts.
    """

    row: int
    name: str
    result: str
    records: tuple[str, ...]
    status: RowStatus
    note: str

    def as_dict(self) -> dict[str, Any]:
        """For tables and JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HistologyImport:
    """What an import did.

    Attributes
    ----------
    rows
        In the file.
    stored
        Records that have their histology now; 0 where a problem kept everything out.
    already_present
        Records that had the same result already.
    complete
        Whether every usable row is stored.
    """

    rows: int
    stored: int
    already_present: int
    problems: tuple[RowProblem, ...]
    contradictions: tuple[HistologyContradiction, ...]
    notes: tuple[str, ...]
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def import_histology(
    workspace: Workspace,
    actor: Account,
    source: Path | bytes,
    *,
    dataset_id: str | None = None,
    leave_out: bool = False,
) -> HistologyImport:
    """Store the results of a table in one act.

    A row names a record, an image, a lesion (whose images all get the result), or the number of a report that is known
    here. Where any row has a problem nothing is stored, unless such rows are to be left out.

    Parameters
    ----------
    dataset_id
        Whose images and lesions are meant; needed where two data sets have one of the same name.
    leave_out
        Store the other rows where some have problems.

    Raises
    ------
    AccessDenied
        Whoever imports is no curator.
    NotFound
        There is no such data set.
    InvalidInput, MissingColumns
        The file as a whole cannot be used.
    """
    require(actor, Role.CURATOR)
    datasets = _datasets(workspace, dataset_id)
    rows, notes = read_histology(source)
    people = active_accounts(workspace)
    lesions = identity_groups(workspace, ONE_LESION)

    def work(act: ActTransaction) -> HistologyImport:
        plan = _ResultPlan.of(act, datasets, dataset_id, rows, lesions)
        problems = tuple(sorted(plan.problems, key=lambda p: p.row))
        if problems and not leave_out:
            return HistologyImport(len(rows), 0, plan.present, problems, (), notes, complete=False)
        contradictions = []
        for record_id, (_, result) in plan.results.items():
            found = store_histology(act, people, load_state(act, record_id), result)
            if found is not None:
                contradictions.append(found)
        return HistologyImport(
            len(rows), len(plan.results), plan.present, problems, tuple(contradictions), notes, complete=True
        )

    return in_one_act(workspace.engine, actor.id, work)


def preview_histology(
    workspace: Workspace, actor: Account, source: Path | bytes, *, dataset_id: str | None = None
) -> tuple[tuple[RowPreview, ...], tuple[str, ...]]:
    """What `import_histology` would do with each row, without doing it, and notes about the file; errors as there."""
    require(actor, Role.CURATOR)
    datasets = _datasets(workspace, dataset_id)
    rows, notes = read_histology(source)
    lesions = identity_groups(workspace, ONE_LESION)
    found = without_trace(
        workspace.engine, actor.id, lambda act: _ResultPlan.of(act, datasets, dataset_id, rows, lesions).previews(rows)
    )
    return found, notes


def _datasets(workspace: Workspace, dataset_id: str | None) -> dict[str, Taxonomy]:
    every = classes_of_datasets(workspace)
    if dataset_id is not None:
        if dataset_id not in every:
            raise NotFound(f"There is no data set {dataset_id!r}; there are: {', '.join(every) or 'none'}.")
        taxonomy_of_dataset(workspace, dataset_id)  # says why its classes are not known, where they are not
    return {key: classes for key, classes in every.items() if classes is not None}


class _ResultPlan:
    """What the rows seen so far would store."""

    @classmethod
    def of(
        cls,
        act: ActTransaction,
        datasets: Mapping[str, Taxonomy],
        dataset_id: str | None,
        rows: Sequence[HistologyRow],
        lesions: IdentityGroups,
    ) -> _ResultPlan:
        """What all rows together would store; ``lesions`` says which records show one lesion."""
        plan = cls(act, datasets, dataset_id, lesions)
        for row in rows:
            plan.add(row)
        plan.refuse_disagreement()
        return plan

    def __init__(
        self, act: ActTransaction, datasets: Mapping[str, Taxonomy], dataset_id: str | None, lesions: IdentityGroups
    ) -> None:
        self.act = act
        self.lesions = lesions
        self.datasets = datasets
        self.dataset_id = dataset_id
        self.problems: list[RowProblem] = []
        self.results: dict[str, tuple[HistologyRow, dict[str, Any]]] = {}
        self.by_lesion: dict[int, list[tuple[HistologyRow, str]]] = {}
        self.records_of_lesion: dict[int, list[Mapping[str, Any]]] = {}
        self.present = 0
        self.meant: dict[int, list[dict[str, Any]]] = {}
        self.classes: dict[int, str] = {}

    def previews(self, rows: Sequence[HistologyRow]) -> tuple[RowPreview, ...]:
        """Each row with what becomes of it."""
        problems = {problem.row: problem for problem in reversed(self.problems)}
        return tuple(self._preview(row, problems.get(row.number)) for row in rows)

    def _preview(self, row: HistologyRow, problem: RowProblem | None) -> RowPreview:
        meant = self.meant.get(row.number, [])
        names = tuple(str(record["image_id"]) for record in meant)
        result = self.classes.get(row.number, row.dx_text)
        if problem is not None:
            return RowPreview(row.number, row.name, result, names, problem.status, problem.reason)
        new = [record for record in meant if record["id"] in self.results]
        if not new:
            return RowPreview(row.number, row.name, result, names, RowStatus.PRESENT, "")
        agreed = {agreed_before(self.act, load_state(self.act, record["id"])) for record in new} - {None, result}
        if agreed:
            note = f"the consensus is {' and '.join(sorted(map(str, agreed)))}"
            return RowPreview(row.number, row.name, result, names, RowStatus.CONTRADICTION, note)
        return RowPreview(row.number, row.name, result, names, RowStatus.MATCHED, "")

    def problem(self, row: HistologyRow, reason: str, status: RowStatus = RowStatus.UNUSABLE) -> None:
        """List a row that cannot be used."""
        self.problems.append(RowProblem(row.number, row.name, reason, status))

    def add(self, row: HistologyRow) -> None:
        """Find what a row means, or list it."""
        if row.problem:
            self.problem(row, row.problem)
            return
        found, reason, status = self._records_of(row)
        if reason:
            self.problem(row, reason, status)
            return
        self.meant[row.number] = found
        dx = class_of(row.dx_text, self.datasets[found[0]["dataset_id"]])
        if dx is None:
            codes = ", ".join(self.datasets[found[0]["dataset_id"]].codes)
            self.problem(row, f"the result {row.dx_text[:60]!r} is no class of the data set: write one of {codes}")
            return
        self.classes[row.number] = dx
        if row.report_date is not None and row.report_date > self.act.moment.astimezone(UTC).date():
            self.problem(row, f"the report is of {row.report_date.isoformat()}, which lies ahead")
            return
        if clash := self._other_report(row, found, dx):
            self.problem(row, clash, RowStatus.AMBIGUOUS)
            return
        for record in found:
            lesion = int(self.lesions.of([record["id"]])[0])
            self.by_lesion.setdefault(lesion, []).append((row, dx))
            self.records_of_lesion.setdefault(lesion, []).append(record)
            self._plan_record(row, record, dx)

    def _other_report(self, row: HistologyRow, found: Sequence[Mapping[str, Any]], dx: str) -> str:
        """Whether a row before gives one of the records the same result by another report, which would get lost."""
        said = {"dx": dx, "text": row.text, "report_number": row.report_number, "report_date": row.report_date}
        for record in found:
            earlier, planned = self.results.get(record["id"], (row, {}))
            if planned.get("dx") == dx and any(planned[name] != value for name, value in said.items()):
                return (
                    f"row {earlier.number} gives {record['image_id']} the same result with another report, and a "
                    "record has one: put them together in one row"
                )
        return ""

    def _plan_record(self, row: HistologyRow, record: Mapping[str, Any], dx: str) -> None:
        record_id = record["id"]
        if record_id in self.results:
            return  # said twice alike, or listed as a disagreement
        there = current_histology(self.act, record_id)
        if there is not None:
            if there["dx"] == dx:
                self.present += 1
            else:
                number = f", report {there['report_number']}" if there["report_number"] else ""
                self.problem(
                    row,
                    f"{record['image_id']} has another result already ({there['dx']}{number}): reopen the record "
                    "first, with a reason",
                    RowStatus.DISAGREES,
                )
            return
        result = {
            "dx": dx, "text": row.text, "report_number": row.report_number, "report_date": row.report_date,
            "source": IMPORTED,
        }  # fmt: skip
        self.results[record_id] = (row, result)

    def _records_of(self, row: HistologyRow) -> tuple[list[dict[str, Any]], str, RowStatus]:
        """The records that a row means, all of one lesion; or why there are none, in words and as a status."""
        means: dict[str, list[dict[str, Any]]] = {}
        for kind in ("record_id", "image_id", "lesion_id"):
            value = getattr(row, kind)
            if value is not None:
                means[kind] = record_rows.named_rows(self.act, kind, value, self.dataset_id)
        if not means:
            means["report_number"] = record_rows.rows_of_report(self.act, row.report_number, self.dataset_id)
        words = {
            "record_id": "record", "image_id": "image", "lesion_id": "lesion", "report_number": "report number",
        }  # fmt: skip
        for kind, found in means.items():
            value = getattr(row, kind)
            if not found:
                where = f" in the data set {self.dataset_id}" if self.dataset_id else ""
                return [], f"there is no {words[kind]} {value!r}{where}", RowStatus.UNKNOWN
            places = sorted({r["dataset_id"] for r in found})
            if len(places) > 1:
                said = f"{words[kind]} {value!r} is in {' and '.join(places)}: name the data set"
                return [], said, RowStatus.AMBIGUOUS
            if len({r["lesion_id"] for r in found}) > 1:
                said = f"{words[kind]} {value!r} means images of several lesions: name each by itself"
                return [], said, RowStatus.AMBIGUOUS
        lists = list(means.values())
        common = {r["id"] for r in lists[0]}.intersection(*({r["id"] for r in other} for other in lists[1:]))
        if not common:
            said = " and ".join(f"{words[kind]} {getattr(row, kind)!r}" for kind in means)
            return [], f"{said} do not belong together", RowStatus.AMBIGUOUS
        return [r for r in lists[0] if r["id"] in common], "", RowStatus.MATCHED

    def refuse_disagreement(self) -> None:
        """List rows that give one lesion two results, and store neither."""
        for lesion, said in self.by_lesion.items():
            results = sorted({dx for _, dx in said})
            earlier = self._earlier(lesion)
            ids = sorted({str(record["lesion_id"]) for record in self.records_of_lesion[lesion]})
            lesion_id = ids[0] if len(ids) == 1 else f"with the ids {' and '.join(ids)}"
            if len(results) > 1:
                rows = sorted({row.number for row, _ in said})
                numbers = ", ".join(map(str, rows[:-1])) + f" and {rows[-1]}" if len(rows) > 1 else str(rows[0])
                for row in {row.number: row for row, _ in said}.values():
                    self.problem(
                        row,
                        f"the lesion {lesion_id} has two results ({' and '.join(results)}) in rows {numbers}",
                        RowStatus.DISAGREES,
                    )
            elif earlier - set(results):
                for row in {row.number: row for row, _ in said}.values():
                    self.problem(
                        row,
                        f"another image of the lesion {lesion_id} has the result {', '.join(sorted(earlier))} already: "
                        "reopen it first, or correct this row",
                        RowStatus.DISAGREES,
                    )
            else:
                continue
            for record_id in [r for r, (row, _) in self.results.items() if any(row is other for other, _ in said)]:
                del self.results[record_id]

    def _earlier(self, lesion: int) -> set[str]:
        """Results that images of the lesion have already, whatever lesion id they stand under."""
        found = set()
        known = [str(record["id"]) for record in self.records_of_lesion[lesion]]
        for record_id in sorted(self.lesions.with_relatives(known)):
            if (said := current_histology(self.act, record_id)) is not None:
                found.add(str(said["dx"]))
        return found
