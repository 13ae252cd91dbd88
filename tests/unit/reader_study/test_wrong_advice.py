"""Advice that is wrong on purpose: plausible numbers, balanced by class, and nothing of it on the screen."""

import json
from collections import Counter

import numpy as np
import pytest

from dermdash.reader_study.assistance import advice_correct, advice_dx, build_assistance, shown_form
from dermdash.reader_study.protocol_parts import PlantedAdvice, WrongAdviceMethod
from dermdash.reader_study.wrong_advice import PLANTED, planted_cases, wrong_payloads, wrong_probabilities
from dermdash.readings.assistance.assistance_form import SaliencyInput
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import CLINICAL9, HAM7

MAP = SaliencyInput(bytes(784), 224, 600, 450)
FORMS = (Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY, Modality.MULTICLASS_AND_SALIENCY)


def drawn(rng: np.random.Generator, codes: tuple[str, ...]) -> dict[str, float]:
    return dict(zip(codes, map(float, rng.dirichlet(np.full(len(codes), 0.4))), strict=True))


@pytest.mark.parametrize("method", list(WrongAdviceMethod))
def test_wrong_probabilities_are_a_distribution_whose_highest_class_is_wrong_and_of_the_other_side(
    method: WrongAdviceMethod,
) -> None:
    rng = np.random.default_rng(1)
    for truth in HAM7.codes:
        for _ in range(30):
            made = wrong_probabilities(drawn(rng, HAM7.codes), truth_dx=truth, taxonomy=HAM7, method=method, rng=rng)
            assert list(made) == list(HAM7.codes)
            assert sum(made.values()) == pytest.approx(1)
            assert min(made.values()) >= 0
            top = max(made, key=lambda code: made[code])
            assert HAM7[top].malignancy is (not HAM7[truth].malignancy)
            assert (HAM7.malignancy_probability(made) >= 0.5) is not HAM7[truth].malignancy


def test_only_the_two_classes_change_places_where_the_sides_speak_for_the_wrong_one_then() -> None:
    true = {"akiec": 0.02, "bcc": 0.02, "bkl": 0.05, "df": 0.05, "mel": 0.8, "nv": 0.03, "vasc": 0.03}
    made = wrong_probabilities(
        true, truth_dx="mel", taxonomy=HAM7, method=WrongAdviceMethod.OTHER_CLASS_ON_TOP, rng=np.random.default_rng(3)
    )
    assert sorted(made.values()) == pytest.approx(sorted(true.values()))
    assert sum(made[code] != true[code] for code in true) == 2


@pytest.mark.parametrize("method", list(WrongAdviceMethod))
@pytest.mark.parametrize("truth", ["mel", "nv"])
def test_every_form_by_the_models_probabilities_is_wrong_together_and_keeps_the_true_advice(
    method: WrongAdviceMethod, truth: str
) -> None:
    probabilities = {"akiec": 0.1, "bcc": 0.1, "bkl": 0.1, "df": 0.05, "mel": 0.4, "nv": 0.2, "vasc": 0.05}
    neighbours = [("r1", "nv", 0.9)]
    payloads = build_assistance(taxonomy=HAM7, probabilities=probabilities, neighbours=neighbours, saliency=MAP)
    wrong = wrong_payloads(
        PlantedAdvice(share_percent=25, method=method), payloads, probabilities=probabilities, saliency=MAP,
        truth_dx=truth, taxonomy=HAM7, seed=1, case="c",
    )  # fmt: skip
    assert set(wrong) == {str(m) for m in FORMS}
    for key, payload in wrong.items():
        assert advice_correct(payload, truth_dx=truth, taxonomy=HAM7) is False
        assert payload[PLANTED]["true"] == payloads[Modality(key)]
    assert advice_dx(wrong["multiclass_and_saliency"]) == advice_dx(wrong["multiclass_probability"])
    sides = wrong["malignancy_probability"]["malignancy"], wrong["multiclass_probability"]["probabilities"]
    assert sides[0] == pytest.approx(HAM7.malignancy_probability(sides[1]), abs=2e-3)


def test_what_is_shown_has_the_same_entries_whether_advice_was_planted_or_not() -> None:
    probabilities = {"akiec": 0.1, "bcc": 0.1, "bkl": 0.1, "df": 0.05, "mel": 0.4, "nv": 0.2, "vasc": 0.05}
    payloads = build_assistance(taxonomy=HAM7, probabilities=probabilities, saliency=MAP)
    wrong = wrong_payloads(
        PlantedAdvice(share_percent=25), payloads, probabilities=probabilities, saliency=MAP, truth_dx="mel",
        taxonomy=HAM7, seed=1, case="c",
    )  # fmt: skip

    def entries(payload: object) -> object:
        if isinstance(payload, dict):
            return {key: entries(value) for key, value in payload.items()}
        return [entries(one) for one in payload] if isinstance(payload, list) else None

    for key, payload in wrong.items():
        shown = shown_form(payload)
        assert entries(shown) == entries(shown_form(payloads[Modality(key)]))
        assert PLANTED not in json.dumps(shown)
        assert "method" not in json.dumps(shown)


def test_a_borderline_truth_has_no_wrong_malignancy() -> None:
    classes = CLINICAL9
    probabilities = drawn(np.random.default_rng(2), classes.codes)
    payloads = build_assistance(taxonomy=classes, probabilities=probabilities)
    no_side = next((code for code in classes.codes if classes[code].malignancy is None), None)
    if no_side is None:
        pytest.skip("no class without a side")
    wrong = wrong_payloads(
        PlantedAdvice(share_percent=25), payloads, probabilities=probabilities, saliency=None, truth_dx=no_side,
        taxonomy=classes, seed=1, case="c",
    )  # fmt: skip
    assert set(wrong) == {"multiclass_probability"}


def test_the_share_is_planted_in_each_class_and_goes_round_the_cases_from_reader_to_reader() -> None:
    classes = {f"{dx}{i}": dx for dx, n in (("mel", 8), ("nv", 20), ("bcc", 6)) for i in range(n)}
    planted = PlantedAdvice(share_percent=25)
    times: Counter[str] = Counter()
    for serial in range(20):
        found = planted_cases(planted, classes, seed=7, serial=serial)
        of_class = Counter(classes[case] for case in found)
        assert (of_class["mel"], of_class["nv"], len(found)) == (2, 5, 8 if of_class["bcc"] == 1 else 9)
        assert found == planted_cases(planted, classes, seed=7, serial=serial)
        times.update(found)
    for dx in ("mel", "nv"):
        often = [times[case] for case, own in classes.items() if own == dx]
        assert max(often) - min(often) <= 1


def test_what_is_left_of_a_share_goes_to_another_class_from_reader_to_reader() -> None:
    classes = {f"{dx}{i}": dx for dx in HAM7.codes for i in range(2)}
    counts = [Counter(classes[c] for c in planted_cases(PlantedAdvice(share_percent=25), classes, seed=1, serial=s))
              for s in range(14)]  # fmt: skip
    assert {sum(one.values()) for one in counts} == {4}
    assert set(sum(counts, Counter())) == set(HAM7.codes)
    assert not planted_cases(PlantedAdvice(share_percent=25), {}, seed=1, serial=0)
