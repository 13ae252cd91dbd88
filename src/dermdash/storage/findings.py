"""Findings, the records they concern, what was searched, and what people decided: statements and nothing else.

A finding is what a method computed and may be computed again; a decision is a person's work and is only added to.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pandas as pd
import sqlalchemy as sa

from dermdash.records.acts import Act
from dermdash.storage import tables as t
from dermdash.storage.act_transaction import ActTransaction, in_one_act, in_turn
from dermdash.storage.bulk import insert_missing
from dermdash.storage.engine import now
from dermdash.storage.kept_flags import RULES, keep_broken_rules
from dermdash.storage.open_findings import OPEN as OPEN
from dermdash.storage.order import next_number
from dermdash.storage.results import read_dicts, read_frame

SAME_LESION = "same_lesion"
HISTOLOGY_CONTRADICTION = "histology_contradiction"
"""Kind of a finding about one record: its histology is another class than what people had agreed on."""
LISTED_DUPLICATE = "listed_duplicate"
"""Kind of a finding about one record: a published list calls it a duplicate and does not say of what."""
LISTED = "listed"
"""In the details of a finding: which published lists name it. As a verdict: nothing else speaks for it."""
NEAR_DUPLICATE = "near_duplicate"
"""Kind of a finding about two records: one image seems to be made of the other."""
UNSURE = "unsure"
"""As a verdict: what was measured does not tell."""
_AT_ONCE = 1000
PAIR_KINDS = (SAME_LESION, "near_duplicate")
"""Kinds of findings about two records that may be one lesion: what is decided about one counts for the pair."""
CONFIRMING = ("same_image", "same_lesion")
"""Decisions that say that the records of a finding show one lesion."""


def finding_id(kind: str, record_ids: Sequence[str]) -> str:
    """The key of a finding: the same kind and records, in whatever order, give the same."""
    return hashlib.sha256("\n".join([kind, *sorted(record_ids)]).encode()).hexdigest()[:24]


def save_findings(
    engine: sa.Engine, kind: str, rows: Sequence[Mapping[str, Any]], *, searched: Mapping[str, Iterable[str]]
) -> int:
    """Store findings and what was searched for them in one transaction; return how many are new.

    Parameters
    ----------
    rows
        Each with `records` (record ids), score, threshold, verdict, details, method_version and model_id. A finding
        that is there from the same version of the method stays as it is; one from another version is replaced. Its
        decisions stay either way.
    searched
        For each source (a version of the descriptors, a model) the records that were compared by it.
    """
    moment = now()
    by_id = {finding_id(kind, row["records"]): row for row in rows}
    findings = [
        {
            "id": key, "kind": kind, "score": row["score"], "threshold": row["threshold"], "verdict": row["verdict"],
            "details": row["details"], "method_version": row["method_version"], "model_id": row["model_id"],
            "created_at": moment,
        }
        for key, row in by_id.items()
    ]  # fmt: skip
    concerned = [
        {"finding_id": key, "position": position, "record_id": record_id}
        for key, row in by_id.items()
        for position, record_id in enumerate(row["records"])
    ]
    searches = [
        {"kind": kind, "record_id": record_id, "source": source, "searched_at": moment}
        for source, record_ids in searched.items()
        for record_id in record_ids
    ]
    c = t.finding.c

    def work(connection: sa.Connection) -> int:
        there = connection.execute(sa.select(c.id, c.method_version, c.details).where(c.kind == kind)).all()
        versions = {row.id: row.method_version for row in there}
        listed = {row.id: row.details[LISTED] for row in there if LISTED in row.details}
        # What published lists say of a pair does not come from the method: it stays when that is measured anew.
        for row in findings:
            said = listed.get(str(row["id"]))
            row["details"] = row["details"] if said is None else {**row["details"], LISTED: said}
        outdated = [
            row["id"] for row in findings if versions.get(row["id"], row["method_version"]) != row["method_version"]
        ]
        if outdated:
            connection.execute(t.finding.delete().where(c.id.in_(outdated)))
            # Which record comes first belongs to what was measured between them.
            concerned_by = t.finding_record.c.finding_id
            connection.execute(t.finding_record.delete().where(concerned_by.in_(outdated)))
        insert_missing(connection, t.finding, findings)
        insert_missing(connection, t.finding_record, concerned)
        insert_missing(connection, t.finding_search, searches)
        _keep_rules(connection, kind)
        return sum(row["id"] not in versions for row in findings)

    return in_turn(engine, work)


def replace_findings(
    engine: sa.Engine,
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    replaces: Callable[[Mapping[str, Any]], bool],
) -> None:
    """Store what a check found, and take away what it found earlier and does not find any more, in one transaction.

    What somebody has decided about is not taken away but marked as gone, with the moment; found again, it is there
    again with its decision.

    Parameters
    ----------
    rows
        As in `save_findings`; with ``about``, that names the finding instead of its records, which then may change. One
        that is there gets the details of today.
    replaces
        Whether the check looked at what an earlier finding (id, details, records) is about.
    """
    moment = now()
    by_id = {finding_id(kind, [row["about"]] if row.get("about") else row["records"]): row for row in rows}
    c, concerned = t.finding.c, t.finding_record.c

    def work(connection: sa.Connection) -> None:
        there = {row["id"]: row for row in _findings_of(engine, kind)}
        decided = _with_decisions(engine)
        gone = [key for key, row in there.items() if key not in by_id and replaces(row)]
        written = {
            key: there[key]["created_at"] if key in there else moment
            for key, row in by_id.items()
            if key not in there or _differs(there[key], row)
        }
        dropped = [key for key in gone if key not in decided] + [key for key in written if key in there]
        marked = [key for key in gone if key in decided and there[key]["gone_at"] is None]
        for part in _parts(dropped):
            connection.execute(t.finding_record.delete().where(concerned.finding_id.in_(part)))
            connection.execute(t.finding.delete().where(c.id.in_(part)))
        for part in _parts(marked):
            connection.execute(t.finding.update().where(c.id.in_(part)).values(gone_at=moment))
        insert_missing(
            connection, t.finding,
            [
                {name: value for name, value in by_id[key].items() if name not in ("records", "about")}
                | {"id": key, "kind": kind, "created_at": created}
                for key, created in written.items()
            ],
        )  # fmt: skip
        insert_missing(
            connection, t.finding_record,
            [
                {"finding_id": key, "position": position, "record_id": record_id}
                for key in written
                for position, record_id in enumerate(by_id[key]["records"])
            ],
        )  # fmt: skip
        _keep_rules(connection, kind)

    in_turn(engine, work)


def _keep_rules(connection: sa.Connection, kind: str) -> None:
    """After a change of the findings of a kind: which records break a rule."""
    if kind in RULES:
        keep_broken_rules(connection)


def _differs(there: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a finding has to be written anew; it is there again where it was gone."""
    same = all(there[name] == row[name] for name in ("details", "score", "verdict", "method_version"))
    return there["gone_at"] is not None or not same or there["records"] != list(row["records"])


