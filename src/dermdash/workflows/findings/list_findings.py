"""One ranked list of findings over all checks: filtered, counted, exported, and how far somebody has come in it.

The order: by severity of the kind (what spoils results first), then by score, then by kind. Scores of different kinds
mean different things; within a kind the score alone orders.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from dermdash.analysis.stopping_rule import QueueStanding, standing
from dermdash.dataset.contradictions import in_words
from dermdash.dataset.finding_kind import Concerns, FindingKind, Severity
from dermdash.dataset.finding_kinds import KINDS, verdict_words
from dermdash.dataset.same_lesion import review_budget
from dermdash.errors import InvalidInput
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage import finding_acts, records
from dermdash.storage.finding_list import every_finding
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted, number, percent
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.dataset.image_kinds import datasets_of_kind, default_kind
from dermdash.workflows.dataset.private_export import AS_IT_IS, EXAMINER, HiddenNames, Privacy
from dermdash.workflows.findings.check import dataset_of

OPEN, DECIDED, GONE, EVERY = "open", "decided", "gone", "all"
STATES = (OPEN, DECIDED, GONE, EVERY)
NOBODY = "nobody"
_PLACE = {key: place for place, key in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """A finding in the list.

    Attributes
    ----------
    records
        Ids of the records that it names; of a finding about a field the first, ``n_records`` is how many it concerns.
    score, threshold, verdict
        What the measurement said.
    decision, decided_by, decided_at, note
        What a person said of it last; None while it is open.
    assigned_to
        Account that is asked to decide; None: nobody.
    gone_at
        When it was not found any more; None: it is found.
    """

    id: str
    kind: FindingKind
    score: float
    threshold: float
    verdict: str
    details: Mapping[str, Any]
    records: tuple[str, ...]
    n_records: int
    datasets: tuple[str, ...]
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    assigned_to: str | None
    gone_at: datetime | None

    @property
    def severity(self) -> Severity:
        """That of its kind; a near duplicate within one lesion spoils less: lesions are kept together anyway."""
        return Severity.WORTH_KNOWING if self.details.get("one_lesion") else self.kind.severity

    @property
    def confirms(self) -> bool | str | None:
        """Whether the decision says that the finding is one (True, False, None: unsure), "open" without one."""
        if self.decision is None:
            return OPEN
        decision = self.kind.decision(self.decision)
        return decision.confirms if decision is not None else None

    @property
    def image_ids(self) -> tuple[str, ...]:
        """Names of the images, of rows that were left out too; whole ids where several data sets are concerned."""
        several = len(self.datasets) > 1
        there = [record if several else record.partition(":")[2] for record in self.records]
        return tuple(dict.fromkeys([*there, *map(str, _left_out(self.details))]))

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        said: dict[str, Any] = {
            "kind": self.kind.key, "records": list(self.image_ids), "score": self.score, "verdict": self.verdict,
            "decision": self.decision, "threshold": self.threshold, "severity": int(self.severity),
            "concerns": str(self.kind.concerns), "n_records": self.n_records, "datasets": list(self.datasets),
            "assigned_to": self.assigned_to, "id": self.id,
        }  # fmt: skip
        for name in ("field", "value", "given", "proposed", "split", "listed", "text"):
            if self.details.get(name) is not None:
                said[name] = self.details[name]
        return said


def _left_out(details: Mapping[str, Any]) -> list[str]:
    said = details.get("left_out")
    if isinstance(said, list):
        return said
    return [str(row["image_id"]) for row in details.get("rows", ()) if row.get("left_out")]


def ranked_findings(
    workspace: Workspace,
    *,
    kinds: Collection[str] = (),
    dataset_id: str | None = None,
    simulated: bool | None = None,
    state: str = EVERY,
    verdicts: Collection[str] = (),
    assigned_to: str | None = None,
    whole: bool = False,
) -> list[ListedFinding]:
    """The list, first what spoils most.

    Parameters
    ----------
    kinds
        Only these; none named: all.
    dataset_id, simulated
        Only of this data set; else of drawn images (True) or photographs (False); None: photographs, drawn images only
        where there are no others.
    state
        "open", "decided", "gone" (history: not found any more), or "all" that are found.
    assigned_to
        An account, or "nobody".
    whole
        All pairs of one lesion under two ids; else only the best, one for every twenty records and at least fifty.

    Raises
    ------
    InvalidInput
        An unknown kind or state.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise InvalidInput(f"there is no kind of finding {unknown[0]!r}: choose {', '.join(KINDS)}")
    if state not in STATES:
        raise InvalidInput(f"there is no state {state!r}: choose {', '.join(STATES)}")
    every = records.list_datasets(workspace.engine)
    if dataset_id is not None:
        wanted = {dataset_id}
    else:
        of_kind = default_kind(workspace) if simulated is None else simulated
        wanted = {str(d["id"]) for d in datasets_of_kind(workspace, simulated=of_kind)}
    asked = finding_acts.assignees(workspace.engine)
    listed = []
    for row in every_finding(workspace.engine, kinds or list(KINDS)):
        one = _listed(row, asked)
        if not wanted.intersection(one.datasets) or (one.gone_at is not None) != (state == GONE):
            continue
        if state in (OPEN, DECIDED) and (one.decision is None) != (state == OPEN):
            continue
        if verdicts and one.verdict not in verdicts:
            continue
        if assigned_to is not None and (one.assigned_to or NOBODY) != assigned_to:
            continue
        listed.append(one)
    listed.sort(key=lambda one: (-one.severity, -one.score, _PLACE[one.kind.key], one.id))
    if whole:
        return listed
    budget = review_budget(sum(int(d["records"]) for d in every if d["id"] in wanted))
    return _within_budget(listed, "same_lesion", budget)


