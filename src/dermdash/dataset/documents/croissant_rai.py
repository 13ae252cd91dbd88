"""The answers in the responsible-AI fields of Croissant (http://mlcommons.org/croissant/RAI/1.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dermdash.dataset.documents.dataset_facts import DatasetFacts

RAI: dict[str, tuple[str, ...]] = {
    "rai:dataCollection": ("acquisition", "sampling", "collectors"),
    "rai:dataCollectionMissingData": ("missing",),
    "rai:dataCollectionRawData": ("raw_data",),
    "rai:dataPreprocessingProtocol": ("preparation",),
    "rai:dataAnnotationProtocol": ("labels", "blinding"),
    "rai:dataAnnotationAnalysis": ("agreement", "confirmation"),
    "rai:annotationsPerItem": ("annotations_per_item",),
    "rai:annotatorDemographics": ("annotators",),
    "rai:dataBiases": ("biases", "underrepresented", "confounding"),
    "rai:dataLimitations": ("errors", "not_for"),
    "rai:dataUseCases": ("purpose", "use_cases"),
    "rai:dataSocialImpact": ("impact_analysis",),
    "rai:personalSensitiveInformation": ("sensitive", "identifiable", "subpopulations"),
    "rai:dataReleaseMaintenancePlan": ("maintainer", "updates", "older_versions", "retention"),
}
"""Field, and the keys of the answers that it holds."""
_MANY = frozenset(
    {
        "rai:dataPreprocessingProtocol", "rai:dataAnnotationProtocol", "rai:dataAnnotationAnalysis",
        "rai:annotatorDemographics", "rai:dataBiases", "rai:dataLimitations", "rai:dataUseCases",
        "rai:personalSensitiveInformation",
    }
)  # fmt: skip
"""Fields that hold several texts."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def croissant_fields(facts: DatasetFacts, computed: Mapping[str, str], said: Mapping[str, str]) -> dict[str, Any]:
    """What Croissant says of a data set, by its terms; what nobody answers is left out.

    Parameters
    ----------
    computed, said
        Answers by key: of the numbers, and of people.
    """
    fields: dict[str, Any] = {
        "description": said.get("summary")
        or said.get("purpose")
        or f"{facts.name}. {computed.get('counts', '')}".strip(),
        "license": said.get("licence") or facts.licence or None,
        "citeAs": said.get("citation"),
        "datePublished": found[0] if (found := _DAY.search(said.get("published", ""))) else None,
        "rai:dataCollectionType": ["Direct measurement"] if facts.values.get("image_type") else None,
        "rai:dataAnnotationPlatform": ["dermdash"] if facts.people else None,
    }
    if facts.period is not None and all(_DAY.fullmatch(moment) for moment in facts.period):
        fields["rai:dataCollectionTimeFrame"] = [f"{moment}T00:00:00" for moment in facts.period]
    for field, keys in RAI.items():
        texts = [text for key in keys for text in (computed.get(key), said.get(key)) if text]
        if texts:
            fields[field] = texts if field in _MANY else " ".join(texts)
    return {name: value for name, value in fields.items() if value}
