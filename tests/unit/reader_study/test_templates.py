"""The templates, the parts of a protocol, and the protocol as text."""

from typing import Any

import pytest

from dermdash.errors import InvalidInput
from dermdash.reader_study.before_freezing import check_before_freezing
from dermdash.reader_study.design import Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import Asked, Checks, Conduct
from dermdash.reader_study.protocol_text import parse_protocol, protocol_yaml
from dermdash.reader_study.templates import STUDY_TEMPLATES, get_template
from dermdash.readings.modality import Modality, Phase


def made(key: str = "nature-medicine-2020", **changes: Any) -> Protocol:
    values: dict[str, Any] = {"name": "S", "dataset_id": "d", "model_id": "m", "seed": 1}
    return get_template(key).protocol(**(values | changes))


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_every_template_makes_a_protocol_that_comes_back_from_json_and_yaml(key: str) -> None:
    protocol = made(key)
    check_before_freezing(protocol)
    assert protocol.template == key
    assert Protocol.from_json(protocol.to_json()) == protocol
    assert parse_protocol(protocol_yaml(protocol), file="p.yaml") == protocol


def test_han_2018_has_260_images_of_the_twelve_classes_in_one_data_set() -> None:
    protocol = made("han-2018", taxonomy="asan12")
    assert protocol.case_count == 260
    assert set(protocol.class_mix.values()) == {20, 25}
    assert protocol.every_modality == ()


def test_a_batch_of_the_lancet_oncology_study_has_30_images_of_a_larger_set() -> None:
    protocol = made("lancet-oncology-2019")
    assert (protocol.read_per_round, protocol.cases_per_round) == (30, 150)
    assert protocol.checks.screening is not None


def test_dermachallenge_asks_for_20_readings_of_10_images() -> None:
    protocol = made("dermachallenge-2023")
    assert protocol.read_per_round * len(ReadingOrder.SEQUENTIAL.phases) == 20


def test_crossover_and_parallel_arms_differ_in_the_periods_of_a_reader() -> None:
    assert [len(arm.periods) for arm in made("crossover").arms] == [2, 2]
    assert [len(arm.periods) for arm in made("parallel-arms").arms] == [1, 1]
    assert made("crossover").arms[1].periods[0].reading.phases == (Phase.AIDED,)


def test_a_part_that_nobody_changed_leaves_text_and_hash_as_they_were_before_there_was_one() -> None:
    plain = made()
    assert made(conduct=Conduct(), design={}).sha256 == plain.sha256
    assert "conduct" not in plain.to_json()
    assert made(asked=Asked(management=True)).sha256 != plain.sha256


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"design": {"arms": [{"key": "A!", "name": "A"}]}}, "design arms 1"),
        ({"design": {"washout_days": 3}}, "a washout needs an arm with two periods"),
        ({"design": {"cases_per_reader": 100}}, "ask for fewer"),
        ({"design": {"method": "magic"}}, "expected 'balanced', 'blocks' or 'latin_square'"),
        ({"design": {"strata": ["shoe size"]}}, "no question of the profile"),
        ({"design": {"arms": [{"key": "a", "name": "A"}, {"key": "a", "name": "B"}]}}, "the same key"),
        ({"checks": {"hidden_repeats": 29}}, "hidden repeats is 29"),
        ({"checks": {"screening": {"cases": 3, "right": 4}}}, "more than there are"),
        ({"checks": {"unaided_only": -1}}, "checks unaided only"),
        ({"asked": {"management": "yes"}}, "asked management"),
        ({"asked": {"colour": True}}, "there is no such entry"),
        ({"asked": [1]}, "asked"),
        ({"view": {"fields": ["clinical_diagnosis"]}}, "no field that readers may see"),
        ({"conduct": {"closes_on": "tomorrow"}}, "expected one like"),
        ({"conduct": {"interruption": "block"}}, "needs the longest gap"),
        ({"pages": {"language": "tlh"}}, "no pages in"),
        ({"wrong_advice": {"share_percent": 0}}, "share percent"),
        ({"modalities": []}, "choose at least one modality"),
        ({"modalities": ["crowd_probability"], "wrong_advice": {"share_percent": 20}}, "needs assistance by a model"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        made(**changes)


def test_more_modalities_than_cases_are_refused_before_freezing_but_an_old_protocol_is_read() -> None:
    protocol = made(cases_per_round=3, class_mix={"nv": 3})
    with pytest.raises(InvalidInput, match="4 modalities and 3 cases"):
        check_before_freezing(protocol)
    assert Protocol.from_json(protocol.to_json()) == protocol


def test_an_arm_without_assistance_that_names_some_is_refused() -> None:
    with pytest.raises(InvalidInput, match="names modalities"):
        made(design={"arms": [{"key": "a", "name": "A", "periods": [{"reading": "unaided", "modalities": ["cbir"]}]}]})


def test_what_any_arm_shows_counts_as_shown() -> None:
    arms = (
        Arm(key="a", name="A", periods=(Condition(modalities=(Modality.CBIR,)),)),
        Arm(key="b", name="B", periods=(Condition(reading=ReadingOrder.UNAIDED),)),
    )
    protocol = made(modalities=(), design=StudyDesign(arms=arms))
    assert protocol.every_modality == (Modality.CBIR,)
    assert Protocol.from_json(protocol.to_json()).design.arms == arms


def test_a_short_file_takes_the_rest_from_its_template() -> None:
    text = "template: wrong-advice\nname: Misled\ntaxonomy: ham7\nmodel_id: m\nrounds: 2\n"
    protocol = parse_protocol(text, file="p.yaml", dataset_id="mine")
    assert (protocol.dataset_id, protocol.rounds, protocol.cases_per_round) == ("mine", 2, 28)
    assert protocol.wrong_advice is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "expected entries"),
        ("name: x\nnmae: y\n", "did you mean name"),
        ("name: x\n", "lacks dataset_id, taxonomy"),
        ("name: x\ndataset_id: d\ntaxonomy: ham7\ntemplate: [1]\n", "expected the key of one"),
        ("name: x\ndataset_id: d\ntaxonomy: ham7\ntemplate: none\n", "there is no template"),
        ("name: x\ndataset_id: d\ntaxonomy: ham7\nclass_mix: 3\n", "not of its kind"),
        ("name: x\ndataset_id: d\ntaxonomy: ham7\nrounds: two\n", "rounds is 'two'"),
        ("name: x\ndataset_id: d\ntaxonomy: ham7\nmodel_id: m\nclass_mix: {mel: 3}\ncases_per_round: 5\n", "sums to 3"),
        ("a: &a 1\nb: *a\n", "refers to another place"),
        ("\t:", "no YAML"),
    ],
)
def test_a_file_that_is_no_protocol_names_itself_and_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        parse_protocol(text, file="p.yaml")
    assert "p.yaml" in str(raised.value)


def test_checks_count_per_round() -> None:
    assert made(checks=Checks(hidden_repeats=2, attention_checks=1)).checks.hidden_repeats == 2