def _with_decisions(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(sa.select(t.finding_decision.c.finding_id).distinct()).scalars())


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _findings_of(engine: sa.Engine, kind: str) -> list[dict[str, Any]]:
    """Every finding of a kind with its record ids, without decisions."""
    found = read_dicts(engine, sa.select(t.finding).where(t.finding.c.kind == kind))
    records = _records_of(engine, kind)
    return [{**row, "records": records.get(row["id"], [])} for row in found]


def _records_of(engine: sa.Engine, kind: str) -> dict[str, list[str]]:
    c = t.finding_record.c
    statement = (
        sa.select(c.finding_id, c.record_id)
        .join(t.finding, t.finding.c.id == c.finding_id)
        .where(t.finding.c.kind == kind)
        .order_by(c.finding_id, c.position)
    )
    records: dict[str, list[str]] = {}
    for row in read_dicts(engine, statement):
        records.setdefault(row["finding_id"], []).append(row["record_id"])
    return records


def count_open(engine: sa.Engine, kinds: Collection[str], dataset_id: str | None = None) -> dict[str, int]:
    """How many findings of these kinds (with a record of the data set) nobody has decided about; in their order."""
    c, concerned, r = t.finding.c, t.finding_record.c, t.record.c
    statement = sa.select(c.kind, c.id).where(c.kind.in_(list(kinds)), c.gone_at.is_(None))
    if dataset_id is not None:
        mine = (
            sa.select(concerned.finding_id)
            .join(t.record, r.id == concerned.record_id)
            .where(r.dataset_id == dataset_id)
        )
        statement = statement.where(c.id.in_(mine))
    decided = {key for key, row in latest_decisions(engine).items() if row["decision"] != OPEN}
    counts = dict.fromkeys(kinds, 0)
    for row in read_dicts(engine, statement):
        counts[row["kind"]] += row["id"] not in decided
    return {kind: n for kind, n in counts.items() if n}


