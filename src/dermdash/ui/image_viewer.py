"""One image to look at closely: zoom, pan, its size in pixels, and the lesion mask as outline or fill."""

import streamlit as st

from dermdash.ui.frontend import read_assets

_viewer = st.components.v2.component(
    "dermdash_image_viewer",
    html='<div class="image-viewer root"></div>',
    css=read_assets("base.css", "image_viewer.css"),
    js=read_assets("base.js", "zoom.js", "image_viewer.js"),
)


def image_viewer(
    image: str, mask: str | None = None, *, key: str, height: int = 520, label: str = "Dermatoscopic image"
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
    """
    _viewer(key=key, data={"image": image, "mask": mask, "height": height, "label": label})
