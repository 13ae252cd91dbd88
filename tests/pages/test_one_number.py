"""One mean recall: the same on every page and in every command, in a workspace of photographs and drawings."""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET
from tests.made_once import MadeOnce
from tests.pages.test_pages import protos, show, text_of
from tests.training_workspace import as_json, tiny_job, write_result
from tests.two_kinds import DRAWN, OF_DRAWINGS, OF_PHOTOGRAPHS, fill_two_kinds, predict
from typer.testing import CliRunner

from dermdash.analyses.comparison.paired_cases import pair_models
from dermdash.analysis.evaluation import EvaluationOptions
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.evaluate_model import evaluate_model
from dermdash.workflows.classifier.model_headline import model_headline
from dermdash.workflows.classifier.model_in_use import choose_model
from dermdash.workflows.classifier.training.job import write_json

pytestmark = pytest.mark.slow

_RECALL = re.compile(r"mean recall \**(\d+\.\d)\s?%", re.IGNORECASE)


def fill(workspace: Workspace) -> None:
    """Photographs and drawings, a model of each in use, and one that has also looked at the other kind."""
    fill_two_kinds(workspace)
    predict(workspace, OF_PHOTOGRAPHS, DRAWN)
    choose_model(workspace, OF_PHOTOGRAPHS)


@pytest.fixture
def two_kinds_home(made_once: MadeOnce, tmp_path: Path) -> None:
    made_once.copy(fill, tmp_path / "workspace")


@pytest.fixture
def two_kinds(two_kinds_home: None, app_workspace: Workspace) -> Workspace:
    return app_workspace


def percent_of(workspace: Workspace, model_id: str) -> str:
    """What an evaluation finds where no data set is named, as shown."""
    value = evaluate_model(workspace, model_id=model_id, options=EvaluationOptions(bootstrap=0))
    assert value.classification.mean_recall.value is not None
    return f"{100 * value.classification.mean_recall.value:.1f}"


def test_every_place_shows_the_mean_recall_of_the_evaluation(two_kinds: Workspace, signed_in_app: AppTest) -> None:
    expected = {model: percent_of(two_kinds, model) for model in (OF_PHOTOGRAPHS, OF_DRAWINGS)}
    assert expected[OF_PHOTOGRAPHS] != expected[OF_DRAWINGS]
    shown: dict[str, dict[str, str]] = {}
    overview = text_of(show(signed_in_app, "pages/dataset/overview.py"))
    lines = [line for line in overview.splitlines() if line.startswith("For ")]
    assert [line.split(":")[0] for line in lines] == ["For photographs", "For drawn images"]
    shown["overview"] = dict(zip(expected, [_RECALL.search(line)[1] for line in lines], strict=True))  # type: ignore[index]
    assert "Clinic" in lines[0]
    assert "Drawn" in lines[1]

    models = show(signed_in_app, "pages/classifier/models.py")
    rows = {row["Id"]: row for row in models.dataframe[0].value.to_dict("records")}
    shown["models"] = {model: rows[model]["Mean recall"].rstrip("%").strip() for model in expected}
    assert rows[OF_PHOTOGRAPHS]["Measured on"].endswith("of Clinic")

    shown["evaluation"] = {}
    for model, kind in ((OF_PHOTOGRAPHS, "real"), (OF_DRAWINGS, "drawn")):
        page = show(signed_in_app, "pages/classifier/evaluation.py", model=model)
        page.segmented_control(key="evaluation.images").set_value(kind).run()
        assert not page.exception
        figures = next(p.body for p in protos(page, "html") if "dd-figures" in p.body)
        shown["evaluation"][model] = re.search(r"Mean recall</dt><dd>(\d+\.\d)", figures)[1]  # type: ignore[index]
    assert "drawn by a program" in text_of(page, "warning")

    shown["comparison"] = {}
    for model, other in ((OF_PHOTOGRAPHS, OF_PHOTOGRAPHS[:-1] + "9"),):
        from tests.two_kinds import add_model

        add_model(two_kinds, other, dataset=DATASET)
        predict(two_kinds, other, DATASET)
        found = pair_models(two_kinds, model, other, options=EvaluationOptions(bootstrap=0)).comparison
        recall = next(m for m in found.metrics if m.metric == "mean_recall").first
        assert recall is not None
        shown["comparison"][model] = f"{100 * recall:.1f}"

    two_kinds.close()  # DuckDB has one owner per file: now the commands
    from dermdash.cli import app

    run = CliRunner().invoke
    shown["evaluate"], shown["model list"] = {}, {}
    listed = {m["id"]: m for m in as_json(run(app, ["model", "list", "--json"]).stdout)["models"]}
    for model, arguments in ((OF_PHOTOGRAPHS, []), (OF_DRAWINGS, ["--simulated"])):
        found_json = json.loads(run(app, ["evaluate", "--bootstrap", "0", "--json", *arguments]).stdout)
        assert found_json["source"]["model"]["id"] == model
        assert found_json["simulated"] == bool(arguments)
        shown["evaluate"][model] = f"{100 * found_json['mean_recall']['value']:.1f}"
        shown["model list"][model] = f"{100 * listed[model]['mean_recall']:.1f}"
        assert listed[model]["in_use"]
    for place, figures_by_model in shown.items():
        assert figures_by_model == {m: expected[m] for m in figures_by_model}, place


