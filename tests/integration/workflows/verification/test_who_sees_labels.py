"""A review counts as blind only of somebody whose pages show no labels."""

import pytest
from tests.ladder_workspace import DATASET, add_account, add_curator, add_people, answer_next, fill_unannotated

from dermdash.storage import annotation_rows
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account, Expertise, Role
from dermdash.workflows.verification.assign_reviews import assign_work
from dermdash.workflows.verification.label_facts import label_facts, methods_paragraphs


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REVIEWER])
def test_who_may_see_every_label_reviews_and_is_said_not_to_have_been_blind(
    duckdb_workspace: Workspace, role: Role
) -> None:
    workspace = duckdb_workspace
    fill_unannotated(workspace, 1)
    cora = add_curator(workspace)
    ada, ben, cem = add_people(workspace, "ada", "ben", "cem")
    both = add_account(workspace, Account("dora", "Dora", frozenset({Role.REVIEWER, role}), Expertise.EXPERT))
    assign_work(workspace, cora)
    answer_next(workspace, ada, "nv")
    for person in (ben, cem, both):
        answer_next(workspace, person, "nv")
    blind = {
        row["account_id"]: (row["blind_to_initial"], row["blind_to_model"])
        for row in annotation_rows.list_annotations(workspace.engine, dataset_id=DATASET)
    }
    assert blind["ben"] == blind["cem"] == (True, True)
    assert blind["dora"] == (False, False)
    assert (
        "2 of them without seeing the initial annotation"
        in methods_paragraphs(label_facts(workspace, cora, DATASET))[0]
    )
