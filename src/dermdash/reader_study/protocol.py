"""The protocol of a reader study: every choice that shapes its results, frozen before the first reading."""

import hashlib
import json
import re
from dataclasses import dataclass, field, fields
from typing import Any

from dermdash.errors import InvalidEntry, InvalidInput
from dermdash.reader_study.design import EVERYBODY, Arm, Condition, ReadingOrder, StudyDesign
from dermdash.reader_study.profile import PROFILE_QUESTIONS
from dermdash.reader_study.protocol_parts import (
    PARTS,
    Asked,
    CaseDraw,
    CaseView,
    Checks,
    Conduct,
    Feedback,
    Interruption,
    PlantedAdvice,
    ReaderPages,
)
from dermdash.readings.modality import PUBLIC_NAMES, Modality
from dermdash.records.chosen_records import check_kept
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy, get_taxonomy
from dermdash.wording import counted

NATURE_MEDICINE_2020 = "nature-medicine-2020"
TEMPLATE_KEYS = (
    NATURE_MEDICINE_2020, "lancet-oncology-2019", "han-2018", "dermachallenge-2023", "crossover", "parallel-arms",
    "wrong-advice",
)  # fmt: skip
"""Of `dermdash.reader_study.templates`: what a protocol says that it was made from."""
NATURE_MEDICINE_MODALITIES = tuple(PUBLIC_NAMES)
OFFERED_MODALITIES = tuple(m for m in Modality if m.form.offered)
"""What a protocol may use."""

TEXTS = ("name", "question", "dataset_id", "consent_text", "consent_version")
"""Entries that are texts and never empty."""
_ANALYSIS_NAME = re.compile(r"[a-z][a-z0-9-]*(:[a-z][a-z0-9_]*)?")
MOST_LEVELS = 5
"""Of confidence: a reader has one key for each."""
LATER_ENTRIES: dict[str, Any] = {
    "prespecified_analyses": (), "frozen_crowd": None, "record_filter": {}, "borderline": BorderlinePolicy.BENIGN,
    "wrong_advice": None, **{name: {} for name in PARTS},
}  # fmt: skip
"""Entries that older protocols do not have, and what they are then; such are left out of the text and its hash."""
CROWD_ENTRIES = {"source", "name", "readers", "images", "sha256"}

CONSENT_VERSION = "1"
CONSENT_TEXT = (
    "You are invited to rate dermatoscopic images. For every image you give a diagnosis and say how sure you "
    "are; then you see assistance and may keep or change your answer. We store your answers, the time you "
    "took and the profile you declare under a random number, not under your name. Taking part is voluntary: "
    "you can stop at any time, and what you answered until then is kept. The results are published only in "
    "a form from which nobody can be recognised."
)


