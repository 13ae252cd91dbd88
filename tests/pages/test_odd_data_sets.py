"""Every page of a data set, on data sets that nobody plans for and with a filter that lets nothing through."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.odd_data_sets import ODD, ODD_DATA_SETS
from tests.pages.test_pages import show, text_of

from dermdash.storage.workspace import Workspace

pytestmark = pytest.mark.slow
PAGES = (
    "records", "statistics", "acquisition", "findings", "lesion_identity", "splits", "documents", "deidentification",
    "overview",
)  # fmt: skip


@pytest.mark.parametrize("kind", ODD_DATA_SETS)
def test_every_page_says_something(kind: str, signed_in_app: AppTest, app_workspace: Workspace) -> None:
    ODD_DATA_SETS[kind](app_workspace)
    for page in PAGES:
        app = show(signed_in_app, f"pages/dataset/{page}.py")
        assert text_of(app).strip(), page
        assert not [e.value for e in app.error], page


def test_a_filter_that_lets_nothing_through_is_said(signed_in_app: AppTest, app_workspace: Workspace) -> None:
    ODD_DATA_SETS["one class"](app_workspace)
    for page in ("records", "statistics", "findings", "acquisition", "documents", "splits"):
        app = show(signed_in_app, f"pages/dataset/{page}.py", dataset_id=ODD, dx="mel")
        assert text_of(app).strip(), page
        assert not [e.value for e in app.error], page
