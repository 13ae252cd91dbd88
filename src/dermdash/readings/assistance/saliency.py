"""Where in the image the model found its evidence (Grad-CAM), laid over the image."""

import base64
from collections.abc import Mapping
from typing import Any

from dermdash.readings.assistance.assistance_form import AssistanceForm, AssistanceInputs, Payload, ScreenPlace
from dermdash.records.taxonomy import Taxonomy


class SaliencyAssistance(AssistanceForm):
    """The map of the most probable class. It names no diagnosis, and so advises none."""

    key, label, color = "saliency", "Saliency map", "#b43c1e"
    spellings = ("grad-cam", "gradcam", "heatmap", "heat map")
    needs_saliency = True
    places = frozenset({ScreenPlace.PICTURES})

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """The map as it is stored with the record, and what it lies over."""
        found = inputs.saliency
        if found is None:
            return None
        heat = base64.b64encode(found.heat).decode("ascii")
        return {"heat": heat, "input_size": found.input_size, "width": found.width, "height": found.height}

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """Nothing: the app attaches the map as a picture, and the case's image below it."""
        return {}
