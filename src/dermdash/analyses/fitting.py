"""Which analyses fit what a protocol asks of its readers, before anybody has read."""

from __future__ import annotations

from dermdash.analyses.agreement.options import KEY as AGREEMENT
from dermdash.analyses.arms.options import KEY as ARMS
from dermdash.analyses.benefit.planned import KEY as BENEFIT
from dermdash.analyses.benefit.planned import READERS_AND_CASES
from dermdash.analyses.mrmc.options import KEY as MRMC
from dermdash.analyses.reading_time.options import KEY as READING_TIME
from dermdash.analyses.registry import ANALYSES, analysis_title
from dermdash.reader_study.protocol import Protocol


def usual_analyses(protocol: Protocol) -> list[str]:
    """What a study of assistance is asked, by the names of a protocol: what changes in its readers or between its arms.

    Empty where nothing is shown, and where no analysis of what is asked compares the conditions.
    """
    if not protocol.every_modality:
        return []
    # Benefit takes pairs: readers with answers of both phases.
    paired = any(len(arm.phases) > 1 for arm in protocol.arms)
    asked = protocol.asked
    if asked.diagnosis:
        return [BENEFIT, READERS_AND_CASES] if paired else [ARMS]
    if asked.malignancy_rating:
        return [MRMC] if paired else [ARMS]
    return [BENEFIT] if paired and asked.management else []


def unfit_analyses(protocol: Protocol) -> tuple[str, ...]:
    """Names that a protocol decides on beforehand and that its answers cannot make: where no diagnosis is asked for.

    A subgroup is judged by its analysis; of a name that this version does not know nothing is said.
    """
    asked = protocol.asked
    if asked.diagnosis:
        return ()
    fits = {AGREEMENT, READING_TIME}
    fits |= {MRMC, ARMS} if asked.malignancy_rating else set()
    fits |= {BENEFIT} if asked.management else set()
    unfit = {analysis.key for analysis in ANALYSES} - fits
    return tuple(name for name in protocol.prespecified_analyses if name.partition(":")[0] in unfit)


def unfit_words(protocol: Protocol) -> str:
    """The same in words, with what fits instead; empty where all can be made."""
    unfit = unfit_analyses(protocol)
    if not unfit:
        return ""
    usual = " and ".join(analysis_title(name) for name in usual_analyses(protocol))
    instead = usual or f"{analysis_title(AGREEMENT)} and {analysis_title(READING_TIME)}"
    return (
        f"Readers are asked for no diagnosis, so that nothing will come of {', '.join(map(analysis_title, unfit))}, "
        f"decided on beforehand. What takes their answers: {instead}."
    )
