"""The page of statistics: nothing yet, the records that the filters let through, what its address says."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import fill_records
from tests.made_once import MadeOnce
from tests.methodology_dataset import fill_methodology
from tests.pages.test_pages import protos, show, text_of
from tests.two_kinds import DRAWN, OF_PHOTOGRAPHS, fill_two_kinds, predict

from dermdash.charts.point_colours import PointColours
from dermdash.storage.workspace import Workspace
from dermdash.ui import dataset_comparison_view, map_view
from dermdash.workflows.classifier.record_map import record_map

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
    assert "Nevus is the most frequent diagnosis, 71 of 100 images" in "".join(p.body for p in protos(app, "html"))
    closed = {expander.label: expander.proto.expanded for expander in app.expander}
    assert closed["Summary and categories"] is closed["What is missing"] is False
    summary = next(table.value for table in app.dataframe if "Indicator" in table.value)
    assert dict(summary.itertuples(index=False))["Min / median / mean / max images per patient"] == "1 / 2 / 2.32 / 10"
    offered = {proto.label for proto in protos(app, "download_button")}
    assert {"CSV", "LaTeX", "SVG", "PNG", "All tables and figures (zip)"} <= offered


def test_the_filter_of_the_address_describes_a_part(methodology_app: AppTest) -> None:
    app = show(methodology_app, PAGE, dx="melanoma", missing_by="verification_stage")
    assert "18 images" in text_of(app)
    assert "Melanoma is the most frequent diagnosis, 18 of 18 images" in "".join(p.body for p in protos(app, "html"))
    assert app.selectbox(key="statistics.missing_by").value == "verification_stage"
    assert next(expander for expander in app.expander if expander.label == "What is missing").proto.expanded
    assert app.query_params["dx"] in ("melanoma", ["melanoma"])


def test_a_filter_that_matches_nothing_says_so(methodology_app: AppTest) -> None:
    assert "No record passes these filters" in text_of(show(methodology_app, PAGE, text="no such id"))


@pytest.fixture
def two_kinds_app(made_once: MadeOnce, tmp_path: Path, request: pytest.FixtureRequest) -> AppTest:
    made_once.copy(fill_two_kinds, tmp_path / "workspace")
    app: AppTest = request.getfixturevalue("signed_in_app")
    return app


def test_the_map_is_drawn_when_asked_for_and_shows_the_most_unlike(
    two_kinds_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_view, "_AT_ONCE", 0)
    app = show(two_kinds_app, PAGE, tab="map")
    assert "The map is not drawn yet" in text_of(app)
    app.button(key="map.begin").click().run()
    for _ in range(50):
        if not app.exception and "Least like any other" in text_of(app):
            break
        app.run()
    assert not app.exception
    assert "Draw a line round points" in text_of(app)
    app.selectbox(key="map.colour").set_value("uniqueness").run()
    assert not app.exception
    assert app.query_params["colour"] in ("uniqueness", ["uniqueness"])


def test_drawn_images_are_described_apart_and_one_data_set_is_compared_with_none(two_kinds_app: AppTest) -> None:
    app = show(two_kinds_app, PAGE, tab="comparison")
    text = text_of(app)
    assert "Not counted here" in text
    assert "One data set" in text
    drawn = show(two_kinds_app, PAGE, tab="map", dataset_id=DRAWN)
    for _ in range(50):
        if "Least like any other" in text_of(drawn):  # a small map needs no asking
            break
        drawn.run()
    assert "drawn by a program" in text_of(drawn)
    assert "Least like any other" in text_of(drawn)


def two_sets_on_a_map(workspace: Workspace) -> None:
    fill_two_kinds(workspace)
    fill_records(workspace, dataset="more")
    predict(workspace, OF_PHOTOGRAPHS, "more")
    record_map(workspace, OF_PHOTOGRAPHS, simulated=False)


def test_two_data_sets_are_shown_on_the_map_of_all(
    made_once: MadeOnce, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_once.copy(two_sets_on_a_map, tmp_path / "workspace")
    shown: list[PointColours] = []
    monkeypatch.setattr(dataset_comparison_view, "point_map", lambda _points, colours, **_: shown.append(colours))
    monkeypatch.setattr(dataset_comparison_view, "answering_model", lambda *_, **__: {"id": OF_PHOTOGRAPHS})
    app = show(request.getfixturevalue("signed_in_app"), PAGE, tab="comparison")
    assert "How far apart two are" in text_of(app, "header")
    (colours,) = shown
    counts = sorted(int(text.rpartition("(")[2].rstrip(")")) for text, _ in colours.legend)
    assert len(counts) == 2
    assert sum(counts) == len(colours.groups)
    assert min(counts) > 0


def test_without_a_prediction_the_map_says_how_to_get_one(methodology_app: AppTest) -> None:
    text = text_of(show(methodology_app, PAGE, tab="map"))
    assert "No features yet" in text
    assert "`dermdash predict`" in text


def test_records_of_a_set_are_those_that_the_records_page_shows(two_kinds_app: AppTest) -> None:
    app = show(two_kinds_app, "pages/dataset/records.py", record_set="nowhere")
    assert "This workspace has no set of records nowhere" in text_of(app)
    app.button(key="records.set.clear").click().run()
    assert "nowhere" not in text_of(app)
    assert "record_set" not in app.query_params
