"""What a person does on the page of a new study."""

from playwright.sync_api import Page, expect

from tests.browser.served_app import wait_until_idle


def enter(page: Page, label: str, text: str) -> None:
    """Write into a field and leave it, as a person does."""
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")
    wait_until_idle(page)


def turn_to(page: Page, section: str) -> None:
    """A section, or a part of the review."""
    page.get_by_role("radio", name=section, exact=True).click()
    wait_until_idle(page)


def freeze(page: Page) -> None:
    """The last act; its page is there when this returns."""
    turn_to(page, "Freeze")
    page.get_by_role("button", name="Freeze the protocol").click()
    page.get_by_role("button", name="Freeze protocol and create study").click()
    page.wait_for_url("**/study?source=study*", timeout=60_000)


def link_for(page: Page, name: str) -> str:
    """Invite one reader, and return their link."""
    enter(page, "Whom to invite, one per line", name)
    page.get_by_role("button", name="Make links").click()
    return link_shown(page)


def link_shown(page: Page) -> str:
    """The one link that was made."""
    link = page.locator("[data-testid=stCode] code").filter(has_text="invitation=")
    expect(link).to_have_count(1)
    return link.inner_text().strip()
