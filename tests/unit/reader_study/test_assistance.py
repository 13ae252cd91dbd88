import json
from typing import Any

import pandas as pd
import pytest

from dermdash.errors import InvalidInput, MissingColumns
from dermdash.reader_study.assistance import (
    advice_correct,
    advice_dx,
    build_assistance,
    shown_form,
)
from dermdash.reader_study.crowd import crowd_from_counts, pool_crowd
from dermdash.reader_study.protocol import NATURE_MEDICINE_MODALITIES
from dermdash.readings.assistance.assistance_form import CrowdOpinion
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import CLINICAL9, HAM7, BorderlinePolicy

PROBABILITIES = {"akiec": 0.1, "bcc": 0.2, "bkl": 0.05, "df": 0.05, "mel": 0.4, "nv": 0.15, "vasc": 0.05}
NEIGHBOURS = [("rec-1", "nv", 0.9), ("rec-2", "mel", 0.95), ("rec-3", "nv", 0.5)]


def make_payloads() -> dict[Modality, dict[str, Any]]:
    crowd = CrowdOpinion({code: (1.0 if code == "nv" else 0.0) for code in HAM7.codes}, 5)
    return build_assistance(
        taxonomy=HAM7,
        probabilities=PROBABILITIES,
        neighbours=NEIGHBOURS,
        crowd=crowd,
        modalities=NATURE_MEDICINE_MODALITIES,
    )


def test_the_shown_forms_hold_exactly_what_each_modality_promises() -> None:
    shown = {m.value: shown_form(p) for m, p in make_payloads().items()}
    assert shown == {
        "malignancy_probability": {"modality": "malignancy_probability", "malignancy": 0.7},
        "multiclass_probability": {"modality": "multiclass_probability", "probabilities": PROBABILITIES},
        "cbir": {
            "modality": "cbir",
            "neighbours": [
                {"dx": "mel", "similarity": 0.95},
                {"dx": "nv", "similarity": 0.9},
                {"dx": "nv", "similarity": 0.5},
            ],
        },
        "crowd_probability": {
            "modality": "crowd_probability",
            "probabilities": {"akiec": 0, "bcc": 0, "bkl": 0, "df": 0, "mel": 0, "nv": 1, "vasc": 0},
            "readers": 5,
        },
    }


def test_nothing_added_to_a_stored_payload_reaches_the_browser() -> None:
    for stored in make_payloads().values():
        smuggled = json.loads(json.dumps(stored)) | {
            "record_id": "SECRET",
            "truth_dx": "SECRET",
            "image_id": "SECRET",
        }
        for row in smuggled.get("neighbours", []):
            row |= {"lesion_id": "SECRET", "file": "SECRET"}
        text = json.dumps(shown_form(smuggled))
        assert "SECRET" not in text
        assert "rec-" not in text
        assert shown_form(smuggled) == shown_form(stored)


def test_the_stored_form_names_the_similar_records() -> None:
    neighbours = make_payloads()[Modality.CBIR]["neighbours"]
    assert [row["record_id"] for row in neighbours] == [
        "rec-2",
        "rec-1",
        "rec-3",
    ]


