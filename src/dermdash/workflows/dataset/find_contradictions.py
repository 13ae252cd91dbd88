"""Look a data set through for contradictions, and list them for people with both rows and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from dermdash.dataset.contradictions import (
    KINDS,
    METHOD_VERSION,
    ContradictionKind,
    against_result,
    sex_against_site,
    words_of,
)
from dermdash.dataset.finding_kind import FindingKind
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import contradiction_rows, findings, record_rows, records
from dermdash.storage.contradiction_rows import COLUMNS
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.row_differences import plain

VERDICT = "contradiction"
LOOKED_FOR = tuple(kind for kind in ContradictionKind if kind is not ContradictionKind.HISTOLOGY_AGAINST_CONSENSUS)
"""Kinds that are found here; the other one comes of an act."""
_TOLD_BY = {
    ContradictionKind.SAME_PICTURE: "dx",
    ContradictionKind.REPEATED_ID: "dx",
    ContradictionKind.STAGE_WITHOUT_RESULT: "verification_stage",
}
"""The column in which a row that was left out says otherwise than the record."""
_MOST_ROWS = 20


class ContradictionDecision(StrEnum):
    """What a person says of a contradiction."""

    MENDED = "mended"
    NONE = "no_contradiction"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """What a row says that no record does: it was left out for another one, or a field of it was refused.

    ``record_id`` is the record that stands for it, ``kind`` what there may be to find.
    """

    kind: ContradictionKind
    record_id: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FoundContradiction:
    """A finding that something cannot be so.

    Attributes
    ----------
    records
        Ids of the records concerned.
    rows
        What contradicts, as it was when it was found: columns of a record; ``left_out`` in a row that was not imported.
    decision, decided_by, note
        What people say of it; None while it is open.
    """

    id: str
    spec: FindingKind
    records: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    text: str
    score: float
    verdict: str
    decision: str | None
    decided_by: str | None
    note: str | None

    @property
    def image_ids(self) -> tuple[str, ...]:
        """Of the records concerned and of rows that are no records; whole ids where they are of several data sets."""
        of_several = len({_dataset_of(record) for record in self.records}) > 1
        there = [record if of_several else record.partition(":")[2] for record in self.records]
        return tuple(dict.fromkeys([*there, *(str(row["image_id"]) for row in self.rows if row.get("left_out"))]))

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "kind": self.spec.key, "records": list(self.image_ids), "score": self.score,
            "verdict": self.verdict, "decision": self.decision, "text": self.text, "what_to_do": self.spec.what_to_do,
            "rows": list(self.rows),
        }  # fmt: skip


def find_contradictions(
    workspace: Workspace,
    dataset_id: str,
    *,
    left_out: Sequence[LeftOutRow] = (),
    of_table: Collection[str] = (),
) -> dict[str, int]:
    """Look through the records of a data set, store what contradicts as findings, and count open ones by kind.

    A contradiction that is no longer there is no finding any more; what was decided about it stays in the log.

    Parameters
    ----------
    left_out
        Rows of an import that are no records.
    of_table
        Ids of the records that its table speaks of: of these, ``left_out`` is all there is.
    """
    known = {d["id"]: d for d in records.list_datasets(workspace.engine)}
    if dataset_id not in known:
        return {}
    found: dict[ContradictionKind, list[dict[str, Any]]] = {kind: [] for kind in LOOKED_FOR}
    for kind, rows in _in_records(workspace, dataset_id, known[dataset_id]["taxonomy"]):
        found[kind].append(_finding(kind, [row["id"] for row in rows], rows))
    for kind, rows in _left_out(workspace, left_out):
        found[kind].append(_finding(kind, [rows[0]["id"]], rows))
    spoken_of = set(of_table)
    for kind, rows_of_kind in found.items():
        # Of this kind alone: a record whose picture has two diagnoses may still contradict its own histology.
        of_record = {name: set(row["records"]) for row in rows_of_kind for name in row["records"]}

        def looked_through(finding: Mapping[str, Any], of_record: Mapping[str, set[str]] = of_record) -> bool:
            if finding["details"].get("left_out"):
                return spoken_of.issuperset(finding["records"])
            # What was found of two data sets is part of what is found when a third comes.
            part = set(finding["records"]) < of_record.get(finding["records"][0], set())
            return part or any(_dataset_of(record) == dataset_id for record in finding["records"])

        findings.replace_findings(workspace.engine, kind.value, rows_of_kind, replaces=looked_through)
    return count_open(workspace, dataset_id)


def _dataset_of(record_id: str) -> str:
    return record_id.partition(":")[0]


def _in_records(
    workspace: Workspace, dataset_id: str, taxonomy: str
) -> Iterator[tuple[ContradictionKind, list[dict[str, Any]]]]:
    engine, classes = workspace.engine, get_taxonomy(taxonomy)
    for kind, key, value in (
        (ContradictionKind.LESION_OF_PATIENTS, "lesion_id", "patient_id"),
        (ContradictionKind.LESION_OF_DIAGNOSES, "lesion_id", "dx"),
        (ContradictionKind.PATIENT_OF_SEXES, "patient_id", "sex"),
    ):
        rows = contradiction_rows.rows_at_odds(engine, dataset_id, key, value)
        for _, group in groupby(rows, key=lambda row, key=key: row[key]):  # type: ignore[misc]
            yield kind, list(group)
    for _, group in groupby(
        contradiction_rows.same_pictures_at_odds(engine, dataset_id), key=lambda row: row["image_sha256"]
    ):
        yield ContradictionKind.SAME_PICTURE, list(group)
    for kind, one, other, wrong in (
        (
            ContradictionKind.AGAINST_RESULT, "dx", "histopathology_result",
            lambda dx, result: against_result(dx, result, classes),
        ),
        (ContradictionKind.SEX_AGAINST_SITE, "sex", "anatomical_site", sex_against_site),
    ):  # fmt: skip
        pairs = [pair for pair in contradiction_rows.pairs_of_values(engine, dataset_id, one, other) if wrong(*pair)]
        for row in contradiction_rows.rows_with_values(engine, dataset_id, one, other, pairs):
            yield kind, [row]
    for row in contradiction_rows.rows_without_result(engine, dataset_id):
        yield ContradictionKind.STAGE_WITHOUT_RESULT, [row]


def _left_out(
    workspace: Workspace, left_out: Sequence[LeftOutRow]
) -> Iterator[tuple[ContradictionKind, list[dict[str, Any]]]]:
    """Rows that say otherwise than the record that stands for them, record by record."""
    of_record: dict[tuple[str, ContradictionKind], list[LeftOutRow]] = defaultdict(list)
    for row in left_out:
        of_record[(row.record_id, row.kind)].append(row)
    if not of_record:
        return
    by_id = record_rows.record_rows(workspace.engine, {record_id for record_id, _ in of_record})
    for (record_id, kind), rows in of_record.items():
        there = by_id.get(record_id)
        if there is None:
            continue  # the first row was left out, too, for its picture: the list of the import names both
        column = _TOLD_BY[kind]
        others = [row for row in rows if row.said[column] != there[column]]
        if others:
            same = {"id": None, "dataset_id": there["dataset_id"], "left_out": True}
            yield kind, [there, *({**row.said, **same} for row in others)]


def _finding(kind: ContradictionKind, record_ids: list[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shown = [_kept_of(row) for row in rows[:_MOST_ROWS]]
    details = {"rows": shown, "n_rows": len(rows), "text": words_of(kind, tuple(rows))}
    if any(row.get("left_out") for row in rows):
        details["left_out"] = True
    return {
        "records": record_ids, "score": KINDS[kind].score, "threshold": 0.0, "verdict": VERDICT, "details": details,
        "method_version": METHOD_VERSION, "model_id": None,
    }  # fmt: skip


def _kept_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(row.get(name)) for name in COLUMNS} | ({"left_out": True} if row.get("left_out") else {})


def list_contradictions(
    workspace: Workspace, *, dataset_id: str | None = None, kinds: Collection[str] = ()
) -> list[FoundContradiction]:
    """Findings of these kinds (none named: of all), those first where one of two statements must be wrong.

    Raises
    ------
    InvalidInput
        An unknown kind.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise InvalidInput(f"there is no kind of contradiction {unknown[0]!r}: choose {', '.join(KINDS)}")
    listed = []
    for kind in kinds or KINDS:
        for row in findings.list_findings(workspace.engine, kind):
            if dataset_id is None or any(_dataset_of(record) == dataset_id for record in row["records"]):
                listed.append(_contradiction(workspace, row))
    return sorted(listed, key=lambda c: (-c.score, list(KINDS).index(c.spec.key), c.records))


