"""The dermoscopic structures: what each is called, what it is in a sentence, and a drawn example.

The definitions follow the descriptive terms of the third consensus conference of the International Society of
Dermoscopy (Kittler et al., J Am Acad Dermatol 74 (2016) 1093-1106), in words of our own.
"""

from dataclasses import dataclass
from functools import cache

from dermdash.records.fields import STRUCTURES
from dermdash.verification.structure_drawings import drawing_of


@dataclass(frozen=True, slots=True)
class StructureSpec:
    """One dermoscopic structure: its value in the field, its title, a definition of one or two short sentences."""

    name: str
    title: str
    definition: str

    @property
    def example(self) -> str:
        """A drawing of it as SVG, 128 x 96; schematic, as no single photograph is typical."""
        return drawing_of(self.name)


_DEFINITIONS: dict[str, tuple[str, str]] = {
    "pigment_network": (
        "Pigment network",
        "A mesh of brown lines around lighter holes, like a honeycomb; it may be regular or uneven.",
    ),
    "negative_network": (
        "Negative network",
        "The reverse of a pigment network: pale lines that wind around darker, elongated islands.",
    ),
    "globules": ("Globules", "Round or oval clods, brown to black, larger than dots and set apart from one another."),
    "streaks": (
        "Streaks",
        "Dark lines or finger-like bulges at the edge of the lesion that point outwards and belong to its body.",
    ),
    "blotch": (
        "Blotch",
        "An evenly dark area, brown to black, that hides whatever lies in it. Off the centre it weighs more.",
    ),
    "regression": (
        "Regression",
        "White, scar-like areas, paler than the skin around, or fine blue-gray grains like pepper, or both together.",
    ),
    "blue_white_veil": (
        "Blue-white veil",
        "A blue area without structure under a whitish haze, as through ground glass. It covers a part of the lesion.",
    ),
    "milia_like_cysts": (
        "Milia-like cysts",
        "Small, round, white or yellowish spots, some of them bright as stars, others larger and dim.",
    ),
    "comedo_like_openings": (
        "Comedo-like openings",
        "Dark brown to black plugs in round or oval openings with a sharp edge, like blackheads.",
    ),
    "leaf_like_areas": (
        "Leaf-like areas",
        "Brown to blue-gray bulbs at the edge that join at a base, like fingers or the lobes of a leaf. No network.",
    ),
    "arborizing_vessels": (
        "Arborizing vessels",
        "Bright red, sharp vessels with thick stems that branch into ever finer ones, like a tree.",
    ),
    "dotted_vessels": (
        "Dotted vessels",
        "Red points close together, as pinheads: vessels that rise upright and are seen end on.",
    ),
    "lacunae": (
        "Lacunae",
        "Sharply bounded red, purple or almost black rooms, round or oval, with paler partitions between them.",
    ),
    "central_white_patch": (
        "Central white patch",
        "A white, scar-like area in the middle of the lesion, often with a fine brown network around it.",
    ),
    "scale": ("Scale", "White to yellow flakes on the surface, dull and ragged, that cover what lies beneath."),
}


@cache
def structures() -> tuple[StructureSpec, ...]:
    """All structures in the order of the field's values."""
    return tuple(StructureSpec(name, *_DEFINITIONS[name]) for name in STRUCTURES)
