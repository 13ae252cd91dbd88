from dermdash.storage import accounts


def sign_in(engine, link="link", session="session", days=30):
    return accounts.exchange_login_link(engine, link_hash=link, session_hash=session, days=days)


def make_link(engine, link="link"):
    accounts.save_account(engine, account_id="admin", name="Admin", role="admin")
    accounts.replace_login_links(engine, account_id="admin", token_hash=link)


def test_a_link_signs_in_exactly_once(workspace):
    make_link(workspace.engine)
    assert sign_in(workspace.engine)
    assert not sign_in(workspace.engine, session="second")
    assert accounts.account_of_session(workspace.engine, "session")["role"] == "admin"
    assert accounts.account_of_session(workspace.engine, "second") is None


def test_signing_out_ends_the_session_and_does_not_revive_the_link(workspace):
    make_link(workspace.engine)
    sign_in(workspace.engine)
    accounts.end_session(workspace.engine, "session")
    assert accounts.account_of_session(workspace.engine, "session") is None
    assert not sign_in(workspace.engine, session="again")


def test_a_new_link_replaces_the_old_one(workspace):
    make_link(workspace.engine, "old")
    make_link(workspace.engine, "new")
    assert not sign_in(workspace.engine, "old")
    assert sign_in(workspace.engine, "new")


def test_an_expired_session_is_nobody(workspace):
    make_link(workspace.engine)
    sign_in(workspace.engine, days=-1)
    assert accounts.account_of_session(workspace.engine, "session") is None
