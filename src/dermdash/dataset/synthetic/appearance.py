"""What a synthetic lesion looks like before it is painted: shape, pigments, structures.

The records describe the same appearance that the painter draws, so that fields and picture agree.
"""

from dataclasses import dataclass

import numpy as np

from dermdash.dataset.synthetic.demo_taxonomy import DEMO_TAXONOMY
from dermdash.records.fields import COLORS, STRUCTURES

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Look:
    """The distribution of one class: ranges to draw from, and structures with their probability."""

    radius: Range
    elongation: Range
    irregularity: Range
    softness: Range
    melanin: Range
    blood: Range
    structures: dict[str, float]


_LOOKS: dict[str, _Look] = {
    "akiec": _Look(
        (0.24, 0.38), (1.0, 1.6), (0.14, 0.28), (0.28, 0.5), (0.02, 0.3), (0.2, 0.42),
        {"strawberry": 0.75, "scale": 0.65, "dotted_vessels": 0.65, "ulceration": 0.12},
    ),
    "bcc": _Look(
        (0.18, 0.34), (1.0, 1.5), (0.1, 0.2), (0.2, 0.45), (0.0, 0.14), (0.14, 0.34),
        {
            "arborizing_vessels": 0.8, "leaf_like_areas": 0.45, "ovoid_nests": 0.6, "ulceration": 0.35,
            "shiny_white": 0.4,
        },
    ),
    "bkl": _Look(
        (0.24, 0.38), (1.0, 1.6), (0.08, 0.18), (0.03, 0.1), (0.3, 0.85), (0.02, 0.15),
        {
            "milia_like_cysts": 0.75, "comedo_like_openings": 0.6, "fissures": 0.5, "moth_eaten": 0.7,
            "delicate_network": 0.15, "scale": 0.1,
        },
    ),
    "df": _Look(
        (0.2, 0.31), (1.0, 1.25), (0.04, 0.1), (0.3, 0.5), (0.3, 0.6), (0.08, 0.28),
        {"central_white_patch": 0.85, "delicate_network": 0.8, "dotted_vessels": 0.12},
    ),
    "mel": _Look(
        (0.26, 0.4), (1.1, 1.7), (0.14, 0.3), (0.06, 0.16), (0.65, 1.3), (0.06, 0.3),
        {
            "atypical_network": 0.6, "atypical_globules": 0.45, "streaks": 0.5, "blotch": 0.6,
            "regression": 0.45, "blue_white_veil": 0.6, "negative_network": 0.18, "dotted_vessels": 0.08,
        },
    ),
    "nv": _Look(
        (0.2, 0.35), (1.0, 1.4), (0.03, 0.11), (0.1, 0.28), (0.4, 1.0), (0.02, 0.2),
        {"pigment_network": 0.7, "globules": 0.5, "blotch": 0.12, "perifollicular": 0.2},
    ),
    "vasc": _Look(
        (0.12, 0.25), (1.0, 1.3), (0.04, 0.12), (0.05, 0.14), (0.0, 0.06), (0.55, 1.2),
        {"lacunae": 0.92, "thrombosed": 0.3, "blue_white_veil": 0.1},
    ),
}  # fmt: skip
_ALWAYS_ONE_OF: dict[str, tuple[str, ...]] = {
    "nv": ("pigment_network", "globules"),
    "mel": ("atypical_network", "atypical_globules", "blotch"),
    "bkl": ("milia_like_cysts", "comedo_like_openings", "fissures"),
    "bcc": ("arborizing_vessels", "ovoid_nests"),
    "akiec": ("strawberry", "scale"),
    "df": ("central_white_patch", "delicate_network"),
    "vasc": ("lacunae",),
}
_LOOKALIKES: dict[str, tuple[str, ...]] = {
    "akiec": ("bcc", "bkl"),
    "bcc": ("akiec", "mel"),
    "bkl": ("mel", "nv", "akiec"),
    "df": ("nv", "bcc"),
    "mel": ("nv", "bkl"),
    "nv": ("mel", "bkl", "df"),
    "vasc": ("mel", "bcc"),
}
_RECORDED_AS: dict[str, str] = {
    "atypical_network": "pigment_network",
    "delicate_network": "pigment_network",
    "atypical_globules": "globules",
    "thrombosed": "blotch",
}


