"""What an archive is said to hold before anything is stored, and old archives beside newer analyses."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.archived_study import fill_small_study, rewritten
from tests.made_once import MadeOnce

from dermdash.errors import AccessDenied, InvalidInput
from dermdash.report.study_archive import archive_study
from dermdash.report.study_numbers import compare_numbers
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.archive.import_study import import_study
from dermdash.workflows.reader_study.archive.look import ArchiveStanding, look_at_archive


@pytest.fixture(scope="module")
def archives(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A study with its images, and the same without."""
    folder = tmp_path_factory.mktemp("looked")
    study_id = made_once.copy(fill_small_study, folder / "workspace")
    workspace = open_workspace(Settings(home=folder / "workspace"))
    archive_study(workspace, OPERATOR, study_id, folder / "whole.zip")
    archive_study(workspace, OPERATOR, study_id, folder / "bare.zip", images=False)
    workspace.close()
    return folder / "whole.zip", folder / "bare.zip"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(Settings(home=tmp_path / "empty"))
    yield opened
    opened.close()


def test_a_look_says_what_an_import_then_does_and_stores_nothing(archives: tuple[Path, Path], empty: Workspace) -> None:
    look = look_at_archive(empty, OPERATOR, archives[0])
    assert (look.standing, look.importable, look.numbers, look.model) == (ArchiveStanding.NEW, True, True, "none")
    assert {folder.name for folder in look.folders} >= {"protocol.json", "readings/", "rows/", "images/", "report/"}
    assert sum(folder.files for folder in look.folders) == len(look.manifest.files)
    assert study_results.list_studies(empty) == []
    assert list(empty.home.glob("originals/*/*")) == []
    done = import_study(empty, OPERATOR, archives[0], processes=False)
    assert (done.records, done.linked, sum(done.added.values())) == (look.records, look.linked, look.rows)
    assert done.study == look.study_id
    again = look_at_archive(empty, OPERATOR, archives[0])
    assert (again.standing, again.rows, again.records) == (ArchiveStanding.THERE, 0, 0)


def test_what_cannot_be_imported_here_is_still_looked_at(archives: tuple[Path, Path], empty: Workspace) -> None:
    look = look_at_archive(empty, OPERATOR, archives[1])
    assert look.standing is ArchiveStanding.REFUSED
    assert "is without the images of" in look.reason
    assert look.numbers
    assert not look.importable


def test_a_look_is_for_who_may_send_files_and_refuses_what_was_changed(
    archives: tuple[Path, Path], empty: Workspace, tmp_path: Path
) -> None:
    reviewer = Account("r", "Rita", frozenset({Role.REVIEWER}))
    with pytest.raises(AccessDenied):
        look_at_archive(empty, reviewer, archives[0])
    changed = rewritten(archives[0], tmp_path / "changed.zip", {"README.txt": b"another"}, honest=False)
    with pytest.raises(InvalidInput, match=r"README\.txt is not what was archived"):
        look_at_archive(empty, OPERATOR, changed)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rows/reading.jsonl", b"\xff\xfe{}\n"), ("rows/reading.jsonl", b"[" * 200_000),
        ("rows/reading.jsonl", b'{"id": "\\ud800"}\n'), ("rows/reading.jsonl", b'{"id": ' + b"9" * 5000 + b"}\n"),
        ("rows/study.jsonl", b"null\n"), ("rows/study.jsonl", b""), ("rows/study.jsonl", b'{"a": NaN}\n'),
    ],
)  # fmt: skip
def test_rows_that_are_none_are_a_reason_and_no_fault_of_the_page(
    name: str, data: bytes, archives: tuple[Path, Path], empty: Workspace, tmp_path: Path
) -> None:
    look = look_at_archive(empty, OPERATOR, rewritten(archives[1], tmp_path / "odd.zip", {name: data}))
    assert look.standing is ArchiveStanding.REFUSED
    assert look.reason


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("counts", {"readers": float("inf")}), ("counts", {"readers": float("nan")}), ("counts", []),
        ("study", {"id": "a", "name": "\ud800", "protocol_sha256": "0"}), ("privacy", 5), ("left_out", 5),
    ],
)  # fmt: skip
def test_a_manifest_that_says_what_cannot_be_is_refused(
    entry: str, value: object, archives: tuple[Path, Path], empty: Workspace, tmp_path: Path
) -> None:
    with zipfile.ZipFile(archives[1]) as source:
        said = json.loads(source.read("manifest.json")) | {entry: value}
    odd = rewritten(archives[1], tmp_path / "odd.zip", {"manifest.json": json.dumps(said).encode()})
    with pytest.raises(InvalidInput, match=r"manifest\.json"):
        look_at_archive(empty, OPERATOR, odd)


def test_an_analysis_that_is_newer_than_the_archive_makes_no_number_of_it_wrong() -> None:
    archived = {"facts": {"n": 3}, "sections": {"benefit": {"t": [{"a": 1}]}}, "not_done": {"mrmc": "no truth"}}
    newer = {
        "facts": {"n": 3},
        "sections": {"benefit": {"t": [{"a": 1}]}, "arms": {"t": [{"b": 2}]}},
        "not_done": {"mrmc": "no truth", "triage": "no model"},
    }
    assert compare_numbers(archived, newer).equal
    lost = {"facts": {"n": 3}, "sections": {}, "not_done": {"mrmc": "no truth"}}
    assert not compare_numbers(archived, lost).equal
    moved = {"facts": {"n": 3}, "sections": {"mrmc": {}}, "not_done": {"benefit": "no pair"}}
    assert not compare_numbers(archived, moved).equal
