"""A protocol as a person would want to read it: sentences by section, for page, report and archive."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dermdash.reader_study.crowd import crowd_words
from dermdash.reader_study.design import EVERYBODY, AidedFollows, Arm, CaseOrder, Condition, ReadingOrder
from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import (
    SHOWN_FIELDS,
    DifficultySource,
    Feedback,
    Interruption,
    PlantedAdvice,
    Withdrawal,
    WrongAdviceMethod,
)
from dermdash.reader_study.words.study_texts import question_is_asked
from dermdash.readings.modality import Modality
from dermdash.records.chosen_records import kept_in_words
from dermdash.wording import counted, percent

_LANGUAGE_NAMES = {"en": "English", "de": "German", "ru": "Russian", "es": "Spanish"}
_PROFILE = {
    "profession": "profession", "years_experience": "years of experience", "age_group": "age group",
    "gender": "gender", "country": "country",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProtocolSection:
    """A part of a protocol: its heading and sentences, each ending with a full stop."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProtocolNames:
    """What the parts of a protocol that are only ids there are called; an id stands where nothing is said."""

    dataset: str = ""
    model: str = ""
    analysis: Callable[[str], str] = str


def protocol_sections(protocol: Protocol, names: ProtocolNames | None = None) -> tuple[ProtocolSection, ...]:
    """Say a protocol section by section; what it leaves out is not mentioned unless a reader of it would ask."""
    names = names or ProtocolNames()
    parts = {
        "Question": _question(protocol),
        "Cases": _cases(protocol, names),
        "Design": _design(protocol),
        "Assistance": _assistance(protocol, names),
        "Checks": _checks(protocol),
        "Conduct": _conduct(protocol),
        "Readers' pages": _pages(protocol),
        "Analyses": _analyses(protocol, names),
    }
    return tuple(ProtocolSection(title, tuple(said)) for title, said in parts.items())


def _question(protocol: Protocol) -> list[str]:
    classes = protocol.classes
    levels = ", ".join(f"“{level}”" for level in protocol.confidence_levels)
    said = [
        f"Readers are asked “{protocol.question}” and choose one of "
        f"{counted(len(classes.codes), 'diagnosis', 'diagnoses')} ({classes.title})."
        if protocol.asked.diagnosis
        else f"Readers are asked “{protocol.question}”, and for no diagnosis."
        if question_is_asked(protocol.question, diagnosis=False)
        else "Readers are asked for no diagnosis."
    ]
    if protocol.asked.confidence:
        said.append(f"They say how sure they are on {counted(len(protocol.confidence_levels), 'level')}: {levels}.")
    if protocol.asked.malignancy_rating:
        said.append("They rate how likely the lesion is malignant, from 0 to 100.")
    if protocol.asked.management:
        said.append(f"They say what they would do: {', '.join(f'“{m.label}”' for m in Management)}.")
    view = protocol.view
    if view.fields:
        shown = _listed(SHOWN_FIELDS[name].lower() for name in view.fields)
        said.append(f"Beside the image {_verb(len(view.fields), 'stands', 'stand')} {shown} of the record.")
    if view.clinical_image:
        said.append("The clinical image of the same lesion is shown beside the dermatoscopic one, where there is one.")
    if view.whole_patient:
        said.append("All other lesions of the patient are shown as small images, which open large.")
    if not (view.fields or view.clinical_image or view.whole_patient):
        said.append("Nothing but the image is shown.")
    if protocol.time_limit_s:
        said.append(f"After {protocol.time_limit_s} seconds the panel asks for the answer at once.")
    if classes.has_borderline:
        said.append(f"{_sentence(protocol.borderline.in_words)}.")
    return said


def _cases(protocol: Protocol, names: ProtocolNames) -> list[str]:
    mix = ", ".join(f"{protocol.classes[code].name} {n}" for code, n in protocol.class_mix.items() if n)
    said = [
        f"{counted(protocol.case_count, 'case')} in {counted(protocol.rounds, 'round')} of "
        f"{protocol.cases_per_round}, drawn with seed {protocol.seed} from {names.dataset or protocol.dataset_id}, one "
        "image per lesion.",
        f"Per round: {mix}.",
    ]
    if protocol.record_filter:
        said.append(f"Drawn only from records with {kept_in_words(protocol.record_filter)}.")
    if protocol.draw.difficulty is not DifficultySource.NONE:
        by = {
            DifficultySource.MODEL_ENTROPY: "the entropy of the model's probabilities",
            DifficultySource.CROWD_AGREEMENT: "how far earlier readers agreed",
        }
        said.append(
            f"Rounds get the same share of easy and hard cases of each class, by {by[protocol.draw.difficulty]} in "
            f"{protocol.draw.strata} groups."
        )
    if (each := protocol.design.cases_per_reader) is not None:
        said.append(f"Each reader reads {each} cases of a round, those read least so far first.")
    if protocol.practice_cases:
        said.append(f"Practice with feedback comes first and never counts: {counted(protocol.practice_cases, 'case')}.")
    return said


