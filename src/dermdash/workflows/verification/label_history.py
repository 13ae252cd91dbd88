"""Who said what of each record, in the form in which it leaves: a row for each time, and which of them holds.

`label_provenance` answers the same for one record and one person who looks; here names are numbers, and all records of
a data set are read at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dermdash.records.acts import Act, TaskPurpose
from dermdash.storage import annotation_rows, decisions, export_rows, tasks
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.verification.label_export import person_numbers

SOURCE = "source"
"""The act of a label that an import brought."""
HOLDS, AGREES, OVERRULED, REPLACED = "holds", "agrees", "overruled", "replaced"
_HEIGHT = {
    SOURCE: 0,
    str(Act.INITIAL_ANNOTATION): 1,
    "review": 2,
    "repeat": 2,
    str(Act.CONSENSUS): 3,
    str(Act.HISTOLOGY): 4,
}
_STAGE = {str(Act.INITIAL_ANNOTATION): 1, str(Act.CONSENSUS): 2, str(Act.HISTOLOGY): 3}
_DECIDING = (str(Act.INITIAL_ANNOTATION), str(Act.CONSENSUS), str(Act.HISTOLOGY))


@dataclass(frozen=True, slots=True)
class LabelHistories:
    """What was said of the records of a data set.

    ``people``: what each account is called. ``withheld``: records of which the person who asks has something to say
    themselves, so that what others said is left out. The rest is read by `rows`.
    """

    people: Mapping[str, str]
    withheld: frozenset[str]
    _acts: Mapping[str, Sequence[Mapping[str, Any]]]
    _came: Mapping[str, Mapping[str, Any]]
    _reopened: Mapping[str, Sequence[Mapping[str, Any]]]

    def rows(self, record: Mapping[str, Any], *, until: datetime | None = None) -> list[dict[str, Any]]:
        """What was said of a record, in order, by `beside_exports.LABEL_COLUMNS`; ``until``: nothing later."""
        key = str(record["id"])
        came = {"dx": record["dx"], "verification_stage": record["verification_stage"], **self._came.get(key, {})}
        acts: list[Mapping[str, Any]] = []
        if came["dx"] or record.get("source_label"):
            acts.append(
                {
                    "act": SOURCE, "dx": came["dx"], "label": record.get("source_label"), "text": record.get("dx_type"),
                    "stage": came["verification_stage"], "at": record["imported_at"], "cycle": 0,
                }
            )  # fmt: skip
        if key not in self.withheld:
            acts += [act for act in self._acts.get(key, ()) if until is None or act["at"] <= until]
        if until is not None:  # what the same person said later was not said then
            acts = [
                {**act, "replaced": None} if act.get("replaced") and act["replaced"] > until else act for act in acts
            ]
        held = self._holding(record, acts)
        return [self._row(record, number, act, acts, held, until) for number, act in enumerate(acts, start=1)]

    def _holding(self, record: Mapping[str, Any], acts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The act that gave the record the label it has: the last one of its stage, else the source."""
        stage = record["verification_stage"]
        if not record["stage_claimed"] and stage is not None:
            given = [a for a in acts if a["act"] in _DECIDING and _STAGE[a["act"]] == stage and a["dx"] == record["dx"]]
            if given:
                return given[-1]
        return next((a for a in acts if a["act"] == SOURCE and a["dx"] == record["dx"]), None)

    def _row(
        self,
        record: Mapping[str, Any],
        number: int,
        act: Mapping[str, Any],
        acts: Sequence[Mapping[str, Any]],
        held: Mapping[str, Any] | None,
        until: datetime | None,
    ) -> dict[str, Any]:
        outcome, by, on = self._outcome(record, act, acts[number:], held, until)
        return {
            "image_id": record["image_id"], "number": number, "act": act["act"], "stage": act.get("stage"),
            "person": act.get("person"), "dx": act["dx"], "label": act.get("label"), "unsure": act.get("unsure"),
            "blind_to_others": act.get("blind_to_others"), "blind_to_initial": act.get("blind_to_initial"),
            "blind_to_model": act.get("blind_to_model"), "agreement": act.get("agreement"), "text": act.get("text"),
            "day": _day(act["at"]), "outcome": outcome, "overruled_by": by, "overruled_on": on,
        }  # fmt: skip

    def _outcome(
        self,
        record: Mapping[str, Any],
        act: Mapping[str, Any],
        later: Sequence[Mapping[str, Any]],
        held: Mapping[str, Any] | None,
        until: datetime | None,
    ) -> tuple[str, str | None, str | None]:
        if act is held:
            return HOLDS, None, None
        if act.get("replaced"):
            return REPLACED, None, _day(act["replaced"])
        against = next(
            (
                a for a in later
                if a["act"] in _DECIDING and _HEIGHT[a["act"]] >= _HEIGHT[act["act"]] and a["dx"] != act["dx"]
            ),
            None,
        )  # fmt: skip
        if against is not None:
            return OVERRULED, str(against["act"]), _day(against["at"])
        known = [r for r in self._reopened.get(str(record["id"]), ()) if until is None or r["reopened_at"] <= until]
        reopened = next((r for r in known if r["cycle"] > act["cycle"]), None)
        if reopened is not None and act["act"] != SOURCE:
            return OVERRULED, str(Act.REOPENING), _day(reopened["reopened_at"])
        return AGREES if act["dx"] == record["dx"] else OVERRULED, None, None


