"""What a freeze fixes for good and what an amendment can still change, for whoever is about to freeze a protocol."""

from dermdash.reader_study.amendment import AMENDABLE
from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_words import ProtocolNames, ProtocolSection, protocol_sections
from dermdash.reader_study.reading_time import minutes_words
from dermdash.wording import counted, form

_SAID_FULLY = ("Assistance", "Checks")
"""Sections whose sentences all say what is fixed."""


def fixed_by_freezing(
    protocol: Protocol, names: ProtocolNames | None = None, *, exchanged: int, locked: bool, power: str
) -> tuple[ProtocolSection, ...]:
    """Cases, readers, questions, assistance, checks, minutes and power, each with its sentences.

    ``exchanged``: cases that people put in the place of others; ``locked``: they said that the list is as it should be;
    ``power``: what so many readers can find, in sentences.
    """
    whole = {section.title: section.sentences for section in protocol_sections(protocol, names)}
    parts: dict[str, tuple[str, ...]] = {
        "Cases": _cases(protocol, exchanged, locked),
        "Readers": (*_readers(protocol), *whole["Design"]),
        "Questions": _questions(protocol),
        **{title: whole[title] for title in _SAID_FULLY},
        "Minutes": (f"{minutes_words(protocol)} for each reader, with the seconds that the trial run assumes.",),
        "Power": (power,),
    }
    return tuple(ProtocolSection(title, said) for title, said in parts.items())


def amendable_afterwards(protocol: Protocol) -> tuple[str, ...]:
    """What an amendment can still change, as titles."""
    of_design = ("The washout between periods",) if protocol.design.washout_days else ()
    left_out = {"consent_version"} | (set() if protocol.asked.confidence else {"confidence_levels"})
    return (*(words for entry, words in AMENDABLE.items() if entry not in left_out), *of_design)


def _cases(protocol: Protocol, exchanged: int, locked: bool) -> tuple[str, ...]:
    practice = f" and {protocol.practice_cases} for practice" if protocol.practice_cases else ""
    screening = protocol.checks.screening
    test = f", and {screening.cases} for the test before it" if screening else ""
    said = [
        f"{counted(protocol.case_count, 'case')}{practice}{test}, each an image that is drawn now.",
        f"{counted(exchanged, 'case')} {form(exchanged, 'was', 'were')} exchanged by hand." if exchanged else "",
        "The list was looked at and locked." if locked else "Nobody has looked through the list and locked it.",
        "No case can be added, taken out or exchanged afterwards.",
    ]
    return tuple(filter(None, said))


def _readers(protocol: Protocol) -> tuple[str, ...]:
    aimed = protocol.conduct.target_readers
    if aimed:
        return (f"{counted(aimed, 'reader')} who complete it, a number that can be amended.",)
    return ("As many readers as are invited after the freeze.",)


def _questions(protocol: Protocol) -> tuple[str, ...]:
    asked = protocol.asked
    choices = ", ".join(m.label.lower() for m in Management)
    wanted = [
        f"a diagnosis ({counted(len(protocol.classes.codes), 'class', 'classes')})" if asked.diagnosis else "",
        f"how sure they are ({counted(len(protocol.confidence_levels), 'level')})" if asked.confidence else "",
        "how likely it is malignant (0 to 100)" if asked.malignancy_rating else "",
        f"what they would do ({choices})" if asked.management else "",
    ]
    return (f"Of each image readers give {', '.join(filter(None, wanted))}.",)
