"""What a protocol with so many readers cannot balance, said before it is frozen."""

from collections.abc import Iterator

from dermdash.reader_study.design import AssignmentMethod
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.trial_balance import TrialBalance
from dermdash.reader_study.trial_readers import stratum_words
from dermdash.readings.modality import Modality, modality_label
from dermdash.wording import counted, form


def trial_warnings(protocol: Protocol, balance: TrialBalance) -> tuple[str, ...]:
    """Sentences, the gravest first; none where everything is as even as numbers allow."""
    return (
        *_empty(balance),
        *_arms(balance),
        *_strata(balance),
        *_modalities(protocol, balance),
        *_latin_square(protocol, balance),
    )


def _empty(balance: TrialBalance) -> Iterator[str]:
    if not balance.completed:
        yield "Nobody completes this study: take more readers, or expect less dropout."
    read = {one.case_id for one in balance.readings}
    if missing := len(balance.cases) - len(read):
        yield (
            f"{counted(missing, 'case')} of {len(balance.cases):,} {form(missing, 'is', 'are')} read by nobody: take "
            "more readers, more cases for each of them, or fewer cases."
        )


def _arms(balance: TrialBalance) -> Iterator[str]:
    arms = balance.of_arms()
    if len(arms) < 2:
        return
    needed = sum(arm.weight for arm in arms)
    if len(balance.readers) < needed:
        yield (
            f"{counted(len(balance.readers), 'reader')} cannot fill {counted(len(arms), 'arm')}: it takes {needed} for "
            "one of each in their proportion."
        )
    elif bare := [arm.name for arm in arms if not arm.completed]:
        yield f"Nobody completes {' and '.join(bare)}."
    # Of the arm that is ahead so many more per unit of weight, than chance and whole numbers explain.
    per_weight = [arm.completed / arm.weight for arm in arms]
    if balance.completed and max(per_weight) - min(per_weight) > max(1.0, 0.2 * max(per_weight)):
        said = ", ".join(f"{arm.name} {arm.completed}" for arm in arms)
        yield f"Dropout leaves the arms uneven in complete readers: {said}."


def _strata(balance: TrialBalance) -> Iterator[str]:
    tallies = balance.of_strata()
    weights = {key: weight for key, _, weight in balance.arms}
    if not tallies or len(weights) < 2:
        return
    needed = sum(weights.values())
    begun: dict[str, int] = {}
    for tally in tallies:
        begun[tally.stratum] = begun.get(tally.stratum, 0) + tally.begun
    if small := {stratum: n for stratum, n in begun.items() if n < needed}:
        said = ", ".join(f"{stratum_words(stratum)} {n}" for stratum, n in small.items())
        yield (
            f"Arms cannot be balanced within {counted(len(small), 'stratum', 'strata')} of {len(begun)} ({said}): it "
            f"takes {needed} readers for {counted(len(weights), 'arm')}. Name fewer or broader strata, or invite more "
            "of these readers."
        )


def _modalities(protocol: Protocol, balance: TrialBalance) -> Iterator[str]:
    shown = protocol.every_modality
    if missing := [m for m in shown if m not in balance.modalities]:
        yield f"Nobody is shown {', '.join(modality_label(m).lower() for m in missing)}."
    for tally in balance.of_modalities():
        if tally.modality == Modality.NONE and Modality.NONE not in shown and protocol.checks.unaided_only:
            continue  # a few cases of each reader, which nobody expects to be even
        if 0 < tally.cases_without < len(balance.cases):
            n = tally.cases_without
            yield (
                f"{counted(n, 'case')} of {len(balance.cases):,} {form(n, 'is', 'are')} never read with "
                f"“{modality_label(tally.modality)}”: {counted(len(balance.readers), 'reader')} are too few for every "
                "case with every modality."
            )
    if Modality.NONE in balance.modalities and Modality.NONE not in shown and _grows(protocol):
        late = sum(one.modality is Modality.NONE for one in balance.readings)
        yield f"For {counted(late, 'reading')} there is nothing to show, as the crowd is still too small."
    elif _grows(protocol):
        yield (
            f"The first {counted(protocol.minimum_crowd_readers, 'reader')} of a case cannot be shown the crowd: it is "
            "not balanced over the order of readers. A frozen crowd is the same for all."
        )


def _grows(protocol: Protocol) -> bool:
    return protocol.frozen_crowd is None and any(m.form.needs_crowd for m in protocol.every_modality)


def _latin_square(protocol: Protocol, balance: TrialBalance) -> Iterator[str]:
    if protocol.design.method is not AssignmentMethod.LATIN_SQUARE:
        return
    for arm in protocol.arms:
        begun = sum(key == arm.key for _, key, _ in balance.readers)
        for period in arm.periods:
            size = len(protocol.modalities_of(period))
            if size > 1 and begun % size:
                yield (
                    f"A Latin square of {size} modalities comes out even with a multiple of {size} readers; "
                    f"{arm.name} has {begun}."
                )
                break
