"""Turns an app under test to a page: by its script, or by an address that leads to a part of the study page."""

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dermdash.ui.moved_pages import MOVED, STUDY_ADDRESS
from dermdash.ui.navigation import MENU
from dermdash.ui.study_tabs import StudyTab, invitations_query

_ADDRESSES = {f"pages/{entry.script}.py": entry.address for entries in MENU.values() for entry in entries}

PARTS = MOVED | {
    "invitations": (STUDY_ADDRESS, invitations_query()),
    **{str(tab): (STUDY_ADDRESS, tab.query) for tab in (StudyTab.PROTOCOL, StudyTab.CASES)},
}
"""Parts of the study page by what they are called here."""


def to_page(app: AppTest, page: str) -> AppTest:
    """Do what a click in the menu does, or opening the address where nothing is open yet; ``run`` it afterwards.

    ``page`` may be an analysis by its key or another of `PARTS`: then to its tab of the study page.
    """
    if page in PARTS:
        address, query = PARTS[page]
        for name, value in query.items():
            app.query_params[name] = value
    elif page in _ADDRESSES:
        address = _ADDRESSES[page]
    else:
        return app.switch_page(page)
    # `switch_page` knows addresses only after a first run, of a page that nobody looks at.
    app._page_hash = calc_hash(address)
    return app