@dataclass(frozen=True, slots=True)
class LesionAppearance:
    """One drawn lesion.

    Attributes
    ----------
    dx
        The diagnosis the lesion has.
    looks_like
        The class whose pattern is painted; differs from ``dx`` in look-alikes.
    radius
        Mean radius as a share of the image height.
    elongation
        Ratio of the axes, 1 is round.
    irregularity
        Amplitude of the border's waves as a share of the radius.
    softness
        Width of the fading border as a share of the radius.
    melanin, blood
        Mean optical density of the pigments, 0 is none.
    structures
        Painted structures with their strength (0..1).
    """

    dx: str
    looks_like: str
    radius: float
    elongation: float
    irregularity: float
    softness: float
    melanin: float
    blood: float
    structures: dict[str, float]

    @property
    def dermoscopic_structures(self) -> list[str]:
        """The structures by the names of the information model, strongest first."""
        ordered = sorted(self.structures, key=lambda name: -self.structures[name])
        names = dict.fromkeys(_RECORDED_AS.get(name, name) for name in ordered)
        return [name for name in names if name in STRUCTURES]

    @property
    def dominant_colors(self) -> list[str]:
        """The colours by the names of the information model, in their order there."""
        has = self.structures
        present = {
            "light_brown": 0.2 < self.melanin < 0.75,
            "dark_brown": self.melanin >= 0.6,
            "black": ("blotch" in has and self.melanin > 0.8) or "thrombosed" in has,
            "blue_gray": any(n in has for n in ("blue_white_veil", "ovoid_nests", "leaf_like_areas")),
            "white": any(n in has for n in ("regression", "central_white_patch", "scale")),
            "red": self.blood >= 0.25,
            "yellow": "milia_like_cysts" in has or "comedo_like_openings" in has,
            "purple": "lacunae" in has and self.blood > 0.8,
        }
        chosen = [color for color in COLORS if present.get(color)]
        return chosen or ["skin"]

    @property
    def border_regularity(self) -> str:
        """The border in the words of the information model."""
        if self.softness > 0.27:
            return "ill_defined"
        return "irregular" if self.irregularity > 0.12 or "moth_eaten" in self.structures else "regular"


def draw_appearance(*, dx: str, rng: np.random.Generator, lookalike_share: float = 0.1) -> LesionAppearance:
    """Draw the appearance of a lesion of class ``dx``.

    ``lookalike_share`` of the lesions wear the pattern of a class they are confused with in the clinic, so that
    neither a reader nor a network can be right every time.

    Raises
    ------
    InvalidInput
        ``dx`` is not a class of HAM10000.
    """
    DEMO_TAXONOMY[dx]  # names the known classes when this one is not among them
    looks_like = dx
    if rng.random() < lookalike_share:
        looks_like = str(rng.choice(_LOOKALIKES[dx]))
    look = _LOOKS[looks_like]
    names = [name for name, probability in look.structures.items() if rng.random() < probability]
    characteristic = _ALWAYS_ONE_OF[looks_like]
    if not set(names) & set(characteristic):
        names.append(str(rng.choice(characteristic)))
    return LesionAppearance(
        dx=dx,
        looks_like=looks_like,
        radius=float(rng.uniform(*look.radius)),
        elongation=float(rng.uniform(*look.elongation)),
        irregularity=float(rng.uniform(*look.irregularity)),
        softness=float(rng.uniform(*look.softness)),
        melanin=float(rng.uniform(*look.melanin)),
        blood=float(rng.uniform(*look.blood)),
        structures={name: float(rng.uniform(0.5, 1.0)) for name in names},
    )
