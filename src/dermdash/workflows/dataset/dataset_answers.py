"""What people say about a data set that no number says: kept by question, each with who said it and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dermdash.dataset.documents.document import FACTS
from dermdash.dataset.documents.registry import answer_keys
from dermdash.errors import InvalidInput, NotFound
from dermdash.storage import dataset_answers as store
from dermdash.storage import record_rows
from dermdash.storage.dataset_answers import TEXT, UNKNOWN, WITHDRAWN
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right, require_right

LONGEST_ANSWER = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class DatasetAnswer:
    """What somebody said.

    ``state``: "text", or "unknown" where they looked and it is not known; ``by`` is a name.
    """

    key: str
    state: str
    text: str
    by: str
    at: datetime

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"state": self.state, "text": self.text, "by": self.by, "at": self.at.isoformat()}


def dataset_answers(workspace: Workspace, dataset_id: str) -> dict[str, DatasetAnswer]:
    """The answer that holds to each question, by its key (`dataset.documents`); one that nobody answered is absent.

    What the table of data sets asks for stands under the keys of `FACTS`.
    """
    held: dict[str, DatasetAnswer] = {}
    for answer in answer_history(workspace, dataset_id):
        if answer.state == WITHDRAWN:
            held.pop(answer.key, None)
        else:
            held[answer.key] = answer
    return held


def answers_version(workspace: Workspace) -> int:
    """A number that changes with every answer: the change log says nothing of them."""
    return store.last_sequence(workspace.engine)


def dataset_facts(workspace: Workspace, dataset_id: str) -> Mapping[str, str]:
    """What people said of year, acquisition, SOP, source, licence, consent, ethics and period; those that they did."""
    held = dataset_answers(workspace, dataset_id)
    return {fact: held[key].text or "not known" for fact, key in FACTS.items() if key in held}


def answer_history(workspace: Workspace, dataset_id: str, key: str | None = None) -> list[DatasetAnswer]:
    """Every answer about a data set, or to one question, in the order in which they were given."""
    names = names_of(workspace)
    return [
        DatasetAnswer(
            row["item"], row["state"], row["text"], names.get(row["account_id"], row["account_id"]), row["answered_at"]
        )
        for row in store.answers_of(workspace.engine, dataset_id)
        if key is None or row["item"] == key
    ]


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer beside what it replaced: None where nobody had answered, or the answer had been taken back."""

    answer: DatasetAnswer
    before: DatasetAnswer | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        before = None if self.before is None else {"state": self.before.state, "text": self.before.text}
        return {"key": self.answer.key, **self.answer.as_dict(), "before": before}


def answer_changes(workspace: Workspace, dataset_id: str, key: str | None = None) -> list[AnswerChange]:
    """Every answer with what stood there before, the latest first; raises NotFound where there is no such data set."""
    if record_rows.dataset_row(workspace.engine, dataset_id) is None:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    held: dict[str, DatasetAnswer] = {}
    found = []
    for answer in answer_history(workspace, dataset_id, key):
        before = held.get(answer.key)
        found.append(AnswerChange(answer, None if before is None or before.state == WITHDRAWN else before))
        held[answer.key] = answer
    return found[::-1]


def answer_words(answer: DatasetAnswer | None) -> str:
    """What an answer says, as people read it."""
    if answer is None:
        return "nobody had answered"
    if answer.state == WITHDRAWN:
        return "taken back"
    return answer.text if answer.state == TEXT else f"not known{f': {answer.text}' if answer.text else ''}"


def answer_question(
    workspace: Workspace, actor: Account, dataset_id: str, key: str, text: str, *, unknown: bool = False
) -> bool:
    """Answer a question; an empty text takes the answer back. False where it says what it said before.

    Parameters
    ----------
    unknown
        Somebody looked, and it is not known; ``text`` may say where they looked.

    Raises
    ------
    AccessDenied
        Whoever answers is neither curator nor statistician.
    NotFound
        There is no such data set or question.
    InvalidInput
        The text is too long.
    """
    actor = require_right(actor, Right.DESCRIBE_DATASETS)
    if record_rows.dataset_row(workspace.engine, dataset_id) is None:
        raise NotFound(f"There is no data set {dataset_id!r}.")
    if key not in answer_keys():
        raise NotFound(f"No document asks {key!r}.")
    said = _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if len(said) > LONGEST_ANSWER:
        raise InvalidInput(f"An answer has {LONGEST_ANSWER:,} characters at most, this one has {len(said):,}.")
    state = UNKNOWN if unknown else TEXT if said else WITHDRAWN
    return store.add_answer(workspace.engine, actor.id, dataset_id=dataset_id, item=key, state=state, text=said)
