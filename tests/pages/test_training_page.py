"""The training page over nothing, a training that runs, one that was killed, one that is finished, and damage."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, MODEL, Filled
from tests.pages.test_pages import protos, show, text_of
from tests.training_workspace import damage, mark_killed, mark_running, tiny_job, write_result, write_steps

from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.training import control
from dermdash.workflows.classifier.training.job import Job, JobState, list_jobs, read_job, write_json, write_status

pytestmark = pytest.mark.slow

PAGE = "pages/classifier/training.py"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Trainings that the page would have run beside the app."""
    jobs: list[Job] = []

    def start_beside(folder: object) -> None:
        jobs.append(read_job(folder))  # type: ignore[arg-type]

    monkeypatch.setattr(control, "start_beside", start_beside)
    return jobs


def badge(app: AppTest) -> str:
    return next(m.value for m in app.markdown if "-badge[" in m.value)


def test_without_a_data_set_the_page_leads_to_the_import(signed_in_app: AppTest) -> None:
    shown = text_of(show(signed_in_app, PAGE))
    assert "No training yet" in shown
    assert "Import a data set first" in shown
    assert not signed_in_app.button


def test_the_form_starts_a_training_with_what_it_says(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace, started: list[Job]
) -> None:
    app = show(filled_app, PAGE)
    app.selectbox(key="training.architecture").set_value("resnet10")
    app.number_input(key="training.input_size").set_value(32)
    app.number_input(key="training.folds").set_value(3)
    app.number_input(key="training.patience").set_value(2)
    app.multiselect(key="training.records.verification_stage").set_value(["2"])
    app.text_input(key="training.name").set_value("  [Three](x) folds ")
    app.button(key="training.start").click().run()
    assert not app.exception
    (job,) = started
    assert job.settings.dataset_id == DATASET
    assert (job.settings.architecture, job.settings.input_size, job.settings.folds) == ("resnet10", 32, 3)
    assert (job.settings.patience, job.settings.held_out_fraction, job.settings.name) == (2, 0.2, "[Three](x) folds")
    assert job.settings.record_filter == {"verification_stage": ["2"]}
    assert "Only records with: Verification stage: 2" in text_of(app, "caption")
    assert "Left out: 6." in text_of(app, "caption")
    assert job.state is JobState.STARTING
    assert "1 training, one is running" in text_of(app)
    assert r"\[Three\](x) folds" in badge(app)
    assert app.button(key="training.start").disabled
    assert "One training at a time" in text_of(app, "caption")


def test_a_choice_that_cannot_be_is_said_and_nothing_is_left(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace, started: list[Job]
) -> None:
    app = show(filled_app, PAGE)
    app.number_input(key="training.folds").set_value(3)
    app.number_input(key="training.repeats").set_value(2)
    app.button(key="training.start").click().run()
    assert "folds or repeats, not both" in app.error[0].value
    assert not started
    assert list_jobs(app_workspace.home) == []


@pytest.mark.parametrize(
    ("chosen", "file", "words"), [("file", "", "Name the weights file"), ("", "/x.pth", "clear its")]
)
def test_initial_weights_are_never_quietly_left_out(
    filled: Filled,
    filled_app: AppTest,
    app_workspace: Workspace,
    started: list[Job],
    chosen: str,
    file: str,
    words: str,
) -> None:
    app = show(filled_app, PAGE)
    app.selectbox(key="training.initial").set_value(chosen)
    app.text_input(key="training.initial_file").set_value(file)
    app.button(key="training.start").click().run()
    assert words in app.error[0].value
    assert not started


def test_the_models_page_shows_repeats_together(filled: Filled, filled_app: AppTest, app_workspace: Workspace) -> None:
    job = write_result(tiny_job(app_workspace, repeats=2, name="Twice"))
    write_json(job.folder / "registered.json", {"models": [MODEL, MODEL]})
    app = show(filled_app, "pages/classifier/models.py")
    repeats = next(d.value for d in app.dataframe if "Training" in d.value.columns)
    assert repeats.to_dict("records") == [
        {
            "Training": "Twice",
            "Models": 2,
            "Mean recall": "50.0 ± 2.0\N{NO-BREAK SPACE}%",
            "Accuracy": "50.0 ± 2.0\N{NO-BREAK SPACE}%",
            "Held-out images": 21,
        }
    ]


