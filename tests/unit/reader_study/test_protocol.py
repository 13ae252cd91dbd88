import dataclasses
import json
from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.countries import COUNTRIES
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol import Protocol, even_class_mix
from dermdash.reader_study.templates import template_nature_medicine_2020
from dermdash.readings.experience import experience_group
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import CLINICAL9, HAM7, BorderlinePolicy


def make_protocol(**changes: Any) -> Protocol:
    values: dict[str, Any] = {
        "name": "Pilot",
        "dataset_id": "ham10000",
        "taxonomy": "ham7",
        "model_id": "m1",
        "seed": 7,
    }
    return template_nature_medicine_2020(**(values | changes))


def test_the_template_has_the_four_modalities_of_the_paper_under_their_public_names() -> None:
    names = [m.public_name for m in make_protocol().modalities]
    assert names == [
        "Malignancy Probability (AI)",
        "Multiclass Probabilities (AI)",
        "CBIR (AI)",
        "Multiclass Probabilities (Crowd)",
    ]


def test_equal_protocols_have_equal_hashes_and_any_change_changes_the_hash() -> None:
    mix = even_class_mix(HAM7, 28)
    a = make_protocol(class_mix=mix)
    b = make_protocol(class_mix=dict(reversed(list(mix.items()))))
    assert a.sha256 == b.sha256
    assert len(a.sha256) == 64
    changed: dict[str, Any] = {
        "name": "Pilot 2", "seed": 8, "cbir_k": 4, "rounds": 2, "practice_cases": 0, "consent_version": "2",
        "prespecified_analyses": ["benefit"],
        "time_limit_s": 20, "modalities": [Modality.CBIR], "question": "Was ist Ihre Diagnose – à vue?",
    }  # fmt: skip
    hashes = {make_protocol(**{field: value}).sha256 for field, value in changed.items()} | {a.sha256}
    assert len(hashes) == len(changed) + 1


def test_a_protocol_survives_its_json_unchanged_and_the_json_has_sorted_keys() -> None:
    protocol = make_protocol(question="Diagnose – für Leser?")
    text = protocol.to_json()
    assert Protocol.from_json(text) == protocol
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert "für" in text


def test_a_protocol_frozen_before_analyses_could_be_named_keeps_its_text_and_hash() -> None:
    old = (
        '{"cases_per_round":7,"cbir_k":8,"class_mix":{"akiec":1,"bcc":1,"bkl":1,"df":1,"mel":1,"nv":1,"vasc":1},'
        '"confidence_levels":["Not sure","Sure"],"consent_text":"Yes","consent_version":"1","dataset_id":"ham10000",'
        '"minimum_crowd_readers":3,"modalities":["cbir"],"model_id":"m1","name":"Pilot","practice_cases":3,'
        '"profile_questions":["profession"],"question":"What?","rounds":1,"seed":7,"taxonomy":"ham7",'
        '"template":"nature-medicine-2020","time_limit_s":null}'
    )
    protocol = Protocol.from_json(old)
    assert protocol.prespecified_analyses == ()
    assert protocol.to_json() == old
    assert protocol.sha256 == "2781ff58768d326a6c67e4902195bb854209f92b0ae44e3d9ef092ffdf31c5a7"


def test_analyses_named_beforehand_are_part_of_the_frozen_protocol() -> None:
    protocol = make_protocol(prespecified_analyses=["benefit", "benefit:experience_group", "agreement"])
    assert json.loads(protocol.to_json())["prespecified_analyses"] == list(protocol.prespecified_analyses)
    assert Protocol.from_json(protocol.to_json()) == protocol


def test_a_frozen_protocol_does_not_follow_its_callers_class_mix() -> None:
    mix = even_class_mix(HAM7, 28)
    protocol = make_protocol(class_mix=mix)
    mix["nv"] = 99
    assert protocol.class_mix["nv"] == 4
    with pytest.raises(dataclasses.FrozenInstanceError):
        protocol.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"class_mix": {"nv": 10}, "cases_per_round": 28}, "sums to 10 but a round has 28"),
        ({"class_mix": {"nevus": 28}}, "nevus"),
        ({"class_mix": {"nv": 29, "mel": -1}}, "mel is -1"),
        ({"modalities": []}, "at least one modality"),
        ({"modalities": ["telepathy"]}, "telepathy"),
        ({"modalities": ["cbir", "cbir"]}, "twice"),
        ({"model_id": None}, "needs a model"),
        ({"name": "  "}, "name is empty"),
        ({"cases_per_round": 0}, "cases per round is 0"),
        ({"rounds": 0}, "rounds is 0"),
        ({"cbir_k": 2.5}, "cbir k is 2.5"),
        ({"seed": -1}, "seed is -1"),
        ({"time_limit_s": 0}, "time limit s is 0"),
        ({"confidence_levels": ("sure",)}, "two to 5 different levels"),
        ({"confidence_levels": ("sure", "sure")}, "two to 5 different levels"),
        ({"confidence_levels": tuple("abcdef")}, "two to 5 different levels"),
        ({"taxonomy": "icd"}, "icd"),
        ({"profile_questions": ("shoe_size",)}, "shoe_size"),
        ({"template": "other"}, "other"),
        ({"prespecified_analyses": ["Astrology!"]}, "Astrology!"),
        ({"prespecified_analyses": ["benefit", "benefit"]}, "named twice"),
    ],
)
def test_what_a_protocol_cannot_be_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        make_protocol(**changes)


