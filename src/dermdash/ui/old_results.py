"""Nothing of the old settings is to be seen while the new are computed: one rule of style, for every page.

Streamlit leaves what an earlier run showed on the page, greyed, until the new run comes to the same place: figures and
numbers of the old settings stand under the new ones meanwhile. It marks them ``data-stale``. What comes within the
delay (a result out of the cache) is exchanged without a blink, and nothing moves. Widgets stay, else a key press that
set one would take away the focus.
"""

DELAY_S = 0.3
_WIDGETS = (
    "stSelectbox", "stMultiSelect", "stTextInput", "stTextArea", "stNumberInput", "stSlider", "stRadio", "stCheckbox",
    "stButton", "stButtonGroup", "stPagination", "stFileUploader", "stDateInput", "stTimeInput", "stPageLink",
)  # fmt: skip
# Filters stand in the sidebar, and are widgets whatever they are made of.
_KEPT = ('[data-testid="stSidebar"] *', ":focus-within", f":has({', '.join(f'.{name}' for name in _WIDGETS)})")
STYLE = f"""
.stElementContainer[data-stale="true"]{"".join(f":not({kept})" for kept in _KEPT)} {{
  visibility: hidden; opacity: 0;
  transition: visibility 0s linear {DELAY_S}s, opacity 0s linear {DELAY_S}s !important;
}}"""