def test_a_running_training_shows_its_curves_and_the_time_left(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    job = mark_running(tiny_job(app_workspace, epochs=10, repeats=2))
    write_steps(job.folder, epochs=10, until=4)
    app = show(filled_app, PAGE)
    assert "running" in badge(app)
    (bar,) = protos(app, "progress")
    assert bar.text == "Training 1 of 2 (seed 3): epoch 4 of 10, step 5 of 5, about 3\N{NO-BREAK SPACE}min left"
    assert bar.value == 20
    assert len(app.get("plotly_chart")) == 2
    # The next two seconds bring another epoch.
    write_steps(job.folder, epochs=10, until=5)
    app.run()
    assert "epoch 5 of 10" in protos(app, "progress")[0].text


def test_decoding_is_shown_before_the_first_step(filled: Filled, filled_app: AppTest, app_workspace: Workspace) -> None:
    job = mark_running(tiny_job(app_workspace, epochs=10))
    write_steps(job.folder, epochs=10, until=0)
    app = show(filled_app, PAGE)
    assert protos(app, "progress")[0].text == "20 of 20 images decoded"
    assert not app.get("plotly_chart")


def test_only_a_training_of_its_own_process_is_stopped(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    job = mark_running(tiny_job(app_workspace))  # by the process of these tests
    app = show(filled_app, PAGE)
    app.button(key=f"training.stop.{job.id}").click().run()
    assert "other work" in app.error[0].value
    assert read_job(job.folder).state is JobState.RUNNING


def test_a_killed_training_is_marked_and_continued(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace, started: list[Job]
) -> None:
    job = mark_killed(tiny_job(app_workspace, epochs=10))
    write_steps(job.folder, epochs=10, until=3)
    app = show(filled_app, PAGE)
    assert "interrupted" in badge(app)
    assert "up to its last complete epoch is kept" in app.warning[0].value
    app.button(key=f"training.continue.{job.id}").click().run()
    assert [j.id for j in started] == [job.id]
    assert "starting" in badge(app)


def test_a_failed_training_says_why_and_can_be_deleted(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    job = tiny_job(app_workspace)
    write_status(job.folder, JobState.FAILED, message="The memory did not suffice: choose a smaller batch size.")
    app = show(filled_app, PAGE)
    assert "smaller batch size" in app.error[0].value
    app.button(key=f"training.delete.{job.id}").click().run()
    assert not app.exception
    assert not job.folder.exists()
    assert "No training yet" in text_of(app)


def test_a_finished_cross_validation_shows_its_figures_and_files(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    job = write_result(tiny_job(app_workspace, folds=2, patience=1), out_of_fold=True)
    app = show(filled_app, PAGE)
    assert job.state is JobState.FINISHED
    shown = text_of(app)
    assert "Out of fold, on 10 of 10 records: mean recall **50.0\N{NO-BREAK SPACE}%**" in shown
    assert "(31.0 to 83.0)" in shown
    assert "a little too good" in shown
    result = next(d.value for d in app.dataframe if "Epochs" in d.value.columns)
    assert list(result["Training"]) == ["fold 1 of 2", "fold 2 of 2"]
    recalls = next(d.value for d in app.dataframe if "Recall" in d.value.columns)
    assert recalls.to_dict("records")[0]["Diagnosis"] == "Melanoma"
    labels = [p.label for p in protos(app, "download_button")]
    assert labels == ["Out-of-fold predictions (CSV)", "Folds (CSV)"]
    assert app.button(key=f"training.register.{job.id}").label == "Register them as models"


def test_what_cannot_be_registered_is_said_at_its_training(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    write_result(tiny_job(app_workspace))  # its checkpoint is not there
    app = show(filled_app, PAGE)
    assert "missing or damaged" in app.error[0].value.replace("\\", "")


def test_a_damaged_training_does_not_hide_the_others(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace
) -> None:
    good, bad = tiny_job(app_workspace), tiny_job(app_workspace)
    damage(bad.folder / "request.json")
    app = show(filled_app, PAGE)
    assert sorted(app.dataframe[0].value["State"]) == ["damaged", "stopped"]
    assert good.settings.title in list(app.dataframe[0].value["Training"])


def test_the_curves_are_not_drawn_for_somebody_who_has_signed_out(
    filled: Filled, filled_app: AppTest, app_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fragment runs without its page: it asks for the session itself."""
    from dermdash.errors import AccessDenied
    from dermdash.ui import access
    from dermdash.workflows.accounts.access import Account
    from dermdash.workflows.accounts.rights import Right

    mark_running(tiny_job(app_workspace, epochs=10))
    asked: list[Right] = []

    def act(right: Right) -> Account:
        asked.append(right)
        raise AccessDenied("Please sign in first.")

    monkeypatch.setattr(access, "act", act)
    app = show(filled_app, PAGE)
    assert "Please sign in" in app.error[0].value
    assert asked == [Right.RUN_MODELS]
    assert not protos(app, "progress")
