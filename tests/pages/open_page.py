"""Turns an app under test to a page, by its script or, of an analysis, by its key."""

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dermdash.analyses.registry import ANALYSES
from dermdash.ui.navigation import ANALYSIS_SCRIPT, MENU

# All analyses share one script: the address tells them apart, which `switch_page` does not ask for.
_ADDRESSES = {
    **{f"pages/{entry.script}.py": entry.address for entries in MENU.values() for entry in entries},
    **{analysis.key: analysis.address for analysis in ANALYSES},
}
del _ADDRESSES[f"pages/{ANALYSIS_SCRIPT}.py"]


def to_page(app: AppTest, page: str) -> AppTest:
    """Do what a click in the menu does, or opening the address where nothing is open yet; ``run`` it afterwards."""
    if page not in _ADDRESSES:
        return app.switch_page(page)
    # `switch_page` knows addresses only after a first run, of a page that nobody looks at.
    app._page_hash = calc_hash(_ADDRESSES[page])
    return app
