"""One image to look at closely: zoom, pan, its size in pixels, the lesion mask as outline or fill, a saliency map."""

from dataclasses import dataclass

from dermdash.ui.frontend.exchange.viewer import ViewerPayload
from dermdash.ui.script_route import our_component

_viewer = our_component("image_viewer")


@dataclass(frozen=True, slots=True)
class Heat:
    """A saliency map to lay over the image.

    ``layer``: data URI of a PNG of the image's proportions, transparent where there is no evidence. ``scale``: its
    colours as a CSS gradient. ``opacity``: as first shown, 0..1. ``shown``: whether it is on from the start.
    """

    layer: str
    scale: str
    opacity: float
    shown: bool = False


def image_viewer(
    image: str,
    mask: str | None = None,
    *,
    key: str,
    height: int = 520,
    label: str = "Dermatoscopic image",
    heat: Heat | None = None,
    together: str = "",
) -> None:
    """Show an image on the dark mat.

    Parameters
    ----------
    image
        Data URI (JPEG, PNG or WebP).
    mask
        Data URI of a PNG of the same proportions, white where the lesion is.
    key
        Widget key.
    height
        Height of the mat in pixels.
    label
        Alternative text; it must not say more than the viewer may know.
    heat
        A saliency map, switched on and off beside the image.
    together
        Viewers of the same word zoom and move as one; empty: by itself.
    """
    data = ViewerPayload(image=image, mask=mask, height=height, label=label)
    if heat is not None:
        data |= {"heat": heat.layer, "heat_scale": heat.scale, "heat_opacity": heat.opacity, "heat_on": heat.shown}
    if together:
        data["together"] = together
    _viewer(key=key, data=data)
