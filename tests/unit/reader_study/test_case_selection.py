from typing import Any

import numpy as np
import pandas as pd
import pytest

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.case_selection import select_cases
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.records.taxonomy import HAM7

Frame = pd.DataFrame


def make_records(lesions_per_class: int = 12, images_per_lesion: int = 2, lesions_per_patient: int = 2) -> Frame:
    rows, lesion = [], 0
    for _ in range(lesions_per_class):
        for code in HAM7.codes:
            lesion += 1
            for _ in range(images_per_lesion):
                rows.append((f"r{len(rows):04d}", f"L{lesion}", code, f"P{lesion // lesions_per_patient}"))
    return pd.DataFrame(rows, columns=["record_id", "lesion_id", "dx", "patient_id"])


def make_protocol(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "name": "S",
        "dataset_id": "d",
        "taxonomy": "ham7",
        "model_id": "m",
        "seed": 3,
        "cases_per_round": 14,
    }
    return template_nature_medicine_2020(**(values | changes))


def test_every_round_has_the_class_mix_and_no_lesion_twice() -> None:
    selection = select_cases(make_records(), protocol=make_protocol(rounds=3))
    frame = pd.DataFrame(selection.study_cases)
    assert len(frame) == 42
    for _, part in frame.groupby("round"):
        assert part["truth_dx"].value_counts().to_dict() == make_protocol().class_mix
        assert sorted(part["position"]) == list(range(1, 15))
    assert frame["lesion_id"].is_unique


def test_practice_shares_neither_lesion_nor_patient_with_the_study() -> None:
    records = make_records().set_index("record_id")
    for seed in range(20):
        selection = select_cases(records.reset_index(), protocol=make_protocol(seed=seed, practice_cases=4))
        study = {records.loc[c.record_id, "patient_id"] for c in selection.study_cases}
        practice = {records.loc[c.record_id, "patient_id"] for c in selection.practice_cases}
        assert not study & practice
        assert len(selection.practice_cases) == 4
        assert len({c.truth_dx for c in selection.practice_cases}) >= 3


def test_the_draw_follows_the_seed_and_not_the_row_order() -> None:
    records = make_records()
    shuffled = records.sample(frac=1, random_state=1)
    first = select_cases(records, protocol=make_protocol())
    assert first == select_cases(shuffled, protocol=make_protocol())
    assert first != select_cases(records, protocol=make_protocol(seed=4))


def test_held_out_lesions_are_taken_first_and_the_others_counted() -> None:
    records = make_records()
    lesions = records["lesion_id"].drop_duplicates()
    held = set(lesions[np.arange(len(lesions)) < 7 * 3])  # three of each class
    records["held_out"] = records["lesion_id"].isin(held)
    assert select_cases(records, protocol=make_protocol()).not_held_out == 0
    assert select_cases(records, protocol=make_protocol(cases_per_round=28, practice_cases=0)).not_held_out == 7
    assert select_cases(records.drop(columns="held_out"), protocol=make_protocol()).not_held_out == 14


def test_classes_with_too_few_lesions_are_all_named() -> None:
    records = make_records(lesions_per_class=3)
    records = records[records["dx"] != "df"]
    with pytest.raises(InvalidInput, match=r"df has 0, needs 3.*|akiec has 3, needs 6") as caught:
        select_cases(records, protocol=make_protocol(cases_per_round=21, class_mix={"df": 3, "nv": 12, "mel": 6}))
    assert all(code in str(caught.value) for code in ("df has 0, needs 3", "nv has 3, needs 12", "mel has 3"))


def test_too_few_patients_for_practice_is_said() -> None:
    records = make_records(lesions_per_patient=10_000)
    with pytest.raises(InvalidInput, match="0 lesions of patients outside the study are left for 3 practice"):
        select_cases(records, protocol=make_protocol())


