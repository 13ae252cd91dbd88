"""Taxonomies of a workspace: added, known by name everywhere, replaced with care, and a bad file that hides nothing."""

from pathlib import Path

import pytest

from dermdash.errors import InvalidInput
from dermdash.records.taxonomies.known import KnownTaxonomies
from dermdash.records.taxonomy import TAXONOMIES, diagnosis_name, get_taxonomy
from dermdash.storage.object_store import FolderStore
from dermdash.workflows.taxonomies import add_taxonomy
from dermdash.workflows.workspace.backup_folder import files_of

CLINIC = """
name: clinic2
title: Clinic, two classes
classes:
- {code: mole, name: Mole, origin: melanocytic, status: benign, covers: [nevus]}
- {code: mel, name: Melanoma, origin: melanocytic, status: malignant}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace's folder, which need not be there: taxonomies need no database."""
    TAXONOMIES.use_workspace(tmp_path / "workspace")
    return tmp_path / "workspace"


def test_what_is_added_is_known_by_its_name_and_lies_in_the_workspace(home: Path) -> None:
    assert "clinic2" not in TAXONOMIES
    add_taxonomy(home, CLINIC, file="clinic.yaml")
    assert get_taxonomy("clinic2").codes == ("mole", "mel")
    assert list(TAXONOMIES)[-1] == "clinic2"
    assert diagnosis_name("mole") == "Mole"
    path = home / "taxonomies" / "clinic2.yaml"
    assert path.stat().st_mode & 0o077 == 0
    assert "taxonomies/clinic2.yaml" in {one.name for one in files_of(home, FolderStore(home))}


def test_another_workspace_does_not_know_it(home: Path, tmp_path: Path) -> None:
    add_taxonomy(home, CLINIC, file="clinic.yaml")
    other = KnownTaxonomies()
    other.use_workspace(tmp_path / "other")
    assert "clinic2" not in other
    other.use_workspace(home)
    assert "clinic2" in other


def test_a_name_or_code_that_means_something_else_is_refused(home: Path) -> None:
    with pytest.raises(InvalidInput, match="one of dermdash's own"):
        add_taxonomy(home, CLINIC.replace("clinic2", "ham7"), file="clinic.yaml")
    with pytest.raises(InvalidInput, match="the code mel is 'Melanoma' in ham7 and 'Melanom' here"):
        add_taxonomy(home, CLINIC.replace("name: Melanoma", "name: Melanom"), file="clinic.yaml")
    assert not TAXONOMIES.added


def test_one_takes_the_place_of_another_only_when_asked_and_with_the_same_codes(home: Path) -> None:
    add_taxonomy(home, CLINIC, file="clinic.yaml")
    add_taxonomy(home, CLINIC, file="clinic.yaml")  # the same again changes nothing
    changed = CLINIC.replace("Clinic, two classes", "Clinic")
    with pytest.raises(InvalidInput, match="has a taxonomy clinic2 already"):
        add_taxonomy(home, changed, file="clinic.yaml")
    add_taxonomy(home, changed, file="clinic.yaml", replace=True)
    fewer = changed.replace("code: mole", "code: nv").replace("name: Mole,", "name: Melanocytic nevus,")
    with pytest.raises(InvalidInput, match="has the codes mole, mel"):
        add_taxonomy(home, fewer, file="clinic.yaml", replace=True)


def test_a_file_that_cannot_be_used_is_named_and_hides_no_other(home: Path) -> None:
    add_taxonomy(home, CLINIC, file="clinic.yaml")
    folder = home / "taxonomies"
    (folder / "broken.yaml").write_text("name: broken\n")
    (folder / "other.yaml").write_text(CLINIC.replace("clinic2", "elsewhere"))
    TAXONOMIES.use_workspace(home)
    assert "clinic2" in TAXONOMIES
    assert set(TAXONOMIES.problems) == {"broken", "other"}
    assert "declares elsewhere" in TAXONOMIES.problems["other"]
    with pytest.raises(InvalidInput, match=r"'broken' of the workspace cannot be used: broken\.yaml: title"):
        get_taxonomy("broken")
