"""The drawn list before the freeze: locked by whoever looked at it, and never another one than that."""

from dataclasses import replace

import pytest
from tests.filled_workspace import fill_judged, make_protocol
from tests.signed_in import account_with

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.reader_study.protocol_text import protocol_yaml
from dermdash.storage import studies
from dermdash.storage.study_drafts import SAVED
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.reader_study import review_cases
from dermdash.workflows.reader_study import study_drafts as drafts
from dermdash.workflows.reader_study.draw_cases import drawn


@pytest.fixture
def judged(duckdb_workspace: Workspace) -> Workspace:
    fill_judged(duckdb_workspace)
    return duckdb_workspace


def test_a_locked_list_keeps_its_cases_until_it_is_opened_again(judged: Workspace) -> None:
    protocol = make_protocol()
    first = drawn(judged, protocol)
    case = first.selection.cases[0].record_id
    review_cases.lock_list(judged, OPERATOR, protocol, seen=first.selection.digest)
    lock = drawn(judged, protocol).lock
    assert lock is not None
    assert lock["account_id"] == OPERATOR.id
    with pytest.raises(InvalidInput, match="is locked: open it again"):
        review_cases.exchange_case(judged, OPERATOR, protocol, case, "blurred")
    with pytest.raises(InvalidInput, match="locked already"):
        review_cases.lock_list(judged, OPERATOR, protocol, seen=first.selection.digest)
    review_cases.open_list(judged, OPERATOR, protocol, seen=first.selection.digest)
    assert drawn(judged, protocol).lock is None
    review_cases.exchange_case(judged, OPERATOR, protocol, case, "blurred")
    now = drawn(judged, protocol)
    assert [row["old_record_id"] for row in now.exchanges] == [case]
    # What one has on the screen is not what somebody else made of it in the meantime.
    with pytest.raises(InvalidInput, match="another one by now"):
        review_cases.lock_list(judged, OPERATOR, protocol, seen=first.selection.digest)
    review_cases.lock_list(judged, OPERATOR, protocol, seen=now.selection.digest)
    assert review_cases.begin_review_again(judged, OPERATOR, protocol) == 1
    assert drawn(judged, protocol).acts == ()


def test_who_may_not_run_studies_locks_nothing(judged: Workspace) -> None:
    protocol = make_protocol()
    seen = drawn(judged, protocol).selection.digest
    statistician = account_with(judged, Role.STATISTICIAN)
    for act in (review_cases.lock_list, review_cases.open_list):
        with pytest.raises(AccessDenied):
            act(judged, statistician, protocol, seen=seen)


def test_what_was_done_to_an_earlier_list_of_the_draft_is_not_forgotten_silently(judged: Workspace) -> None:
    protocol = make_protocol()
    first = drawn(judged, protocol)
    assert review_cases.earlier_lists(judged, protocol, first) == review_cases.EarlierLists(0, locked=False)
    review_cases.exchange_case(judged, OPERATOR, protocol, first.selection.cases[0].record_id, "blurred")
    review_cases.lock_list(judged, OPERATOR, protocol, seen=drawn(judged, protocol).selection.digest)
    other = replace(protocol, practice_cases=protocol.practice_cases + 1)
    now = drawn(judged, other)
    assert now.acts == ()
    assert review_cases.earlier_lists(judged, other, now) == review_cases.EarlierLists(1, locked=True)


def test_only_the_list_that_was_looked_at_is_frozen(judged: Workspace) -> None:
    protocol = make_protocol()
    seen = drawn(judged, protocol).selection
    entries = drafts.from_yaml(protocol_yaml(protocol), file="p.yaml")
    draft = drafts.get_draft(judged, drafts.begin_draft(judged, OPERATOR, entries))
    review_cases.exchange_case(judged, OPERATOR, protocol, seen.cases[0].record_id, "blurred")  # in another tab
    with pytest.raises(InvalidInput, match="another one by now"):
        drafts.freeze_draft(judged, OPERATOR, draft.id, after=draft.number, list_seen=seen.digest)
    again = drafts.get_draft(judged, draft.id)
    assert again.kind == SAVED
    now = drawn(judged, protocol).selection
    study_id = drafts.freeze_draft(judged, OPERATOR, draft.id, after=again.number, list_seen=now.digest)
    frozen = set(studies.cases_of_study(judged.engine, study_id)["record_id"])
    assert frozen == {case.record_id for case in now.cases}
