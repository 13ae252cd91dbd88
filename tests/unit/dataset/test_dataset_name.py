"""A data set that nobody named is called as what it came in."""

from pathlib import Path, PurePath

import pytest

from dermdash.dataset.dataset_name import ANYBODYS, DatasetName, named_after
from dermdash.dataset.formats.registry import FORMATS
from dermdash.workflows.dataset.import_dataset import DATASET_ID


@pytest.mark.parametrize(
    ("paths", "id_", "name"),
    [
        (["clinic_2025.csv", "images.zip"], "clinic-2025", "clinic 2025"),
        (["images.zip", "Klinik Graz metadata.xlsx"], "klinik-graz", "Klinik Graz"),
        (["/data/clinic/images", "/data/clinic/metadata.csv"], "clinic", "clinic"),
        (["/srv/MED-NODE"], "med-node", "MED NODE"),
        (["dermoscopy.tar.gz"], "dermoscopy", "dermoscopy"),
        (["Universitätsklinik.zip"], "universitatsklinik", "Universitätsklinik"),
    ],
)
def test_it_is_the_first_name_that_says_something(paths: list[str], id_: str, name: str) -> None:
    assert named_after(map(PurePath, paths)) == DatasetName(id_, name)


def test_a_name_in_another_script_has_an_id_all_the_same_and_always_the_same() -> None:
    found = named_after([PurePath("клиника.csv")])
    assert found is not None
    assert found.name == "клиника"
    assert found == named_after([PurePath("/x/клиника.zip")])
    assert found.id != ANYBODYS


@pytest.mark.parametrize("paths", [[], ["images.zip", "metadata.csv"], ["2024.csv"], ["/"], ["..."]])
def test_names_that_say_nothing_name_nothing(paths: list[str]) -> None:
    assert named_after(map(PurePath, paths)) is None


@pytest.mark.parametrize("path", ["-_- a", "a" * 300, "C:\\x\\my set.csv", "a:b", "ﬁne set", "..hidden"])
def test_whatever_it_is_called_the_id_can_be_one(path: str) -> None:
    found = named_after([Path(path)])
    assert found is not None
    assert DATASET_ID.fullmatch(found.id)


def test_formats_of_no_one_data_set_share_one_id() -> None:
    assert {form.dataset_id for form in FORMATS.values() if form.name == "Data set"} == {ANYBODYS}
