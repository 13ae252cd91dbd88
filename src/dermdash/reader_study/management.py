"""What a reader would do about a lesion, and how likely they say it is malignant."""

from enum import StrEnum


class Management(StrEnum):
    """What a reader would do about the lesion."""

    DISMISS = "dismiss"
    MONITOR = "monitor"
    BIOPSY = "biopsy"
    LOCAL_THERAPY = "local_therapy"

    @property
    def label(self) -> str:
        """In words."""
        return _MANAGEMENT[self]


_MANAGEMENT = {
    Management.DISMISS: "Dismiss",
    Management.MONITOR: "Monitor",
    Management.BIOPSY: "Biopsy or excise",
    Management.LOCAL_THERAPY: "Treat locally",
}


HIGHEST_RATING = 100
"""Of malignancy: certainly malignant; 0 is certainly benign."""
