"""A workspace in which a ladder is being climbed: a curator, three reviewers, cases of the board, a consensus."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dermdash.storage import tasks
from dermdash.storage.records import record_id
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, OPERATOR, Account, Role, account_of
from dermdash.workflows.accounts.people import change_roles
from dermdash.workflows.verification.assign_reviews import assign_work
from tests.filled_workspace import DATASET, fill_records
from tests.ladder_workspace import NO_REPEATS, answer, set_rule
from tests.signed_in import session_with

REVIEWERS = ("Ada", "Berta", "Carl")
TWO_AGAINST_ONE, ALL_AGREE, THREE_OPINIONS, UNDER_REVIEW = "MEL_1", "NV_1", "BCC_1", "BKL_1"
ANSWERS = {
    TWO_AGAINST_ONE: ("mel", "mel", "nv"),
    ALL_AGREE: ("nv", "nv", "nv"),
    THREE_OPINIONS: ("bcc", "mel", "akiec"),
}
MARK = {"structure": "globules", "shape": "rectangle", "points": [[5.0, 5.0], [20.0, 15.0]]}


@dataclass(frozen=True, slots=True)
class LadderInProgress:
    """Session tokens by name (Admin's is not among them), and who they are."""

    sessions: Mapping[str, str]
    people: Mapping[str, Account]

    def id_of(self, image: str) -> str:
        """Record id of an image."""
        return record_id(DATASET, image)


def fill_ladder(workspace: Workspace) -> LadderInProgress:
    """Fill it: `ANSWERS` by three reviewers, and a record that two of them have not answered yet."""
    fill_records(workspace)
    roles = dict.fromkeys(REVIEWERS, (Role.REVIEWER,)) | {
        "Cora": (Role.CURATOR,), "Stella": (Role.STATISTICIAN,), "Olga": (Role.COORDINATOR,), "Rolf": (Role.REVIEWER,),
    }  # fmt: skip
    sessions = {name: session_with(workspace, *given, name=name) for name, given in roles.items() if name != "Rolf"}
    people = {name: found for name, token in sessions.items() if (found := account_of(workspace, token))}
    change_roles(workspace, OPERATOR, ADMIN_ACCOUNT, [Role.ADMIN])  # who has every role reviews, too
    set_rule(workspace, replace(NO_REPEATS, extra_below=0.0), DATASET)
    images = [*ANSWERS, UNDER_REVIEW]
    assign_work(workspace, people["Cora"], record_ids=[record_id(DATASET, i) for i in images], claimed=True)
    for place, name in enumerate(REVIEWERS):
        for task in tasks.open_tasks(workspace.engine, people[name].id):
            image = task["record_id"].split(":", 1)[1]
            said = ANSWERS.get(image, ("bkl",) if place == 0 else ())
            if not said:
                continue
            values = {"elevation": "flat" if place else "palpable", "sex": "female"}
            marks = [MARK] if image == TWO_AGAINST_ONE else []
            receipt = answer(
                workspace, people[name], task["id"], said[place], values=values, marks=marks, comment=f"{name} says so"
            )
            assert not receipt.refused, receipt.refused
    # Who reviews nothing that has begun, and comes later.
    late = session_with(workspace, Role.REVIEWER, name="Rolf")
    account = account_of(workspace, late)
    assert account is not None
    return LadderInProgress(sessions | {"Rolf": late}, people | {"Rolf": account})
