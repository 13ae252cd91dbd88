"""Similar images with their diagnoses (content-based image retrieval)."""

from collections.abc import Mapping
from typing import Any

from dermdash.readings.assistance.assistance_form import (
    DECIMALS,
    AssistanceForm,
    AssistanceInputs,
    Payload,
    ScreenPlace,
    finite,
)
from dermdash.records.taxonomy import Taxonomy


class SimilarImages(AssistanceForm):
    """The nearest images of other lesions, most similar first."""

    key, label, color = "cbir", "Similar images", "#00a55a"
    public_name = "CBIR (AI)"
    spellings = ("content-based image retrieval",)
    needs_neighbours = True
    places = frozenset({ScreenPlace.PICTURES})
    persuasion = -1.9

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """Record, diagnosis and similarity of each."""
        rows = []
        for record_id, dx, similarity in inputs.neighbours:
            _ = taxonomy[dx]
            similar = round(finite(similarity, f"similarity of {record_id}"), DECIMALS)
            rows.append({"record_id": record_id, "dx": dx, "similarity": similar})
        rows.sort(key=lambda row: -row["similarity"])  # type: ignore[operator]
        return {"neighbours": rows} if rows else None

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """Diagnosis and similarity of each, in order: the app attaches the image data by position."""
        rows = stored["neighbours"]
        return {"neighbours": [{"dx": str(row["dx"]), "similarity": float(row["similarity"])} for row in rows]}

    def advice_dx(self, stored: Mapping[str, Any]) -> str | None:
        """The most frequent diagnosis, on a tie the one with the greater sum of similarities."""
        votes: dict[str, tuple[int, float]] = {}
        for row in stored["neighbours"]:
            count, total = votes.get(row["dx"], (0, 0.0))
            votes[row["dx"]] = (count + 1, total + row["similarity"])
        return max(votes, key=lambda code: votes[code])

    def strength(self, stored: Mapping[str, Any], taxonomy: Taxonomy) -> float:
        """The share of the images that have the advised diagnosis."""
        rows, advice = stored["neighbours"], self.advice_dx(stored)
        return sum(row["dx"] == advice for row in rows) / len(rows)