def _contradiction(workspace: Workspace, row: Mapping[str, Any]) -> FoundContradiction:
    details = row["details"]
    rows = details.get("rows")
    if rows is None:  # histology against consensus: its details say both classes
        image_id = row["records"][0].partition(":")[2] if row["records"] else ""
        rows = [{"id": row["records"][0] if row["records"] else None, "image_id": image_id, **details}]
    text = details.get("text") or f"consensus {details.get('consensus')}, histology {details.get('histology')}"
    return FoundContradiction(
        row["id"], KINDS[row["kind"]], tuple(row["records"]), tuple(rows), text, float(row["score"]), row["verdict"],
        row["decision"], row["decided_by"], row["note"],
    )  # fmt: skip


def decide(workspace: Workspace, finding_id: str, decision: str, *, account_id: str, note: str = "") -> None:
    """Record what a person says of a contradiction; an earlier decision stays in the history and no longer counts.

    Raises
    ------
    InvalidInput
        No such decision.
    NotFound
        No such contradiction.
    """
    if decision not in list(ContradictionDecision):
        raise InvalidInput(f"{decision!r} is no decision: choose {', '.join(ContradictionDecision)}")
    if all(c.id != finding_id for c in list_contradictions(workspace)):
        raise NotFound(f"There is no contradiction {finding_id!r}; reload the page to see those there are.")
    findings.add_decision(
        workspace.engine, finding_id=finding_id, decision=decision, account_id=account_id, note=note.strip()[:2000]
    )


def count_open(workspace: Workspace, dataset_id: str | None = None) -> dict[str, int]:
    """How many contradictions nobody has decided about, by kind; kinds without any are absent."""
    return dict(findings.count_open(workspace.engine, tuple(KINDS), dataset_id))
