"""The preview of a study: every step as readers get it, before the freeze and after, and nothing is stored."""

from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import Filled
from tests.pages.designer import begun, open_draft
from tests.pages.open_page import to_page
from tests.pages.test_reading_page import panel
from tests.signed_in import session_with

from dermdash.reader_study.preview_way import PreviewStep
from dermdash.storage.tables import metadata
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.workflows.accounts.access import Role
from dermdash.workflows.classifier.model_registry import reference_model_id

STUDY = "protocol"


def rows(workspace: Workspace) -> dict[str, int]:
    with workspace.engine.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def shown(app: AppTest, step: PreviewStep, **also: str) -> Any:
    """What the panel is given at a step that is chosen."""
    app.selectbox(key="preview.step").set_value(str(step))
    for key, value in also.items():
        app.selectbox(key=f"preview.{key}").set_value(value)
    app.run()
    assert not app.exception
    return panel(app)


@pytest.fixture
def new_study(filled_app: AppTest, app_workspace: Workspace) -> AppTest:
    draft_id = begun(app_workspace, name="Moles", cases_per_round=7, seed=5, model_id=reference_model_id())
    app = open_draft(filled_app, draft_id, "review", part="reader")
    assert not app.exception
    return app


def test_a_protocol_is_walked_through_as_its_readers_will(new_study: AppTest, app_workspace: Workspace) -> None:
    before = rows(app_workspace)
    assert new_study.title[-1].value == "Reader study"  # the consent
    assert any("nothing is stored" in one.value for one in new_study.markdown)
    assert new_study.button(key="consent.start").disabled
    new_study.checkbox(key="consent.agreed").check().run()
    new_study.button(key="consent.start").click().run()
    assert new_study.title[-1].value == "About you"
    new_study.button(key="preview.on_to").click().run()
    data = panel(new_study)
    assert data is not None
    assert data["interlude"]["title"] == "Before you start"
    unaided = shown(new_study, PreviewStep.CASE)
    assert unaided["preview"]
    assert unaided["step"]["assistance"] is None
    aided = shown(new_study, PreviewStep.AIDED, modality="multiclass_probability", language="de")
    assert aided["step"]["assistance"]["modality"] == "multiclass_probability"
    assert aided["step"]["previous"] is not None
    assert aided["language"] == "de"
    assert "Hautveränderung" in aided["words"]["IMAGE"] or "Läsion" in aided["words"]["IMAGE"]
    assert shown(new_study, PreviewStep.AIDED, modality="cbir") is None
    assert "dermdash predict" in new_study.error[-1].value  # no features of this data set yet: the freeze makes them
    assert shown(new_study, PreviewStep.END, modality="multiclass_probability")["finished"]
    assert new_study.query_params["step"] == "end"
    assert new_study.query_params["assistance"] == "multiclass_probability"
    assert rows(app_workspace) == before


def test_a_preview_comes_back_from_its_address(filled_app: AppTest, filled: Filled) -> None:
    app = to_page(filled_app, STUDY)
    app.query_params["study"] = filled.study_id
    app.query_params["as_reader"] = "on"
    app.query_params["step"] = "aided"
    app.query_params["language"] = "ru"
    app.query_params["window"] = "phone"
    app.run()
    assert not app.exception
    data = panel(app)
    assert data is not None
    assert (data["step"]["phase"], data["language"]) == ("aided", "ru")
    assert any("not blind" in one.value for one in app.warning)
    assert "--preview-width: 390px" in "".join(element.proto.body for element in app.get("html"))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("role", "offered"), [(Role.COORDINATOR, True), (Role.STATISTICIAN, False)])
def test_a_frozen_study_is_seen_as_a_reader_by_who_may_run_it(
    role: Role, offered: bool, filled: Filled, visitor_app: AppTest, app_workspace: Workspace
) -> None:
    visitor_app.session_state[keys.SESSION_TOKEN] = session_with(app_workspace, role)
    app = to_page(visitor_app, STUDY)
    app.query_params["study"] = filled.study_id
    app.run()
    assert not app.exception
    assert [one.key for one in app.toggle if one.key == "preview.on"] == (["preview.on"] if offered else [])
