"""How everything looks: font, sizes of figures, every colour (fixed per diagnosis and modality), plotly's templates.

The pages have the same from `.streamlit/config.toml`, reports from `report.css`; tests hold all three to this module
(docs/style-guide.md).

The diagnosis colours were found by search: luminance kept where contrast reaches 3:1 on white and on the dark
background alike (WCAG 2.2, 1.4.11), chroma kept calm, and the smallest CIE76 distance of any two maximised over
normal vision and simulated protanopia, deuteranopia and tritanopia (Machado et al. 2009). That smallest distance
is 19 over all nine (2.3 is just noticeable); tests/unit/charts/test_palette.py measures it again.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import plotly.graph_objects as go

from dermdash.errors import InvalidInput
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import TAXONOMIES

_RUST, _AMBER, _ORCHID, _PERIWINKLE, _OLIVE = "#a54b0f", "#c38700", "#c378c3", "#7887ff", "#96965a"
_TEAL, _PURPLE, _SLATE, _BROWN = "#2da587", "#874bb4", "#5a6978", "#875a4b"

DIAGNOSIS_COLORS: dict[str, str] = {
    # The seven classes of HAM10000.
    "akiec": _ORCHID,
    "bcc": _AMBER,
    "bkl": _OLIVE,
    "df": _TEAL,
    "mel": _RUST,
    "nv": _PERIWINKLE,
    "vasc": _PURPLE,
    # The nine clinical classes: the same lesion keeps its colour.
    "nevus": _PERIWINKLE,
    "dysplastic_nevus": _SLATE,
    "melanoma": _RUST,
    "seborrheic_keratosis": _OLIVE,
    "hemangioma": _PURPLE,
    "dermatofibroma": _TEAL,
    "papilloma": _BROWN,
    "basal_cell_carcinoma": _AMBER,
    "squamous_cell_carcinoma": _ORCHID,
    # The twelve of Han et al.: nine colours that can be told apart; DASHED_CLASSES share theirs with a kindred class.
    "scc": _ORCHID,
    "iec": _SLATE,
    "ak": _BROWN,
    "sk": _OLIVE,
    "lentigo": _PERIWINKLE,
    "pg": _PURPLE,
    "wart": _OLIVE,
    # ISIC 2019, PAD-UFES-20 and MILK10k: as the same lesion elsewhere; MILK10k's eleven share two colours with kindred.
    "unk": _SLATE,
    "ack": _BROWN,
    "sek": _OLIVE,
    "nev": _PERIWINKLE,
    "ben_oth": _BROWN,
    "inf": _SLATE,
    "mal_oth": _RUST,
    "sccka": _ORCHID,
    "benign": _PERIWINKLE,
    "malignant": _RUST,
}
DASHED_CLASSES = frozenset({"lentigo", "pg", "wart", "mal_oth", "sccka"})
"""Classes drawn dashed, because a solid line of their colour is another class of the same taxonomy."""

SERIES_COLORS = (_TEAL, _AMBER, _PERIWINKLE, _RUST, _ORCHID, _SLATE)
"""Of data sets and models, in their order; they say nothing about a diagnosis."""
MORE_SERIES_COLORS = (*SERIES_COLORS, _BROWN, _OLIVE, _PURPLE, "#2f6f9f", "#b0413e", "#4d7d2b")
"""For as many categories as a map of points tells apart."""
SECOND_COLOR = _AMBER
"""Of the second of two lines, the first of which has the accent."""
LEAK_COLOR = "#c0392b"
"""Of what stands on two sides of a split; none of the series."""
UNKNOWN_COLOR = "#8a949e"
"""Of what is not recorded."""
FLAG_COLOR = "#b35900"
"""Of the mark that asks for a look at a record."""
PAPER, ON_COLOR = "#ffffff", "#ffffff"
"""Of a drawing for a file, and of text on a full colour."""
VIRIDIS = (
    "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
)  # fmt: skip
"""Of a number, from low to high: even in lightness, and told apart without hue."""
STRUCTURE_COLORS: dict[str, str] = {
    "pigment_network": "#ffd166",
    "negative_network": "#f2e8cf",
    "globules": "#2ee6a8",
    "streaks": "#ff6b6b",
    "blotch": "#c792ff",
    "regression": "#9fd8f5",
    "blue_white_veil": "#5aa9ff",
    "milia_like_cysts": "#fff59d",
    "comedo_like_openings": "#ff9f1c",
    "leaf_like_areas": "#9ccc65",
    "arborizing_vessels": "#ff4fa0",
    "dotted_vessels": "#ffa4b6",
    "lacunae": "#f06fd0",
    "central_white_patch": "#ffffff",
    "scale": "#d9c7ff",
}
"""Of marked dermoscopic structures, bright enough for the dark mat and for brown lesions. Nobody tells fifteen colours
apart: a mark carries its number, too, and the list beside the image says what it is."""
PERSON_COLORS = ("#ffd166", "#5aa9ff", "#ff7eb6", "#6fe3a1", "#ffffff", "#ff9f1c", "#c792ff", "#9fd8f5", "#ff6b6b")
"""Of people whose marks lie over one image, in their order."""
MODALITY_COLORS: dict[Modality, str] = {m: m.form.color for m in Modality}


class Theme(StrEnum):
    """The two designed themes."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Inks:
    """The neutral colours of a theme and its accent, as the pages have them, and the full end of its heat maps.

    Text is readable on all but the accent.
    """

    background: str
    surface: str
    text: str
    muted: str
    grid: str
    accent: str
    heat: str


