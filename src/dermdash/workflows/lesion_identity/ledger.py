"""The ledger of lesion identity: every decision that two records show one lesion, or do not, with what it rests on.

Decisions are taken pair by pair among the findings, entered by hand, read from a ledger file, or made by applying a
published list. They all lie in one place (`finding_decision`); this brings together who decided what, when and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dermdash.dataset.identity_ledger import LedgerRow, PairDecision
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import findings, identity_acts, records
from dermdash.storage.identity_acts import PairToDecide
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, number
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.image_kinds import simulated_dataset_ids
from dermdash.workflows.dataset.private_export import AS_IT_IS, EXAMINER, HiddenNames, Privacy

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A decision about two records.

    Attributes
    ----------
    records
        Their ids.
    decision
        One of `PairDecision`, or ``open``: an earlier one was taken back.
    evidence
        What it rests on: what was measured, the list that names the pair, what a ledger from elsewhere says.
    person
        The account; what a ledger from elsewhere calls who decided is ``said_by``.
    source
        The file or list it came from; empty where it was decided here, pair by pair.
    holds
        Whether it is what holds about its pair.
    """

    id: str
    finding_id: str
    records: tuple[str, str]
    decision: str
    evidence: str
    person: str
    said_by: str
    date: datetime
    said_on: str
    source: str
    note: str
    act_id: str | None
    holds: bool

    @property
    def merges(self) -> bool:
        """Whether it says that both records show one lesion."""
        return self.holds and self.decision in findings.CONFIRMING


def ledger_history(workspace: Workspace) -> list[LedgerEntry]:
    """Every decision, oldest first, those that no longer hold among them."""
    return [_entry(row, holds=row["holds"]) for row in identity_acts.pair_decisions(workspace.engine)]


def ledger_entries(workspace: Workspace) -> list[LedgerEntry]:
    """The decisions that hold, in the order they were taken."""
    return [entry for entry in ledger_history(workspace) if entry.holds and entry.decision != findings.OPEN]


def _entry(row: Mapping[str, Any], *, holds: bool) -> LedgerEntry:
    moment: datetime = row["created_at"]
    return LedgerEntry(
        str(row["id"]), str(row["finding_id"]), (row["records"][0], row["records"][1]), str(row["decision"]),
        row["evidence"] or measured_words(row), str(row["account_id"]), row["said_by"] or "",
        moment if moment.tzinfo else moment.replace(tzinfo=UTC), row["said_on"] or "", row["source"] or "",
        row["note"] or "", row["act_id"], holds,
    )  # fmt: skip


def measured_words(finding: Mapping[str, Any]) -> str:
    """What speaks for a pair, as its finding says: the measurement, the lists that name it, or nothing but a person."""
    details = finding["details"] or {}
    said = []
    if details.get("identical_file"):
        said.append("one file")
    elif finding["verdict"] not in (findings.LISTED, identity_acts.ENTERED):
        inliers = details.get("inliers")
        points = "" if inliers is None else f", {counted(int(inliers), 'point')} on one motion"
        said.append(
            f"measured: score {number(float(finding['score']), 2)}{points} (method {finding['method_version']})"
        )
    said += [f"listed in {source}" for source in details.get(findings.LISTED, ())]
    return "; ".join(said)


def ledger_rows(workspace: Workspace, *, privacy: Privacy = AS_IT_IS) -> list[LedgerRow]:
    """The decisions that hold as rows of a file.

    With ``privacy.names`` whoever decided has the pseudonym that examiners have; who decided elsewhere keeps the name
    that the ledger from there gave, which is a pseudonym unless somebody chose otherwise.
    """
    entries = ledger_entries(workspace)
    ids = sorted({record for entry in entries for record in entry.records})
    frame = records.records_by_id(workspace.engine, ids)
    image = {str(row.id): (str(row.dataset_id), str(row.image_id)) for row in frame.itertuples()}
    names = HiddenNames.of(workspace, privacy) if privacy.names else None
    rows = []
    for entry in entries:
        (dataset_1, image_1), (dataset_2, image_2) = (image[record] for record in entry.records)
        person = entry.person if names is None else str(names.name(EXAMINER, entry.person, ""))
        rows.append(
            LedgerRow(
                image_1, image_2, entry.decision, dataset_1, dataset_2, entry.evidence, entry.said_by or person,
                entry.said_on or entry.date.astimezone(UTC).isoformat(timespec="seconds"), entry.source, entry.note,
            )
        )  # fmt: skip
    return rows


def image_ids(workspace: Workspace, record_ids: Sequence[str]) -> dict[str, str]:
    """The image of each record."""
    rows = records.records_by_id(workspace.engine, list(record_ids))
    return dict(zip(rows["id"].astype(str), rows["image_id"].astype(str), strict=True))


def enter_pair(
    workspace: Workspace,
    actor: Account,
    record_ids: Sequence[str],
    decision: str,
    *,
    note: str = "",
    evidence: str = "",
) -> str | None:
    """Decide about two records that nothing need have found; return the act.

    None where the same person has said just that already, as when a browser sends it twice: nothing is stored.

    Raises
    ------
    AccessDenied
        Whoever decides is no curator.
    InvalidInput
        No such decision, one record twice, a photograph and a drawn image, or a note that is too long.
    NotFound
        There is no such record.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    if decision not in list(PairDecision):
        raise InvalidInput(f"{decision!r} is no decision: choose {', '.join(PairDecision)}")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"a note has up to {LONGEST_NOTE:,} characters; this one has {len(note):,}")
    if len(set(record_ids)) != 2:
        raise InvalidInput("a pair is of two different records")
    rows = records.records_by_id(workspace.engine, list(record_ids))
    known = dict(zip(rows["id"], rows["dataset_id"], strict=True))
    if missing := [record for record in record_ids if record not in known]:
        raise NotFound(f"There is no record {missing[0]!r} in the workspace.")
    drawn = simulated_dataset_ids(workspace)
    if len({known[record] in drawn for record in record_ids}) == 2:
        raise InvalidInput("one of the two is a photograph and the other a drawn image: they show no one lesion")
    first, second = sorted(record_ids)
    pair = PairToDecide((first, second), decision, evidence.strip(), note.strip())

    def said_already(pair: PairToDecide, last: Mapping[str, Any] | None) -> bool:
        said = (pair.decision, actor.id, pair.note)
        return last is not None and (last["decision"], last["account_id"], last["note"]) == said

    act, _ = identity_acts.store_act(
        workspace.engine, [pair], kind=identity_acts.HAND, source="", detail={}, account_id=actor.id, leave=said_already
    )
    return act


def standing_acts(workspace: Workspace) -> list[dict[str, Any]]:
    """Acts that can be taken back as one, the latest first: with kind, source, account and moment."""
    acts = reversed(identity_acts.list_acts(workspace.engine))
    return [row for row in acts if row["undone_by"] is None and row["kind"] != identity_acts.UNDO]


def undo_act(workspace: Workspace, actor: Account, act_id: str, *, note: str = "") -> tuple[int, int]:
    """Take back all that an act decided, in one act; return how many pairs, and how many were decided anew since.

    Raises
    ------
    AccessDenied
        Whoever does it is no curator.
    NotFound
        There is no such act.
    InvalidInput
        It was taken back before, or takes something back itself.
    """
    require_right(actor, Right.DECIDE_FINDINGS)
    if act_id not in {row["id"] for row in identity_acts.list_acts(workspace.engine)}:
        raise NotFound(f"There is no act {act_id!r} in the ledger.")
    return identity_acts.undo_act(workspace.engine, act_id, account_id=actor.id, note=note.strip()[:LONGEST_NOTE])
