"""The drawn cases on the page of a new study, exchanged with a reason; and the archive on the page of results."""

import io
import zipfile

import pytest
from streamlit.testing.v1 import AppTest
from tests.pages.designer import begun, open_draft, press, to_section
from tests.pages.test_pages import protos, show, text_of

from dermdash.storage import case_exchanges, studies
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.workflows.accounts.access import ADMIN_ACCOUNT
from dermdash.workflows.exports.running_export import export_of, last_export, of_studies
from dermdash.workflows.reader_study import study_results

pytestmark = pytest.mark.slow


def test_a_case_is_exchanged_with_a_reason_and_the_study_is_frozen_with_it(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(
        filled_app, begun(app_workspace, cases_per_round=7, seed=3, name="Looked at"), "review", part="cases"
    )
    assert "Open one to look at it closely" in text_of(app, "caption")
    gallery = next(proto for proto in protos(app, "bidi_component") if "Drawn cases" in str(proto))
    first = next(name for name in known_records(app_workspace) if name in str(gallery))
    app.session_state[keys.CASE_UNDER_REVIEW] = first
    app.run()
    press(app, "Exchange this case")
    assert "say why the case is exchanged" in app.error[0].value
    press(app, "Blurred")  # a usual reason is one click
    assert "was exchanged for" in text_of(app, "success")
    assert "1 exchange in this list" in [expander.label for expander in app.expander]
    app.text_input(key="new.review.reason").set_value("known to all")
    press(app, "Lock the list")
    assert "Exchange this case" not in [button.label for button in app.button]
    assert "The list is locked: open it again to exchange this case." in text_of(app, "caption")
    assert "The list was looked at and locked." in text_of(to_section(app, "review", part="freeze"))
    app.button(key="new.freeze").click().run()
    study = study_results.list_studies(app_workspace)[0]
    held = case_exchanges.exchanges_of_study(app_workspace.engine, study["id"])
    assert [(row["old_record_id"], row["reason"]) for row in held] == [(first, "Blurred")]
    cases = set(studies.cases_of_study(app_workspace.engine, study["id"])["record_id"])
    assert first not in cases
    assert held[0]["new_record_id"] in cases
    # Another study of the same draw begins with what was exchanged, until it is taken back.
    frozen = show(app, "protocol", source=f"study:{study['id']}")
    assert "1 case was exchanged before the freeze" in text_of(frozen)


def known_records(workspace: Workspace) -> list[str]:
    from dermdash.storage import records

    return list(records.records_of_dataset(workspace.engine, "clinic")["id"])


def test_the_archive_of_a_study_is_built_beside_the_page_and_offered(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = show(filled_app, "results")
    app.button(key="results.archive.build").click().run()
    owner = of_studies(ADMIN_ACCOUNT)
    job = export_of(app_workspace.home, owner)
    assert job is not None
    assert job.wait(60)
    app.run()
    assert "readings of 2 readers" in text_of(app)
    kept = last_export(app_workspace.home, owner)
    assert kept is not None
    assert kept.file is not None
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(kept.file.read_bytes())).namelist()
    press(app, "Remove it")
    assert last_export(app_workspace.home, owner) is None