def searched_record_ids(engine: sa.Engine, kind: str, source: str) -> set[str]:
    """Records that were searched by a source already."""
    c = t.finding_search.c
    statement = sa.select(c.record_id).where(c.kind == kind, c.source == source)
    with engine.connect() as connection:
        return set(connection.execute(statement).scalars())


def count_searched(engine: sa.Engine, kind: str, source: str, *, dataset_ids: Collection[str]) -> int:
    """How many of the records of these data sets were searched by a source."""
    c = t.finding_search.c
    statement = (
        sa.select(sa.func.count())
        .select_from(t.finding_search.join(t.record, t.record.c.id == c.record_id))
        .where(c.kind == kind, c.source == source, t.record.c.dataset_id.in_(list(dataset_ids)))
    )
    with engine.connect() as connection:
        return int(connection.execute(statement).scalar_one())


def searchable_records(engine: sa.Engine, dataset_id: str | None = None) -> pd.DataFrame:
    """What a search needs of the records, ordered by id: their ids, file, perceptual hash, and facts to agree in."""
    c, image = t.record.c, t.image.c
    columns = (
        c.id, c.dataset_id, c.image_id, c.lesion_id, c.patient_id, c.sex, c.age_at_exam, c.anatomical_site,
        c.image_sha256, image.phash,
    )  # fmt: skip
    statement = sa.select(*columns).join(t.image, image.sha256 == c.image_sha256).order_by(c.id)
    return read_frame(engine, statement if dataset_id is None else statement.where(c.dataset_id == dataset_id))


def list_findings(engine: sa.Engine, kind: str) -> list[dict[str, Any]]:
    """Every finding of a kind with its records (a list of record ids) and its latest decision, best first.

    `decision`, `decided_by`, `note` and `decided_at` are None where nobody has decided or the decision was taken back.
    """
    c = t.finding.c
    findings = read_dicts(
        engine, sa.select(t.finding).where(c.kind == kind, c.gone_at.is_(None)).order_by(c.score.desc(), c.id)
    )
    records = _records_of(engine, kind)
    latest = latest_decisions(engine)
    for finding in findings:
        finding["records"] = records.get(finding["id"], [])
        last = latest.get(finding["id"])
        decided = last if last is not None and last["decision"] != OPEN else {}
        finding["decision"] = decided.get("decision")
        finding["decided_by"] = decided.get("account_id")
        finding["note"] = decided.get("note")
        finding["decided_at"] = decided.get("created_at")
    return findings


def add_decision(
    engine: sa.Engine, *, finding_id: str, decision: str, account_id: str, note: str = "", undone: bool = False
) -> str:
    """Append a decision and return its id; each record that the finding concerns has an entry in the change log.

    ``undone``: it takes an earlier one back.
    """
    key = uuid4().hex
    values = {"id": key, "finding_id": finding_id, "decision": decision, "account_id": account_id, "note": note}

    def work(act: ActTransaction) -> None:
        c, concerned = t.finding_decision.c, t.finding_record.c
        before = act.read(
            sa.select(c.decision).where(c.finding_id == finding_id).order_by(c.sequence.desc(), c.id).limit(1)
        )
        order = {"created_at": act.moment, "sequence": next_number(act.connection, t.finding_decision)}
        act.connection.execute(t.finding_decision.insert().values(order | values))
        keep_broken_rules(act.connection, [finding_id])
        rows = act.read(
            sa.select(t.record.c.id, t.record.c.dataset_id)
            .join(t.finding_record, concerned.record_id == t.record.c.id)
            .where(concerned.finding_id == finding_id)
            .order_by(concerned.position)
        )
        for row in rows:
            act.log(
                Act.UNDO if undone else Act.FINDING_DECISION, dataset_id=row["dataset_id"], record_id=row["id"],
                old={"finding": finding_id, "decision": before[0]["decision"] if before else OPEN},
                new={"finding": finding_id, "decision": decision}, reason=note,
            )  # fmt: skip

    in_one_act(engine, account_id, work)
    return key


