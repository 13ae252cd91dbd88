import numpy as np
import pytest
from scipy import stats
from tests.unit.analysis.evaluation_factories import make_scored

from dermdash.analysis.classification import wilson_interval
from dermdash.analysis.estimates import clustered_proportion
from dermdash.analysis.scored_cases import group_cases, make_cases
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import ASAN12, HAM7


def test_cases_are_grouped_by_patient_else_lesion_else_image() -> None:
    groups, keys = group_cases(
        ["a", "b", "c", "d", "e", "f"],
        lesion_ids=["L1", "L1", "L2", "d", None, float("nan")],  # type: ignore[list-item]
        patient_ids=[None, "P1", "P1", None, None, ""],
    )
    # The first image of L1 does not name the patient; its lesion does. d is its own lesion id.
    assert keys == ("patient P1", "patient P1", "patient P1", "image d", "image e", "image f")
    assert len(set(groups[:3])) == 1
    assert len(set(groups)) == 4
    cases = make_scored(10)
    assert cases.grouping == {"patient": 0, "lesion": 5, "image": 0}
    assert cases.subset(np.arange(10) < 3).grouping == {"patient": 0, "lesion": 2, "image": 0}


def test_a_patient_and_a_lesion_of_one_name_are_not_one_group() -> None:
    groups, _ = group_cases(["a", "b"], lesion_ids=["1", "2"], patient_ids=[None, "1"])
    assert groups[0] != groups[1]


def test_malignancy_sums_the_malignant_classes() -> None:
    p = np.array([[0.1, 0.2, 0.3, 0.0, 0.25, 0.1, 0.05]])
    cases = make_cases(taxonomy=HAM7, case_ids=["a"], truth=["bkl"], probabilities=p)
    assert cases.malignancy == pytest.approx([0.1 + 0.2 + 0.25])
    assert not cases.malignant[0]
    assert HAM7.codes[cases.predicted[0]] == "bkl"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"case_ids": ["a", "a"]}, "twice"),
        ({"truth": ["nv", "scc"]}, "outside ham7: scc"),
        ({"truth": ["nv"]}, "2 cases, 1 diagnosis,"),
        ({"probabilities": np.full((2, 7), np.nan)}, "not numbers from 0 to 1"),
        ({"probabilities": np.full((2, 7), 1.5)}, "not numbers from 0 to 1"),
        ({"probabilities": np.full((2, 6), 0.1)}, "for 7 classes"),
        ({"case_ids": [], "truth": [], "probabilities": np.empty((0, 7))}, "no case"),
    ],
)
def test_unusable_cases_are_refused(changes: dict[str, object], message: str) -> None:
    values = {
        "taxonomy": HAM7, "case_ids": ["a", "b"], "truth": ["nv", "mel"], "probabilities": np.full((2, 7), 1 / 7),
    }  # fmt: skip
    with pytest.raises(InvalidInput, match=message):
        make_cases(**(values | changes))  # type: ignore[arg-type]


def test_the_twelve_tumours_have_the_status_the_paper_gives_them() -> None:
    """Han et al. 2018 drew 25 images of each of four malignant classes and 20 of each of eight others: 260."""
    assert ASAN12.malignant_codes == ("bcc", "scc", "iec", "mel")
    assert 25 * 4 + 20 * (len(ASAN12.codes) - 4) == 260
    assert ASAN12["ak"].status == "borderline"
    assert {c.code for c in ASAN12.classes if c.origin == "melanocytic"} == {"mel", "nv", "lentigo"}


def test_without_clusters_the_share_has_wilsons_interval_and_with_them_a_wider_one() -> None:
    hits = np.random.default_rng(0).random(60) < 0.6
    plain = clustered_proportion(hits, np.arange(60))
    assert (plain.low, plain.high) == wilson_interval(int(hits.sum()), 60)
    doubled = clustered_proportion(np.repeat(hits, 4), np.repeat(np.arange(60), 4))
    assert plain.value is not None
    assert doubled.value == plain.value
    # Four equal images of a patient say as much as one: Wilson for about 60 cases, with t of 59 degrees of freedom.
    effective, t = 60 / (60 / 59), stats.t.ppf(0.975, 59)
    centre = (plain.value + t**2 / (2 * effective)) / (1 + t**2 / effective)
    variance = plain.value * (1 - plain.value) / effective + t**2 / (4 * effective**2)
    half = t * np.sqrt(variance) / (1 + t**2 / effective)
    assert (doubled.low, doubled.high) == pytest.approx((centre - half, centre + half))
    naive = clustered_proportion(np.repeat(hits, 4), np.arange(240))
    assert naive.low is not None
    assert doubled.low is not None
    assert doubled.low < naive.low


def test_a_share_of_one_counts_patients_not_images() -> None:
    found = clustered_proportion(np.ones(100, bool), np.repeat(np.arange(5), 20))
    assert (found.low, found.high) == (pytest.approx(wilson_interval(5, 5)[0]), 1.0)
    assert clustered_proportion(np.array([], bool), np.array([], int), empty="none here").reason == "none here"


def test_half_of_the_images_of_one_patient_count_as_one_case() -> None:
    found = clustered_proportion(np.arange(50) % 2 == 0, np.zeros(50, int))
    # Wilson with n = 1 at one half: 1/2 ± z sqrt(1/4 + z²/4) / (1 + z²).
    z = 1.959964
    half = z * np.sqrt(1 / 4 + z**2 / 4) / (1 + z**2)
    assert (found.value, found.hits, found.total) == (0.5, 25, 50)
    assert (found.low, found.high) == (pytest.approx(0.5 - half, abs=1e-6), pytest.approx(0.5 + half, abs=1e-6))
