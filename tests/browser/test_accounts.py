"""Accounts in a real browser: an invitation, both ways to sign in, and what closing an account does to an open page."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Page, expect

from dermdash.workflows.accounts.access import Role, issue_admin_link
from dermdash.workflows.accounts.people import NewLink
from tests.browser.annotator_browser import enter_name_and_password
from tests.browser.ports import free_port, leave_port
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.oidc_provider import OidcProvider, running_provider
from tests.signed_in import PASSWORD, invited

pytestmark = pytest.mark.browser


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path)
    app.url = f"http://localhost:{app.port}"
    yield app
    app.stop()


@pytest.fixture
def pages(chromium: Browser) -> Iterator[list[Page]]:
    """Two browsers with cookies of their own."""
    contexts = [chromium.new_context() for _ in range(2)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def prepare(app: ServedApp) -> tuple[str, NewLink]:
    with app.workspace() as workspace:
        made = invited(workspace, Role.REVIEWER, name="Dr Ada Reyes", email="ada@clinic.example")
        return issue_admin_link(workspace), made


def heading(page: Page, text: str, level: int = 1) -> None:
    expect(page.get_by_role("heading", level=level, name=text, exact=True)).to_be_visible()


def test_an_invited_reviewer_sets_a_password_signs_in_with_it_and_is_shown_out_when_the_account_is_closed(
    app: ServedApp, pages: list[Page]
) -> None:
    admin_link, made = prepare(app)
    app.start()
    ada, admin = pages
    ada.goto(made.link)
    ada.get_by_label("New password").fill(PASSWORD)
    ada.get_by_label("The same again").fill("something else")
    ada.get_by_role("button", name="Set the password and sign in").click()
    expect(ada.get_by_role("alert")).to_have_text("The two passwords differ.")
    ada.get_by_label("The same again").fill(PASSWORD)
    ada.get_by_label("The same again").press("Enter")
    heading(ada, "My work")
    cookies = {cookie["name"]: cookie for cookie in ada.context.cookies()}
    for name in ("dermdash_session", "dermdash_browser"):
        assert cookies[name]["httpOnly"]
        assert cookies[name]["sameSite"] == "Strict"

    ada.goto(f"{app.url}/account")
    ada.get_by_role("button", name="Sign out", exact=True).click()
    heading(ada, "Sign in", 2)
    enter_name_and_password(ada, "dr ada reyes", "a wrong password")
    expect(ada.get_by_role("alert")).to_have_text("Name and password do not fit together.")
    ada.get_by_label("Password", exact=True).fill(PASSWORD)
    ada.get_by_role("button", name="Sign in", exact=True).click()
    heading(ada, "My work")

    ada.goto(f"{app.url}/models")
    expect(ada.get_by_text("Dr Ada Reyes has reviewer")).to_be_visible()
    expect(ada.get_by_role("dialog")).to_have_count(0)
    ada.get_by_role("link", name="To My work").click()
    heading(ada, "My work")

    admin.goto(admin_link)
    heading(admin, "Overview")
    admin.goto(f"{app.url}/accounts?account={made.account.id}")
    wait_until_idle(admin)
    admin.get_by_role("button", name="Close the account").click()
    admin.get_by_text("I want to close it").click()
    wait_until_idle(admin)
    admin.get_by_role("button", name="Close", exact=True).click()
    expect(admin.get_by_text("The account of Dr Ada Reyes was closed.")).to_be_visible()
    # Nobody touches Ada's page.
    heading(ada, "Sign in", 2)


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    port = free_port()
    with running_provider(port) as provider:
        yield provider
    leave_port(port)


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """No address is waited for: the way over the provider may be over before the browser says where it is."""
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert holds()


def test_a_provider_signs_in_whom_an_admin_invited_once_and_nobody_else(
    app: ServedApp, pages: list[Page], provider: OidcProvider, tmp_path: Path
) -> None:
    prepare(app)
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets_toml(app.url, "clinic"), "utf-8")
    app.start(environment={"STREAMLIT_SECRETS_FILES": str(secrets)})
    page, _ = pages
    page.goto(app.url)
    to_provider = page.get_by_role("button", name="Sign in with Clinic")

    # A token that another key has signed.
    provider.published = RSAKey.generate_key(2048, parameters={"kid": "one"})
    provider.person = {"sub": "ada", "email": "ada@clinic.example", "email_verified": True}
    to_provider.click()
    wait_until(page, lambda: "token" in provider.asked)
    heading(page, "Sign in", 2)
    assert "dermdash_session" not in {cookie["name"] for cookie in page.context.cookies()}
    provider.published = None

    for claims, words in (
        ({"sub": "eve", "email": "eve@elsewhere.example", "email_verified": True}, "no account of this workspace"),
        ({"sub": "eve", "email": "ada@clinic.example"}, "did not say that this e-mail address is verified"),
    ):
        provider.person = claims
        to_provider.click()
        heading(page, "No account for you here yet", 2)
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_text(f"{provider.url}|eve")).to_be_visible()
        assert "dermdash_session" not in {cookie["name"] for cookie in page.context.cookies()}
        page.get_by_role("button", name="Sign in as somebody else").click()
        heading(page, "Sign in", 2)

    provider.person = {"sub": "ada", "email": "Ada@Clinic.example", "email_verified": True}
    to_provider.click()
    heading(page, "My work")
    page.get_by_role("button", name="Account", exact=True).click()
    page.locator('a[href$="/account"]').click()
    expect(page.get_by_text("Signed in as Dr Ada Reyes")).to_be_visible()
    # What the provider said stays in the browser; put back after signing out, it opens nothing.
    kept = [cookie for cookie in page.context.cookies() if cookie["name"].startswith("_streamlit_user")]
    assert kept
    page.get_by_role("button", name="Sign out", exact=True).click()
    # Not an event to wait for: the way over the provider may be over by now.
    heading(page, "Sign in", 2)
    wait_until(page, lambda: provider.asked[-1] == "end")
    page.context.add_cookies(kept)  # type: ignore[arg-type]  as they were read
    page.goto(app.url)
    heading(page, "Sign in", 2)
