"""Decisions about the identity of lesions that are taken together, with what they rest on: statements and nothing else.

The decisions themselves are rows of `finding_decision`, as those taken pair by pair: what follows from them asks one
place, whoever decided and however.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from dermdash.errors import InvalidInput
from dermdash.records.acts import Act
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.bulk import insert_missing
from dermdash.storage.findings import OPEN, PAIR_KINDS, SAME_LESION, finding_id, records_of_pairs, standing
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts

ENTERED = "entered"
"""Verdict of a finding that nothing has measured and no list names: a person says so."""
METHOD_VERSION = "entered 1"
"""Unlike that of any measurement, which takes the place of a finding that was only entered."""
HAND, LEDGER, LIST, UNDO = "hand", "ledger", "list", "undo"
_AT_ONCE = 1000  # parameters of a statement are limited


@dataclass(frozen=True, slots=True)
class PairToDecide:
    """A decision about two records, and what it rests on.

    ``said_by`` and ``said_on``: who decided and when, where a ledger from elsewhere says so.
    """

    records: tuple[str, str]
    decision: str
    evidence: str = ""
    note: str = ""
    said_by: str = ""
    said_on: str = ""


Leave = Callable[[PairToDecide, Mapping[str, Any] | None], bool]


def store_act(
    engine: sa.Engine,
    pairs: Sequence[PairToDecide],
    *,
    kind: str,
    source: str,
    detail: dict[str, Any],
    account_id: str,
    leave: Leave = lambda pair, last: False,
) -> tuple[str | None, int]:
    """Append a decision about each pair in one act, all or none, with entries in the change log.

    A pair that nobody has found becomes a finding of kind `same_lesion` with the verdict `ENTERED`.

    Parameters
    ----------
    leave
        Whether a pair is left alone, by the row of the last decision about it (None: nobody has decided, or it was
        taken back), as this act sees it: whoever decides meanwhile is not overruled unseen.

    Returns
    -------
    tuple
        The act, None where all pairs were left alone, and how many pairs it decides.
    """
    key = uuid4().hex

    def work(act: ActTransaction) -> tuple[str | None, int]:
        moment = act.moment
        last = _last_of_pairs(act)
        ids = {
            finding_id(SAME_LESION, pair.records): pair
            for pair in pairs
            if not leave(pair, last.get(frozenset(pair.records)))
        }
        if not ids:
            return None, 0
        found: list[dict[str, Any]] = [
            {
                "id": finding, "kind": SAME_LESION, "score": 1.0, "threshold": 0.0, "verdict": ENTERED, "details": {},
                "method_version": METHOD_VERSION, "model_id": None, "created_at": moment,
            }
            for finding in ids
        ]  # fmt: skip
        concerned = [
            {"finding_id": finding, "position": place, "record_id": record}
            for finding, pair in ids.items()
            for place, record in enumerate(pair.records)
        ]
        insert_missing(act.connection, t.finding, found)
        insert_missing(act.connection, t.finding_record, concerned)
        _decide(act, key, [*ids.items(), *_elsewhere(act, ids)])
        _insert_act(act, key, kind=kind, source=source, detail=detail)
        return key, len(ids)

    return in_one_act(engine, account_id, work)


def _last_of_pairs(act: ActTransaction) -> dict[frozenset[str], dict[str, Any]]:
    """The row of the last decision about each pair that holds."""
    pair_of, c = _records_of(act, PAIR_KINDS), t.finding_decision.c
    return standing(act.read(sa.select(t.finding_decision).order_by(c.sequence, c.id)), pair_of)


def undo_act(engine: sa.Engine, act_id: str, *, account_id: str, note: str) -> tuple[int, int]:
    """Take back what an act decided, in one act; return how many decisions, and how many were taken since by others.

    A pair that somebody has decided anew since keeps that decision. What was decided before the act holds again.

    Raises
    ------
    InvalidInput
        It was taken back before, or takes something back itself.
    """
    key = uuid4().hex

    def work(act: ActTransaction) -> tuple[int, int]:
        c, e, a = t.finding_decision.c, t.identity_evidence.c, t.identity_act.c
        if act.read(sa.select(a.id).where(sa.or_(a.undoes == act_id, sa.and_(a.id == act_id, a.kind == UNDO)))):
            raise InvalidInput("This act does not hold any more: it was taken back, or takes another one back.")
        made = {row["decision_id"] for row in act.read(sa.select(e.decision_id).where(e.act_id == act_id))}
        pair_of = _records_of(act, PAIR_KINDS)
        history: dict[frozenset[str], list[dict[str, Any]]] = {}
        for row in act.read(sa.select(t.finding_decision).order_by(c.sequence, c.id)):
            if row["finding_id"] in pair_of:
                history.setdefault(frozenset(pair_of[row["finding_id"]]), []).append(row)
        back: list[tuple[str, PairToDecide]] = []
        others = 0
        for rows in history.values():
            mine = [row["finding_id"] for row in rows if row["id"] in made]
            if not mine:
                continue
            if rows[-1]["id"] not in made:
                others += 1
                continue
            # What was said of the pair before, in whichever finding of it.
            before = next((row["decision"] for row in reversed(rows) if row["id"] not in made), OPEN)
            for finding in dict.fromkeys(mine):
                first, second = pair_of[finding]
                back.append((finding, PairToDecide((first, second), before, note=note)))
        _decide(act, key, back, undone=True)
        pairs = len({frozenset(pair.records) for _, pair in back})
        _insert_act(act, key, kind=UNDO, source="", detail={"pairs": pairs, "others": others}, undoes=act_id)
        return pairs, others

    return in_one_act(engine, account_id, work)


def _elsewhere(act: ActTransaction, ids: Mapping[str, PairToDecide]) -> list[tuple[str, PairToDecide]]:
    """Other findings about these pairs (a photograph twice is one lesion under two ids, too): they get it together."""
    pair_of = {frozenset(pair.records): pair for pair in ids.values()}
    return [
        (finding, pair_of[frozenset(records)])
        for finding, records in sorted(_records_of(act, PAIR_KINDS).items())
        if finding not in ids and frozenset(records) in pair_of
    ]


def _insert_act(
    act: ActTransaction, key: str, *, kind: str, source: str, detail: dict[str, Any], undoes: str | None = None
) -> None:
    act.insert(
        t.identity_act,
        {
            "id": key, "kind": kind, "source": source, "detail": detail, "undoes": undoes,
            "account_id": act.account_id, "created_at": act.moment,
            "sequence": next_number(act.connection, t.identity_act),
        },
    )  # fmt: skip


def _decide(
    act: ActTransaction, act_id: str, decided: Sequence[tuple[str, PairToDecide]], *, undone: bool = False
) -> None:
    """Append decisions, what they rest on, and an entry in the log for each record."""
    if not decided:
        return
    before = _latest(act, [finding for finding, _ in decided])
    first = next_number(act.connection, t.finding_decision, rows=len(decided))
    keys = [uuid4().hex for _ in decided]
    act.insert(
        t.finding_decision,
        *(
            {
                "id": key, "finding_id": finding, "decision": pair.decision, "account_id": act.account_id,
                "note": pair.note, "created_at": act.moment, "sequence": first + place,
            }
            for place, (key, (finding, pair)) in enumerate(zip(keys, decided, strict=True))
        ),
    )  # fmt: skip
    act.insert(
        t.identity_evidence,
        *(
            {
                "decision_id": key, "act_id": act_id, "evidence": pair.evidence, "said_by": pair.said_by,
                "said_on": pair.said_on,
            }
            for key, (_, pair) in zip(keys, decided, strict=True)
        ),
    )  # fmt: skip
    dataset_of = _datasets_of(act, {record for _, pair in decided for record in pair.records})
    for finding, pair in decided:
        for record in pair.records:
            act.log(
                Act.UNDO if undone else Act.FINDING_DECISION, dataset_id=dataset_of.get(record), record_id=record,
                old={"finding": finding, "decision": before.get(finding, OPEN)},
                new={"finding": finding, "decision": pair.decision}, reason=pair.note or pair.evidence,
            )  # fmt: skip


def _latest(act: ActTransaction, findings: Iterable[str]) -> dict[str, str]:
    c, wanted = t.finding_decision.c, set(findings)
    rows = act.read(sa.select(c.finding_id, c.decision).order_by(c.sequence, c.id))
    return {row["finding_id"]: row["decision"] for row in rows if row["finding_id"] in wanted}


def _records_of(act: ActTransaction, kinds: Sequence[str]) -> dict[str, list[str]]:
    """The two records of each finding of these kinds."""
    c, f = t.finding_record.c, t.finding.c
    of_kinds = sa.select(f.id).where(f.kind.in_(list(kinds)))
    found: dict[str, list[str]] = {}
    statement = sa.select(t.finding_record).where(c.finding_id.in_(of_kinds)).order_by(c.finding_id, c.position)
    for row in act.read(statement):
        found.setdefault(row["finding_id"], []).append(row["record_id"])
    return {key: records for key, records in found.items() if len(records) == 2}


def _datasets_of(act: ActTransaction, records: set[str]) -> dict[str, str]:
    c, ids = t.record.c, sorted(records)
    found: dict[str, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = act.read(sa.select(c.id, c.dataset_id).where(c.id.in_(ids[start : start + _AT_ONCE])))
        found |= {row["id"]: row["dataset_id"] for row in rows}
    return found


def list_acts(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every act, in order, with ``undone_by``: the act that took it back, None where it holds."""
    acts = read_dicts(engine, sa.select(t.identity_act).order_by(t.identity_act.c.sequence, t.identity_act.c.id))
    undone = {row["undoes"]: row["id"] for row in acts if row["undoes"] is not None}
    return [row | {"undone_by": undone.get(row["id"])} for row in acts]