def _design(protocol: Protocol) -> list[str]:
    design = protocol.design
    if protocol.arms == (EVERYBODY,):
        said = [f"{_sentence(_of_condition(protocol, EVERYBODY.periods[0]))}."]
    elif len(protocol.arms) == 1:
        said = _of_periods(protocol, protocol.arms[0])
    else:
        said = [f"Readers are assigned to {counted(len(protocol.arms), 'arm')} ({design.method.label})."]
        weights = {arm.weight for arm in protocol.arms}
        for arm in protocol.arms:
            weight = f", weight {arm.weight}" if len(weights) > 1 else ""
            said.append(f"{arm.name}{weight}: {' '.join(_of_periods(protocol, arm))}")
    if design.strata:
        said.append(f"Arms are balanced within {_listed(_PROFILE[name] for name in design.strata)}.")
    if design.washout_days:
        said.append(f"Between periods lie at least {counted(design.washout_days, 'day')}.")
    if len(protocol.every_modality) > 1:
        said.append(f"Which assistance a case gets is drawn for each reader ({design.method.label}).")
    said.append(
        "All readers get the cases of a round in the same order."
        if design.order is CaseOrder.SAME_FOR_ALL
        else "Each reader gets the cases of a round in an order of their own."
    )
    if design.aided_follows is AidedFollows.AFTER_ROUND:
        said.append("The answers with assistance follow when all cases of the round were read without it.")
    return said


def _of_periods(protocol: Protocol, arm: Arm) -> list[str]:
    if len(arm.periods) == 1:
        return [f"{_sentence(_of_condition(protocol, arm.periods[0]))}."]
    return [f"Period {n}: {_of_condition(protocol, period)}." for n, period in enumerate(arm.periods, 1)]


def _of_condition(protocol: Protocol, condition: Condition) -> str:
    shown = protocol.modalities_of(condition)
    if condition.reading is ReadingOrder.UNAIDED:
        return "each case is read once, without assistance"
    by = _label(shown[0]) if len(shown) == 1 else f"one of {_listed(_label(m) for m in shown)}"
    if condition.reading is ReadingOrder.AIDED:
        return f"each case is read once, with assistance from the start ({by})"
    return (
        f"each case is read without assistance, the answer locks, and then assistance is shown ({by}) and the answer "
        "may be changed"
    )


def _assistance(protocol: Protocol, names: ProtocolNames) -> list[str]:
    shown = protocol.every_modality
    if not shown:
        return ["No assistance is shown."]
    said = [f"Shown: {_listed(_label(m) for m in shown)}."]
    if any(m.needs_model for m in shown):
        said.append(f"What a model says is that of {names.model or protocol.model_id}, fixed when the study is frozen.")
    if Modality.CBIR in shown:
        said.append(f"{counted(protocol.cbir_k, 'similar image')}, never of a lesion or patient of the study.")
    if any(m.form.needs_crowd for m in shown):
        said.append(
            f"The crowd grows with the readers of the data set and is shown from {protocol.minimum_crowd_readers} on."
            if protocol.frozen_crowd is None
            else f"The crowd is that of {crowd_words(protocol.frozen_crowd)}, the same for every reader."
        )
    if protocol.wrong_advice is not None:
        said += _wrong_advice(protocol.wrong_advice)
    return said


def _wrong_advice(planted: PlantedAdvice) -> list[str]:
    how = {
        WrongAdviceMethod.OTHER_CLASS_ON_TOP: "the highest class and a wrong one change places",
        WrongAdviceMethod.PERMUTED: "the probabilities change places so that the true class is not the highest",
    }
    return [
        f"In {percent(planted.share_percent / 100, 0)} of the cases of each class advice is wrong on purpose: "
        f"{how[planted.method]}.",
        "The consent says that some advice may be wrong."
        if planted.told
        else "Readers are not told beforehand that some advice is wrong.",
        "At the end they are told which it was." if planted.debriefed else "They are not told at the end which it was.",
    ]


