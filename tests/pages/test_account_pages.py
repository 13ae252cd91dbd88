"""The pages of one's own account and of all accounts, and what somebody sees who is not signed in."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.test_pages import protos, show, text_of
from tests.signed_in import PASSWORD, account_with, invited, session_with, token_of

from dermdash.storage.workspace import Workspace
from dermdash.ui import identity_provider, keys
from dermdash.workflows.accounts import access, people, sign_in
from dermdash.workflows.accounts.access import OPERATOR, Expertise, Role
from dermdash.workflows.accounts.people import SET_PASSWORD_PARAMETER, Standing

REPOSITORY = Path(__file__).parents[2]
ACCOUNT, ACCOUNTS = "pages/admin/account.py", "pages/admin/accounts.py"


@pytest.fixture
def reviewer_app(app_workspace: Workspace) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = session_with(app_workspace, Role.REVIEWER)
    return app


def change(app: AppTest, *, current: str = "", new: str, again: str) -> str:
    turn = app.session_state[keys.PASSWORD_TURN]
    if current:
        app.text_input(key=f"account.current.{turn}").set_value(current)
    app.text_input(key=f"account.new.{turn}").set_value(new)
    app.text_input(key=f"account.again.{turn}").set_value(again)
    app.button(key="account.change").click().run()
    assert not app.exception
    return text_of(app, "success", "warning")


def test_a_person_sees_who_they_are_and_changes_their_password(reviewer_app: AppTest, app_workspace: Workspace) -> None:
    app = show(reviewer_app, ACCOUNT)
    assert "**Ada** · Reviewer · specialist" in text_of(app)
    assert app.dataframe[0].value["By"].tolist() == ["one-time link"]
    new = "another good password"
    assert "differ" in change(app, current=PASSWORD, new=new, again=new + "!")
    assert "not right" in change(app, current="wrong", new=new, again=new)
    assert "12 or more" in change(app, current=PASSWORD, new="short", again="short")
    elsewhere = sign_in.sign_in_by_password(app_workspace, "Ada", PASSWORD, address="192.0.2.1").session
    assert "You stay signed in here" in change(app, current=PASSWORD, new=new, again=new)
    assert access.account_of(app_workspace, elsewhere) is None
    assert "Signed in as Ada" in text_of(app)
    app.run()
    typed = {field.key: field.value for field in app.text_input}
    assert set(typed.values()) == {""}
    assert not [key for key in typed if key and key in ("account.current.0", "account.new.0", "account.again.0")]


def test_the_first_account_sets_a_password_where_it_has_none(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    app = show(signed_in_app, ACCOUNT)
    assert "This account has no password" in text_of(app)
    assert not [field for field in app.text_input if field.key and field.key.startswith("account.current")]
    assert "was changed" in change(app, new=PASSWORD, again=PASSWORD)
    sign_in.sign_in_by_password(app_workspace, "Admin", PASSWORD, address="192.0.2.1")


def test_signing_out_everywhere_closes_this_page_too(reviewer_app: AppTest, app_workspace: Workspace) -> None:
    elsewhere = sign_in.sign_in_by_password(app_workspace, "Ada", PASSWORD, address="192.0.2.1").session
    app = show(reviewer_app, ACCOUNT)
    app.button(key="account.elsewhere").click().run()
    assert "1 session ended" in text_of(app, "success")
    assert access.account_of(app_workspace, elsewhere) is None
    app.button(key="account.everywhere").click().run()
    assert not app.exception
    assert app.title[0].value == "dermdash"
    assert access.account_of(app_workspace, app.session_state[keys.SESSION_TOKEN]) is None


def test_an_admin_invites_somebody_and_the_link_is_shown_once(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    app = show(signed_in_app, ACCOUNTS)
    app.text_input(key="accounts.name").set_value("Dr [Ada](http://x.example) Reyes")
    app.multiselect(key="accounts.roles").set_value(["reviewer", "curator"])
    app.selectbox(key="accounts.expertise").set_value("expert")
    app.button(key="accounts.invite_now").click().run()
    assert not app.exception
    (link,) = [code.value for code in app.code]
    assert "[Ada](" not in text_of(app, "success")
    assert "2 accounts: 1 invited, 1 active" in text_of(app)
    account = sign_in.account_of_password_link(app_workspace, token_of(link))
    assert (account.roles, account.expertise) == ({Role.REVIEWER, Role.CURATOR}, Expertise.EXPERT)
    app.button(key="accounts.copied").click().run()
    assert not app.code
    table = app.dataframe[0].value
    assert table["Roles"].tolist()[1] == "Curator, Reviewer"
    assert table["State"].tolist()[1].startswith("invited, link until ")


def test_what_cannot_be_is_said_at_the_form_and_nothing_is_lost(
    signed_in_app: AppTest, app_workspace: Workspace
) -> None:
    app = show(signed_in_app, ACCOUNTS)
    app.text_input(key="accounts.name").set_value("ADMIN")
    app.multiselect(key="accounts.roles").set_value(["reviewer"])
    app.button(key="accounts.invite_now").click().run()
    assert "already" in app.error[0].value
    assert app.text_input(key="accounts.name").value == "ADMIN"
    assert len(people.list_people(app_workspace, OPERATOR)) == 1


def choose(app: AppTest, account_id: str) -> AppTest:
    app.selectbox(key="accounts.chosen").set_value(account_id).run()
    assert not app.exception
    return app


def test_an_admin_changes_roles_resets_closes_and_reopens(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    ada = account_with(app_workspace, Role.REVIEWER)
    app = choose(show(signed_in_app, ACCOUNTS), ada.id)
    app.multiselect(key=f"accounts.roles.{ada.id}.reviewer").set_value(["statistician"])
    app.button(key="accounts.change_roles").click().run()
    assert "The roles of Ada were changed" in text_of(app, "success")
    assert people.find_person(app_workspace, OPERATOR, "Ada").account.roles == {Role.STATISTICIAN}
    app.text_input(key=f"accounts.name.{ada.id}").set_value("Ada Reyes")
    app.button(key="accounts.change_details").click().run()
    assert people.find_person(app_workspace, OPERATOR, "Ada Reyes").account.id == ada.id
    app.button(key="accounts.reset").click().run()
    assert sign_in.account_of_password_link(app_workspace, token_of(app.code[0].value)).id == ada.id
    assert app.button(key="accounts.close").disabled
    app.checkbox(key=f"accounts.sure.{ada.id}").check().run()
    app.button(key="accounts.close").click().run()
    assert "was closed" in text_of(app, "success")
    assert people.find_person(app_workspace, OPERATOR, ada.id).standing is Standing.CLOSED
    assert "2 accounts: 1 active, 1 closed" in text_of(app)
    app.button(key="accounts.reopen").click().run()
    assert not app.exception
    assert people.find_person(app_workspace, OPERATOR, ada.id).active
    history = next(d.value for d in app.dataframe if "What" in d.value and "Account" not in d.value)
    assert history["What"].tolist()[:3] == ["reopened", "closed", "password reset"]
    assert set(history["By"][:3]) == {"Admin"}


def test_the_last_admin_is_told_that_they_are(signed_in_app: AppTest) -> None:
    app = show(signed_in_app, ACCOUNTS)
    app.checkbox(key="accounts.sure.admin").check().run()
    app.button(key="accounts.close").click().run()
    assert "last admin" in app.error[0].value


@pytest.mark.parametrize("used", [False, True])
def test_a_link_that_sets_a_password_opens_its_page_also_where_somebody_is_signed_in(
    reviewer_app: AppTest, app_workspace: Workspace, used: bool
) -> None:
    link = token_of(invited(app_workspace, Role.CURATOR, name="Noor <b>").link)
    if used:
        sign_in.set_password_by_link(app_workspace, link, PASSWORD)
    reviewer_app.query_params[SET_PASSWORD_PARAMETER] = link
    reviewer_app.run()
    assert not reviewer_app.exception
    if used:
        assert "used already" in reviewer_app.error[0].value
    else:
        assert "For the account of **Noor \\<b>**" in text_of(reviewer_app)
        assert "Signed in as" not in text_of(reviewer_app)


def test_the_sign_in_page_offers_a_password_and_the_providers_there_are(
    visitor_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visitor_app.run()
    assert [h.value for h in app.header] == ["Sign in"]
    assert not app.button
    assert len(protos(app, "bidi_component")) == 1
    monkeypatch.setattr(identity_provider, "providers", lambda: {"clinic": "Clinic", "default": "your organisation"})
    app.run()
    assert not app.exception
    assert [b.label for b in app.button] == ["Sign in with Clinic", "Sign in with your organisation"]