def label_histories(workspace: Workspace, actor: Account, dataset_id: str) -> LabelHistories:
    """Read what was said of all records of a data set.

    Raises
    ------
    AccessDenied
        The person is neither curator nor statistician.
    """
    require_right(actor, Right.READ_ANSWERS)
    engine = workspace.engine
    answers = annotation_rows.list_annotations(engine, dataset_id=dataset_id, history=True)
    people = person_numbers(answers)
    newer: dict[str, datetime] = {}
    acts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in reversed(answers):
        initial = row["purpose"] == TaskPurpose.INITIAL
        acts[row["record_id"]].append(
            {
                "act": str(Act.INITIAL_ANNOTATION) if initial else str(row["purpose"]), "stage": 1 if initial else None,
                "person": people[row["account_id"]], "dx": row["dx"], "unsure": bool(row["unsure"]),
                "blind_to_others": True, "blind_to_initial": bool(row["blind_to_initial"]),
                "blind_to_model": bool(row["blind_to_model"]), "text": row["content"].get("comment", ""),
                "at": row["recorded_at"], "cycle": row["cycle"], "replaced": newer.get(row["task_id"]),
                "order": (row["cycle"], _HEIGHT[str(Act.INITIAL_ANNOTATION) if initial else "review"], row["sequence"]),
            }
        )  # fmt: skip
        newer[row["task_id"]] = row["recorded_at"]
    said = {row["id"]: row for row in answers}
    for row in decisions.all_consensus(engine, dataset_id):
        acts[row["record_id"]].append(
            {
                "act": str(Act.CONSENSUS), "stage": 2, "dx": row["dx"], "agreement": row["agreement"],
                "person": "; ".join(people.get(account, "a curator") for account in row["participants"]),
                "blind_to_others": row["kind"] == "direct",
                "blind_to_initial": _all_blind(said, row["annotations"], "blind_to_initial"),
                "blind_to_model": _all_blind(said, row["annotations"], "blind_to_model"),
                "text": row["reason"], "at": row["decided_at"],
                "cycle": row["cycle"], "order": (row["cycle"], _HEIGHT[str(Act.CONSENSUS)], 0),
            }
        )  # fmt: skip
    for row in decisions.all_histology(engine, dataset_id):
        acts[row["record_id"]].append(
            {
                "act": str(Act.HISTOLOGY), "stage": 3, "dx": row["dx"], "person": "a pathologist", "label": row["text"],
                "text": row["source"], "at": row["recorded_at"], "cycle": row["cycle"],
                "order": (row["cycle"], _HEIGHT[str(Act.HISTOLOGY)], row["sequence"]),
            }
        )  # fmt: skip
    reopened: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in export_rows.reopenings_of(engine, dataset_id):
        reopened[row["record_id"]].append(row)
    return LabelHistories(
        people,
        frozenset(task["record_id"] for task in tasks.open_tasks(engine, actor.id)),
        {key: sorted(said, key=lambda act: act["order"]) for key, said in acts.items()},
        export_rows.first_labels(engine, dataset_id),
        reopened,
    )


def _all_blind(said: Mapping[str, Mapping[str, Any]], answers: Sequence[str], to: str) -> bool | None:
    """Whether all answers that were decided on were blind to that; None: there were none."""
    blind = [bool(said[i][to]) for i in answers if i in said]
    return all(blind) if blind else None


def _day(moment: Any) -> str:
    return moment.date().isoformat() if isinstance(moment, datetime) else str(moment)[:10]