def pair_decisions(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every decision about two records that may be one lesion, in the order they were taken, once for each pair.

    ``holds``: whether it is what holds about its pair. Each with its finding (score, verdict, details, method),
    ``records`` (two ids in order), and the act it was taken in
    (``act_id``, ``kind``, ``source``), ``evidence``, ``said_by`` and ``said_on``: None where it was taken on the page
    of findings.
    """
    d, f, e, a = t.finding_decision, t.finding, t.identity_evidence, t.identity_act
    statement = (
        sa.select(
            d, f.c.score, f.c.verdict, f.c.details, f.c.method_version, e.c.act_id, e.c.evidence, e.c.said_by,
            e.c.said_on, a.c.kind.label("act_kind"), a.c.source,
        )
        .join(f, f.c.id == d.c.finding_id)
        .outerjoin(e, e.c.decision_id == d.c.id)
        .outerjoin(a, a.c.id == e.c.act_id)
        .where(f.c.kind.in_(PAIR_KINDS))
        .order_by(d.c.sequence, d.c.id)
    )  # fmt: skip
    pairs = records_of_pairs(engine)
    rows = [row for row in read_dicts(engine, statement) if row["finding_id"] in pairs]
    held = standing(rows, pairs)
    decisions: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        pair = pairs[row["finding_id"]]
        # One act decides about several findings of a pair: that is one decision.
        said = (frozenset(pair), row["decision"], row["account_id"], row["created_at"])
        holds = held.get(frozenset(pair), {}).get("id") == row["id"]
        decisions[said] = row | {"records": pair, "holds": holds or decisions.get(said, {}).get("holds", False)}
    return list(decisions.values())
