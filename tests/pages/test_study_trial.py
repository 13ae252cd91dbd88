"""The trial run of a draft before it is frozen, and the plan on the Sample size page that it leads to."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.designer import begun, open_draft
from tests.pages.test_pages import show, text_of

from dermdash.analyses.sample_size.of_protocol import power_of_protocol
from dermdash.reader_study.protocol import NATURE_MEDICINE_2020
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.storage.workspace import Workspace
from dermdash.ui import study_trial_view
from dermdash.ui.analysis.sample_size_view import link_to_plan
from dermdash.workflows.reader_study import study_results


def tried(app: AppTest, workspace: Workspace, *, template: str = NATURE_MEDICINE_2020, readers: int = 20) -> AppTest:
    """A draft with seven cases, tried with so many readers."""
    draft_id = begun(workspace, template=template, cases_per_round=7, practice_cases=1, name="Tried")
    app = open_draft(app, draft_id, "review", part="trial")
    app.number_input(key="trial.readers").set_value(readers).run()
    assert not app.exception
    return app


def test_minutes_power_and_balance_are_shown_before_freezing_and_stand_in_the_address(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    before = len(study_results.list_studies(app_workspace))
    app = tried(filled_app, app_workspace, readers=12)
    app.number_input(key="trial.dropout").set_value(25).run()
    said = text_of(app, "markdown")
    assert "**12 readers, 3\N{NO-BREAK SPACE}min each**; 9 complete" in said
    assert "no difference is found: take more readers or cases" in said
    assert "12\N{NO-BREAK SPACE}s for a new image" in text_of(app, "caption")
    assert "Nothing is stored" in text_of(app, "caption")
    assert len(study_results.list_studies(app_workspace)) == before
    app.number_input(key="trial.dropout").set_value(0).run()
    assert not app.exception
    assert (app.query_params["trial-dropout"], app.query_params["trial-readers"]) == ("0", "12")
    assert "12 complete" in text_of(app, "markdown")
    app.number_input(key="trial.readers").set_value(100).run()
    assert "A difference in accuracy of" in text_of(app, "markdown")


def test_a_crossover_shows_arms_and_strata_as_asked_and_warns_of_small_ones(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = tried(filled_app, app_workspace, template="crossover", readers=5)
    assert "min and" in text_of(app, "markdown")  # of two periods
    assert "Arms cannot be balanced within" in text_of(app, "warning")
    app.toggle(key="trial.own_strata").set_value(True).run()
    for box in app.number_input:
        if str(box.key).startswith("trial.stratum."):
            box.set_value(int(str(box.key).endswith(".dermatologist")))
    app.run()
    assert not app.exception
    assert "Arms cannot be balanced within" not in text_of(app, "warning")
    (table,) = (frame.value for frame in app.dataframe if "Stratum" in frame.value)
    assert list(table["Stratum"]) == ["Dermatologist, board-certified"]
    for box in app.number_input:
        if str(box.key).endswith(".dermatologist"):
            box.set_value(0)
    app.run()
    assert "not all of them 0" in text_of(app, "error")


def test_different_readers_in_each_arm_get_the_power_of_arms(filled_app: AppTest, app_workspace: Workspace) -> None:
    app = tried(filled_app, app_workspace, template="parallel-arms", readers=40)
    (table,) = (frame.value for frame in app.dataframe if "Complete readers" in frame.value)
    assert list(table["Of"]) == ["Accuracy", "Sensitivity"]
    assert set(table.iloc[:, 3]) == {"no such test"}  # of seven cases
    assert "divided evenly among 2 arms" in text_of(app, "caption")


def test_a_link_brings_readers_and_dropout_along(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, cases_per_round=7, practice_cases=1, name="Tried")
    app = open_draft(
        filled_app, draft_id, "review", part="trial", **{"trial-readers": "11", "trial-dropout": "0", "trial-run": "4"}
    )
    assert app.number_input(key="trial.seed").value == 4
    assert "**11 readers" in text_of(app, "markdown")
    assert "11 complete" in text_of(app, "markdown")


def test_a_long_run_is_begun_by_a_button_and_found_again(
    filled_app: AppTest, app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_trial_view, "_AT_ONCE_S", 0.0)
    app = tried(filled_app, app_workspace, readers=7)
    assert "takes about" in text_of(app, "markdown")
    assert "7 complete" not in text_of(app, "markdown")
    app.number_input(key="trial.dropout").set_value(0).run()
    app.button(key="trial.begin").click().run()
    assert "7 complete" in text_of(app, "markdown")
    app.run()
    assert "7 complete" in text_of(app, "markdown")


@pytest.mark.parametrize("key", ["nature-medicine-2020", "crossover", "parallel-arms"])
def test_the_page_of_sample_size_says_the_same_power_of_the_same_inputs(signed_in_app: AppTest, key: str) -> None:
    protocol = STUDY_TEMPLATES[key].protocol(name="s", dataset_id="d", model_id="m", seed=1)
    power = power_of_protocol(protocol, readers=18, difference=0.12)
    for figure in power.figures:
        assert figure.power is not None
        app = show(signed_in_app, "pages/analysis/sample_size.py", **link_to_plan(power, figure))
        arms = " in 2 arms" if key == "parallel-arms" else ""
        said = f"18 readers{arms} with {figure.cases} cases have a power of {100 * figure.power:.1f}"
        assert said in text_of(app, "html").replace("\N{NO-BREAK SPACE}", " "), text_of(app)
