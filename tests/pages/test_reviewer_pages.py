"""What a reviewer gets: their work, the annotation panel, and nothing that the rule does not show."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET
from tests.ladder_workspace import answer, answer_next
from tests.made_once import MadeOnce
from tests.pages.test_pages import show, text_of
from tests.signed_in import PASSWORD, account_with
from tests.verifying import Verifying, fill_verifying

from dermdash.errors import DatabaseLost, NotFound
from dermdash.storage import tables, tasks
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.unsaved_annotations import STAYS_HERE
from dermdash.verification.review_rule import ReviewRule
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.accounts.sign_in import sign_in_by_password
from dermdash.workflows.verification import board, my_tasks, work
from dermdash.workflows.verification.annotate import open_task, open_tasks

REPOSITORY = Path(__file__).parents[2]
MY_WORK, ANNOTATE = "pages/verification/my_work.py", "pages/verification/annotate.py"
BOARD = "pages/verification/board.py"
TASK_KEYS = {
    *("key", "image", "width", "height", "position", "total", "classes", "known", "sites", "draft", "initial", "model")
}


@pytest.fixture
def verifying(made_once: MadeOnce, tmp_path: Path) -> Verifying:
    """Put the workspace where the app will look for it; ask for it before the app."""
    return made_once.copy(fill_verifying, tmp_path / "workspace")


@pytest.fixture
def app_of(app_workspace: Workspace) -> Callable[[Account], AppTest]:
    """The app with somebody signed in; not run yet."""

    def made(account: Account) -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
        signed_in = sign_in_by_password(app_workspace, account.name, PASSWORD, address="192.0.2.1")
        app.session_state[keys.SESSION_TOKEN] = signed_in.session
        return app

    return made


AppOf = Callable[[Account], AppTest]


def panel(app: AppTest) -> dict[str, Any] | None:
    """What the annotation panel was given."""
    for element in app.get("bidi_component"):
        proto = element.proto  # type: ignore[attr-defined]
        if proto.component_name == "dermdash_annotation_panel":
            data: dict[str, Any] = json.loads(proto.json)
            return data
    return None


def shown_task(app: AppTest) -> dict[str, Any]:
    data = panel(app)
    assert data is not None
    task: dict[str, Any] = data["task"]
    assert task is not None
    return task


def task_in_address(app: AppTest) -> str:
    value: Any = app.query_params["task"]
    return str(value if isinstance(value, str) else value[-1])


def test_a_reviewer_arrives_at_what_is_open_by_data_set_and_kind(app_workspace: Workspace, app_of: AppOf) -> None:
    made = fill_verifying(app_workspace, reviews=3, queue=2)
    app = app_of(made.reviewers[0]).run()
    assert app.title[0].value == "My work"
    assert "5 records to do, none overdue" in text_of(app)
    table = app.dataframe[0].value
    assert list(table["What"]) == ["To annotate", "To review"]
    assert list(table["Open"]) == [2, 3]
    assert "2 records of these wait in a queue" in text_of(app)
    assert "You have 3 new reviews." in text_of(app)
    app.button(key="my_work.continue").click().run()
    assert shown_task(app)["position"] == 1


def test_a_reviewer_with_nothing_to_do_is_told_when_there_will_be(app_workspace: Workspace, app_of: AppOf) -> None:
    made = fill_verifying(app_workspace, reviews=0)
    app = app_of(made.reviewers[0]).run()
    assert "Nothing to do" in text_of(app)
    assert "my_work.continue" not in [button.key for button in app.button]
    show(app, ANNOTATE)
    data = panel(app)
    assert data is not None
    assert data["task"] is None


def test_the_page_shows_a_task_and_the_next_one_with_what_is_allowed_and_no_more(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita = verifying.reviewers[0]
    app = show(app_of(rita), ANNOTATE)
    data, (first, second) = panel(app), open_tasks(app_workspace, rita)
    assert first is not None
    assert second is not None
    assert data is not None
    assert set(data) == {"annotator", "task", "following", "acknowledged", "refused"}
    for told, task, position in ((data["task"], first, 1), (data["following"], second, 2)):
        assert set(told) == TASK_KEYS
        assert told["key"] == task.id
        assert (told["position"], told["total"]) == (position, 3)
        assert told["initial"] is told["model"] is told["draft"] is None
    assert task_in_address(app) == first.id
    assert rita.id not in json.dumps(data)


def test_what_the_rule_shows_is_shown_and_the_initial_annotator_never_sees_it(
    app_workspace: Workspace, app_of: AppOf
) -> None:
    """The other side of blinding: else nothing in the payload would say that it can be there at all."""
    rule = ReviewRule(repeat_share=0.0, blind_to_initial=False, blind_to_model=False)
    made = fill_verifying(app_workspace, reviews=1, queue=1, rule=rule, model=True)
    app = show(app_of(made.reviewers[0]), ANNOTATE)
    data = panel(app)
    assert data is not None
    review, initial = data["task"], data["following"]
    assert review["initial"] == "akiec"
    assert review["model"][0] == {"code": "akiec", "share": 0.7}
    assert initial["initial"] is initial["model"] is None


def test_after_an_answer_elsewhere_the_page_goes_on_and_a_reload_keeps_the_place(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita = verifying.reviewers[0]
    app = show(app_of(rita), ANNOTATE)
    first = shown_task(app)["key"]
    again = show(app_of(rita), ANNOTATE)
    assert shown_task(again)["key"] == first
    answer_next(app_workspace, rita)
    # In this browser the answered record stays open until its person goes on: what they have begun is not taken away.
    app.run()
    assert shown_task(app)["key"] == first
    assert "takes the place of it" in text_of(app)
    following = shown_task(show(app_of(rita), ANNOTATE))["key"]
    assert following != first


def test_the_address_opens_an_answered_record_as_it_was_answered_until_that_is_counted(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita, ravi, rosa = verifying.reviewers
    mark = {"structure": "globules", "shape": "rectangle", "points": [[5.0, 5.0], [20.0, 15.0]]}
    done = answer_next(app_workspace, rita, "mel", comment="dark", marks=[mark])
    app = show(app_of(rita), MY_WORK)
    assert "Melanoma, 1 mark" in text_of(app)
    (link,) = [link.proto for link in app.get("page_link")]  # type: ignore[attr-defined]
    assert link.label == "Change"
    app = show(app_of(rita), ANNOTATE, task=done.id)
    task = shown_task(app)
    assert task["key"] == done.id
    entered = task["draft"]["annotation"]
    assert (entered["dx"], entered["comment"], entered["quality"]) == ("mel", "dark", 4)
    # In pixels of the picture, which is moved by as much as chance has it for this reviewer: by nothing, too.
    pairs = zip(entered["marks"][0]["points"], [[5.0, 5.0], [20.0, 15.0]], strict=True)
    assert len({(x - given_x, y - given_y) for (x, y), (given_x, given_y) in pairs}) == 1
    for other in (ravi, rosa):
        for _ in verifying.records:
            answer_next(app_workspace, other, "mel")
    app = show(app_of(rita), ANNOTATE, task=done.id)
    assert "consensus" in app.warning[0].value
    assert shown_task(app)["key"] != done.id
    app = show(app_of(rita), MY_WORK)
    assert not app.get("page_link")


def test_a_task_of_somebody_else_in_the_address_is_not_opened(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita, ravi, _ = verifying.reviewers
    theirs = open_task(app_workspace, ravi)
    assert theirs is not None
    for address in (theirs.id, "guess", "' OR 1=1 --", "x" * 5000):
        app = show(app_of(rita), ANNOTATE, task=address)
        assert "not among your tasks" in app.warning[0].value
        assert shown_task(app)["key"] != theirs.id


def test_a_hidden_repeat_looks_like_a_review(app_workspace: Workspace, app_of: AppOf) -> None:
    made = fill_verifying(app_workspace, reviews=3, rule=ReviewRule(repeat_share=0.5, repeat_gap=0))
    rita = made.reviewers[0]
    while open_task(app_workspace, rita) is not None:
        task = answer_next(app_workspace, rita)
        if task.done >= 3:
            break
        app = show(app_of(rita), MY_WORK)
        assert "repeat" not in text_of(app).lower()
        assert set(app.dataframe[0].value["What"]) <= {"To review"} if app.dataframe else True
    assert {done.kind for done in my_tasks.lately_done(app_workspace, rita)} == {my_tasks.WorkKind.REVIEW}


def test_without_the_database_the_panel_waits_in_its_place_and_goes_on(
    verifying: Verifying, app_of: AppOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = show(app_of(verifying.reviewers[0]), ANNOTATE)
    before = shown_task(app)["key"]
    with monkeypatch.context() as away:

        def lost() -> Account:
            raise DatabaseLost("The database does not answer.")

        away.setattr(access, "current_account", lost)
        app.run()
        assert not app.exception
        assert not app.error
        data = panel(app)
        assert data is not None
        assert data["waiting"] is True
        assert set(data) == {"waiting", "acknowledged", "refused"}
    app.run()
    assert shown_task(app)["key"] == before


def test_whoever_loses_the_role_or_the_account_is_told_what_became_of_what_they_typed(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita, ravi, _ = verifying.reviewers
    second = show(app_of(ravi), ANNOTATE)
    first = AppTest.from_file(str(REPOSITORY / ANNOTATE), default_timeout=30)
    first.session_state[keys.SESSION_TOKEN] = app_of(rita).session_state[keys.SESSION_TOKEN]
    people.change_roles(app_workspace, OPERATOR, rita.id, [Role.STATISTICIAN])
    first.run()
    assert "needs the role reviewer" in first.error[0].value
    assert STAYS_HERE in first.error[0].value
    assert panel(first) is None
    people.close_account(app_workspace, OPERATOR, ravi.id)
    second.run()
    assert second.header[0].value == "Sign in"
    assert panel(second) is None


def test_a_refused_answer_is_shown_with_its_reason_and_can_be_used_again_while_the_task_is_open(
    app_workspace: Workspace, app_of: AppOf
) -> None:
    made = fill_verifying(app_workspace, reviews=0, queue=1, rule=ReviewRule(repeat_share=0.0, lease_minutes=1))
    rita, ravi, _ = made.reviewers
    task = open_task(app_workspace, rita)
    assert task is not None
    _pass_lease_on(app_workspace, task.id, ravi)
    receipt = answer(app_workspace, rita, task.id, "mel", comment="my words")
    assert receipt.refused
    app = show(app_of(rita), MY_WORK)
    text = text_of(app)
    assert "Not accepted" in text
    assert "Melanoma" in text
    assert "my words" in text
    (refused,) = my_tasks.refused_answers(app_workspace, rita)
    # While somebody else holds it, it says so and nothing is lost.
    app.button(key=f"my_work.again.{refused.id}").click().run()
    assert "somebody else has it now" in text_of(app)
    _pass_lease_on(app_workspace, task.id, rita)
    app.button(key=f"my_work.again.{refused.id}").click().run()
    assert shown_task(app)["draft"]["annotation"]["comment"] == "my words"
    answer(app_workspace, rita, task.id, "mel", comment="my words")
    assert my_tasks.refused_answers(app_workspace, rita) == []
    with pytest.raises(NotFound):
        my_tasks.use_again(app_workspace, ravi, refused.id)


def _pass_lease_on(workspace: Workspace, task_id: str, account: Account) -> None:
    """What happens when the time of one is over and another opens the record."""
    past = now() - timedelta(minutes=2)

    def work_on(act: ActTransaction) -> None:
        act.connection.execute(tables.task_lease.update().values(expires_at=past))
        tasks.take_lease(act, f"task:{task_id}", minutes=5)

    in_one_act(workspace.engine, account.id, work_on)


def test_a_curators_notices_go_with_the_role(app_workspace: Workspace, app_of: AppOf) -> None:
    made = fill_verifying(app_workspace, reviews=1)
    cora = account_with(app_workspace, Role.CURATOR, Role.STATISTICIAN, name="Cora")
    for reviewer, dx in zip(made.reviewers, ("mel", "nv", "bkl"), strict=True):
        answer_next(app_workspace, reviewer, dx)
    assert [n.kind for n in work.list_notices(app_workspace, cora)] == ["board_case"]
    people.change_roles(app_workspace, OPERATOR, cora.id, [Role.REVIEWER])
    text = text_of(show(app_of(cora), MY_WORK))
    assert "Nothing new." in text
    assert made.records[0] not in text


def test_notices_are_read_once_and_stay_readable(verifying: Verifying, app_of: AppOf) -> None:
    app = show(app_of(verifying.reviewers[0]), MY_WORK)
    app.button(key="my_work.read").click().run()
    assert "Nothing new." in text_of(app)
    assert app.expander[0].label == "Read (1)"


def test_an_absence_is_entered_and_taken_back_and_faults_are_named(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita = verifying.reviewers[0]
    app = show(app_of(rita), MY_WORK)
    app.button(key="my_work.away").click().run()
    assert "Choose both days" in app.warning[0].value
    today = now().date()
    app.date_input(key="my_work.first").set_value(today + timedelta(days=5))
    app.date_input(key="my_work.last").set_value(today + timedelta(days=2))
    app.button(key="my_work.away").click().run()
    assert "before its first" in app.warning[0].value
    app.date_input(key="my_work.last").set_value(today + timedelta(days=9))
    app.button(key="my_work.away").click().run()
    (row,) = work.list_absences(app_workspace, rita, rita.id)
    assert (row["first_day"], row["last_day"]) == (today + timedelta(days=5), today + timedelta(days=9))
    app.button(key=f"my_work.back.{row['id']}").click().run()
    assert work.list_absences(app_workspace, rita, rita.id) == []


def test_a_case_on_the_board_is_listed_for_those_who_answered_it(
    verifying: Verifying, app_of: AppOf, app_workspace: Workspace
) -> None:
    rita, ravi, rosa = verifying.reviewers
    record = verifying.records[0]
    for reviewer, dx in ((rita, "mel"), (ravi, "nv"), (rosa, "bkl")):
        for _ in verifying.records:
            answer_next(app_workspace, reviewer, dx)
    my_work = show(app_of(rita), MY_WORK)
    text = text_of(my_work)
    assert "On the board" in text
    # As the board calls it, and what the board asks for: nothing of the record, which is not settled.
    last = board.list_cases(app_workspace, rita)[-1]
    link = [link.proto for link in my_work.get("page_link")][len(board.list_cases(app_workspace, rita)) - 1]  # type: ignore[attr-defined]
    assert link.label == f"Record {last['task_id'][:8]}: no two answers are alike"
    assert link.query_string == f"case={last['task_id']}"
    assert record.partition(":")[2] not in text + link.label
    assert f"Record {last['task_id'][:8]}" in [
        head.value for head in show(app_of(rita), BOARD, case=last["task_id"]).header
    ]
    assert DATASET.title() in text