def _within_budget(listed: list[ListedFinding], kind: str, most: int) -> list[ListedFinding]:
    """The list with at most so many of a kind whose tail is long; what somebody decided about stays."""
    kept, n = [], 0
    for one in listed:
        if one.kind.key == kind:
            n += 1
            if n > most and one.decision is None:
                continue
        kept.append(one)
    return kept


def _listed(row: Mapping[str, Any], asked: Mapping[str, str]) -> ListedFinding:
    details = row["details"]
    found = tuple(row["records"])
    datasets = tuple(details.get("datasets") or sorted({dataset_of(record) for record in found}))
    return ListedFinding(
        row["id"], KINDS[row["kind"]], float(row["score"]), float(row["threshold"]), row["verdict"], details, found,
        int(details.get("n_records", len(found))), datasets, row["decision"], row["decided_by"], row["decided_at"],
        row["note"], asked.get(row["id"]), row["gone_at"],
    )  # fmt: skip


def what_it_says(finding: ListedFinding) -> str:
    """What was found, in one line."""
    says = _SAYS.get(finding.kind.key)
    if says is not None:
        return says(finding.details, finding.n_records)
    if finding.kind.is_contradiction and (rows := finding.details.get("rows")):
        return in_words(finding.kind.key, rows)
    return str(finding.details.get("text") or verdict_words(finding.kind.key, finding.verdict))


def _default_value(d: Mapping[str, Any], n: int) -> str:
    value = number(d["value"], 0 if float(d["value"]).is_integer() else 2)
    people = counted(d["count"], "patient or lesion", "patients or lesions")
    return f"{d['title']} {value} in {counted(n, 'record')} of {people}; {number(d['expected'], 1)} of these expected"


def _presence(d: Mapping[str, Any], _: int) -> str:
    mine, others = percent(d["filled"], 0), percent(d["filled_others"], 0)
    return f"{d['title']}: filled in {mine} of {diagnosis_name(d['label'])} and {others} of the others"


def _label_error(d: Mapping[str, Any], _: int) -> str:
    given, proposed = number(d["p_given"], 2), number(d["p_proposed"], 2)
    return f"given {diagnosis_name(d['given'])} ({given}), rather {diagnosis_name(d['proposed'])} ({proposed})"


