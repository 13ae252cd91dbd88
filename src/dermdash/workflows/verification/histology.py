"""Histology: entered by hand, what contradicts it, and malignant labels that still wait for it.

It gives a record its highest stage, and never lowers anything in silence: where it contradicts what people agreed on,
the record gets the pathologist's class, and the contradiction becomes a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.records.acts import Act
from dermdash.records.verification_stage import VerificationStage
from dermdash.storage import change_log, decisions, findings, record_rows, records, work
from dermdash.storage.act_transaction import ActTransaction, in_one_act, without_trace
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Role, require
from dermdash.workflows.dataset.browse_records import classes_of_datasets
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups
from dermdash.workflows.verification.board import optional_text, withdraw_open
from dermdash.workflows.verification.give_label import give_label
from dermdash.workflows.verification.people import active_accounts, curators
from dermdash.workflows.verification.record_state import RecordState, load_state

ENTERED, IMPORTED = "entered", "imported"
CONTRADICTION = "histology_contradiction"
"""Kind of the notice about one."""
_METHOD = "1"
_LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class HistologyContradiction:
    """Histology that is another class than the consensus (or the claimed label of that stage) before it."""

    record_id: str
    consensus: str
    histology: str


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A malignant label without histology; ``since`` is when the record got it, ``days`` how long ago."""

    record_id: str
    image_id: str
    lesion_id: str
    dataset_id: str
    dx: str
    stage: int | None
    claimed: bool
    since: datetime
    days: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"since": self.since.isoformat()}


def enter_histology(
    workspace: Workspace,
    actor: Account,
    record_id: str,
    *,
    dx: str,
    text: str = "",
    report_number: str = "",
    report_date: date | None = None,
) -> HistologyContradiction | None:
    """Store a pathologist's result for a record; return what it contradicts, if anything.

    Raises
    ------
    AccessDenied
        Whoever enters it is no curator.
    NotFound
        There is no such record.
    InvalidInput
        The class is none of the data set's, the date lies ahead, a text is too long, the record has histology already,
        or another image of its lesion (`identity_groups`) has another result.
    """
    require(actor, Role.CURATOR)
    lesion = identity_groups(workspace, ONE_LESION).with_relatives([record_id])
    said = {
        "text": optional_text(text, "text of the report"),
        "report_number": optional_text(report_number, "number of the report", most=_LONGEST_NUMBER),
    }
    people = active_accounts(workspace)

    def work_(act: ActTransaction) -> HistologyContradiction | None:
        state = load_state(act, record_id)
        if dx not in state.taxonomy:
            raise InvalidInput(
                f"{dx!r} is no class of {state.taxonomy.title}: choose one of {', '.join(state.taxonomy.codes)}."
            )
        refuse_second(act, state)
        _refuse_other_result(act, lesion - {record_id}, dx)
        result = {"dx": dx, **said, "report_date": report_date, "source": ENTERED}
        return store_histology(act, people, state, result)

    return in_one_act(workspace.engine, actor.id, work_)


def refuse_second(act: ActTransaction, state: RecordState) -> None:
    """Raise InvalidInput where a record has histology of this cycle."""
    if not state.facts.histology:
        return
    last = decisions.histology_of(act, state.id)[-1]
    raise InvalidInput(
        f"This record has its histology already ({last['dx']}{_of_report(last)}): reopen it, with a reason, to enter "
        "another result."
    )


def _refuse_other_result(act: ActTransaction, others: Iterable[str], dx: str) -> None:
    """Raise InvalidInput where another image of the lesion has another result: one lesion has one."""
    for other in sorted(others):
        if (said := current_histology(act, other)) is not None and said["dx"] != dx:
            raise InvalidInput(
                f"{other} shows the same lesion and has another result ({said['dx']}{_of_report(said)}): reopen that "
                "one first, with a reason, or decide on the page Images of one lesion that they are two lesions."
            )


def current_histology(act: ActTransaction, record_id: str) -> Mapping[str, Any] | None:
    """The pathologist's result of a record that holds; None where it has none, or was reopened since."""
    rows: Sequence[Mapping[str, Any]] = decisions.histology_of(act, record_id)
    return rows[-1] if rows and rows[-1]["cycle"] == decisions.cycle_of(act, record_id) else None


@dataclass(frozen=True, slots=True)
class HistologyOfTwin:
    """Another image of the lesion: its class by the pathologist, None where none is entered."""

    record_id: str
    image_id: str
    dataset_id: str
    dx: str | None
    report_number: str


