"""Measured, not believed: contrast on both backgrounds, and distances under simulated colour blindness."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from dermdash.charts.palette import (
    DASHED_CLASSES,
    DIAGNOSIS_COLORS,
    FONT,
    INKS,
    MODALITY_COLORS,
    PRINT_FONT,
    Theme,
    diagnosis_color,
    plotly_template,
    with_alpha,
)
from dermdash.errors import InvalidInput
from dermdash.readings.assistance.combination import Combination
from dermdash.readings.modality import Modality
from dermdash.records.taxonomy import CLINICAL9, HAM7, TAXONOMIES, Taxonomy
from dermdash.report.html_parts import _PRINTED
from dermdash.workflows.taxonomies import add_taxonomy

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "src" / "dermdash"
Array = npt.NDArray[np.float64]

# Machado, Oliveira, Fernandes, IEEE TVCG 15 (2009), severity 1.0, for linear RGB.
VISIONS: dict[str, Array] = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(color: str) -> Array:
    srgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: Array) -> Array:
    xyz = _XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    high, low = sorted((float(_XYZ[1] @ linear(c)) for c in (a, b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def smallest_distance(colors: list[str], vision: str) -> float:
    labs = [lab(VISIONS[vision] @ linear(color)) for color in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(labs, 2))


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("taxonomy", [HAM7, CLINICAL9])
def test_any_two_diagnoses_stay_far_apart_in_every_kind_of_vision(taxonomy: Taxonomy, vision: str) -> None:
    colors = [diagnosis_color(code) for code in taxonomy.codes]
    assert len(set(colors)) == len(colors)
    assert smallest_distance(colors, vision) > 18


@pytest.mark.parametrize("vision", VISIONS)
def test_the_modalities_that_stand_beside_each_other_stay_apart(vision: str) -> None:
    # Nine colours are too many for that; a combination seldom stands beside all that it is made of.
    single = [color for m, color in MODALITY_COLORS.items() if not isinstance(m.form, Combination)]
    assert smallest_distance(single, vision) > 20
    assert smallest_distance(list(MODALITY_COLORS.values()), vision) > 15


@pytest.mark.parametrize("theme", list(Theme))
def test_every_mark_has_contrast_three_to_one_on_both_backgrounds(theme: Theme) -> None:
    for color in [*DIAGNOSIS_COLORS.values(), *MODALITY_COLORS.values(), INKS[theme].accent]:
        assert contrast(color, INKS[theme].background) >= 3, color


@pytest.mark.parametrize("theme", list(Theme))
def test_text_has_contrast_of_aa(theme: Theme) -> None:
    inks = INKS[theme]
    for surface in (inks.background, inks.surface):
        assert contrast(inks.text, surface) >= 7
        assert contrast(inks.muted, surface) >= 4.5
    assert contrast(inks.text, inks.heat) >= 4.5


def test_every_modality_has_a_colour_and_an_unknown_diagnosis_is_named() -> None:
    assert set(MODALITY_COLORS) == set(Modality)
    with pytest.raises(InvalidInput, match="ringworm"):
        diagnosis_color("ringworm")


def test_every_class_has_a_colour_and_two_of_one_taxonomy_share_it_only_where_one_is_dashed() -> None:
    for taxonomy in TAXONOMIES.values():
        solid = [diagnosis_color(code) for code in taxonomy.codes if code not in DASHED_CLASSES]
        assert len(solid) == len(set(solid)), taxonomy.name
        assert all(diagnosis_color(code) for code in taxonomy.codes)


def test_a_class_of_a_workspace_has_the_colour_of_what_it_covers(tmp_path: Path) -> None:
    text = (
        "name: own\ntitle: Own\nclasses:\n"
        "- {code: mole, name: Mole, origin: melanocytic, status: benign, covers: [nevus]}\n"
        "- {code: odd, name: Something odd, origin: unknown, status: unknown}\n"
    )
    TAXONOMIES.use_workspace(tmp_path)
    add_taxonomy(tmp_path, text, file="own.yaml")
    assert diagnosis_color("mole") == diagnosis_color("nv")
    assert diagnosis_color("odd").startswith("#")


def test_templates_differ_by_theme_and_alpha_is_kept() -> None:
    assert plotly_template(Theme.LIGHT).layout.font.color == INKS[Theme.LIGHT].text
    assert plotly_template(Theme.DARK).layout.font.color == INKS[Theme.DARK].text
    assert with_alpha("#0a0b0c", 0.5) == "rgba(10,11,12,0.5)"


@pytest.mark.parametrize("theme", list(Theme))
def test_pages_have_the_inks_of_the_figures(theme: Theme) -> None:
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    inks, page = INKS[theme], said[str(theme)]
    names = {
        "primaryColor": inks.accent, "linkColor": inks.accent, "backgroundColor": inks.background,
        "secondaryBackgroundColor": inks.surface, "textColor": inks.text, "borderColor": inks.grid,
    }  # fmt: skip
    assert page == names
    # What Streamlit makes of it is FONT; tests/browser/test_figure_labels.py asks a browser.
    assert said["font"] == "sans-serif"
    assert plotly_template(theme).layout.font.family == FONT


def test_components_and_reports_have_the_same_inks_where_they_stand_alone() -> None:
    inks = INKS[Theme.LIGHT]
    frontend = PACKAGE / "ui" / "frontend"
    for sheet in ("base.css", "sign_in.css"):
        text = (frontend / sheet).read_text("utf-8")
        for name, color in (("text", inks.text), ("primary", inks.accent), ("background", inks.background)):
            assert f"var(--st-{name}-color, {color})" in text, (sheet, name)
        assert f"var(--st-font, {FONT})" in text
    report = (PACKAGE / "report" / "templates" / "report.css").read_text("utf-8")
    inked = {"ink": inks.text, "muted": inks.muted, "line": inks.grid, "soft": inks.surface, "accent": inks.accent}
    for name, color in inked.items():
        assert f"--{name}: {color};" in report
    families = {found.strip() for found in re.findall(r'(?:font-family:|/[\d.]+|\dpt) ("Source[^;]+);', report)}
    assert families == {PRINT_FONT}


NO_COLORS_OF_THE_APP = {
    "readings/assistance": "a form of assistance says its own colour, which MODALITY_COLORS collects",
    "verification/structure_drawings.py": "drawings of skin",
    "ui/frontend/nomenclature.py": "colours of skin that an annotator names",
    "ui/saliency_gallery.py": "a map lies over skin",
    "ui/record_tiles.py": "a picture that says it is missing",
}


def test_every_colour_of_page_and_figure_stands_in_the_palette() -> None:
    elsewhere = {
        path.relative_to(PACKAGE).as_posix(): found
        for path in PACKAGE.rglob("*.py")
        if path.name != "palette.py" and (found := re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8")))
    }
    left = {name for name in elsewhere if not any(name.startswith(exempt) for exempt in NO_COLORS_OF_THE_APP)}
    assert left == {"ui/page_style.py"}, elsewhere
    assert set(elsewhere["ui/page_style.py"]) == {"#ffffff", "#101214"}  # on the accent


def test_the_figures_of_a_report_have_the_font_of_its_headings() -> None:
    assert _PRINTED["layout"]["font"]["family"] == _PRINTED["layout"]["hoverlabel"]["font"]["family"] == PRINT_FONT
    assert FONT not in str(_PRINTED)


def test_pages_have_one_set_of_sizes() -> None:
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]["headingFontSizes"]
    sizes = {*said[:3], "1rem", "0.875rem"}  # a title, a part, within a part, text, captions
    texts = {path: path.read_text("utf-8") for path in (PACKAGE / "ui").rglob("*.py")}
    found = {path.name: re.findall(r"font-size: ?([\d.]+rem)", text) for path, text in texts.items()}
    used = {name: {f"0{size}" if size[0] == "." else size for size in all_} for name, all_ in found.items() if all_}
    assert len(used) > 5
    assert {name: odd for name, all_ in used.items() if (odd := all_ - sizes)} == {}
