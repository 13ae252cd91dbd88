"""Where in the image the model looked: a name in the vocabulary and in files; no screen shows it to readers yet."""

from collections.abc import Mapping
from typing import Any

from dermdash.readings.assistance.assistance_form import AssistanceForm, AssistanceInputs, Payload
from dermdash.records.taxonomy import Taxonomy


class SaliencyAssistance(AssistanceForm):
    """Logs of other studies have it."""

    key, label, color = "saliency", "Saliency map", "#b43c1e"
    offered = False

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """No study makes it."""
        return None

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """Nothing of it may be shown."""
        return {}
