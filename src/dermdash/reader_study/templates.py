"""Designs of published studies as starting points: what each sets, and all of it can be changed before freezing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.design import EVERYBODY, AidedFollows, Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.protocol import (
    NATURE_MEDICINE_2020,
    NATURE_MEDICINE_MODALITIES,
    TEMPLATE_KEYS,
    Protocol,
    even_class_mix,
)
from dermdash.reader_study.protocol_parts import Asked, Checks, Feedback, PlantedAdvice, ReaderPages, Screening
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, Taxonomy, get_taxonomy

_CNN = (Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY)


@dataclass(frozen=True, slots=True)
class StudyTemplate:
    """A design to start from.

    Attributes
    ----------
    key, title
        Its name in files and commands, and in words.
    source
        Where the design comes from; empty where it is common property.
    summary
        What a reader does, in one or two sentences.
    cases_per_round
        Where each class has the same number; ``per_class`` else: cases of a malignant class and of any other.
    values
        Further entries of the protocol that it sets.
    """

    key: str
    title: str
    source: str
    summary: str
    cases_per_round: int = 28
    per_class: tuple[int, int] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_model(self) -> bool:
        """Whether it shows what only a model can say."""
        return any(m.needs_model for m in self.protocol(name="-", dataset_id="-", model_id="-", seed=0).every_modality)

    def class_mix(self, taxonomy: Taxonomy, cases: int | None = None) -> dict[str, int]:
        """Cases of each class per round; ``cases`` in all where that is not what the template says."""
        if self.per_class is None or cases is not None:
            return even_class_mix(taxonomy, self.cases_per_round if cases is None else cases)
        malignant, other = self.per_class
        return {c.code: malignant if c.is_malignant else other for c in taxonomy.classes}

    def protocol(
        self,
        *,
        name: str,
        dataset_id: str,
        model_id: str | None,
        seed: int,
        taxonomy: str = DEFAULT_TAXONOMY,
        question: str = "What is your diagnosis?",
        cases_per_round: int | None = None,
        class_mix: Mapping[str, int] | None = None,
        modalities: Sequence[Modality] | None = None,
        **choices: Any,
    ) -> Protocol:
        """The protocol of the template; ``choices`` are attributes of `Protocol` and come before its own.

        Raises
        ------
        InvalidInput
            What was chosen makes no protocol.
        """
        classes = get_taxonomy(taxonomy)
        mix = self.class_mix(classes, cases_per_round) if class_mix is None else dict(class_mix)
        own = dict(self.values)
        shown = own.pop("modalities", NATURE_MEDICINE_MODALITIES)
        rest: dict[str, Any] = {"template": self.key, "rounds": 1, "practice_cases": 3} | own | choices
        return Protocol(
            name=name,
            question=question,
            taxonomy=taxonomy,
            dataset_id=dataset_id,
            model_id=model_id,
            cases_per_round=cases_of_mix(mix) if cases_per_round is None else cases_per_round,
            class_mix=mix,
            modalities=tuple(shown if modalities is None else modalities),
            seed=seed,
            **rest,
        )


_UNAIDED, _AIDED = Condition(reading=ReadingOrder.UNAIDED), Condition(reading=ReadingOrder.AIDED)
_ALL_UNAIDED = (Arm(key=EVERYBODY.key, name=EVERYBODY.name, periods=(_UNAIDED,)),)
"""The arms of a design in which everybody reads everything without assistance."""

_TEMPLATES = (
    StudyTemplate(
        key=NATURE_MEDICINE_2020,
        title="Nature Medicine 2020",
        source="Tschandl et al., Nature Medicine 26, 1229 (2020)",
        summary="Each case is read without assistance, the answer locks, then one kind of assistance drawn for the "
        "case is shown and the answer may be changed.",
    ),
    StudyTemplate(
        key="lancet-oncology-2019",
        title="Lancet Oncology 2019",
        source="Tschandl et al., Lancet Oncology 20, 938 (2019)",
        summary="A screening test, then batches of 30 images drawn at random for each reader out of a larger set, all "
        "without assistance.",
        cases_per_round=150,
        values={
            "modalities": (),
            "rounds": 3,
            "design": StudyDesign(arms=_ALL_UNAIDED, cases_per_reader=30),
            "checks": Checks(screening=Screening(cases=10, right=5)),
            "pages": ReaderPages(feedback=Feedback.END),
        },
    ),
    StudyTemplate(
        key="han-2018",
        title="Han 2018",
        source="Han et al., Journal of Investigative Dermatology 138, 1529 (2018)",
        summary="One diagnosis among the classes, without assistance: 25 images of each malignant class and 20 of each "
        "other. With the twelve classes of the paper and its two data sets these were 480 images; one data set gives "
        "260 of them.",
        per_class=(25, 20),
        values={"modalities": (), "practice_cases": 0, "design": StudyDesign(arms=_ALL_UNAIDED)},
    ),
    StudyTemplate(
        key="dermachallenge-2023",
        title="DermaChallenge (Barata 2023)",
        source="Barata et al., Nature Medicine 29, 1941 (2023)",
        summary="Twenty readings of ten images: all ten without assistance, then the same ten with the probability of "
        "each diagnosis, 20 seconds each, with a decision on management.",
        cases_per_round=10,
        values={
            "modalities": (Modality.MULTICLASS_PROBABILITY,),
            "practice_cases": 0,
            "time_limit_s": 20,
            "design": StudyDesign(aided_follows=AidedFollows.AFTER_ROUND),
            "asked": Asked(management=True),
            "pages": ReaderPages(feedback=Feedback.END, game=True),
        },
    ),
    StudyTemplate(
        key="crossover",
        title="Crossover with washout",
        source="",
        summary="Everybody reads all cases twice, once with and once without assistance, four weeks apart; chance "
        "decides which comes first.",
        values={
            "modalities": (Modality.MULTICLASS_PROBABILITY,),
            "design": StudyDesign(
                arms=(
                    Arm(key="without-first", name="Without assistance first", periods=(_UNAIDED, _AIDED)),
                    Arm(key="with-first", name="With assistance first", periods=(_AIDED, _UNAIDED)),
                ),
                washout_days=28,
                strata=("profession",),
            ),
        },
    ),
    StudyTemplate(
        key="parallel-arms",
        title="Parallel arms",
        source="",
        summary="Chance gives each reader one arm: all cases without assistance, or all with the same assistance from "
        "the start.",
        values={
            "modalities": (Modality.MULTICLASS_PROBABILITY,),
            "design": StudyDesign(
                arms=(
                    Arm(key="without", name="Without assistance", periods=(_UNAIDED,)),
                    Arm(key="with", name="With assistance", periods=(_AIDED,)),
                ),
                strata=("profession",),
            ),
        },
    ),
    StudyTemplate(
        key="wrong-advice",
        title="Wrong advice",
        source="Tschandl et al., Nature Medicine 26, 1229 (2020), the arm with a faulty network",
        summary="As Nature Medicine 2020 with a network whose advice is wrong on purpose in a quarter of the cases, to "
        "measure how far readers are misled.",
        values={"modalities": _CNN, "wrong_advice": PlantedAdvice(share_percent=25)},
    ),
)
STUDY_TEMPLATES: dict[str, StudyTemplate] = {template.key: template for template in _TEMPLATES}
if tuple(STUDY_TEMPLATES) != TEMPLATE_KEYS:  # a protocol names its template without knowing it
    raise RuntimeError("the templates are not those that a protocol may name")


def get_template(key: str) -> StudyTemplate:
    """The template of a key.

    Raises
    ------
    InvalidInput
        There is none; the message names all.
    """
    if key not in STUDY_TEMPLATES:
        raise InvalidInput(f"there is no template {key!r}: expected {', '.join(STUDY_TEMPLATES)}")
    return STUDY_TEMPLATES[key]


def template_nature_medicine_2020(**choices: Any) -> Protocol:
    """Protocol after Tschandl et al., Nature Medicine 26, 1229 (2020); ``choices`` as of `StudyTemplate.protocol`."""
    return STUDY_TEMPLATES[NATURE_MEDICINE_2020].protocol(**choices)


def cases_of_mix(mix: Mapping[str, Any]) -> int:
    """How many cases a mix adds up to; what is no number in it, the protocol itself refuses."""
    return sum(count for count in mix.values() if isinstance(count, int))