INKS: dict[Theme, Inks] = {
    Theme.LIGHT: Inks("#ffffff", "#f2f5f6", "#0b141a", "#59636d", "#d5dde0", "#0f6b75", "#8fc7cd"),
    Theme.DARK: Inks("#14181b", "#1d2327", "#e8edef", "#a3adb7", "#343d42", "#4db6c1", "#1a5f68"),
}
FONT = '"Source Sans", sans-serif'
"""What Streamlit calls "sans-serif", word for word: it brings the font along, and figures are drawn with it, too."""
PRINT_FONT = '"Source Sans 3", "Source Sans Pro", system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif'
"""Of a report, which stands alone and brings no font along; its figures and its headings have the same."""
TITLE_PX, TEXT_PX, LABEL_PX, CELL_PX, SMALL_PX = 15, 14, 13, 12, 11
"""Sizes in figures: titles; legends and messages; labels and axes; numbers in cells; names that stand upright."""


def diagnosis_color(code: str) -> str:
    """Return the fixed colour of a class; of a workspace's own class that of what it covers, else one of its place.

    Raises
    ------
    InvalidInput
        No taxonomy has the class.
    """
    if code in DIAGNOSIS_COLORS:
        return DIAGNOSIS_COLORS[code]
    for taxonomy in TAXONOMIES.added.values():
        if code in taxonomy:
            covered = set(taxonomy[code].covers)
            kindred = (c.code for t in TAXONOMIES.values() for c in t.classes if covered & set(c.covers))
            own = next((DIAGNOSIS_COLORS[c] for c in kindred if c in DIAGNOSIS_COLORS), None)
            return own or SERIES_COLORS[taxonomy.codes.index(code) % len(SERIES_COLORS)]
    raise InvalidInput(f"no colour for the diagnosis {code!r}")


def modality_color(code: str, place: int = 0) -> str:
    """The fixed colour of a modality of ours; of another study's, the series colour of its place."""
    return MODALITY_COLORS[Modality(code)] if code in set(Modality) else SERIES_COLORS[place % len(SERIES_COLORS)]


@cache
def plotly_template(theme: Theme) -> go.layout.Template:
    """Calm template: transparent background, thin grid, no mode bar colours, readable from 390 px on.

    One for all figures of a theme: each takes a copy of it.
    """
    inks = INKS[theme]
    axis = {
        "gridcolor": inks.grid,
        "linecolor": inks.grid,
        "zeroline": False,
        "tickfont": {"color": inks.muted, "size": LABEL_PX},
        "title": {"font": {"color": inks.muted, "size": LABEL_PX}},
        "automargin": True,
        # Labels keep off the axis, and so off one another where both axes begin.
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "rgba(0,0,0,0)",
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": TEXT_PX, "color": inks.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [inks.accent, *dict.fromkeys(DIAGNOSIS_COLORS.values())],
            "xaxis": axis,
            "yaxis": axis,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "hoverlabel": {"bgcolor": inks.surface, "font": {"color": inks.text, "family": FONT}},
            "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"color": inks.text}},
            "hovermode": "closest",
        }
    )


def between(low: str, high: str, share: float) -> str:
    """The hex colour at a share (0..1) of the way from one to another."""
    pairs = ((int(low[i : i + 2], 16), int(high[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def with_alpha(color: str, alpha: float) -> str:
    """Return a hex colour as rgba text with an opacity of 0..1."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
