"""Demo records: reproducible, consistent, with the planted faults listed; demo files: what the records say."""

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import pytest

from dermdash.dataset.synthetic import (
    DemoLesion,
    DemoRecord,
    generate_demo_records,
    planted_faults,
    write_demo_dataset,
)
from dermdash.dataset.synthetic.demo_dataset import METADATA_COLUMNS
from dermdash.dataset.synthetic.demo_records import IMPOSSIBLE_AGE
from dermdash.dataset.synthetic.planted_findings import OTHER_PATIENT, OTHER_SEX
from dermdash.errors import InvalidInput
from dermdash.records.fields import FIELD_NAMES, FIELDS
from dermdash.records.taxonomy import HAM7
from dermdash.records.verification_stage import stage_of_dx_type


@pytest.fixture(scope="module")
def lesions() -> list[DemoLesion]:
    return generate_demo_records(seed=3)


@pytest.fixture(scope="module")
def records(lesions: list[DemoLesion]) -> list[DemoRecord]:
    return [record for lesion in lesions for record in lesion.records]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo_dataset(folder, seed=3, scale=0.12, size=(150, 200))
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_records(lesions: list[DemoLesion]) -> None:
    assert generate_demo_records(seed=3) == lesions
    assert generate_demo_records(seed=4) != lesions


def test_every_class_has_enough_lesions_and_every_patient_one(
    lesions: list[DemoLesion], records: list[DemoRecord]
) -> None:
    counts = Counter(lesion.dx for lesion in lesions)
    assert set(counts) == set(HAM7.codes)
    assert min(counts.values()) >= 25
    assert len(records) == 420
    assert len({record.image_id for record in records}) == 420
    assert len({lesion.patient_id for lesion in lesions}) == 180


def test_lesions_belong_to_one_patient_and_have_one_diagnosis(records: list[DemoRecord]) -> None:
    belongs: dict[str, set[tuple[str, str]]] = {}
    for record in records:
        belongs.setdefault(record.lesion_id, set()).add((record.patient_id, record.dx))
    misfiled = {record.lesion_id for record in records if OTHER_PATIENT in record.planted}
    assert {lesion for lesion, owners in belongs.items() if len(owners) > 1} == misfiled
    assert misfiled


@pytest.mark.parametrize("name", ["sex", "fitzpatrick_type", "sunburn_history", "personal_ca_history"])
def test_a_patient_is_the_same_person_in_every_record(records: list[DemoRecord], name: str) -> None:
    seen: dict[str, set[object]] = {}
    for record in records:
        if record.values[name] is not None and OTHER_PATIENT not in record.planted:
            seen.setdefault(record.patient_id, set()).add(record.values[name])
    mistaken = {record.patient_id for record in records if OTHER_SEX in record.planted and name == "sex"}
    assert {patient for patient, values in seen.items() if len(values) > 1} == mistaken
    assert mistaken or name != "sex"


def test_stage_dx_type_and_histopathology_agree(records: list[DemoRecord]) -> None:
    for record in records:
        stage = record.values["verification_stage"]
        assert (record.values["histopathology_result"] is not None) == (stage == 3)
        if stage == 3:
            assert record.values["histopathology_result"] == record.dx
        assert stage == (stage_of_dx_type(record.dx_type) if record.dx_type else 1)


def test_most_malignant_labels_rest_on_histology_and_some_do_not(lesions: list[DemoLesion]) -> None:
    stages = [lesion.records[0].values["verification_stage"] for lesion in lesions if HAM7[lesion.dx].is_malignant]
    assert 0.7 < stages.count(3) / len(stages) < 0.95
    assert stages.count(1) > 0
    assert stages.count(2) > 0


def test_values_are_allowed_by_their_fields_but_for_the_planted_age(records: list[DemoRecord]) -> None:
    impossible = []
    for record in records:
        assert set(record.values) == set(FIELD_NAMES)
        for spec in FIELDS:
            value = record.values[spec.name]
            if value is None:
                continue
            for item in value if isinstance(value, list) else [value]:
                assert not spec.choices or item in spec.choices
            if spec.maximum is not None and value > spec.maximum:
                impossible.append((record, spec.name, value))
    assert [(name, value) for _, name, value in impossible] == [("age_at_exam", IMPOSSIBLE_AGE)]
    assert "impossible_age" in impossible[0][0].planted


