"""A study out of an archive, on the Studies page: looked at, imported, its numbers computed anew; for whom it is."""

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.archived_study import fill_small_study, rewritten
from tests.made_once import MadeOnce
from tests.pages.open_page import to_page
from tests.signed_in import session_with

from dermdash.errors import AccessDenied
from dermdash.report.study_archive import Reproduction, archive_study
from dermdash.report.study_numbers import ComparedNumbers
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.ui import archive_import_view, keys
from dermdash.ui.uploads import keep_upload
from dermdash.workflows.accounts.access import OPERATOR, Role, account_of
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.archive.import_study import import_study

PAGE = "pages/reader_study/studies.py"
KEY = "studies.archive"


@pytest.fixture(scope="module")
def archive(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    study_id = made_once.copy(fill_small_study, folder / "workspace")
    workspace = open_workspace(Settings(home=folder / "workspace"))
    archive_study(workspace, OPERATOR, study_id, folder / "study.zip")
    workspace.close()
    return folder / "study.zip"


@pytest.fixture
def studies_app(signed_in_app: AppTest) -> AppTest:
    return to_page(signed_in_app, PAGE).run()


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.error, *app.warning, *app.success, *app.info, *app.caption]
    return "\n".join(str(each.value) for each in parts)


def send(app: AppTest, data: bytes, name: str = "study.zip") -> AppTest:
    app.file_uploader(key=f"{KEY}.file").set_value([(name, data, "application/zip")])
    app.run()
    app.button(key=f"{KEY}.look").click().run()
    assert not app.exception, app.exception
    return app


def kept(workspace: Workspace) -> list[Path]:
    return sorted((workspace.home / "uploads").glob("files-kept-*/*"))


def test_an_archive_is_looked_at_imported_and_opened(
    archive: Path, app_workspace: Workspace, studies_app: AppTest
) -> None:
    app = send(studies_app, archive.read_bytes())
    said = words(app)
    assert "has the sha256 that its manifest says" in said
    assert "The study is new here" in said
    assert "with their images" in said
    assert study_results.list_studies(app_workspace) == []
    assert app.query_params["archive"]
    app.button(key=f"{KEY}.import").click().run()
    assert not app.exception, app.exception
    (study,) = study_results.list_studies(app_workspace)
    assert "is imported" in words(app)
    assert "The study is here already" in words(app)
    # A reload in another tab: the address finds the file again, and the way into the study.
    again = AppTest.from_file(app._script_path, default_timeout=30)
    again.session_state[keys.SESSION_TOKEN] = app.session_state[keys.SESSION_TOKEN]
    again.query_params["archive"] = app.query_params["archive"]
    to_page(again, PAGE).run()
    assert "The study is here already" in words(again)
    assert study["name"] in words(again)


def test_the_numbers_are_computed_anew_without_importing_anything(
    archive: Path, app_workspace: Workspace, studies_app: AppTest
) -> None:
    app = send(studies_app, archive.read_bytes())
    app.button(key=f"{KEY}.numbers").click().run(timeout=120)
    assert not app.exception, app.exception
    assert "Equal:" in words(app)
    assert app.query_params["numbers"] == "yes"
    assert study_results.list_studies(app_workspace) == []
    app.button(key=f"{KEY}.other").click().run()
    assert "numbers" not in app.query_params
    assert "archive" not in app.query_params
    assert not app.info


def test_numbers_that_differ_are_listed_with_exports_that_do(
    archive: Path, studies_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    differing = {"number": "facts/n_readers", "archived": 4, "anew": 3}
    found = Reproduction(
        "s",
        False,
        ComparedNumbers(120, 1, (differing,)),
        ("readings/readings.csv",),
        {"numpy": "1.0"},
        {"numpy": "2.0"},
    )  # fmt: skip
    monkeypatch.setattr(archive_import_view, "reproduce", lambda path, settings, progress: found)
    app = send(studies_app, archive.read_bytes())
    app.button(key=f"{KEY}.numbers").click().run()
    said = words(app)
    assert "Different: 1 place of 120 numbers differs and 1 export of the readings is not what the rows give" in said
    assert "Made with numpy 1.0; here it is 2.0." in said
    (table,) = [frame.value for frame in app.dataframe if "Archived" in frame.value]
    assert table.iloc[0].to_dict() == {"Number": "facts/n_readers", "Archived": "4", "Now": "3"}


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", b" " * (70 << 20))
    return buffer.getvalue()


def leading_out() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("../../evil.json", b"{}")
        made.writestr("manifest.json", b"{}")
    return buffer.getvalue()


@pytest.mark.parametrize("data", [b"no zip at all", bomb(), leading_out()], ids=["no zip", "bomb", "path"])
def test_what_is_no_archive_is_refused_and_the_page_stays(
    data: bytes, app_workspace: Workspace, studies_app: AppTest
) -> None:
    app = send(studies_app, data)
    assert len(app.error) == 1
    assert not [button for button in app.button if button.key in (f"{KEY}.import", f"{KEY}.numbers")]
    assert not (app_workspace.home.parent / "evil.json").exists()
    app.button(key=f"{KEY}.other").click().run()
    assert kept(app_workspace) == []
    assert not app.error
    assert app.file_uploader(key=f"{KEY}.file")


def test_a_changed_file_is_named(archive: Path, studies_app: AppTest, tmp_path: Path) -> None:
    changed = rewritten(archive, tmp_path / "changed.zip", {"protocol.json": b"{}"}, honest=False)
    app = send(studies_app, changed.read_bytes())
    assert "protocol.json is not what was archived" in app.error[0].value


@pytest.mark.parametrize(
    ("role", "lacks"), [(Role.STATISTICIAN, "a coordinator"), (Role.COORDINATOR, "somebody who is curator as well")]
)
def test_who_may_not_import_is_told_who_may_and_reproduces_all_the_same(
    archive: Path, app_workspace: Workspace, studies_app: AppTest, role: Role, lacks: str
) -> None:
    with archive.open("rb") as file:
        found_by = keep_upload(app_workspace, "admin", file)
    app = AppTest.from_file(studies_app._script_path, default_timeout=30)
    app.session_state[keys.SESSION_TOKEN] = session_with(app_workspace, role)
    app.query_params["archive"] = found_by
    to_page(app, PAGE).run()
    assert "is not here any more" in words(app), "the file of another account"
    send(app, archive.read_bytes())
    assert f"Importing it needs {lacks}" in words(app)
    assert not [button for button in app.button if button.key == f"{KEY}.import"]
    assert [button for button in app.button if button.key == f"{KEY}.numbers"]
    account = account_of(app_workspace, app.session_state[keys.SESSION_TOKEN])
    assert account is not None
    with pytest.raises(AccessDenied):
        import_study(app_workspace, account, archive)
    assert study_results.list_studies(app_workspace) == []
