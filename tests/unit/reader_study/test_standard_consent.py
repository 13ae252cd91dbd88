"""The standard consent: the sentences that a protocol needs, in every language, and none about what it lacks."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from dermdash.reader_study.design import AidedFollows, Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.protocol import CONSENT_TEXT, Protocol
from dermdash.reader_study.protocol_parts import Asked, Checks, Conduct, PlantedAdvice, Screening, Withdrawal
from dermdash.reader_study.standard_consent import is_standard_consent, standard_consent
from dermdash.reader_study.templates import STUDY_TEMPLATES, get_template
from dermdash.reader_study.words import consent, pages
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import Message
from dermdash.reader_study.words.study_texts import study_text
from dermdash.readings.modality import Modality
from dermdash.workflows.reader_study.join_study import consent_text_of

ASSISTANCE = {
    Language.ENGLISH: "assistance", Language.GERMAN: "Hilfe", Language.RUSSIAN: "подсказк", Language.SPANISH: "ayuda",
}  # fmt: skip
ALWAYS = (
    consent.INVITATION, consent.TASK, consent.RECORDED, consent.RANDOM_NUMBER, consent.VOLUNTARY, consent.PUBLISHED,
)  # fmt: skip
UNAIDED, AIDED = Condition(reading=ReadingOrder.UNAIDED), Condition(reading=ReadingOrder.AIDED)


def of_template(key: str, **changes: Any) -> Protocol:
    values: dict[str, Any] = {"name": "Moles", "dataset_id": "d", "model_id": "m", "seed": 1}
    return get_template(key).protocol(**(values | changes))


def said(protocol: Protocol, language: Language, *, drawn: bool = False) -> str:
    """The text as a reader gets it."""
    fitting = replace(protocol, consent_text=standard_consent(protocol, drawn_images=drawn))
    text, written_in = consent_text_of(fitting, language)
    assert written_in is language
    return text


def sentences(protocol: Protocol, *, drawn: bool = False) -> set[Message]:
    """The sentences that are said, the same in every language."""
    found = {
        language: {one for one in consent.SENTENCES if one.text(language) in said(protocol, language, drawn=drawn)}
        for language in Language
    }
    assert len({frozenset(map(str, one)) for one in found.values()}) == 1
    return found[Language.ENGLISH]


NEEDED: dict[str, tuple[Message, ...]] = {
    "nature-medicine-2020": (consent.THEN_ASSISTANCE, consent.CHANCE_KIND, consent.FROM_BOTH, consent.SHOWN_TO_LATER),
    "lancet-oncology-2019": (consent.SCREENING,),
    "han-2018": (),
    "dermachallenge-2023": (
        consent.MANAGEMENT, consent.TIME_LIMIT, consent.LATER_ASSISTANCE, consent.FROM_PROGRAM,
    ),
    "crossover": (consent.PARTS_WITH_AND_WITHOUT, consent.BREAK, consent.CHANCE_ORDER, consent.FROM_PROGRAM),
    "parallel-arms": (consent.CHANCE_ASSISTANCE, consent.FROM_PROGRAM),
    "wrong-advice": (consent.THEN_ASSISTANCE, consent.CHANCE_KIND, consent.FROM_PROGRAM),
}  # fmt: skip


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_a_template_has_the_sentences_it_needs_and_no_other(key: str) -> None:
    assert sentences(of_template(key)) == {*ALWAYS, consent.KEPT, *NEEDED[key]}


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
@pytest.mark.parametrize("language", Language)
def test_where_there_is_no_assistance_no_sentence_speaks_of_it(key: str, language: Language) -> None:
    protocol = of_template(key)
    aided = key not in ("lancet-oncology-2019", "han-2018")
    text = said(protocol, language, drawn=True)
    assert (ASSISTANCE[language] in text) is aided
    assert (pages.SOME_ADVICE_IS_WRONG.said(language) in text) is (key == "wrong-advice")
    assert "  " not in text
    assert "{" not in text
    assert len(text.split("\n\n")) == (6 if key == "wrong-advice" else 5)


def test_what_is_asked_recorded_and_kept_follows_the_protocol() -> None:
    plain = of_template("han-2018")
    found = sentences(
        replace(
            plain,
            asked=Asked(malignancy_rating=True, management=True),
            conduct=Conduct(withdrawal=Withdrawal.DELETE),
            checks=Checks(screening=Screening(cases=2, right=1)),
            time_limit_s=30,
        ),
        drawn=True,
    )
    added = {
        consent.RATING, consent.MANAGEMENT, consent.DELETED, consent.SCREENING, consent.TIME_LIMIT,
        consent.DRAWN_IMAGES,
    }  # fmt: skip
    assert found == (sentences(plain) - {consent.KEPT}) | added


@pytest.mark.parametrize(
    ("asked", "said_of_it"),
    [
        (Asked(), {consent.TASK}),
        (Asked(confidence=False), {consent.DIAGNOSIS_ALONE}),
        (Asked(confidence=False, malignancy_rating=True), {consent.DIAGNOSIS_ALONE, consent.RATING}),
        (Asked(diagnosis=False, confidence=False, malignancy_rating=True), {consent.RATING_FIRST}),
        (Asked(diagnosis=False, malignancy_rating=True), {consent.RATING_FIRST, consent.SURENESS}),
        (
            Asked(diagnosis=False, confidence=False, malignancy_rating=True, management=True),
            {consent.RATING_FIRST, consent.MANAGEMENT},
        ),
        (Asked(diagnosis=False, management=True), {consent.MANAGEMENT_FIRST, consent.SURENESS}),
    ],
)
def test_no_sentence_speaks_of_what_is_not_asked(asked: Asked, said_of_it: set[Message]) -> None:
    plain = of_template("han-2018")
    assert sentences(replace(plain, asked=asked)) == (sentences(plain) - {consent.TASK}) | said_of_it


def test_wrong_advice_is_told_at_once_or_that_something_is_told_at_the_end() -> None:
    def of(**planted: bool) -> tuple[bool, bool]:
        protocol = of_template("wrong-advice", wrong_advice=PlantedAdvice(share_percent=25, **planted))
        text = said(protocol, Language.SPANISH)
        return pages.SOME_ADVICE_IS_WRONG.said(Language.SPANISH) in text, consent.TOLD_AT_THE_END.said(
            Language.SPANISH
        ) in text

    assert of(told=True) == (True, False)
    assert of(told=False) == (False, True)
    assert of(told=False, debriefed=False) == (False, False)


@pytest.mark.parametrize(
    ("arms", "also", "expected"),
    [
        (((AIDED,),), {}, {consent.WITH_ASSISTANCE}),
        (((UNAIDED, UNAIDED),), {}, {consent.PARTS}),
        (((AIDED, AIDED),), {}, {consent.PARTS_WITH}),
        (((UNAIDED, AIDED),), {"washout_days": 3}, {consent.PARTS_WITH_AND_WITHOUT, consent.BREAK}),
        (((UNAIDED, AIDED), (AIDED, UNAIDED)), {}, {consent.PARTS_WITH_AND_WITHOUT, consent.CHANCE_ORDER}),
        (((UNAIDED,), (Condition(),)), {}, {consent.CHANCE_ASSISTANCE}),
        (((AIDED,), (Condition(),)), {}, {consent.CHANCE_GROUP}),
        (((Condition(),),), {"aided_follows": AidedFollows.AFTER_ROUND}, {consent.LATER_ASSISTANCE}),
    ],
)
def test_the_design_decides_what_is_said_of_parts_chance_and_assistance(
    arms: tuple[tuple[Condition, ...], ...], also: dict[str, Any], expected: set[Message]
) -> None:
    design = StudyDesign(
        arms=tuple(Arm(key=f"a{i}", name=f"Arm {i}", periods=periods) for i, periods in enumerate(arms)), **also
    )
    protocol = of_template("nature-medicine-2020", design=design, modalities=(Modality.SALIENCY,))
    aided = any(p.reading is not ReadingOrder.UNAIDED for periods in arms for p in periods)
    source = {consent.FROM_PROGRAM} if aided else set()
    assert sentences(protocol) == {*ALWAYS, consent.KEPT, *expected, *source}


def test_a_text_is_known_as_standard_by_its_sentences_and_an_own_one_stays() -> None:
    assert is_standard_consent(CONSENT_TEXT)
    assert is_standard_consent(standard_consent(of_template("crossover"), drawn_images=True))
    own = standard_consent(of_template("crossover"), drawn_images=False) + " Call us at any time."
    assert not is_standard_consent(own)
    assert study_text(own, "consent_text", Language.GERMAN, own=Language.ENGLISH, translations={}) == (
        own, Language.ENGLISH,
    )  # fmt: skip
    for one, other in permutations(consent.SENTENCES, 2):
        assert not one.startswith(other)


def test_a_frozen_protocol_with_the_text_of_before_keeps_text_and_hash() -> None:
    before = of_template("han-2018")
    assert before.consent_text == CONSENT_TEXT
    back = Protocol.from_json(before.to_json())
    assert (back.consent_text, back.sha256) == (CONSENT_TEXT, before.sha256)
    assert consent_text_of(back, Language.GERMAN)[0].startswith("Sie sind eingeladen, dermatoskopische Bilder")