def test_quality_score_follows_the_painted_fault(records: list[DemoRecord]) -> None:
    for record in records:
        score = record.values["image_quality_score"]
        if score is not None:
            assert score <= 3 if record.faults else score >= 3


def test_every_planted_fault_is_listed_and_there(lesions: list[DemoLesion], records: list[DemoRecord]) -> None:
    listed = planted_faults(lesions)
    by_id = {record.image_id: record for record in records}
    kinds = Counter(kind for kind, _, _ in listed)
    assert set(kinds) == {
        "exact_duplicate", "near_duplicate", "blur", "dark", "glare", "missing_fields", "impossible_age",
        "wrong_label", "default_age", "off_topic", "lesion_under_two_ids", "poor_image", "leaky_field", "other_sex",
        "other_patient",
    }  # fmt: skip
    for kind, image_id, detail in listed:
        if kind == "leaky_field":
            filled = {malignant: [bool(r.further) for r in records if HAM7[r.dx].is_malignant is malignant]
                      for malignant in (True, False)}  # fmt: skip
            assert sum(filled[True]) > 0.85 * len(filled[True])
            assert sum(filled[False]) < 0.1 * len(filled[False])
            continue
        record = by_id[image_id]
        if kind == "missing_fields":
            assert detail
            assert all(record.values[name] is None for name in detail.split(";"))
        elif kind in ("blur", "dark", "glare"):
            assert 0 < record.faults[kind] <= 1
        elif kind.endswith("duplicate"):
            source = by_id[detail]
            assert not source.planted
            assert (source.dx, source.patient_id) == (record.dx, record.patient_id)
    sound = [record for record in records if "missing_fields" not in record.planted]
    assert all(value is not None for r in sound for name, value in r.values.items() if name != "histopathology_result")


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidInput, match="do not fit"):
        generate_demo_records(seed=1, patients=50, lesions=40, images=60)


def test_the_files_hold_what_the_metadata_say(written: Path) -> None:
    rows = rows_of(written / "metadata.csv")
    assert tuple(rows[0]) == METADATA_COLUMNS
    ids = {row["image_id"] for row in rows}
    assert {path.stem for path in (written / "images").iterdir()} == ids
    assert {path.name for path in (written / "masks").iterdir()} == {f"{i}_segmentation.png" for i in ids}
    for row in rows[:5]:
        image = cv2.imread(str(written / "images" / f"{row['image_id']}.jpg"))
        mask = cv2.imread(str(written / "masks" / f"{row['image_id']}_segmentation.png"), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        assert mask is not None
        assert image.shape[:2] == mask.shape


def test_exact_duplicates_repeat_the_bytes_and_near_duplicates_do_not(written: Path) -> None:
    def content(image_id: str) -> bytes:
        return (written / "images" / f"{image_id}.jpg").read_bytes()

    listed = [row for row in rows_of(written / "planted_faults.csv") if row["kind"].endswith("duplicate")]
    assert len(listed) >= 4
    for row in listed:
        same = content(row["image_id"]) == content(row["detail"])
        assert same == (row["kind"] == "exact_duplicate")


@pytest.mark.slow
def test_several_workers_write_the_same_files_as_one(written: Path, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as executor:
        write_demo_dataset(
            tmp_path,
            seed=3,
            scale=0.12,
            size=(150, 200),
            executor=executor,
            progress=lambda done, total: calls.append((done, total)),
        )
    for path in sorted(p for p in written.rglob("*") if p.is_file()):
        assert (tmp_path / path.relative_to(written)).read_bytes() == path.read_bytes()
    assert calls == [(i + 1, calls[0][1]) for i in range(calls[0][1])]


def test_an_impossible_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="scale"):
        write_demo_dataset(tmp_path, scale=0)