@dataclass(frozen=True)
class Protocol:
    """One frozen study design; constructing it validates it.

    Attributes
    ----------
    class_mix : dict of str to int
        Cases of each diagnosis *per round*; sums to ``cases_per_round``.
    practice_cases : int
        Cases with feedback before the first round; never part of the results.
    seed : int
        Draws the cases, and with the reader's id the order and the modalities.
    confidence_levels : tuple of str
        Words for 1, 2, ..., least sure first.
    time_limit_s : int or None
        Seconds per unaided answer; None for no limit.
    cbir_k : int
        Similar images shown.
    minimum_crowd_readers : int
        Earlier readers a case needs before their shares are shown.
    frozen_crowd : dict or None
        The earlier study or log whose shares every reader is shown: ``source`` (its key), ``name``, ``readers``,
        ``images`` and ``sha256`` of the shares. None: the crowd grows with the readers of the data set.
    prespecified_analyses : tuple of str
        Analyses and subgroups decided on beforehand, by key or ``key:part``; all others are exploratory. Which
        there are depends on the version of dermdash (`dermdash.analyses.registry`); what is frozen stays as it is.
    record_filter : dict of str to list of str
        The records that cases are drawn from, as `dermdash.records.chosen_records` keeps a filter; empty: every record
        of the data set. Which filters there are depends on the version, too.
    borderline : BorderlinePolicy
        What borderline diagnoses count as: in the probability of malignancy that readers are shown, in the export and
        in every analysis, where nobody asks for another policy. The label of a case stays what it is.
    asked, view, checks, design, conduct, pages, draw, wrong_advice
        The parts (`dermdash.reader_study.protocol_parts`).
    """

    name: str
    question: str
    taxonomy: str
    dataset_id: str
    model_id: str | None
    cases_per_round: int
    rounds: int
    class_mix: dict[str, int]
    modalities: tuple[Modality, ...]
    practice_cases: int
    seed: int
    template: str = NATURE_MEDICINE_2020
    consent_text: str = CONSENT_TEXT
    consent_version: str = CONSENT_VERSION
    confidence_levels: tuple[str, ...] = ("Not sure", "Fairly sure", "Very sure")
    time_limit_s: int | None = None
    cbir_k: int = 8
    minimum_crowd_readers: int = 3
    profile_questions: tuple[str, ...] = PROFILE_QUESTIONS
    prespecified_analyses: tuple[str, ...] = ()
    frozen_crowd: dict[str, Any] | None = None
    record_filter: dict[str, list[str]] = field(default_factory=dict)
    borderline: BorderlinePolicy = BorderlinePolicy.BENIGN
    asked: Asked = field(default_factory=Asked)
    view: CaseView = field(default_factory=CaseView)
    checks: Checks = field(default_factory=Checks)
    design: StudyDesign = field(default_factory=StudyDesign)
    conduct: Conduct = field(default_factory=Conduct)
    pages: ReaderPages = field(default_factory=ReaderPages)
    draw: CaseDraw = field(default_factory=CaseDraw)
    wrong_advice: PlantedAdvice | None = None

    def __post_init__(self) -> None:
        """Copy what the caller could still change, then validate."""
        object.__setattr__(self, "class_mix", dict(self.class_mix))
        object.__setattr__(self, "record_filter", check_kept(self.record_filter))
        if self.frozen_crowd is not None:
            object.__setattr__(self, "frozen_crowd", dict(self.frozen_crowd))
        for name in ("confidence_levels", "profile_questions", "prespecified_analyses"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "modalities", tuple(_modality(m) for m in self.modalities))
        object.__setattr__(self, "borderline", _policy(self.borderline))
        for name, part in PARTS.items():
            object.__setattr__(self, name, part.read(getattr(self, name), name=name))
        if self.wrong_advice is not None:
            object.__setattr__(self, "wrong_advice", PlantedAdvice.read(self.wrong_advice, name="wrong_advice"))
        self._check_text()
        self._check_quotas()  # before their sum, which would be blamed for them
        self._check_numbers()
        self._check_class_mix()
        self._check_modalities()
        self._check_parts()
        self._check_analyses()

    @property
    def classes(self) -> Taxonomy:
        """The classes of the study; borderline ones count as the protocol says."""
        return get_taxonomy(self.taxonomy).counting_borderline_as(self.borderline)

    @property
    def case_count(self) -> int:
        """Cases of the study over all rounds, without practice."""
        return self.cases_per_round * self.rounds

    @property
    def read_per_round(self) -> int:
        """Different cases that one reader reads in a round of a period."""
        return min(self.design.cases_per_reader or self.cases_per_round, self.cases_per_round)

    @property
    def read_by_one(self) -> int:
        """Cases of the study's own that one reader reads over all periods, in the arm with most; repeats left out."""
        return self.read_per_round * self.rounds * max(len(arm.periods) for arm in self.arms)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms; one of all readers where the design names none."""
        return self.design.arms or (EVERYBODY,)

    @property
    def every_modality(self) -> tuple[Modality, ...]:
        """What is shown in any arm and period, in the order of the protocol."""
        named = [m for arm in self.arms for period in arm.periods for m in self.modalities_of(period)]
        return tuple(dict.fromkeys(named))

    def modalities_of(self, condition: Condition) -> tuple[Modality, ...]:
        """What is shown under a condition; nothing where cases are read without assistance."""
        if condition.reading is ReadingOrder.UNAIDED:
            return ()
        return condition.modalities or self.modalities

    def as_values(self, *, complete: bool = False) -> dict[str, Any]:
        """Every entry as JSON has it; parts hold what differs from their defaults, or all of it."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in (*PARTS, "wrong_advice"):
            part = values[name]
            values[name] = None if part is None else part.model_dump(mode="json", exclude_defaults=not complete)
        return values

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, UTF-8, no NaN. Equal protocols give equal text."""
        values = self.as_values()
        # Protocols frozen before these entries existed keep their text and their hash.
        for name, before in LATER_ENTRIES.items():
            if values[name] == before:
                del values[name]
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the canonical JSON in UTF-8."""
        return hashlib.sha256(self.to_json().encode("utf-8")).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Protocol":
        """Read a protocol back; raises InvalidInput naming unknown or missing entries."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise InvalidInput(f"the protocol is not JSON: {error}") from None
        if not isinstance(values, dict):
            raise InvalidInput("the protocol is not a JSON object")
        known = {f.name for f in fields(cls)}
        if wrong := sorted((known ^ values.keys()) - (LATER_ENTRIES.keys() - values.keys())):
            raise InvalidInput(f"the protocol lacks or has unknown entries: {', '.join(wrong)}")
        return cls(**values)

    def _check_text(self) -> None:
        for name in TEXTS:
            if not str(getattr(self, name)).strip():
                raise InvalidEntry(f"the protocol's {name.replace('_', ' ')} is empty: fill it in", name)
        if self.template not in TEMPLATE_KEYS:
            raise InvalidEntry(f"unknown template {self.template!r}: expected {', '.join(TEMPLATE_KEYS)}", "template")
        levels = len(self.confidence_levels)
        if not 2 <= levels <= MOST_LEVELS or len(set(self.confidence_levels)) < levels:
            raise InvalidEntry(f"confidence needs two to {MOST_LEVELS} different levels", "confidence_levels")
        if unknown := sorted(set(self.profile_questions) - set(PROFILE_QUESTIONS)):
            raise InvalidEntry(
                f"unknown profile questions {', '.join(unknown)}: expected {', '.join(PROFILE_QUESTIONS)}",
                "profile_questions",
            )

    def _check_numbers(self) -> None:
        least = {"cases_per_round": 1, "rounds": 1, "practice_cases": 0, "seed": 0, "cbir_k": 1}
        least |= {"minimum_crowd_readers": 1} | ({} if self.time_limit_s is None else {"time_limit_s": 1})
        for name, minimum in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
                raise InvalidEntry(
                    f"{name.replace('_', ' ')} is {value!r}: expected a whole number from {minimum}", name
                )

    def _check_quotas(self) -> None:
        taxonomy = get_taxonomy(self.taxonomy)
        for code, count in self.class_mix.items():
            _ = taxonomy[code]
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise InvalidEntry(f"class mix of {code} is {count!r}: expected a whole number from 0", "class_mix")

    def _check_class_mix(self) -> None:
        taxonomy = get_taxonomy(self.taxonomy)
        if self.borderline is not BorderlinePolicy.BENIGN and not taxonomy.has_borderline:
            raise InvalidEntry(
                f"no class of {taxonomy.name} is borderline: the protocol cannot say what such count as", "borderline"
            )
        total = sum(self.class_mix.values())
        if total != self.cases_per_round:
            raise InvalidEntry(
                f"the class mix sums to {total} but a round has {counted(self.cases_per_round, 'case')}: change one of "
                "them",
                "class_mix",
            )

    def _check_modalities(self) -> None:
        for arm in self.arms:
            for number, period in enumerate(arm.periods, 1):
                if period.reading is not ReadingOrder.UNAIDED and not self.modalities_of(period):
                    where = "" if arm is EVERYBODY else f" for period {number} of the arm {arm.name}"
                    raise InvalidEntry(
                        f"choose at least one modality of {', '.join(OFFERED_MODALITIES)}{where}", "modalities"
                    )
        if len(set(self.modalities)) < len(self.modalities):
            raise InvalidEntry("a modality is named twice", "modalities")
        for modality in self.every_modality:
            if modality not in OFFERED_MODALITIES:
                raise InvalidEntry(
                    f"the modality {modality} cannot be shown yet: choose of {', '.join(OFFERED_MODALITIES)}",
                    "modalities",
                )
        if self.frozen_crowd is not None:
            if not any(m.form.needs_crowd for m in self.every_modality):
                raise InvalidEntry(
                    "a frozen crowd is named and the crowd is not shown: add it or leave the crowd out", "frozen_crowd"
                )
            if set(self.frozen_crowd) != CROWD_ENTRIES:
                raise InvalidEntry(f"a frozen crowd has the entries {', '.join(sorted(CROWD_ENTRIES))}", "frozen_crowd")
        needing = [m.label.lower() for m in self.every_modality if m.needs_model]
        if needing and not self.model_id:
            raise InvalidEntry(f"{', '.join(needing)} needs a model: choose one or leave the modality out", "model_id")

    def _check_parts(self) -> None:
        read = self.read_per_round
        if (asked := self.design.cases_per_reader) is not None and asked > self.cases_per_round:
            raise InvalidEntry(
                f"a reader is to read {counted(asked, 'case')} of each round, and a round has "
                f"{self.cases_per_round}: ask for fewer, or make the rounds larger",
                "design.cases_per_reader",
            )
        for name in ("hidden_repeats", "unaided_only"):
            if (number := getattr(self.checks, name)) > read:
                words = f"{name.replace('_', ' ')} is {number} per round"
                raise InvalidEntry(f"{words}, and a reader reads {counted(read, 'case')} in one", f"checks.{name}")
        self._check_asked()
        if self.wrong_advice is not None and not any(m.needs_model for m in self.every_modality):
            raise InvalidEntry(
                "wrong advice needs assistance by a model: add a modality, or leave wrong advice out", "wrong_advice"
            )

    def _check_asked(self) -> None:
        """Refuse what compares a diagnosis that nobody is asked for."""
        if self.asked.diagnosis:
            return
        compared = {
            ("a screening test needs", "checks.screening"): self.checks.screening is not None,
            ("attention checks need", "checks.attention_checks"): bool(self.checks.attention_checks),
            ("feedback needs", "pages.feedback"): self.pages.feedback is not Feedback.OFF,
        }
        for (needs, entry), there in compared.items():
            if there:
                raise InvalidEntry(
                    f"{needs} the diagnosis, which readers are not asked for: ask for it, or leave that out", entry
                )

    @property
    def tells_at_once(self) -> bool:
        """Whether readers are told the diagnosis of a case that counts once it is complete for them.

        Never where a case may come again without a word: what `check_feedback` refuses, an older protocol may have.
        """
        return self.pages.feedback is Feedback.AT_ONCE and not (
            self.checks.hidden_repeats or self.conduct.interruption is Interruption.RESTART
        )

    def check_feedback(self) -> None:
        """Refuse (InvalidInput) feedback at once where it would give away what is still to come."""
        if self.pages.feedback is not Feedback.AT_ONCE:
            return
        if self.checks.hidden_repeats:
            raise InvalidEntry(
                "feedback at once and hidden repeats exclude one another: a case after which nothing is said would "
                "give away that it comes again. Choose feedback at the end, or no hidden repeats",
                "pages.feedback",
            )
        if self.conduct.interruption is Interruption.RESTART:
            raise InvalidEntry(
                "feedback at once and rounds that begin again after an interruption exclude one another: readers would "
                "get cases whose diagnosis they were told. Choose feedback at the end, or another policy",
                "pages.feedback",
            )

    def _check_analyses(self) -> None:
        if odd := [name for name in self.prespecified_analyses if not _ANALYSIS_NAME.fullmatch(name)]:
            raise InvalidEntry(
                f"{odd[0]!r} names no analysis: expected a key, or a key, a colon and a part of it",
                "prespecified_analyses",
            )
        if len(set(self.prespecified_analyses)) < len(self.prespecified_analyses):
            raise InvalidEntry("an analysis is named twice", "prespecified_analyses")


def even_class_mix(taxonomy: Taxonomy, cases: int) -> dict[str, int]:
    """Spread ``cases`` evenly over the classes; what remains goes to the malignant classes first."""
    share, rest = divmod(cases, len(taxonomy.codes))
    first = sorted(taxonomy.classes, key=lambda c: not c.is_malignant)
    extra = {c.code for c in first[:rest]}
    return {code: share + (code in extra) for code in taxonomy.codes}


def _policy(value: str) -> BorderlinePolicy:
    try:
        return BorderlinePolicy(value)
    except ValueError:
        raise InvalidEntry(
            f"borderline diagnoses cannot count as {value!r}: expected {', '.join(BorderlinePolicy)}", "borderline"
        ) from None


def _modality(value: str) -> Modality:
    try:
        return Modality(value)
    except ValueError:
        raise InvalidEntry(
            f"unknown modality {value!r}: expected {', '.join(OFFERED_MODALITIES)}", "modalities"
        ) from None
