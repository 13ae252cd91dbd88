"""Finds the widgets of a draft by the entry that they change, and begins drafts."""

from typing import Any

from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, MODEL
from tests.pages.test_pages import show

from dermdash.reader_study.protocol import NATURE_MEDICINE_2020
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.reader_study import study_drafts

PAGE = "pages/reader_study/new_study.py"
KINDS = ("text_input", "text_area", "number_input", "selectbox", "multiselect", "toggle", "button_group", "date_input")


def begun(workspace: Workspace, *, template: str = NATURE_MEDICINE_2020, dataset: str = DATASET, **entries: Any) -> str:
    """A draft after a template, with the model whose predictions are stored; its id."""
    start = study_drafts.from_template(workspace, template, dataset_id=dataset)
    known = {"model_id": MODEL} if start["model_id"] is not None else {}
    return study_drafts.begin_draft(workspace, OPERATOR, start | known | entries)


def open_draft(app: AppTest, draft_id: str, section: str = "cases", **query: str) -> AppTest:
    """The page of a draft at a section; ``part`` of the last one."""
    return show(app, PAGE, draft=draft_id, section=section, **query)


def entry(app: AppTest, path: str) -> Any:
    """The widget of an entry (``name``, ``design.washout_days``), in whatever draft is shown."""
    for kind in KINDS:
        for widget in app.get(kind):
            key = str(getattr(widget, "key", None))
            if key.startswith("new.") and key.split(".", 3)[3:] == [path]:
                return widget
    raise AssertionError(f"no widget for {path}")


def to_section(app: AppTest, section: str, **query: str) -> AppTest:
    """Turn to another section, as a click on it does."""
    for name, value in {"section": section, **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    """Click the button of that name."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app
