"""What a person ticks about how an image was taken: the four groups of the procedure, each item once."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dermdash.dataset.acquisition.measurements import Group
from dermdash.errors import InvalidInput

VERSION = "sop1"
"""Stored with every answer: what an item asks may be worded anew."""


class Ticked(StrEnum):
    """What is said of an item."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "na"

    @property
    def words(self) -> str:
        """The answer in words."""
        return {"yes": "yes", "no": "no", "na": "not applicable"}[self.value]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One requirement of the procedure: its name, the key that ticks it, its words, and what is measured of it."""

    key: str
    hotkey: str
    group: Group
    text: str
    measured_by: tuple[str, ...] = ()


_item = ChecklistItem
CHECKLIST: tuple[ChecklistItem, ...] = (
    _item("polarised", "q", Group.OPTICS, "Polarised dermatoscopy"),
    _item("contact", "w", Group.OPTICS, "Contact or immersion, without bubbles", ("bubbles",)),
    _item("upright", "e", Group.OPTICS, "Dermatoscope square to the skin", ("vignette",)),
    _item("pressure", "r", Group.OPTICS, "No compression: vessels are not blanched"),
    _item("centred", "a", Group.PARAMETERS, "Lesion in the centre of the view", ("off_centre",)),
    _item("fills_frame", "s", Group.PARAMETERS, "Lesion takes the main part of the frame", ("lesion_share",)),
    _item("in_focus", "d", Group.PARAMETERS, "In focus", ("sharpness",)),
    _item("resolution", "f", Group.PARAMETERS, "Resolution and format as regulated", ("short_side",)),
    _item("built_in_light", "g", Group.ILLUMINATION, "Built-in polarised light alone", ("exposure",)),
    _item("true_colour", "h", Group.ILLUMINATION, "No mixed light: colours are true", ("colour_cast",)),
    _item("no_blur", "t", Group.TECHNICAL, "No blurring", ("sharpness",)),
    _item("no_glare", "y", Group.TECHNICAL, "No substantial glare", ("glare",)),
    _item("not_obscured", "i", Group.TECHNICAL, "Lesion free of hair, gel, ink", ("hair", "pen", "ruler")),
)  # fmt: skip
BY_KEY: dict[str, ChecklistItem] = {item.key: item for item in CHECKLIST}


def check_answers(answers: Mapping[str, object]) -> dict[str, str]:
    """Return what was ticked, in the order of the list; an item of which nothing is said is left out.

    Raises
    ------
    InvalidInput
        An item or an answer that does not exist.
    """
    if unknown := [key for key in answers if key not in BY_KEY]:
        raise InvalidInput(f"the checklist has no item {str(unknown[0])[:40]!r}: there are {', '.join(BY_KEY)}")
    for key, answer in answers.items():
        if answer not in list(Ticked):
            raise InvalidInput(f"{str(answer)[:40]!r} is no answer to {key}: {', '.join(Ticked)}")
    return {item.key: str(answers[item.key]) for item in CHECKLIST if item.key in answers}
