"""What is measured of an image, each declared once: its unit, its four thresholds and why they lie where they lie."""

from dataclasses import dataclass
from enum import StrEnum

from dermdash.dataset.quality_thresholds import GLARE_THRESHOLDS, SHARPNESS_THRESHOLDS

VERSION = "ag2"
"""Of measurements and thresholds together: another one makes proposals anew."""


class Group(StrEnum):
    """The four groups of the standard operating procedure."""

    OPTICS = "optics"
    PARAMETERS = "parameters"
    ILLUMINATION = "illumination"
    TECHNICAL = "technical_quality"

    @property
    def label(self) -> str:
        """The group in words."""
        return {
            "optics": "Optical conditions",
            "parameters": "How the image was taken",
            "illumination": "Illumination",
            "technical_quality": "Technical quality",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement and what it does to the proposed score.

    Attributes
    ----------
    key, title, unit
        Its name, in words, and what its number counts ("" for a ratio from 0 to 1).
    group
        Which part of the procedure it speaks of.
    limits
        Bounds of scores 1|2, 2|3, 3|4 and 4|5 in this order: rising where ``higher_is_better``, else falling. None:
        this measurement never proposes the score below that bound.
    higher_is_better
        Direction of the number.
    meaning, reason
        What the number is, and why the bounds lie where they do.
    fault
        What is wrong with an image that misses a bound, in two or three words.
    digits
        Decimals that it is shown with.
    """

    key: str
    title: str
    unit: str
    group: Group
    limits: tuple[float | None, float | None, float | None, float | None]
    higher_is_better: bool
    fault: str
    meaning: str
    reason: str
    digits: int = 1

    def score_of(self, value: float) -> int:
        """The score (1 to 5) that this number alone would propose."""
        score = 1
        for above, limit in enumerate(self.limits, start=2):
            if limit is None or (value >= limit if self.higher_is_better else value <= limit):
                score = above
            else:
                break
        return score

    def missed_limit(self, value: float) -> float | None:
        """The bound that the number misses and that would lift its score; None at score 5."""
        score = self.score_of(value)
        return None if score == 5 else self.limits[score - 1]


def _falling(thresholds: tuple[float, float, float, float], factor: float) -> tuple[float, float, float, float]:
    a, b, c, d = (t * factor for t in thresholds)
    return (a, b, c, d)


MEASUREMENTS: tuple[Measurement, ...] = (
    Measurement(
        key="sharpness", title="Sharpness inside the lesion", unit="", group=Group.PARAMETERS,
        limits=SHARPNESS_THRESHOLDS, higher_is_better=True, digits=2, fault="Out of focus",
        meaning="How much of the strongest edges in the lesion and its rim a slight smoothing removes (0 to 1)",
        reason="The bounds of the estimated technical quality: blurring by 1, 2 and 4 px of 224 falls step by step",
    ),
    Measurement(
        key="exposure", title="Exposure", unit="", group=Group.ILLUMINATION,
        limits=(0.15, 0.3, 0.45, 0.6), higher_is_better=True, digits=2, fault="Too dark or burnt out",
        meaning="How far the brighter part of the picture is from dark, less what is burnt out (0 to 1)",
        reason="Dark skin (phototype VI) well lit measures 0.57: a bound may not call it badly exposed; at 0.15 the "
        "brightest skin lies at a sixth of the scale, where 8 bits hold no shades of brown",
    ),
    Measurement(
        key="glare", title="Glare", unit="% of the middle", group=Group.ILLUMINATION,
        limits=_falling(GLARE_THRESHOLDS, 100), higher_is_better=False, digits=2, fault="Reflections",
        meaning="Share of the middle of the frame that is near white and clearly brighter than its surroundings",
        reason="A twentieth of the middle is as much as a small lesion takes: what lies there cannot be seen",
    ),
    Measurement(
        key="colour_cast", title="Colour cast", unit="ΔE", group=Group.ILLUMINATION,
        limits=(30, 18, 9, 3), higher_is_better=False, fault="Colour cast",
        meaning="How far the colour of the skin (CIELAB, lightness aside) lies outside the colours that skin has",
        reason="A difference of 3 is seen by anybody side by side; beyond 9 a brown is called by another name",
    ),
    Measurement(
        key="off_centre", title="Distance from the centre", unit="% of the side", group=Group.PARAMETERS,
        limits=(None, 42, 32, 20), higher_is_better=False, fault="Off centre",
        meaning="From the middle of the frame to the middle of the lesion, of the longer side; or a third of what one "
        "edge cuts of it more than the opposite one",
        reason="Crops for models keep the middle four fifths of each side; beyond 42 the lesion lies at the edge",
    ),
    Measurement(
        key="lesion_share", title="Lesion in the frame", unit="% of the frame", group=Group.PARAMETERS,
        limits=(None, 0.5, 1.2, 4), higher_is_better=True, fault="Lesion small in the frame",
        meaning="Share of the frame that the lesion takes: its mask where there is one, else an estimated region",
        reason="The procedure asks for the main part; 4 is a fifth of the width, 0.5 some 16 of 224 px",
    ),
    Measurement(
        key="hair", title="Hair", unit="% of the view", group=Group.TECHNICAL,
        limits=(30, 16, 6, 2), higher_is_better=False, fault="Hair",
        meaning="Share of the view under long thin lines that are darker, or much lighter, than both their sides",
        reason="Up to 2 are single hairs; a sixth of the view hides more of the network than it shows",
    ),
    Measurement(
        key="ruler", title="Ruler", unit="marks in a row", group=Group.TECHNICAL,
        limits=(None, None, None, 4), higher_is_better=False, digits=0, fault="Ruler",
        meaning="Most short dark strokes of one size and direction that follow one another at equal distances",
        reason="Five equal strokes at equal distances are no accident; a ruler hides little, but models learn from it",
    ),
    Measurement(
        key="pen", title="Pen marks", unit="% of the view", group=Group.TECHNICAL,
        limits=(None, 15, 4, 1), higher_is_better=False, fault="Pen marks",
        meaning="Share of the view in the blue, violet or green of ink, more saturated than skin or lesions are",
        reason="Skin marker raises the malignancy that networks give (Winkler et al., JAMA Dermatol 2019)",
    ),
    Measurement(
        key="bubbles", title="Gel bubbles", unit="in the view", group=Group.OPTICS,
        limits=(None, 24, 5, 0), higher_is_better=False, digits=0, fault="Bubbles in the gel",
        meaning="Closed bright rings with a darker inside",
        reason="One bubble is a local artefact; two dozen cover a tenth of the view",
    ),
    Measurement(
        key="vignette", title="Dark corners", unit="% of the frame", group=Group.OPTICS,
        limits=(None, 60, 30, 4), higher_is_better=False, fault="Dark corners",
        meaning="Share of the frame that is dark and joined to its corners",
        reason="A round view that fills the height of a 4:3 frame leaves 41, of a square one 21",
    ),
    Measurement(
        key="short_side", title="Resolution", unit="px on the shorter side", group=Group.PARAMETERS,
        limits=(64, 112, 160, 400), higher_is_better=True, digits=0, fault="Few pixels",
        meaning="Pixels of the shorter side of the stored image",
        reason="Lines of a network are some 0.1 mm wide: in a view of 20 mm two pixels for each want 400 px; under 112 "
        "px they are lost, under 64 px the lesion is a stain",
    ),
)  # fmt: skip
BY_KEY: dict[str, Measurement] = {m.key: m for m in MEASUREMENTS}
