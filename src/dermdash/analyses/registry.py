"""Every analysis, in the order of menu and report. Pages, commands, report and plannable names are made from this."""

from __future__ import annotations

from dermdash.analyses.agreement.declaration import AGREEMENT
from dermdash.analyses.arms.declaration import ARMS
from dermdash.analyses.benefit.declaration import BENEFIT, BENEFIT_MALIGNANCY
from dermdash.analyses.collective.declaration import COLLECTIVE
from dermdash.analyses.declaration import Analysis
from dermdash.analyses.human_machine.declaration import HUMAN_MACHINE
from dermdash.analyses.item_response.declaration import ITEM_RESPONSE
from dermdash.analyses.mrmc.declaration import MRMC
from dermdash.analyses.reading_time.declaration import READING_TIME
from dermdash.analyses.reliance.declaration import RELIANCE
from dermdash.analyses.triage.declaration import TRIAGE
from dermdash.errors import NotFound

ANALYSES: tuple[Analysis, ...] = (
    BENEFIT,
    BENEFIT_MALIGNANCY,
    ARMS,
    MRMC,
    HUMAN_MACHINE,
    RELIANCE,
    READING_TIME,
    AGREEMENT,
    ITEM_RESPONSE,
    COLLECTIVE,
    TRIAGE,
)


def find_analysis(key: str) -> Analysis:
    """The analysis of this key.

    Raises
    ------
    NotFound
        There is none; the message lists those there are.
    """
    found = next((a for a in ANALYSES if a.key == key), None)
    if found is None:
        raise NotFound(f"there is no analysis {key}; there are: {', '.join(a.key for a in ANALYSES)}")
    return found


def plannable_names() -> dict[str, str]:
    """Everything a protocol can specify beforehand: analyses, then their subgroups and populations, in words."""
    return {a.key: a.title for a in ANALYSES} | {
        f"{a.key}:{part}": title for a in ANALYSES for part, title in a.parts.items()
    }


def analysis_title(name: str) -> str:
    """An analysis, subgroup or population in words; a name that nobody knows any more stays as it is."""
    return plannable_names().get(name, name)