def test_conflicting_labels_and_identical_images_are_never_drawn() -> None:
    records = make_records(lesions_per_class=3, images_per_lesion=2)
    records.loc[0, "dx"] = "bcc"
    drawn = select_cases(records, protocol=make_protocol(practice_cases=0))
    assert "L1" not in {c.lesion_id for c in drawn.cases}
    records["image_sha256"] = "same"
    with pytest.raises(InvalidInput, match="too few"):
        select_cases(records, protocol=make_protocol())


def test_missing_columns_are_named() -> None:
    with pytest.raises(MissingColumns, match="lesion_id"):
        select_cases(make_records().drop(columns="lesion_id"), protocol=make_protocol())


def test_a_lesion_also_called_a_class_outside_the_mix_has_no_truth_and_is_left_out() -> None:
    records = make_records(lesions_per_class=2, images_per_lesion=2)
    records.loc[records[records["lesion_id"] == "L1"].index[0], "dx"] = "nv"  # L1 is akiec otherwise
    protocol = make_protocol(cases_per_round=1, class_mix={"akiec": 1}, practice_cases=0)
    for seed in range(6):
        drawn = select_cases(records, protocol=make_protocol(seed=seed, cases_per_round=1, class_mix={"akiec": 1},
                                                             practice_cases=0))  # fmt: skip
        assert {case.lesion_id for case in drawn.cases} == {"L8"}
    with pytest.raises(InvalidInput, match="akiec has 0"):
        select_cases(records[records["lesion_id"] != "L8"], protocol=protocol)


def test_one_file_under_two_lesions_with_two_diagnoses_is_left_out() -> None:
    records = make_records(lesions_per_class=2, images_per_lesion=1).assign(image_sha256=lambda f: f["record_id"])
    records.loc[records["lesion_id"].isin(["L1", "L2"]), "image_sha256"] = "same"  # akiec and bcc
    mix = {"akiec": 1, "bcc": 1}
    for seed in range(6):
        drawn = select_cases(
            records, protocol=make_protocol(seed=seed, cases_per_round=2, class_mix=mix, practice_cases=0)
        )
        assert {case.lesion_id for case in drawn.cases} == {"L8", "L9"}


def test_cases_without_consensus_or_histology_are_counted() -> None:
    stages = {"akiec": 3, "bcc": 3, "bkl": 2, "df": 2, "mel": 1, "nv": None, "vasc": 3}
    records = make_records().assign(verification_stage=lambda f: f["dx"].map(stages))
    assert select_cases(records, protocol=make_protocol(practice_cases=0)).unverified == 4
    assert select_cases(records.assign(verification_stage=3), protocol=make_protocol()).unverified == 0
    assert select_cases(make_records(), protocol=make_protocol()).unverified == 14


def test_only_records_that_the_filter_lets_through_are_drawn_and_the_others_counted() -> None:
    records = make_records()
    records["let_through"] = [i % 2 == 0 for i in range(len(records))]
    records.loc[len(records)] = {"record_id": "x", "lesion_id": "LX", "dx": None, "let_through": False}
    selection = select_cases(records, protocol=make_protocol())
    passing = set(records["record_id"][records["let_through"]])
    assert {case.record_id for case in selection.cases} <= passing
    # A record without a diagnosis is none that could be drawn.
    assert (selection.diagnosed, selection.filtered_out) == (168, 84)


def test_a_filter_that_lets_everything_through_draws_what_none_draws() -> None:
    records = make_records()
    plain = select_cases(records, protocol=make_protocol())
    assert select_cases(records.assign(let_through=True), protocol=make_protocol()) == plain
    assert plain.filtered_out == 0


def test_a_conflicting_label_counts_although_the_filter_leaves_its_record_out() -> None:
    records = make_records(images_per_lesion=1)
    other = records[records["dx"] == "mel"].assign(record_id=lambda r: r["record_id"] + "b", dx="nv")
    both = pd.concat([records.assign(let_through=True), other.assign(let_through=False)])
    with pytest.raises(InvalidInput, match=r"mel has 0, needs 2.*Left out of 96 diagnosed records: 12 by the filter"):
        select_cases(both, protocol=make_protocol())
