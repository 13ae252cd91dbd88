"""A square that is laid over the lesion of interest, by mouse, finger or keys."""

from typing import Any

from dermdash.classifier.lesion_crop import SMALLEST_SHARE, LesionCrop
from dermdash.errors import InvalidInput
from dermdash.ui.frontend.changes import callback_of, sent_value
from dermdash.ui.frontend.exchange.sends import Sends
from dermdash.ui.frontend.exchange.viewer import CropPayload, CropPickerPayload
from dermdash.ui.script_route import our_component

_picker = our_component("lesion_crop")


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
    data = CropPickerPayload(
        image=image, width=width, height=height, label=label, smallest=SMALLEST_SHARE,
        crop=CropPayload(x=first.x, y=first.y, share=first.share),
    )  # fmt: skip
    result = _picker(key=key, data=data, default={Sends.CROP: None}, **callback_of(Sends.CROP, _nothing))
    return parse_crop(sent_value(result, Sends.CROP))


def parse_crop(value: Any) -> LesionCrop:
    """Read what the browser says; what is no crop is the default one."""
    try:
        return LesionCrop(*(float(value[name]) for name in CropPayload.__annotations__))
    except (TypeError, KeyError, ValueError, OverflowError, InvalidInput):
        return LesionCrop()


def _nothing() -> None:
    """Streamlit runs the script for a value only where it has a callback."""