def _leak(d: Mapping[str, Any], _: int) -> str:
    return f"{d['split']}: " + ", ".join(f"{count:,} in {side}" for side, count in d["sides"].items())


def _exact_duplicate(d: Mapping[str, Any], n: int) -> str:
    left = d.get("n_left_out")
    again = counted(left, "row of the same file was", "rows of the same file were") if left else ""
    said = [f"one file in {counted(n, 'record')}" if n > 1 else "", f"{again} left out at the import" if again else ""]
    return "; ".join(part for part in said if part)


def _near_duplicate(d: Mapping[str, Any], _: int) -> str:
    return f"{d['form']}, covers {percent(d['overlap'], 0)}, correlation {number(d['alignment'], 2)}"


_SAYS: dict[str, Callable[[Mapping[str, Any], int], str]] = {
    "missing_value": lambda d, n: f"{d['title']}: missing in {n:,} of {d['records']:,}",
    "impossible_value": lambda d, n: f"{d['title']}: {d['text']} ({counted(n, 'record')})",
    "default_value": _default_value,
    "presence_predicts_label": _presence,
    "label_error": _label_error,
    "split_leakage": _leak,
    "exact_duplicate": _exact_duplicate,
    "near_duplicate": _near_duplicate,
}


def counts_of(findings: Sequence[ListedFinding]) -> dict[str, tuple[int, int]]:
    """Findings and how many of them are open, by kind, in the order of the registry."""
    every = Counter(one.kind.key for one in findings)
    undecided = Counter(one.kind.key for one in findings if one.decision is None)
    return {key: (every[key], undecided[key]) for key in KINDS if every[key]}


def standing_of(findings: Sequence[ListedFinding]) -> QueueStanding:
    """How far somebody has come in the findings of one kind, given in the order of the list."""
    return standing([one.confirms for one in findings])


def is_ranked(kind: FindingKind) -> bool:
    """Whether a stopping rule makes sense: kinds whose score orders; the others are worked through to the end."""
    return kind.concerns is not Concerns.FIELD and not kind.is_contradiction and kind.key not in ("exact_duplicate",)


COLUMNS = (
    "finding_id", "kind", "severity", "score", "threshold", "verdict", "says", "records", "n_records", "datasets",
    "decision", "decided_by", "decided_at", "note", "assigned_to", "gone_at",
)  # fmt: skip


def as_rows(
    workspace: Workspace, findings: Sequence[ListedFinding], *, privacy: Privacy = AS_IT_IS
) -> list[dict[str, Any]]:
    """The list as rows for a file: score, threshold, verdict and decision apart, people by name or pseudonym."""
    names = names_of(workspace)
    hidden = HiddenNames.of(workspace, privacy) if privacy.names else None

    def person(account: str | None) -> str | None:
        if account is None or hidden is None:
            return names.get(account or "", account)
        return hidden.name(EXAMINER, account, "")

    def says(one: ListedFinding) -> str:
        # What contradicts is told with its values, ids of patients and lesions among them.
        return what_it_says(one) if hidden is None or not one.kind.is_contradiction else one.kind.title

    return [
        dict(
            zip(
                COLUMNS,
                (
                    one.id, one.kind.key, int(one.severity), one.score, one.threshold, one.verdict,
                    says(one), list(one.image_ids), one.n_records, list(one.datasets), one.decision,
                    person(one.decided_by), _moment(one.decided_at), one.note,
                    person(one.assigned_to), _moment(one.gone_at),
                ),
                strict=True,
            )
        )
        for one in findings
    ]  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def as_csv(workspace: Workspace, findings: Sequence[ListedFinding], *, privacy: Privacy = AS_IT_IS) -> bytes:
    """The list as CSV."""
    return to_safe_csv(pd.DataFrame(as_rows(workspace, findings, privacy=privacy), columns=list(COLUMNS)))


def as_json(workspace: Workspace, findings: Sequence[ListedFinding], *, privacy: Privacy = AS_IT_IS) -> bytes:
    """The list as JSON."""
    return json.dumps(as_rows(workspace, findings, privacy=privacy), allow_nan=False, indent=1).encode()