def test_a_crowd_study_needs_no_model() -> None:
    assert make_protocol(model_id=None, modalities=["crowd_probability"]).model_id is None


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "x"}'])
def test_a_mangled_protocol_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="protocol"):
        Protocol.from_json(text)


@pytest.mark.parametrize("cases", [1, 7, 10, 28, 30])
@pytest.mark.parametrize("taxonomy", [HAM7, CLINICAL9])
def test_the_even_mix_sums_up_and_gives_the_rest_to_malignant_classes(cases: int, taxonomy: Any) -> None:
    mix = even_class_mix(taxonomy, cases)
    assert sum(mix.values()) == cases
    assert max(mix.values()) - min(mix.values()) <= 1
    assert min(mix[c] for c in taxonomy.malignant_codes) >= min(mix.values())
    assert make_protocol(taxonomy=taxonomy.name, cases_per_round=cases).class_mix == mix


def test_experience_groups_cover_all_years_and_silence() -> None:
    assert [experience_group(y) for y in (0, 1, 2, 3, 5, 6, 10, 11, None, float("nan"))] == [
        "under 1 year", "1 to 2 years", "1 to 2 years", "3 to 5 years", "3 to 5 years", "6 to 10 years",
        "6 to 10 years", "over 10 years", "not said", "not said",
    ]  # fmt: skip


def test_a_profile_accepts_only_the_offered_choices() -> None:
    good = {
        "profession": "nurse",
        "years_experience": 3,
        "age_group": "25_34",
        "gender": "female",
        "country": "AT",
    }
    ReaderProfile(**good)  # type: ignore[arg-type]
    for field, value in [("profession", "wizard"), ("country", "XX"), ("years_experience", 99), ("gender", "")]:
        with pytest.raises(InvalidInput):
            ReaderProfile(**(good | {field: value}))  # type: ignore[arg-type]
    assert len(COUNTRIES) > 190
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)


def test_the_analysis_for_other_readers_and_cases_can_be_planned_and_old_protocols_stay_as_they_were() -> None:
    planned = make_protocol(prespecified_analyses=["benefit", "benefit:readers_and_cases"])
    assert Protocol.from_json(planned.to_json()) == planned
    old = make_protocol(prespecified_analyses=["benefit"])
    assert json.loads(old.to_json())["prespecified_analyses"] == ["benefit"]
    assert Protocol.from_json(old.to_json()).sha256 == old.sha256


def test_without_a_filter_the_text_says_nothing_of_one_so_that_earlier_hashes_hold() -> None:
    plain = make_protocol()
    assert "record_filter" not in plain.to_json()
    assert make_protocol(record_filter={}).sha256 == plain.sha256


def test_the_filter_of_the_cases_is_frozen_and_hashed_whatever_its_order() -> None:
    chosen = make_protocol(record_filter={"verification_stage": ["3"], "quality": ["5", "4"]})
    again = make_protocol(record_filter={"quality": ["4", "5"], "verification_stage": ["3"]})
    assert chosen.sha256 == again.sha256 != make_protocol().sha256
    assert json.loads(chosen.to_json())["record_filter"] == {"quality": ["4", "5"], "verification_stage": ["3"]}
    assert Protocol.from_json(chosen.to_json()) == chosen


def test_a_filter_that_this_version_does_not_know_leaves_a_frozen_protocol_readable() -> None:
    assert make_protocol(record_filter={"of_another_year": ["a"]}).record_filter == {"of_another_year": ["a"]}
    with pytest.raises(InvalidInput, match="kept as lists of texts"):
        make_protocol(record_filter={"quality": "5"})


def test_a_protocol_that_counts_borderline_as_benign_does_not_say_so_and_keeps_its_hash() -> None:
    plain = make_protocol(taxonomy="clinical9", class_mix={"nevus": 28})
    assert "borderline" not in plain.to_json()
    assert Protocol.from_json(plain.to_json()).borderline is BorderlinePolicy.BENIGN
    own = make_protocol(taxonomy="clinical9", class_mix={"nevus": 28}, borderline="own")
    assert Protocol.from_json(own.to_json()) == own
    assert json.loads(own.to_json())["borderline"] == "own"
    assert own.sha256 != plain.sha256
    assert own.classes["dysplastic_nevus"].malignancy is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"borderline": "maybe"}, "cannot count as 'maybe': expected benign, malignant, own"),
        ({"borderline": "own"}, "no class of ham7 is borderline"),
    ],
)
def test_a_policy_that_means_nothing_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        make_protocol(**changes)