def test_a_modality_without_its_input_is_absent() -> None:
    assert build_assistance(taxonomy=HAM7) == {}
    assert set(build_assistance(taxonomy=HAM7, neighbours=NEIGHBOURS)) == {Modality.CBIR}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mel": 0.9}, "sum to"),
        ({"mel": float("nan")}, "mel is nan"),
        ({"mel": -0.1}, "mel"),
        ({"scc": 0.0}, "scc"),
    ],
)
def test_impossible_probabilities_are_refused(change: dict[str, float], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        build_assistance(taxonomy=HAM7, probabilities=PROBABILITIES | change)
    with pytest.raises(InvalidInput):
        build_assistance(taxonomy=HAM7, probabilities={"mel": 1.0})


@pytest.mark.parametrize(("neighbour", "named"), [(("r", "nevus", 0.5), "nevus"), (("r", "nv", float("nan")), "r is")])
def test_unknown_neighbours_are_refused(neighbour: tuple[str, str, float], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        build_assistance(taxonomy=HAM7, neighbours=[neighbour])


def test_advice_is_the_likeliest_class_the_commonest_neighbour_or_the_side_of_one_half() -> None:
    payloads = make_payloads()
    assert {m.value: advice_dx(p) for m, p in payloads.items()} == {
        "malignancy_probability": None, "multiclass_probability": "mel", "cbir": "nv", "crowd_probability": "nv",
    }  # fmt: skip
    right = {m.value: advice_correct(p, truth_dx="bcc", taxonomy=HAM7) for m, p in payloads.items()}
    assert right == {
        "malignancy_probability": True, "multiclass_probability": False, "cbir": False, "crowd_probability": False,
    }  # fmt: skip
    tie = build_assistance(taxonomy=HAM7, neighbours=[("a", "nv", 0.5), ("b", "mel", 0.9)])[Modality.CBIR]
    assert advice_dx(tie) == "mel"


def make_readings(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["reader_id", "case_id", "phase", "dx"])


def test_the_crowd_pools_unaided_readings_of_others_only() -> None:
    readings = make_readings(
        [("r1", "c1", "unaided", "nv"), ("r1", "c1", "aided", "mel"), ("r2", "c1", "unaided", "mel"),
         ("r3", "c1", "unaided", "nv"), ("me", "c1", "unaided", "bcc"), ("r1", "c2", "unaided", "df")]
    )  # fmt: skip
    crowd = pool_crowd(readings, taxonomy=HAM7, minimum_readers=3, exclude_reader="me")
    assert set(crowd) == {"c1"}
    assert crowd["c1"].readers == 3
    assert crowd["c1"].probabilities == pytest.approx(
        {"akiec": 0, "bcc": 0, "bkl": 0, "df": 0, "mel": 1 / 3, "nv": 2 / 3, "vasc": 0}
    )
    assert pool_crowd(readings, taxonomy=HAM7, minimum_readers=4, exclude_reader="me") == {}
    assert pool_crowd(readings, taxonomy=HAM7, minimum_readers=4)["c1"].readers == 4


def test_an_empty_table_has_no_crowd_practice_does_not_count_and_missing_columns_are_named() -> None:
    assert pool_crowd(make_readings([]), taxonomy=HAM7, minimum_readers=1) == {}
    practice = make_readings([("r1", "c1", "unaided", "nv")]).assign(practice=True)
    assert pool_crowd(practice, taxonomy=HAM7, minimum_readers=1) == {}
    with pytest.raises(MissingColumns, match="dx"):
        pool_crowd(practice.drop(columns="dx"), taxonomy=HAM7, minimum_readers=1)


def test_counts_per_record_give_the_same_crowd_as_the_readings_behind_them() -> None:
    rows = [(f"r{i}", "x", "unaided", dx) for i, dx in enumerate(["nv", "nv", "mel", "bcc", "nv"])]
    readings = make_readings(rows)
    counts = readings.groupby(["case_id", "dx"]).size().rename("n").reset_index()
    pooled = pool_crowd(readings, taxonomy=HAM7, minimum_readers=5)
    assert crowd_from_counts(counts, key="case_id", taxonomy=HAM7, minimum_readers=5) == pooled
    assert crowd_from_counts(counts, key="case_id", taxonomy=HAM7, minimum_readers=6) == {}
    with pytest.raises(MissingColumns, match="record_id"):
        crowd_from_counts(counts, key="record_id", taxonomy=HAM7, minimum_readers=1)


@pytest.mark.parametrize(
    ("policy", "malignancy", "words"),
    [
        (BorderlinePolicy.BENIGN, 0.3, "Dysplastic nevus: counted as benign"),
        (BorderlinePolicy.MALIGNANT, 0.7, "Dysplastic nevus: counted as malignant"),
        (BorderlinePolicy.OWN, 0.3, "Dysplastic nevus: counted as neither malignant nor benign"),
    ],
)
def test_readers_are_told_what_borderline_counts_as_in_the_probability_of_malignancy(
    policy: BorderlinePolicy, malignancy: float, words: str
) -> None:
    shares = dict.fromkeys(CLINICAL9.codes, 0.0) | {"melanoma": 0.3, "dysplastic_nevus": 0.4, "nevus": 0.3}
    modality = Modality.MALIGNANCY_PROBABILITY
    classes = CLINICAL9.counting_borderline_as(policy)
    stored = build_assistance(taxonomy=classes, probabilities=shares, modalities=[modality])[modality]
    assert shown_form(stored) == {"modality": modality.value, "malignancy": malignancy, "counted": words}
    right = advice_correct(stored, truth_dx="dysplastic_nevus", taxonomy=classes)
    assert right is (None if policy is BorderlinePolicy.OWN else True)
