"""Turns an app under test to a page, by its script or, of an analysis, by its key."""

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dermdash.analyses.registry import ANALYSES

_KEYS = {a.key for a in ANALYSES}


def to_page(app: AppTest, page: str) -> AppTest:
    """Do what a click in the menu does; ``run`` it afterwards."""
    if page not in _KEYS:
        return app.switch_page(page)
    # All analyses share one script: the address tells them apart, which `switch_page` does not ask for.
    app._page_hash = calc_hash(page)
    return app
