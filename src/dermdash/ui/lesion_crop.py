"""A square that is laid over the lesion of interest, by mouse, finger or keys."""

from typing import Any

import streamlit as st

from dermdash.classifier.lesion_crop import LesionCrop
from dermdash.errors import InvalidInput
from dermdash.ui.frontend import read_assets

_picker = st.components.v2.component(
    "dermdash_lesion_crop",
    html='<div class="lesion-crop root"></div>',
    css=read_assets("base.css", "lesion_crop.css"),
    js=read_assets("base.js", "lesion_crop.js"),
)


def lesion_crop(image: str, *, width: int, height: int, key: str, label: str = "Image to judge") -> LesionCrop:
    """Show an image with the square and return where it is; at first the centre that a model sees of every record.

    Parameters
    ----------
    image
        Data URI of the upright image, of any size.
    width, height
        Of the upright image itself, in pixels.
    key
        Widget key; another one for another image, which starts at the centre again.
    label
        What the image is, for screen readers.
    """
    first = LesionCrop()
    data = {
        "image": image, "width": width, "height": height, "label": label,
        "crop": {"x": first.x, "y": first.y, "share": first.share},
    }  # fmt: skip
    result = _picker(key=key, data=data, default={"crop": None}, on_crop_change=_nothing)
    return parse_crop(result.get("crop") if hasattr(result, "get") else None)


def parse_crop(value: Any) -> LesionCrop:
    """Read what the browser says; what is no crop is the default one."""
    try:
        return LesionCrop(*(float(value[name]) for name in ("x", "y", "share")))
    except (TypeError, KeyError, ValueError, OverflowError, InvalidInput):
        return LesionCrop()


def _nothing() -> None:
    """Streamlit runs the script for a value only where it has a callback."""
