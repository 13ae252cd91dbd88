"""What each role may do on the ladder: every act that is done for somebody asks first who they are."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import pytest

import dermdash.workflows.verification as ladder
from dermdash.errors import AccessDenied
from dermdash.workflows.accounts.access import Account, Expertise, Role

ANYBODY = frozenset(Role)
CURATOR, REVIEWER = frozenset({Role.CURATOR}), frozenset({Role.REVIEWER})
BOARD, LABELS = CURATOR | REVIEWER, frozenset({Role.CURATOR, Role.STATISTICIAN})
MAY: dict[str, frozenset[Role]] = {
    "annotate.open_task": REVIEWER,
    "annotate.open_tasks": REVIEWER,
    "annotate.receive": REVIEWER,
    "annotate.save_draft": REVIEWER,
    "annotated_records.annotated_records": LABELS,
    "annotated_records.yet_to_answer": LABELS,
    "assign_reviews.assign_work": CURATOR,
    "assign_reviews.preview_work": CURATOR,
    "board.comment": BOARD,
    "board.formulate": CURATOR,
    "board.hold_case": CURATOR,
    "board.list_cases": BOARD,
    "board.see_case": BOARD,
    "change_log.count_entries": LABELS | {Role.ADMIN},
    "change_log.list_entries": LABELS | {Role.ADMIN},
    "change_log.log_csv": LABELS | {Role.ADMIN},
    "change_log.log_json_lines": LABELS | {Role.ADMIN},
    "histology.enter_histology": CURATOR,
    "histology.histology_of_twins": LABELS,
    "histology.list_contradictions": LABELS,
    "histology.list_outstanding": LABELS,
    "import_histology.import_histology": CURATOR,
    "import_histology.preview_histology": CURATOR,
    "label_export.export_labels": LABELS,
    "label_facts.label_facts": LABELS,
    "label_history.label_histories": LABELS,
    "label_provenance.label_provenance": ANYBODY,
    "ladder_overview.ladder_overview": CURATOR,
    "ladder_status.ladder_status": LABELS | {Role.COORDINATOR},
    "my_tasks.lately_done": REVIEWER,
    "my_tasks.offered_work": REVIEWER,
    "my_tasks.refused_answers": REVIEWER,
    "my_tasks.use_again": REVIEWER,
    "open_work.open_work": CURATOR,
    "open_work.who_could_take": CURATOR,
    "reopen.correct_field": CURATOR,
    "reopen.reopen": CURATOR,
    "reopen.undo": CURATOR,
    "review_rules.set_rule": CURATOR,
    "work.end_absence": ANYBODY,
    "work.list_absences": CURATOR,
    "work.list_notices": ANYBODY,
    "work.mark_read": ANYBODY,
    "work.reassign": CURATOR,
    "work.reassign_all": CURATOR,
    "work.set_absence": ANYBODY,
    "work.team": CURATOR,
    "work.withdraw": CURATOR,
}
"""Module and function to the roles that may call it; who is anybody may for themselves alone."""


SAYS_ONE_SENTENCE = ("annotate.why_not_open",)
"""Of a task that whoever asks had open: told by whoever holds the page, which asked before."""


def acts() -> dict[str, Callable[..., Any]]:
    """Every public function of the ladder that is told who acts."""
    found = {}
    for info in pkgutil.iter_modules(ladder.__path__):
        module = importlib.import_module(f"{ladder.__name__}.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and "actor" in inspect.signature(function).parameters:
                found[f"{info.name}.{name}"] = function
    for name in SAYS_ONE_SENTENCE:
        del found[name]
    return found


def called_as(function: Callable[..., Any], account: Account) -> Exception | None:
    """What comes of an act whose other arguments mean nothing: who may not do it is told so before anything else."""
    parameters = inspect.signature(function).parameters
    given = {
        name: account.id if name == "account_id" else "nothing"
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty
        and name not in ("workspace", "actor")
        and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }
    try:
        function(workspace=MagicMock(), actor=account, **given)
    except Exception as error:  # noqa: BLE001  whatever a stand-in for a workspace leads to
        return error
    return None


def test_every_act_of_the_ladder_stands_in_the_table() -> None:
    assert sorted(acts()) == sorted(MAY)


@pytest.mark.parametrize("role", list(Role))
def test_an_act_is_refused_to_every_other_role_before_anything_is_looked_at(role: Role) -> None:
    account = Account("x", "X", frozenset({role}), Expertise.EXPERT)
    for name, function in acts().items():
        refused = isinstance(called_as(function, account), AccessDenied)
        assert refused == (role not in MAY[name]), (name, role)


def test_an_account_without_any_role_may_do_nothing() -> None:
    nobody = Account("x", "X", frozenset(), Expertise.EXPERT)
    own = {name for name, roles in MAY.items() if roles == ANYBODY}
    for name, function in acts().items():
        if name not in own:
            assert isinstance(called_as(function, nobody), AccessDenied), name
