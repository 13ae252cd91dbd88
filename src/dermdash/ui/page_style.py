"""What Streamlit's themes cannot say about the look of a page."""

import streamlit as st

from dermdash.ui import old_results, page_frame

# Streamlit leaves 6 rem above a page: a quarter of a laptop's height before the title. The frame shows nothing,
# and as wide as the page it would make every page scroll sideways on a phone.
_PAGES = f"""
.stMainBlockContainer {{ padding-top: 4.25rem; }}
.st-key-{page_frame.KEY} {{ position: absolute; width: 0; overflow: hidden; }}
"""
# Streamlit writes white on the accent whatever the accent is; on the light accent of the dark theme that is 2.4:1.
_ON_ACCENT = """
button[kind="primary"]:enabled, button[kind="primaryFormSubmit"]:enabled,
[data-testid="stMultiSelect"] [data-tag] { color: light-dark(#ffffff, #101214); }
"""
# Code is green, and in a caption shown at 60 %: 3:1.
_CAPTIONS = '[data-testid="stCaptionContainer"] code { color: inherit; }'

# Streamlit cuts the label of a switch or of a link off where it is wider than its column, as on a phone.
_WHOLE_LABELS = """
[data-testid="stWidgetLabel"] [data-testid="stMarkdownContainer"], [data-testid="stWidgetLabel"] p,
[data-testid="stPageLink-NavLink"] span:has(p), [data-testid="stPageLink-NavLink"] p {
  white-space: normal; overflow: visible;
}
"""

# Streamlit fills and thickens a link to the page one is on, as in a menu: among other links (a study's cases from its
# results) it would look pressed.
_LINKS = """
[data-testid="stMain"] [data-testid="stPageLink-NavLink"]:not(:hover, :active) { background-color: transparent; }
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] :is(span, p) { font-weight: 400; }
"""

# Where nothing hovers, the buttons of tables and charts are always there, and would lie over the heading before them.
_ON_TOUCH = """
@media (hover: none) {
  [data-testid="stElementContainer"]:has([data-testid="stElementToolbar"]) { margin-top: 2rem; }
}
"""


def page_style(*, reading: bool = False) -> None:
    """Add the style to this page; ``reading``: a page of a reader, which has its own margins."""
    pages = "" if reading else _PAGES + old_results.STYLE
    st.html(f"<style>{pages}{_ON_ACCENT}{_CAPTIONS}{_WHOLE_LABELS}{_LINKS}{_ON_TOUCH}</style>")
