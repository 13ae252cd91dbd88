"""The records of a data set with their stages and what each person said, for people elsewhere: names left out."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.records.change_chain import LogEntry, canonical
from dermdash.records.chosen_records import within_dataset
from dermdash.records.record_filter import RecordFilter
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import annotation_rows, decisions
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.browse_records import records_csv
from dermdash.workflows.dataset.chosen_records import ids_let_through
from dermdash.workflows.dataset.deidentification_state import text_state
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy
from dermdash.workflows.verification.annotated_records import yet_to_answer
from dermdash.workflows.verification.change_log import CHAIN_COLUMNS, COLUMNS, list_entries
from dermdash.workflows.verification.label_facts import label_facts, methods_paragraphs
from dermdash.workflows.verification.private_log import hidden_entries

NAMES_LEFT_OUT = "Names of people who reviewed are left out."
DECISION_COLUMNS = (
    "record_id", "cycle", "purpose", "person", "version", "counts", "dx", "unsure", "quality", "values", "marks",
    "comment", "blind_to_initial", "blind_to_model", "day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelExport:
    """Files by name, and how many records' decisions were left out because the person who exports has yet to answer.

    ``left_out``: how many records the filter left out, and how many decisions and entries of the change log with them.
    ``statement``: what may be said of names in the files and of the images they are about.
    """

    files: Mapping[str, bytes]
    withheld: int
    left_out: Mapping[str, int]
    statement: str = ""

    def archive(self) -> bytes:
        """All files in one zip."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.files.items():
                archive.writestr(name, data)
        return buffer.getvalue()


def export_labels(
    workspace: Workspace,
    actor: Account,
    dataset_id: str,
    record_filter: RecordFilter | None = None,
    *,
    privacy: Privacy = AS_IT_IS,
) -> LabelExport:
    """Make the files: records, decisions, consensus and histology, change log, and how the labels came about.

    With a filter they are of the records that it lets through, and what is left out is counted.
    People are called person 1, 2, ... in the order of their first answer, in the change log, too: its chain of hashes,
    which holds who they are, is exported from the change log itself. What others said of a record that the person
    who exports has yet to answer is left out, and counted. Patients, lesions and other examiners are called as
    ``privacy`` says, in the change log, too.

    Raises
    ------
    AccessDenied
        The person is neither curator nor statistician.
    NotFound
        There is no such data set.
    """
    require_right(actor, Right.READ_ANSWERS)
    facts = label_facts(workspace, actor, dataset_id, record_filter)
    chosen = within_dataset(record_filter or RecordFilter(), dataset_id)
    passing = ids_let_through(workspace, dataset_id, record_filter)
    mine = yet_to_answer(workspace, actor)
    rows = annotation_rows.list_annotations(workspace.engine, dataset_id=dataset_id, history=True)
    people = person_numbers(rows)
    of_chosen = [row for row in rows if row["record_id"] in passing]
    shown = [row for row in of_chosen if row["record_id"] not in mine]
    last = {row["task_id"]: row["id"] for row in rows}
    withheld = {row["record_id"] for row in of_chosen} & mine
    log = list_entries(workspace, actor, dataset_id=dataset_id, limit=None)
    # What is said of no single record, as an import or a rule, is about those that were chosen, too.
    told = [entry for entry in log if entry.record_id is None or entry.record_id in passing]
    statement = f"{NAMES_LEFT_OUT} {privacy.words} {text_state(workspace, [dataset_id]).statement}"
    about = "\n\n".join((*methods_paragraphs(facts), statement)) + "\n"
    files = {
        "methods.txt": about.encode(),
        "records.csv": records_csv(workspace, chosen, examiners=people, further=False, privacy=privacy),
        "decisions.csv": to_safe_csv(
            pd.DataFrame([_decision(row, people, last) for row in shown], columns=list(DECISION_COLUMNS))
        ),
        "consensus.csv": _consensus(
            _of(decisions.all_consensus(workspace.engine, dataset_id), passing), people, withheld
        ),
        "histology.csv": _histology(_of(decisions.all_histology(workspace.engine, dataset_id), passing)),
        "change_log.csv": _log(hidden_entries(workspace, told, privacy, people=people), people),
    }
    left_out = {
        "records": facts.left_out, "decisions": len(rows) - len(of_chosen), "log_entries": len(log) - len(told),
    }  # fmt: skip
    return LabelExport(files, len(withheld), left_out, statement)


def _of(rows: Sequence[Mapping[str, Any]], record_ids: set[str]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["record_id"] in record_ids]


def person_numbers(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What each account is called in an export: by the order of first answers."""
    accounts = dict.fromkeys(str(row["account_id"]) for row in rows)
    return {account: f"person {number}" for number, account in enumerate(accounts, start=1)}


def _decision(row: Mapping[str, Any], people: Mapping[str, str], last: Mapping[str, str]) -> dict[str, Any]:
    content = row["content"]
    return {
        "record_id": row["record_id"],
        "cycle": row["cycle"],
        "purpose": row["purpose"],
        "person": people[row["account_id"]],
        "version": row["version"],
        "counts": last[row["task_id"]] == row["id"],
        "dx": row["dx"],
        "unsure": bool(row["unsure"]),
        "quality": row["quality"],
        "values": json.dumps(content.get("values") or {}, sort_keys=True, ensure_ascii=False),
        "marks": json.dumps(content.get("marks") or [], sort_keys=True),
        "comment": content.get("comment", ""),
        "blind_to_initial": bool(row["blind_to_initial"]),
        "blind_to_model": bool(row["blind_to_model"]),
        "day": row["recorded_at"].date().isoformat(),
    }


def _consensus(rows: Sequence[Mapping[str, Any]], people: Mapping[str, str], withheld: set[str]) -> bytes:
    columns = ("record_id", "cycle", "kind", "dx", "agreement", "n_reviewers", "participants", "reason", "day")
    told = [
        {
            **{name: row[name] for name in columns if name in row},
            "participants": "; ".join(people.get(account, "a curator") for account in row["participants"]),
            "day": row["decided_at"].date().isoformat(),
        }
        for row in rows
        if row["record_id"] not in withheld
    ]
    return to_safe_csv(pd.DataFrame(told, columns=list(columns)))


def _histology(rows: Sequence[Mapping[str, Any]]) -> bytes:
    columns = ("record_id", "cycle", "dx", "text", "source", "day")
    told = [
        {**{name: row[name] for name in columns if name in row}, "day": row["recorded_at"].date().isoformat()}
        for row in rows
    ]
    return to_safe_csv(pd.DataFrame(told, columns=list(columns)))


def _log(newest_first: Sequence[LogEntry], people: Mapping[str, str]) -> bytes:
    columns = [name for name in COLUMNS if name not in CHAIN_COLUMNS]
    told = [
        entry.as_dict()
        | {
            "account_id": people.get(entry.account_id or "", "somebody else") if entry.account_id else "",
            "old": canonical(_told(entry.old, people)),
            "new": canonical(_told(entry.new, people)),
        }
        for entry in reversed(newest_first)
    ]
    return to_safe_csv(pd.DataFrame(told, columns=columns))


def _told(value: Any, people: Mapping[str, str]) -> Any:
    """A value of the log with people by their numbers, wherever an account stands in it."""
    if isinstance(value, str):
        return people.get(value, value)
    if isinstance(value, dict):
        return {name: _told(part, people) for name, part in value.items()}
    return [_told(part, people) for part in value] if isinstance(value, list) else value
