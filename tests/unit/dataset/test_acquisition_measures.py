"""What the acquisition gate measures, on drawn lesions with drawn faults, and the score that follows."""

import numpy as np
import pytest
from tests.capture_faults import FAULTS

from dermdash.dataset.acquisition.checklist import CHECKLIST, check_answers
from dermdash.dataset.acquisition.lesion_region import look_at
from dermdash.dataset.acquisition.measure import measure_image
from dermdash.dataset.acquisition.measurements import BY_KEY, MEASUREMENTS
from dermdash.dataset.acquisition.proposal import propose
from dermdash.dataset.acquisition.reference_pictures import reference_picture
from dermdash.dataset.synthetic import paint_lesion
from dermdash.errors import InvalidInput
from dermdash.records.quality_score import SCORES, decision_of
from dermdash.storage.tables import ACQUISITION_MEASURES

SIZE = (420, 420)


def lesion(seed: int = 5, *, fitzpatrick_type: str = "II") -> tuple[np.ndarray, np.ndarray]:
    return paint_lesion(
        dx="nv", rng=np.random.default_rng(seed), size=SIZE, artefact_names=(), fitzpatrick_type=fitzpatrick_type
    )


@pytest.fixture(scope="module")
def clean() -> tuple[np.ndarray, np.ndarray]:
    return lesion()


def test_a_good_picture_is_proposed_as_reference_and_says_nothing(clean: tuple[np.ndarray, np.ndarray]) -> None:
    proposal = propose(measure_image(clean[0]))
    assert (proposal.score, proposal.weakest, proposal.why) == (5, "none", [])


@pytest.mark.parametrize("name", FAULTS)
def test_a_drawn_fault_is_found_by_its_measurement(name: str, clean: tuple[np.ndarray, np.ndarray]) -> None:
    key, draw = FAULTS[name]
    measured = measure_image(draw(clean[0], np.random.default_rng(8)))
    measurement = BY_KEY[key]
    assert measurement.score_of(measured[key]) < 5
    assert any(reason.measurement is measurement for reason in propose(measured).reasons)


@pytest.mark.parametrize("fitzpatrick_type", ["I", "II", "III", "IV", "V", "VI"])
def test_no_skin_is_a_colour_cast_or_too_dark(fitzpatrick_type: str) -> None:
    measured = measure_image(lesion(fitzpatrick_type=fitzpatrick_type)[0])
    assert BY_KEY["colour_cast"].score_of(measured["colour_cast"]) >= 4
    assert BY_KEY["exposure"].score_of(measured["exposure"]) >= 4


def test_the_region_without_a_mask_lies_about_where_the_mask_does(clean: tuple[np.ndarray, np.ndarray]) -> None:
    pixels, mask = clean
    estimated, given = look_at(pixels).lesion, look_at(pixels, mask).lesion
    assert estimated is not None
    assert given is mask
    both = np.count_nonzero((estimated > 0) & (mask > 0)) / np.count_nonzero((estimated > 0) | (mask > 0))
    assert both > 0.7
    by_mask, by_estimate = measure_image(pixels, mask), measure_image(pixels)
    assert by_mask["lesion_share"] == pytest.approx(by_estimate["lesion_share"], rel=0.4)


def test_a_picture_without_a_lesion_has_no_place_of_one() -> None:
    skin = np.clip(np.random.default_rng(0).normal((205, 160, 140), 3, (224, 224, 3)), 0, 255).astype(np.uint8)
    measured = measure_image(skin)
    assert "lesion_share" not in measured
    assert 1 <= propose(measured).score <= 5


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 500, 3), (7, 7, 3), (600, 3, 3), (30, 30, 3)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_tiny_and_flat_images_are_proposed_as_unsuitable_without_an_error(shape: tuple[int, ...], level: int) -> None:
    assert propose(measure_image(np.full(shape, level, np.uint8))).score == 1


def test_the_gravest_reason_comes_first_and_says_how_far_it_is_from_the_next_score() -> None:
    proposal = propose({"sharpness": 0.3, "hair": 3.0, "glare": 0.0})
    assert (proposal.score, proposal.weakest) == (3, "sharpness")
    assert proposal.why[0] == "Out of focus: 0.30, 0.05 under the 0.35 of score 4"
    assert proposal.why[1] == "Hair: 3.0 % of the view, 1.0 over the 2.0 of score 5"


def test_a_damaged_file_is_proposed_as_1_whatever_is_measured() -> None:
    proposal = propose({"sharpness": 0.9}, damaged=True)
    assert (proposal.score, proposal.weakest, proposal.why) == (1, "damage", ["The file is damaged"])


def test_bounds_run_in_one_direction_and_the_database_has_a_column_for_each() -> None:
    assert tuple(m.key for m in MEASUREMENTS) == ACQUISITION_MEASURES
    for m in MEASUREMENTS:
        known = [limit for limit in m.limits if limit is not None]
        assert known == sorted(known, reverse=not m.higher_is_better)
        assert m.limits[3] is not None
        assert m.meaning
        assert m.reason


def test_each_item_of_the_checklist_has_a_key_of_its_own_that_no_score_or_step_has() -> None:
    hotkeys = [item.hotkey for item in CHECKLIST]
    assert len(set(hotkeys)) == len(hotkeys)
    assert not set(hotkeys) & set("12345nbuzx0+-")
    assert {key for item in CHECKLIST for key in item.measured_by} <= set(BY_KEY)


def test_what_is_ticked_is_held_to_the_checklist() -> None:
    assert check_answers({"no_glare": "na", "polarised": "yes"}) == {"polarised": "yes", "no_glare": "na"}
    with pytest.raises(InvalidInput, match="'perhaps' is no answer to polarised"):
        check_answers({"polarised": "perhaps"})


def test_scores_below_3_reject_and_the_reference_pictures_are_what_they_stand_for() -> None:
    assert {score: decision_of(score) for score in SCORES} == {
        1: "rejected", 2: "rejected", 3: "accepted", 4: "accepted", 5: "accepted",
    }  # fmt: skip
    # Small pictures: what is said of their few pixels is left aside.
    proposed = [propose({**measure_image(reference_picture(s)), "short_side": 450.0}).score for s in SCORES]
    assert proposed == sorted(proposed)
    assert [score < 3 for score in proposed] == [True, True, False, False, False]
