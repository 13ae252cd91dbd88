"""A workspace with drawn images on the ladder: reviewers who can sign in, and records that wait for them."""

from dataclasses import dataclass

from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.review_rules import add_rule
from dermdash.storage.workspace import Workspace
from dermdash.verification.review_rule import ReviewRule
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT, OPERATOR, Account, Role
from dermdash.workflows.verification.assign_reviews import assign_work
from tests.filled_workspace import DATASET, fill_model, fill_records
from tests.signed_in import account_with

NAMES = ("Rita", "Ravi", "Rosa")


@dataclass(frozen=True, slots=True)
class Verifying:
    """Who reviews, and which records they were given."""

    reviewers: tuple[Account, ...]
    records: tuple[str, ...]


def fill_verifying(
    workspace: Workspace, *, reviews: int = 3, queue: int = 0, rule: ReviewRule | None = None, model: bool = False
) -> Verifying:
    """Three reviewers with ``reviews`` records each that the source labels, and ``queue`` records to annotate anew."""
    ids = fill_records(workspace)
    if model:
        fill_model(workspace, ids)
    reviewers = tuple(account_with(workspace, Role.REVIEWER, name=name) for name in NAMES)
    stored = (rule or ReviewRule(repeat_share=0.0)).as_json()
    in_one_act(workspace.engine, OPERATOR.id, lambda act: add_rule(act, dataset_id=DATASET, rule=stored, reason="test"))
    # The first account has every role, and would be asked, too.
    people.change_roles(workspace, OPERATOR, ADMIN_ACCOUNT, [role for role in Role if role is not Role.REVIEWER])
    given, queued = ids[:reviews], ids[reviews : reviews + queue]
    if given:
        assign_work(workspace, OPERATOR, record_ids=given, claimed=True)
    if queued:
        assign_work(workspace, OPERATOR, record_ids=queued, claimed=True, initial=True)
    return Verifying(reviewers, (*given, *queued))
