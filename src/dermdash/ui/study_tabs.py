"""The tabs of the study page, and the parameters of links to them."""

from enum import StrEnum

ANALYSIS, READERS = "analysis", "readers"
"""Parameters: which analysis the details show, and what of the readers."""


class StudyTab(StrEnum):
    """A tab of the study page, in their order; its value stands in addresses."""

    PROTOCOL = "protocol"
    READERS = "readers"
    RESULTS = "results"
    CASES = "cases"
    DETAILS = "details"
    REPORT = "report"

    @property
    def label(self) -> str:
        """What it is called."""
        return self.capitalize()

    @property
    def icon(self) -> str:
        """Material symbol of links to it."""
        return _ICONS[self]

    @property
    def query(self) -> dict[str, str]:
        """Parameters of a link to it."""
        return {"tab": str(self)}


_ICONS = {
    StudyTab.PROTOCOL: "description",
    StudyTab.READERS: "groups",
    StudyTab.RESULTS: "monitoring",
    StudyTab.CASES: "grid_view",
    StudyTab.DETAILS: "query_stats",
    StudyTab.REPORT: "article",
}


def invitations_query() -> dict[str, str]:
    """Parameters of a link to where readers are invited."""
    return {**StudyTab.READERS.query, READERS: "invitations"}


def analysis_query(key: str) -> dict[str, str]:
    """Parameters of a link to an analysis by its key."""
    return {**StudyTab.DETAILS.query, ANALYSIS: key}