def test_a_training_says_what_was_measured_at_training_and_what_is_found_now(
    two_kinds: Workspace, signed_in_app: AppTest
) -> None:
    job = write_result(tiny_job(two_kinds, name="New one"), mean_recall=0.51)
    write_json(job.folder / "registered.json", {"models": [OF_PHOTOGRAPHS]})
    shown = text_of(show(signed_in_app, "pages/classifier/training.py"))
    assert "Measured at training, on held-out images of Clinic" in shown
    assert f"now: mean recall **{percent_of(two_kinds, OF_PHOTOGRAPHS)}%** on" in shown.replace(
        "\N{NO-BREAK SPACE}%", "%"
    )


def test_the_headline_follows_what_changes_it(two_kinds: Workspace) -> None:
    before = model_headline(two_kinds, OF_PHOTOGRAPHS)
    assert (before.dataset_id, before.images, before.lesions, before.missing) == (DATASET, 42, 35, "")
    assert model_headline(two_kinds, OF_PHOTOGRAPHS) is before
    from dermdash.workflows.classifier.model_registry import reference_model_id

    missing = model_headline(two_kinds, reference_model_id())
    assert missing.mean_recall is None
    assert "dermdash predict" in missing.missing
    assert missing.dataset_id == DATASET


def test_the_model_in_the_address_decides_the_kind_of_images(two_kinds: Workspace, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "pages/classifier/evaluation.py", model=OF_DRAWINGS)
    assert app.segmented_control(key="evaluation.images").value == "drawn"
    assert f"Model 12 ({OF_DRAWINGS}), trained on drawings on Drawn (drawn)" in text_of(app)


def test_a_drawn_record_is_compared_with_drawings_and_marked(two_kinds: Workspace, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "pages/classifier/similar_images.py", record=f"{DRAWN}:NV_0")
    assert app.segmented_control(key="similar.images").value == "drawn"
    assert "drawn by a program" in text_of(app, "warning")
    app.segmented_control(key="similar.images").set_value("real").run()
    assert "compared with their own kind only" in app.error[0].value


def test_a_record_can_show_what_another_model_says(two_kinds: Workspace, signed_in_app: AppTest) -> None:
    app = show(signed_in_app, "pages/dataset/record.py", id=f"{DRAWN}:NV_0")
    assert "drawn by a program" in app.info[0].value
    box = app.selectbox(key=f"record.model.{DRAWN}:NV_0")
    assert box.value == OF_DRAWINGS
    box.set_value(OF_PHOTOGRAPHS).run()
    assert not app.exception
    assert f"Model 11 ({OF_PHOTOGRAPHS}, resnet10)" in text_of(app)
