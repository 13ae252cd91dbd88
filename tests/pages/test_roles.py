"""Every page by every role: the page itself refuses, not only the menu; and every act asks again."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.open_page import to_page
from tests.pages.test_pages import PAGES_OF_ROLES, show, text_of
from tests.parsed_sources import parsed
from tests.signed_in import account_with, admin_session, session_with

from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.navigation import MENU, roles_of_page
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.accounts.rights import ROLES_OF, Right

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = [page.removeprefix("pages/").removesuffix(".py") for page in PAGES_OF_ROLES]
SOURCES = [
    *sorted((REPOSITORY / "src" / "dermdash" / "ui").rglob("*.py")),
    *sorted((REPOSITORY / "pages").rglob("*.py")),
]
WRITES = {
    "review_findings.decide", "review_findings.undo", "keep_image",
    "find_contradictions.decide",
    "import_dataset", "choose_model", "classify.predict_records", "explain_predictions.explain_record",
    "explain_predictions.explain_records", "operating_points.choose_operating_point",
    "operating_points.withdraw_operating_point", "control.register_training", "control.stop_training",
    "control.continue_training", "control.delete_training", "control.start_training",
    "study_drafts.begin_draft", "study_drafts.save_draft",
    "study_drafts.rename_draft", "study_drafts.delete_draft", "study_drafts.restore_draft", "study_drafts.freeze_draft",
    "links.invite_readers", "links.renew_invitation", "links.withdraw_invitation", "links.invite_group",
    "links.set_end", "recruitment.open_recruitment", "recruitment.close_recruitment", "steer.pause_study",
    "steer.resume_study", "steer.close_study", "steer.reopen_study", "steer.set_end", "steer.set_quotas",
    "steer.send_message", "steer.mark_reader", "steer.let_reader_on", "blinding.unblind_study", "begin_mails",
    "rows.forget_addresses",
    "import_reading_log.import_reading_log", "import_reading_log.withdraw", "people.invite_person",
    "people.change_roles", "people.change_details", "people.reset_password", "people.close_account",
    "people.reopen_account", "annotate.receive", "my_tasks.use_again", "work.mark_read", "work.set_absence",
    "work.end_absence", "assign_work", "set_rule", "work.reassign", "work.reassign_all", "work.withdraw",
    "board.comment", "hold_case", "formulate", "enter_histology", "import_histology", "undo", "reopen",
    "correct_field", "add_taxonomy", "keep_record_set", "begin_map", "ledger.enter_pair", "ledger.undo_act",
    "apply_list.apply_list", "resolve_conflict.resolve_field", "import_study",
}  # fmt: skip
"""Workflows that write for somebody who is signed in, as the pages call them."""
ASKS_BEFORE = {"run_import": "import_now asks, and calls it in the next line"}
"""Functions that write and whose only caller asks."""


@pytest.fixture
def app_as(app_workspace: Workspace, request: pytest.FixtureRequest) -> AppTest:
    """The app with somebody signed in who has the role of the test's parameter and no other."""
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = session_with(app_workspace, request.param)
    return app


def test_every_page_stands_in_the_menu_with_its_roles() -> None:
    assert sorted({entry.script for entries in MENU.values() for entry in entries}) == sorted(SCRIPTS)
    assert all(entry.roles for entries in MENU.values() for entry in entries)


@pytest.mark.parametrize("app_as", list(Role), indirect=True, ids=str)
def test_a_page_is_shown_to_the_roles_it_is_for_and_refuses_all_others_itself(
    filled: Filled, app_as: AppTest, request: pytest.FixtureRequest
) -> None:
    role: Role = request.node.callspec.params["app_as"]
    token = app_as.session_state[keys.SESSION_TOKEN]
    for script in SCRIPTS:
        if role in roles_of_page(script):
            to_page(app_as, f"pages/{script}.py")
            app_as.run()
            assert not app_as.exception, script
            assert not [e.value for e in app_as.error if "This needs" in e.value], script
            continue
        alone = AppTest.from_file(str(REPOSITORY / "pages" / f"{script}.py"), default_timeout=30)
        alone.session_state[keys.SESSION_TOKEN] = token
        alone.query_params["source"] = f"study:{filled.study_id}"
        alone.run()
        assert not alone.exception, script
        assert "Ada has" in alone.error[0].value, script
        assert text_of(alone) == alone.error[0].value, script
        assert not alone.dataframe


@pytest.mark.parametrize("app_as", [Role.REVIEWER], indirect=True, ids=str)
def test_a_reviewer_arrives_at_what_is_theirs_and_sees_nothing_of_the_records(filled: Filled, app_as: AppTest) -> None:
    app_as.run()
    assert app_as.title[0].value == "My work"
    assert "Clinic" not in text_of(app_as)


