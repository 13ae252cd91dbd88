"""The page of statistics: nothing yet, the records that the filters let through, what its address says."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.made_once import MadeOnce
from tests.methodology_dataset import fill_methodology
from tests.pages.test_pages import protos, show, text_of

PAGE = "pages/dataset/statistics.py"


@pytest.fixture
def methodology_app(made_once: MadeOnce, tmp_path: Path, request: pytest.FixtureRequest) -> AppTest:
    made_once.copy(fill_methodology, tmp_path / "workspace")
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app


def test_an_empty_workspace_says_what_to_do(signed_in_app: AppTest) -> None:
    assert "Import a data set" in text_of(show(signed_in_app, PAGE))


def test_the_page_shows_the_numbers_of_the_paper_and_offers_every_file(methodology_app: AppTest) -> None:
    app = show(methodology_app, PAGE)
    assert "1,026 images of 443 patients in 9 categories" in text_of(app)
    summary = next(table.value for table in app.dataframe if "Indicator" in table.value)
    assert dict(summary.itertuples(index=False))["Min / median / mean / max images per patient"] == "1 / 2 / 2.32 / 10"
    offered = {proto.label for proto in protos(app, "download_button")}
    assert {"CSV", "LaTeX", "SVG", "PNG", "All tables and figures (zip)"} <= offered


def test_the_filter_of_the_address_describes_a_part(methodology_app: AppTest) -> None:
    app = show(methodology_app, PAGE, dx="melanoma", missing_by="verification_stage")
    assert "18 images" in text_of(app)
    assert app.selectbox(key="statistics.missing_by").value == "verification_stage"
    assert app.query_params["dx"] in ("melanoma", ["melanoma"])


def test_a_filter_that_matches_nothing_says_so(methodology_app: AppTest) -> None:
    assert "No record passes these filters" in text_of(show(methodology_app, PAGE, text="no such id"))
