"""Paint a synthetic dermatoscopic picture: appearance and capture to pixels and mask."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.synthetic import artefacts, structures, vessels
from dermdash.dataset.synthetic.appearance import LesionAppearance, draw_appearance
from dermdash.dataset.synthetic.canvas import SKIN_RGB, Canvas, prepare_canvas
from dermdash.dataset.synthetic.noise import Size, fractal, smoothstep
from dermdash.errors import InvalidInput

DEFAULT_SIZE: Size = (450, 600)
SEVERITY_OF_FAULTS = 0.7

# Deep structures first, keratin and vessels of the surface last.
_PAINTERS: dict[str, structures.Paint] = {
    "blotch": structures.blotch,
    "pigment_network": structures.pigment_network,
    "delicate_network": structures.delicate_network,
    "atypical_network": structures.atypical_network,
    "negative_network": structures.negative_network,
    "globules": structures.globules,
    "atypical_globules": structures.atypical_globules,
    "streaks": structures.streaks,
    "perifollicular": structures.perifollicular,
    "fissures": structures.fissures,
    "central_white_patch": structures.central_white_patch,
    "regression": structures.regression,
    "blue_white_veil": structures.blue_white_veil,
    "leaf_like_areas": structures.leaf_like_areas,
    "ovoid_nests": structures.ovoid_nests,
    "strawberry": vessels.strawberry,
    "lacunae": vessels.lacunae,
    "thrombosed": vessels.thrombosed,
    "shiny_white": structures.shiny_white,
    "dotted_vessels": vessels.dotted_vessels,
    "arborizing_vessels": vessels.arborizing_vessels,
    "ulceration": vessels.ulceration,
    "milia_like_cysts": structures.milia_like_cysts,
    "comedo_like_openings": structures.comedo_like_openings,
    "scale": structures.scale,
}
FAULTS = ("blur", "dark", "glare")
ARTEFACTS = tuple(artefacts.ARTEFACTS)


def paint_lesion(
    *,
    dx: str,
    rng: np.random.Generator,
    size: Size = DEFAULT_SIZE,
    faults: Sequence[str] | Mapping[str, float] = (),
    fitzpatrick_type: str = "II",
    appearance: LesionAppearance | None = None,
    artefact_names: Sequence[str] | None = None,
    capture_rng: np.random.Generator | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Paint one picture of a lesion of class ``dx``.

    Parameters
    ----------
    rng
        Draws the lesion and its skin; the same seed gives the same lesion.
    size
        Height and width in pixels.
    faults
        Any of `FAULTS`, or a mapping from fault to severity (0..1).
    fitzpatrick_type
        Phototype of the skin, I to VI.
    appearance
        What to paint; drawn from ``rng`` when missing.
    artefact_names
        Any of `ARTEFACTS` (hair, ruler, ...); drawn at random when None.
    capture_rng
        Draws camera position, light and artefacts: another one re-photographs the same lesion, turned and shifted.
        ``rng`` goes on drawing when missing.

    Returns
    -------
    tuple
        RGB picture (uint8, height x width x 3) and mask of the lesion (uint8, 0 or 255).

    Raises
    ------
    InvalidInput
        Unknown diagnosis, phototype, fault or artefact.
    """
    severities = dict(faults) if isinstance(faults, Mapping) else dict.fromkeys(faults, SEVERITY_OF_FAULTS)
    _require_known("fault", severities, FAULTS)
    _require_known("artefact", artefact_names or (), ARTEFACTS)
    _require_known("Fitzpatrick type", (fitzpatrick_type,), tuple(SKIN_RGB))
    appearance = appearance or draw_appearance(dx=dx, rng=rng)
    canvas = prepare_canvas(appearance, rng=rng, size=size, fitzpatrick_type=fitzpatrick_type)
    _paint_appearance(canvas, appearance, rng)
    turned = capture_rng is not None
    capture = capture_rng if capture_rng is not None else rng
    picture, mask = canvas.to_rgb(), canvas.mask()
    if turned:
        picture, mask = _rephotograph(picture, mask, capture)
    picture = artefacts.capture_light(picture, capture)
    if artefact_names is None:
        artefact_names = draw_artefacts(capture)
    for name, paint in artefacts.ARTEFACTS.items():
        if name in artefact_names and not (name == "glare" and "glare" in severities):
            picture = paint(picture, capture)
    if "glare" in severities:
        picture = artefacts.glare(picture, capture, severity=severities["glare"])
    if "blur" in severities:
        picture = artefacts.blur(picture, capture, severity=severities["blur"])
    if "dark" in severities:
        picture = artefacts.dark(picture, capture, severity=severities["dark"])
    return np.clip(picture, 0, 255).astype(np.uint8), mask


def draw_artefacts(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw what an everyday picture shows besides the lesion."""
    chances = {"hair": 0.35, "bubbles": 0.15, "dark_corners": 0.22, "ruler": 0.15}
    return tuple(name for name, chance in chances.items() if rng.random() < chance)


def _require_known(kind: str, given: Mapping[str, float] | Sequence[str], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise InvalidInput(f"unknown {kind} {name!r}: known are {', '.join(known)}")


def _paint_appearance(canvas: Canvas, appearance: LesionAppearance, rng: np.random.Generator) -> None:
    shade = fractal(rng, canvas.size, cells=5, octaves=6, gain=0.7)
    uneven = 0.14 + 0.9 * appearance.irregularity
    body = canvas.inside * np.clip(1 + uneven * shade, 0.15, None)
    canvas.melanin += np.float32(appearance.melanin) * body * (1 - 0.25 * np.clip(canvas.s, 0, 1))
    canvas.blood += np.float32(appearance.blood) * body
    # A faint flush around every lesion, as the eye expects from skin.
    canvas.blood += np.float32(0.05) * smoothstep(canvas.s, 1.6, 0.9)
    for name, paint in _PAINTERS.items():
        if name in appearance.structures:
            paint(canvas, rng, appearance.structures[name])
    for opacity in (canvas.blue, canvas.white, canvas.yellow):
        np.clip(opacity, 0.0, 0.92, out=opacity)
    np.clip(canvas.melanin, 0.0, 2.6, out=canvas.melanin)
    np.clip(canvas.blood, 0.0, 2.4, out=canvas.blood)


def _rephotograph(
    picture: artefacts.Picture, mask: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[artefacts.Picture, NDArray[np.uint8]]:
    """Turn, shift and zoom, mirroring the skin beyond the edge."""
    height, width = mask.shape
    turn = float(rng.normal(0, 12)) + (180.0 if rng.random() < 0.3 else 0.0)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, float(rng.uniform(0.95, 1.22)))
    matrix = matrix + np.array([[0, 0, shift] for shift in rng.normal(0, 0.03 * height, 2)])
    shape = (width, height)
    picture = np.asarray(cv2.warpAffine(picture, matrix, shape, borderMode=cv2.BORDER_REFLECT_101))
    turned = cv2.warpAffine(mask, matrix, shape, flags=cv2.INTER_NEAREST)
    return picture, np.asarray(turned, np.uint8)
