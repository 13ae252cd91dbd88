"""What decisions merge: images that show one lesion, and what contradicts within such a group, with a proposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import dx_type_words
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.lesion_identity.ledger import LedgerEntry, ledger_entries

DIFFERENT = "different"
"""Kind of the conflict between a decision and what others merge."""
COMPARED = ("dx", "dx_type", "patient_id", "sex", "age_at_exam", "anatomical_site")
"""Facts that one lesion has once."""
YEARS_APART = 5
"""Ages up to here are no contradiction: one lesion may be photographed again, and sources round to five years."""
_TITLES = {"dx": "Diagnosis", "dx_type": "Evidence", "patient_id": "Patient"}
_SPECS = {spec.name: spec for spec in FIELDS}
# Of one stage, what tells most about the tissue: histology, confocal microscopy, follow-up, opinion.
_EVIDENCE = {"histo": 4, "confocal": 3, "follow_up": 2, "consensus": 1}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that cannot be so where a group is one lesion.

    Attributes
    ----------
    kind
        ``different``: a decision says that two of its records are different lesions; else the field that differs.
    records
        Ids of the records it is about.
    values
        Of each of these records, as people read it.
    text
        A sentence.
    stands_higher
        The record whose evidence is highest; None where no one stands above all others, or the field has no evidence.
    entry
        The decision, of kind ``different``.
    """

    kind: str
    records: tuple[str, ...]
    values: tuple[str, ...]
    text: str
    stands_higher: str | None = None
    entry: LedgerEntry | None = None

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "kind": self.kind, "records": list(self.records), "values": list(self.values), "text": self.text,
            "stands_higher": self.stands_higher,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class LesionGroup:
    """Records that decisions make one lesion: their rows, the decisions about them, and what contradicts.

    ``name`` is the smallest record id: the group keeps it as long as that record stays in it.
    """

    name: str
    rows: tuple[Mapping[str, Any], ...]
    entries: tuple[LedgerEntry, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def image_ids(self) -> tuple[str, ...]:
        """Images, in the order of their records."""
        return tuple(str(row["image_id"]) for row in self.rows)

    @property
    def lesions(self) -> frozenset[tuple[str, str]]:
        """(Data set, lesion id) of all records."""
        return frozenset((str(row["dataset_id"]), str(row["lesion_id"])) for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "group": self.name,
            "images": list(self.image_ids),
            "lesions": sorted(lesion for _, lesion in self.lesions),
            "decisions": [
                {"records": list(e.records), "decision": e.decision, "evidence": e.evidence} for e in self.entries
            ],
            "conflicts": [conflict.to_json() for conflict in self.conflicts],
        }


def lesion_groups(workspace: Workspace) -> list[LesionGroup]:
    """Groups that decisions merge, or that a decision contradicts; those with a contradiction first, then by name."""
    entries = ledger_entries(workspace)
    if not entries:
        return []
    together = identity_groups(workspace, ONE_LESION)
    known = set(together.record_ids)
    entries = [entry for entry in entries if known.issuperset(entry.records)]
    numbers = together.of([record for entry in entries for record in entry.records]).reshape(-1, 2)
    inside: dict[int, list[LedgerEntry]] = {}
    for entry, (one, other) in zip(entries, numbers.tolist(), strict=True):
        if one == other:
            inside.setdefault(one, []).append(entry)
    wanted = {n for n, of in inside.items() if any(e.merges or e.decision == DIFFERENT for e in of)}
    members: dict[int, list[str]] = {number: [] for number in wanted}
    for record, number in zip(together.record_ids, together.numbers.tolist(), strict=True):
        if number in members:
            members[number].append(record)
    ids = sorted(record for of in members.values() for record in of)
    frame = records.records_by_id(workspace.engine, ids) if ids else pd.DataFrame()
    row_of = {str(row["id"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}
    groups = [
        _group([row_of[record] for record in sorted(members[number])], inside[number]) for number in sorted(wanted)
    ]
    return sorted(groups, key=lambda group: (not group.conflicts, group.name))


def _group(rows: Sequence[Mapping[str, Any]], entries: Sequence[LedgerEntry]) -> LesionGroup:
    return LesionGroup(str(rows[0]["id"]), tuple(rows), tuple(entries), tuple(conflicts_of(rows, entries)))


def conflicts_of(rows: Sequence[Mapping[str, Any]], entries: Sequence[LedgerEntry]) -> list[Conflict]:
    """What contradicts where these records are one lesion."""
    image = {str(row["id"]): str(row["image_id"]) for row in rows}
    found = [
        Conflict(
            DIFFERENT, entry.records, (), f"{' and '.join(image[r] for r in entry.records)} were decided to be "
            "different lesions, and other decisions or one lesion id make them one.", entry=entry,
        )
        for entry in entries
        if entry.decision == DIFFERENT
    ]  # fmt: skip
    for field in COMPARED:
        known = [row for row in rows if _known(row.get(field))]
        if len(known) > 1 and _differ(field, known):
            found.append(_of_field(field, known))
    return found


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and value != ""


def _differ(field: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    if field == "age_at_exam":
        ages = [float(row[field]) for row in rows]
        return max(ages) - min(ages) > YEARS_APART
    if field == "patient_id":  # another data set's patient 1 is somebody else
        named: dict[str, set[str]] = {}
        for row in rows:
            named.setdefault(str(row["dataset_id"]), set()).add(str(row[field]))
        return any(len(patients) > 1 for patients in named.values())
    said = {str(row[field]) for row in rows}
    if field == "anatomical_site":  # "torso" leaves the side open: it does not contradict "anterior torso"
        said = {site for site in said if not any(other.endswith(f" {site}") for other in said)}
    return len(said) > 1


def _of_field(field: str, rows: Sequence[Mapping[str, Any]]) -> Conflict:
    values = tuple(value_words(field, row[field]) for row in rows)
    said = ", ".join(f"{value} ({row['image_id']})" for value, row in zip(values, rows, strict=True))
    return Conflict(
        field, tuple(str(row["id"]) for row in rows), values, f"{field_title(field)} differs: {said}.",
        highest(field, rows) if field != "patient_id" else None,
    )  # fmt: skip


def field_title(field: str) -> str:
    """What a compared fact is called."""
    return _TITLES[field] if field in _TITLES else _SPECS[field].title


def value_words(field: str, value: Any) -> str:
    """A compared fact as people read it."""
    if field == "dx":
        return diagnosis_name(str(value))
    if field == "dx_type":
        return dx_type_words(str(value))
    return value_in_words(_SPECS[field], value) if field in _SPECS else str(value)


def evidence_rank(row: Mapping[str, Any]) -> tuple[int, bool, int]:
    """How much a record's label rests on: its stage (3 over 2 over 1), whether that was reached here, how confirmed."""
    stage: Any = row.get("verification_stage")
    claimed: Any = row.get("stage_claimed")
    return (
        int(stage) if _known(stage) else 0,
        not (bool(claimed) if _known(claimed) else True),
        _EVIDENCE.get(str(row.get("dx_type")), 0),
    )


def highest(field: str, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The record that others follow in a field: of the highest rank; None where those of that rank say different."""
    top = max(evidence_rank(row) for row in rows)
    there = [row for row in rows if evidence_rank(row) == top]
    return str(there[0]["id"]) if len({str(row[field]) for row in there}) == 1 else None