def add_finding(act: ActTransaction, values: Mapping[str, Any], record_ids: Sequence[str]) -> str:
    """Add a finding about records within an act, or leave the one that is there; return its id."""
    key = finding_id(str(values["kind"]), record_ids)
    insert_missing(act.connection, t.finding, [{"model_id": None, **values, "id": key, "created_at": act.moment}])
    concerned = [{"finding_id": key, "position": i, "record_id": record} for i, record in enumerate(record_ids)]
    insert_missing(act.connection, t.finding_record, concerned)
    keep_broken_rules(act.connection, [key])
    return key


def list_decisions(engine: sa.Engine) -> list[dict[str, Any]]:
    """Every decision in the order it was taken."""
    c = t.finding_decision.c
    return read_dicts(engine, sa.select(t.finding_decision).order_by(c.sequence, c.id))


def latest_decisions(engine: sa.Engine) -> dict[str, dict[str, Any]]:
    """The last decision on each finding, "open" where it was taken back."""
    return {row["finding_id"]: row for row in list_decisions(engine)}


def confirmed_pairs(engine: sa.Engine) -> list[tuple[str, str]]:
    """Pairs of record ids that people decided to be one image or one lesion, in order.

    What must not meet itself asks here: similar images, held-out sets, splits. One pair may stand in findings of
    several kinds (one photograph twice is one lesion under two ids, too): the last decision that holds counts.
    """
    decisions = list_decisions(engine)
    if not decisions:  # as nearly always, and everything that groups records asks
        return []
    records = records_of_pairs(engine)
    held = standing(decisions, records)
    return sorted(records[row["finding_id"]] for row in held.values() if row["decision"] in CONFIRMING)


def standing(
    decisions: Iterable[dict[str, Any]], records: Mapping[str, Sequence[str]]
) -> dict[frozenset[str], dict[str, Any]]:
    """The decision that holds about each pair, of decisions in order: of the latest of its findings, the last one.

    A finding whose decision was taken back says nothing: what holds for another one of the pair holds for the pair.
    """
    latest = {row["finding_id"]: row for row in decisions if row["finding_id"] in records}
    held: dict[frozenset[str], dict[str, Any]] = {}
    for row in sorted(latest.values(), key=lambda row: row["sequence"]):
        if row["decision"] != OPEN:
            held[frozenset(records[row["finding_id"]])] = row
    return held


def records_of_pairs(engine: sa.Engine, *, decided: bool = True) -> dict[str, tuple[str, str]]:
    """The two records of each finding of the `PAIR_KINDS`, by its id; only of those somebody decided about, or all."""
    c, f = t.finding_record.c, t.finding.c
    wanted = sa.select(f.id).where(f.kind.in_(PAIR_KINDS))
    if decided:
        wanted = wanted.where(f.id.in_(sa.select(t.finding_decision.c.finding_id)))
    statement = sa.select(t.finding_record).where(c.finding_id.in_(wanted)).order_by(c.finding_id, c.position)
    records: dict[str, list[str]] = {}
    for row in read_dicts(engine, statement):
        records.setdefault(row["finding_id"], []).append(row["record_id"])
    return {key: (ids[0], ids[1]) for key, ids in records.items() if len(ids) == 2}


def findings_version(engine: sa.Engine) -> str:
    """A value that changes whenever a search finds something else; caches of what rests on candidates ask it."""
    c = t.finding.c
    counts = (sa.func.count(), sa.func.count(c.gone_at), sa.func.max(c.created_at))
    with engine.connect() as connection:
        return ":".join(map(str, connection.execute(sa.select(*counts)).one()))


def undecided_groups(engine: sa.Engine, kinds: Collection[str]) -> list[tuple[str, ...]]:
    """The records of each finding of these kinds that is about several and that nobody has decided about, in order.

    Left out: near duplicates that their method calls unsure, and what the last search did not find any more.
    """
    decided = {key for key, row in latest_decisions(engine).items() if row["decision"] != OPEN}
    c = t.finding.c
    with engine.connect() as connection:
        tells = sa.or_(c.kind != NEAR_DUPLICATE, c.verdict != UNSURE)
        statement = sa.select(c.id).where(c.kind.in_(list(kinds)), c.gone_at.is_(None), tells)
        standing = set(connection.execute(statement).scalars()) - decided
    found = {key: ids for kind in kinds for key, ids in _records_of(engine, kind).items() if key in standing}
    return sorted(tuple(ids) for ids in found.values() if len(ids) > 1)