def _checks(protocol: Protocol) -> list[str]:
    checks, said = protocol.checks, []
    if checks.screening is not None:
        said.append(
            f"Before the first round stands a test: who has fewer than {checks.screening.right} of "
            f"{counted(checks.screening.cases, 'case')} right does not take part."
        )
    if checks.attention_checks:
        said.append(f"{counted(checks.attention_checks, 'attention check')} per round, never part of the results.")
    if checks.hidden_repeats:
        comes = _verb(checks.hidden_repeats, "comes", "come")
        said.append(
            f"{counted(checks.hidden_repeats, 'case')} per round {comes} a second time without a word; the first "
            "reading counts."
        )
    if checks.unaided_only:
        said.append(
            f"{counted(checks.unaided_only, 'case')} per round, drawn for each reader, "
            f"{_verb(checks.unaided_only, 'stays', 'stay')} without assistance."
        )
    return said or ["No screening, attention checks or hidden repeats."]


def _conduct(protocol: Protocol) -> list[str]:
    conduct = protocol.conduct
    gap = f"a gap longer than {conduct.longest_gap_min} min" if conduct.longest_gap_min else "any gap"
    after = {
        Interruption.RESUME: "a reader goes on where they were",
        Interruption.RESTART: "the round begins again in another order, and what was answered in it does not count",
        Interruption.BLOCK: "a reader goes on only when the coordinator lets them",
    }
    said = [f"After {gap} within a round {after[conduct.interruption]}."]
    if conduct.target_readers:
        n = conduct.target_readers
        said.append(
            f"Once {counted(n, 'reader')} {_verb(n, 'has', 'have')} completed the study nobody else can begin; who has "
            "begun goes on."
        )
    if conduct.closes_on:
        said.append(f"The study ends on {conduct.closes_on}.")
    if conduct.stopping_rule:
        said.append(f"Stopping rule: {conduct.stopping_rule.strip().rstrip('.')}.")
    if not (conduct.target_readers or conduct.closes_on or conduct.stopping_rule):
        said.append("No end was fixed beforehand.")
    said.append(
        "The answers of who withdraws are deleted, and they get a receipt."
        if conduct.withdrawal is Withdrawal.DELETE
        else "The answers of who withdraws stay, marked as such."
    )
    if conduct.blinded:
        said.append("Until the study is closed nobody sees how right readers are by assistance or arm.")
    if conduct.open_recruitment:
        said.append("Readers may register themselves under the study's public link.")
    said.append(
        "Images reach readers re-encoded with a secret of the study."
        if conduct.unfindable_images
        else "Images reach readers as they are stored, without names and metadata: a public image can be looked up."
    )
    return said


def _pages(protocol: Protocol) -> list[str]:
    pages = protocol.pages
    languages = _listed(_LANGUAGE_NAMES[code] for code in pages.languages)
    said = [f"In {languages}, opening in {_LANGUAGE_NAMES[pages.language]} where a browser asks for none of them."]
    if pages.translations:
        translated = _listed(_LANGUAGE_NAMES[code] for code in pages.translations)
        said.append(f"The study's own words are translated into {translated}.")
    feedback = {
        Feedback.OFF: "Readers are not told how right they were",
        Feedback.END: "Readers learn at the end how right they were",
        Feedback.AT_ONCE: "Readers learn whether they were right as soon as a case is complete for them",
    }
    if pages.feedback is Feedback.AT_ONCE and not protocol.tells_at_once:
        feedback[Feedback.AT_ONCE] = (
            "Readers learn at the end how right they were, as cases may come again that they would have been told"
        )
    but = ""
    if protocol.practice_cases and pages.feedback is not Feedback.AT_ONCE:
        but = ", except in practice" if pages.feedback is Feedback.OFF else ", and in practice at once"
    said.append(f"{feedback[pages.feedback]}{but}.")
    if pages.certificate:
        said.append("A certificate is offered at the end.")
    if pages.game:
        said.append(
            "Who likes plays for points, level and streak under a name of their own; right answers count only where "
            "readers are told them, or when the study is over."
        )
    if pages.instructions:
        said.append("Instructions of the study stand before practice.")
    about = _listed(_PROFILE[name] for name in protocol.profile_questions) if protocol.profile_questions else "nothing"
    said.append(f"Readers agree to the consent text in version {protocol.consent_version}, and are asked for {about}.")
    return said


def _analyses(protocol: Protocol, names: ProtocolNames) -> list[str]:
    if not protocol.prespecified_analyses:
        return ["None was decided on beforehand: all are exploratory."]
    decided = "; ".join(names.analysis(name) for name in protocol.prespecified_analyses)
    return [f"Decided on beforehand: {decided}.", "All others are exploratory."]


def _label(modality: Modality) -> str:
    return modality.label[:1].lower() + modality.label[1:] if modality.label[1:2].islower() else modality.label


def _listed(words: Iterable[str], last: str = "and") -> str:
    parts = list(words)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _verb(count: int, one: str, several: str) -> str:
    return one if count == 1 else several
