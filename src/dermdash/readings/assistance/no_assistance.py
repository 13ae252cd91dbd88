"""Nothing is shown after the unaided answer."""

from collections.abc import Mapping
from typing import Any, ClassVar

from dermdash.readings.assistance.assistance_form import AssistanceForm, AssistanceInputs, Payload, ScreenPlace
from dermdash.records.taxonomy import Taxonomy


class NoAssistance(AssistanceForm):
    """The reader answers once."""

    key, label, color = "none", "No assistance", "#788787"
    needs_model = False
    places: ClassVar[frozenset[ScreenPlace]] = frozenset()

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """Nothing is stored."""
        return None

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """Nothing is shown."""
        return {}
