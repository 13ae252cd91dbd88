"""What an older study may have and no new one should; a protocol that was frozen can be read in any case."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from dermdash.errors import InvalidEntry
from dermdash.reader_study.protocol import TEXTS, Protocol
from dermdash.wording import counted

MOST = 100_000
"""Of whatever a new protocol counts, and cases in all: far beyond any study, and nothing that fills a memory."""

TOLD_TWICE = (
    "Readers are told diagnoses while they read. Who begins again by the link of a group or on the open page reads "
    "cases whose diagnosis they know: the same browser and the same account are recognised, another device or a "
    "private window is not. Invite each reader by a link of their own, or choose feedback at the end."
)
"""Of feedback at once."""
OVER_ALREADY = (
    "The last day, {}, is over already: nobody could begin until the study gets another end. Choose a later day, or "
    "none."
)


def check_before_freezing(protocol: Protocol) -> None:
    """Refuse (InvalidInput) what no new study should have."""
    protocol.check_feedback()
    _check_own_texts(protocol, None)
    _check_sizes(protocol, None)
    for arm in protocol.arms:
        for period in arm.periods:
            shown = len(protocol.modalities_of(period))
            assisted = (protocol.read_per_round - protocol.checks.unaided_only) * protocol.rounds
            if shown > assisted:
                raise InvalidEntry(
                    f"{counted(shown, 'modality', 'modalities')} and {counted(assisted, 'case')} with assistance: "
                    "a reader would never see one of them; take more cases or fewer modalities",
                    "modalities",
                )


def warnings_before_freezing(protocol: Protocol, *, today: date | None = None) -> tuple[str, ...]:
    """What can be frozen, and should be known before it is; ``today`` (UTC): None asks the clock."""
    last = protocol.conduct.closes_on
    over = last is not None and date.fromisoformat(last) < (today or datetime.now(UTC).date())
    said = (TOLD_TWICE if protocol.tells_at_once else "", OVER_ALREADY.format(last) if over else "")
    return tuple(filter(None, said))


def check_changed_entries(protocol: Protocol, changed: Collection[str]) -> None:
    """Ask of the entries that an amendment changes what a freeze asks; what stays is as it was frozen.

    ``changed``: as `dermdash.reader_study.amendment.changes` names them.
    """
    if {"pages.feedback", "conduct.interruption"} & set(changed):
        protocol.check_feedback()
    _check_own_texts(protocol, changed)
    _check_sizes(protocol, changed)


def _check_own_texts(protocol: Protocol, changed: Collection[str] | None) -> None:
    """Refuse what is no text, or no reader's page and no file could hold."""
    values = protocol.as_values(complete=True)
    texts = [(name, values[name]) for name in TEXTS]
    texts += [(f"confidence_levels.{i}", level) for i, level in enumerate(protocol.confidence_levels)]
    for place, value in texts:
        if _asked(place, changed) and (not isinstance(value, str) or not value.strip()):
            raise InvalidEntry(f"the protocol's {_words(place)} is {value!r}: expected a text", place)
    for place, text in _texts_of(values, ""):
        if _asked(place, changed) and any(
            unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in text
        ):
            raise InvalidEntry(
                f"the protocol's {_words(place)} holds a control character, which is not seen: write it anew", place
            )


def _texts_of(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a protocol with its place, those in parts and lists, too."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts_of(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts_of(inner, f"{place}.{number}")


def _asked(place: str, changed: Collection[str] | None) -> bool:
    return changed is None or any(place == name or place.startswith(f"{name}.") for name in changed)


def _words(place: str) -> str:
    """A place as it is said: the lines of a list are counted from one."""
    steps = [str(int(step) + 1) if step.isdigit() else step for step in place.split(".")]
    return " ".join(steps).replace("_", " ")


def _check_sizes(protocol: Protocol, changed: Collection[str] | None) -> None:
    """Refuse numbers with which nothing could be drawn, previewed or tried."""
    largest = dict.fromkeys(("practice_cases", "cbir_k", "minimum_crowd_readers", "rounds", "cases_per_round"), MOST)
    largest |= {"seed": 2**53 - 1} | ({} if protocol.time_limit_s is None else {"time_limit_s": MOST})
    for name, most in largest.items():
        if _asked(name, changed) and getattr(protocol, name) > most:
            raise InvalidEntry(f"{name.replace('_', ' ')} is more than {most:,}", name)
    if _asked("rounds", changed) and protocol.case_count > MOST:
        raise InvalidEntry(
            f"{protocol.rounds:,} rounds of {counted(protocol.cases_per_round, 'case')} are more than {MOST:,} cases: "
            "take fewer",
            "rounds",
        )