@pytest.mark.parametrize("app_as", [Role.STATISTICIAN], indirect=True, ids=str)
def test_a_statistician_reads_and_changes_nothing(filled: Filled, app_as: AppTest, app_workspace: Workspace) -> None:
    """They see the pages; what writes is not offered, and refused where a click was kept from before."""
    models = show(app_as, "pages/classifier/models.py")
    assert not [b for b in models.button if b.key in ("models.use_it", "models.predict")]
    logs = show(app_as, "pages/analysis/reading_logs.py")
    assert not logs.get("file_uploader")
    record = show(app_as, "pages/dataset/record.py", id=filled.record)
    assert "record.explain" not in [b.key for b in record.button]
    overview = show(app_as, "pages/dataset/overview.py")
    linked = {link.proto.page for link in overview.get("page_link")}  # type: ignore[attr-defined]
    assert "records" in linked
    assert not linked & {"import", "new-study"}


def test_an_act_on_a_page_that_was_drawn_before_a_role_was_taken_is_refused(
    filled: Filled, app_workspace: Workspace
) -> None:
    ada = account_with(app_workspace, Role.CURATOR, Role.STATISTICIAN)
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    from tests.signed_in import PASSWORD

    from dermdash.workflows.accounts.sign_in import sign_in_by_password

    session = sign_in_by_password(app_workspace, "Ada", PASSWORD, address="192.0.2.1").session
    app.session_state[keys.SESSION_TOKEN] = session
    show(app, "pages/classifier/models.py")
    people.change_roles(app_workspace, OPERATOR, ada.id, [Role.STATISTICIAN])
    from dermdash.workflows.classifier.model_in_use import list_choices

    app.button(key="models.use_it").click().run()
    assert not app.exception
    assert list_choices(app_workspace) == []


def test_signing_in_as_another_person_shows_the_pages_of_that_person(app_workspace: Workspace) -> None:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = admin_session(app_workspace)
    show(app, "pages/admin/accounts.py")
    app.session_state[keys.SESSION_TOKEN] = session_with(app_workspace, Role.REVIEWER)
    app.run()
    assert not app.exception
    assert "Accounts" not in [title.value for title in app.title] or "Ada has reviewer" in app.error[0].value


def _functions_that_write() -> Iterator[tuple[str, ast.FunctionDef, set[str]]]:
    for path in SOURCES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                called = {ast.unparse(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
                if called & WRITES:
                    yield f"{path.name}: {node.name}", node, called


def test_whatever_writes_asks_for_the_right_in_the_same_function() -> None:
    found = list(_functions_that_write())
    written = set().union(*(called & WRITES for _, _, called in found))
    assert written == WRITES, "a workflow that is called no more, or under another name"
    missing = [name for name, _, called in found if "access.act" not in called]
    assert [name for name in missing if name.partition(": ")[2] not in ASKS_BEFORE] == []


def test_no_page_or_view_goes_around_the_table_of_pages() -> None:
    """Links that nobody may follow would raise; `navigation` draws them for whom the page is open."""
    for path in SOURCES:
        if path.name == "navigation.py":
            continue
        text = path.read_text("utf-8")
        assert "st.page_link" not in text, path
        assert "st.switch_page" not in text, path


@pytest.mark.parametrize("right", list(Right), ids=str)
def test_a_right_is_given_to_some_role_and_has_words(right: Right) -> None:
    assert ROLES_OF[right]
    assert right.label
    assert access.rights.may(None, right) is False


def test_pages_by_role_are_those_that_the_documentation_lists() -> None:
    document = (REPOSITORY / "docs" / "accounts.md").read_text("utf-8")
    assert page_table() in document
    assert right_table() in document


def page_table() -> str:
    """The table of docs/accounts.md: pages and the roles that may open them."""
    heads = [role.capitalize() for role in Role]
    lines = [f"| page | {' | '.join(heads)} |", "| --- |" + " :---: |" * len(heads)]
    for entries in MENU.values():
        rows: dict[tuple[str, ...], list[str]] = {}
        for entry in entries:
            rows.setdefault((entry.script, *entry.roles), []).append(entry.title)
        for (_, *roles), titles in rows.items():
            lines.append(f"| {titles[0]} | " + " | ".join("yes" if r in roles else "" for r in Role) + " |")
    return "\n".join(lines)


def right_table() -> str:
    """The table of docs/accounts.md: what writes and the roles that may do it."""
    heads = [role.capitalize() for role in Role]
    lines = [f"| act | {' | '.join(heads)} |", "| --- |" + " :---: |" * len(heads)]
    for right in Right:
        lines.append(f"| {right.label} | " + " | ".join("yes" if r in ROLES_OF[right] else "" for r in Role) + " |")
    return "\n".join(lines)


if __name__ == "__main__":  # the tables for the documentation: python -m tests.pages.test_roles
    print(page_table(), right_table(), sep="\n\n")
