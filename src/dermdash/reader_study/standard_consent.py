"""The standard consent of a study: the sentences that its protocol needs, and no other.

A protocol holds the English text; its sentences lead to the other languages, also years after the freeze.
"""

from collections.abc import Iterator
from functools import lru_cache

from dermdash.reader_study.design import AidedFollows, Condition, ReadingOrder
from dermdash.reader_study.protocol import CONSENT_TEXT, Protocol
from dermdash.reader_study.protocol_parts import Asked, Withdrawal
from dermdash.reader_study.words import consent
from dermdash.reader_study.words.message import Message
from dermdash.reader_study.words.study_texts import consent_sentences


def standard_consent(protocol: Protocol, *, drawn_images: bool) -> str:
    """The English text; that some advice may be wrong is added where the consent is shown.

    ``drawn_images``: the images of the data set are drawn by a program.
    """
    paragraphs = (
        [consent.INVITATION, *([consent.DRAWN_IMAGES] if drawn_images else [])],
        [*_task(protocol), *_assistance(protocol)],
        [consent.RECORDED, consent.RANDOM_NUMBER],
        [
            consent.VOLUNTARY,
            consent.DELETED if protocol.conduct.withdrawal is Withdrawal.DELETE else consent.KEPT,
        ],
        [*_later(protocol), consent.PUBLISHED],
    )
    return "\n\n".join(" ".join(map(str, sentences)) for sentences in paragraphs)


@lru_cache(maxsize=256)
def is_standard_consent(text: str) -> bool:
    """Whether nobody wrote it: the standard text of this or an earlier version, for whatever protocol."""
    return text == CONSENT_TEXT or consent_sentences(text) is not None


def _task(protocol: Protocol) -> Iterator[Message]:
    if protocol.checks.screening is not None:
        yield consent.SCREENING
    yield from _answers(protocol.asked)
    if protocol.time_limit_s is not None:
        yield consent.TIME_LIMIT


def _answers(asked: Asked) -> Iterator[Message]:
    """What is asked of an image, the first of it in a sentence of its own."""
    if asked.diagnosis:
        yield consent.TASK if asked.confidence else consent.DIAGNOSIS_ALONE
    if asked.malignancy_rating:
        yield consent.RATING if asked.diagnosis else consent.RATING_FIRST
    if asked.management:
        alone = not (asked.diagnosis or asked.malignancy_rating)
        yield consent.MANAGEMENT_FIRST if alone else consent.MANAGEMENT
    if asked.confidence and not asked.diagnosis:
        yield consent.SURENESS


def _assistance(protocol: Protocol) -> Iterator[Message]:
    """How often, with or without assistance, and what chance decides."""
    arms = [arm.periods for arm in protocol.arms]
    orders = {period.reading for periods in arms for period in periods}
    aided = orders != {ReadingOrder.UNAIDED}
    if any(len(periods) > 1 for periods in arms):
        without = orders & {ReadingOrder.UNAIDED, ReadingOrder.SEQUENTIAL}
        both = consent.PARTS_WITH_AND_WITHOUT if without else consent.PARTS_WITH
        yield both if aided else consent.PARTS
        if protocol.design.washout_days:
            yield consent.BREAK
    elif len(orders) == 1 and aided:
        yield _one_way(protocol, *orders)
    if len(arms) > 1:
        yield _chance(arms)
    if not aided:
        return
    if protocol.checks.unaided_only:
        yield consent.SOME_WITHOUT
    if len(protocol.every_modality) > 1:
        yield consent.CHANCE_KIND
    crowd = {m.form.needs_crowd for m in protocol.every_modality}
    yield consent.FROM_BOTH if len(crowd) > 1 else consent.FROM_READERS if True in crowd else consent.FROM_PROGRAM
    if True in crowd and protocol.frozen_crowd is None:
        yield consent.SHOWN_TO_LATER


def _one_way(protocol: Protocol, order: ReadingOrder) -> Message:
    if order is ReadingOrder.AIDED:
        return consent.WITH_ASSISTANCE
    after_round = protocol.design.aided_follows is AidedFollows.AFTER_ROUND
    return consent.LATER_ASSISTANCE if after_round else consent.THEN_ASSISTANCE


def _chance(arms: list[tuple[Condition, ...]]) -> Message:
    """What the lot of the arm means to a reader."""
    sets = {tuple(sorted((p.reading, p.modalities) for p in periods)) for periods in arms}
    if len(sets) == 1 and any(len(periods) > 1 for periods in arms):
        return consent.CHANCE_ORDER
    unaided = [all(p.reading is ReadingOrder.UNAIDED for p in periods) for periods in arms]
    return consent.CHANCE_ASSISTANCE if any(unaided) and not all(unaided) else consent.CHANCE_GROUP


def _later(protocol: Protocol) -> Iterator[Message]:
    wrong = protocol.wrong_advice
    if wrong is not None and not wrong.told and wrong.debriefed:
        yield consent.TOLD_AT_THE_END