def histology_of_twins(workspace: Workspace, actor: Account, record_id: str) -> list[HistologyOfTwin]:
    """The other images of a record's lesion, by whatever id, file or confirmed pair, with their results."""
    require(actor, Role.CURATOR, Role.STATISTICIAN)
    others = identity_groups(workspace, ONE_LESION).with_relatives([record_id]) - {record_id}
    if not others:
        return []
    rows = records.records_by_id(workspace.engine, others)

    def work_(act: ActTransaction) -> list[HistologyOfTwin]:
        found = []
        for row in rows.itertuples():
            said = current_histology(act, str(row.id))
            number = "" if said is None else said["report_number"] or ""
            dx = None if said is None else str(said["dx"])
            found.append(HistologyOfTwin(str(row.id), str(row.image_id), str(row.dataset_id), dx, str(number)))
        return sorted(found, key=lambda twin: twin.record_id)

    return without_trace(workspace.engine, actor.id, work_)


def _of_report(row: Mapping[str, Any]) -> str:
    return f", report {row['report_number']}" if row["report_number"] else ""


def store_histology(
    act: ActTransaction, people: Mapping[str, Account], state: RecordState, result: Mapping[str, Any]
) -> HistologyContradiction | None:
    """Store a checked result with all that follows: label, log, finding, and tasks that are over."""
    when = result["report_date"]
    if when is not None and when > act.moment.astimezone(UTC).date():
        raise InvalidInput(f"The report is of {when.isoformat()}, which lies ahead: correct the date.")
    dataset_id, cycle = state.record["dataset_id"], state.facts.cycle
    decisions.add_histology(act, {"record_id": state.id, "cycle": cycle, "dataset_id": dataset_id, **result})
    reference = f"report {result['report_number']}" if result["report_number"] else ""
    act.log(
        Act.HISTOLOGY, dataset_id=dataset_id, record_id=state.id, reason=reference,
        new={
            "cycle": cycle, "dx": result["dx"], "text": result["text"], "report_number": result["report_number"],
            "report_date": None if when is None else when.isoformat(), "source": result["source"],
        },
    )  # fmt: skip
    before = agreed_before(act, state)
    give_label(
        act, state, Act.HISTOLOGY, stage=VerificationStage.HISTOLOGY, dx=result["dx"], dx_type="histo",
        values={"histopathology_result": result["dx"]}, reason=reference,
    )  # fmt: skip
    withdraw_open(act, state, "histology has settled the record")
    if before is None or before == result["dx"]:
        return None
    details = {"consensus": before, "histology": result["dx"], "cycle": cycle, "report": result["report_number"]}
    findings.add_finding(
        act,
        {
            "kind": findings.HISTOLOGY_CONTRADICTION, "score": 1.0, "threshold": 1.0, "verdict": "contradiction",
            "details": details, "method_version": _METHOD,
        },
        [state.id],
    )  # fmt: skip
    work.add_notices(act, [(name, CONTRADICTION, {"record": state.id, **details}) for name in curators(people)])
    return HistologyContradiction(state.id, before, str(result["dx"]))


def agreed_before(act: ActTransaction, state: RecordState) -> str | None:
    """The class that people had agreed on: our consensus, else what the source claims of that stage or above."""
    ours = decisions.consensus_of(act, state.id)
    if ours and (state.facts.consensus or ours[-1]["cycle"] == state.facts.cycle):
        return str(ours[-1]["dx"])
    claimed = state.facts.claimed and (state.facts.stage or 0) >= VerificationStage.CONSENSUS
    return state.record["dx"] if claimed else None


def list_contradictions(workspace: Workspace, actor: Account) -> list[dict[str, Any]]:
    """Findings of this kind with the latest decision about each."""
    require(actor, Role.CURATOR, Role.STATISTICIAN)
    return findings.list_findings(workspace.engine, findings.HISTOLOGY_CONTRADICTION)


def list_outstanding(workspace: Workspace, actor: Account, dataset_id: str | None = None) -> list[Outstanding]:
    """Malignant labels without histology, the oldest first.

    The age is that of the label: since the act that gave it, else since the import.
    """
    require(actor, Role.CURATOR, Role.STATISTICIAN)
    today = now()
    given = {
        entry.record_id: datetime.fromisoformat(entry.at)
        for entry in change_log.entries(workspace.engine, dataset_id=dataset_id, field="dx")
    }
    found = []
    for key, taxonomy in classes_of_datasets(workspace).items():
        # Which labels are malignant is not known of a data set whose classes are not: the page says so.
        if taxonomy is None or dataset_id not in (None, key):
            continue
        rows = record_rows.rows_without_histology(workspace.engine, key, taxonomy.codes_needing_histology)
        for row in rows:
            since = given.get(row["id"], row["imported_at"])
            found.append(
                Outstanding(
                    row["id"], row["image_id"], row["lesion_id"], row["dataset_id"], row["dx"],
                    row["verification_stage"], bool(row["stage_claimed"]), since, max(0, (today - since).days),
                )
            )  # fmt: skip
    return sorted(found, key=lambda row: (row.since, row.record_id))
