"""Diagnostic taxonomies: which classes exist, what they come from, and whether they are malignant.

The door to `records.taxonomies`: types (`classes`), YAML files (`taxonomy_file`), which taxonomies are known (`known`).
"""

from dermdash.records.taxonomies.classes import (
    CLINICAL_GROUPS,
    BorderlinePolicy,
    DiagnosticClass,
    LesionOrigin,
    Status,
    Taxonomy,
)
from dermdash.records.taxonomies.known import (
    ASAN12,
    CLINICAL9,
    DEFAULT_TAXONOMY,
    HAM7,
    ISIC2019,
    MALIGNANCY2,
    MILK11,
    PADUFES6,
    TAXONOMIES,
    diagnosis_name,
    get_taxonomy,
    short_diagnosis_name,
)

__all__ = [
    "ASAN12",
    "CLINICAL9",
    "CLINICAL_GROUPS",
    "DEFAULT_TAXONOMY",
    "HAM7",
    "ISIC2019",
    "MALIGNANCY2",
    "MILK11",
    "PADUFES6",
    "TAXONOMIES",
    "BorderlinePolicy",
    "DiagnosticClass",
    "LesionOrigin",
    "Status",
    "Taxonomy",
    "diagnosis_name",
    "get_taxonomy",
    "short_diagnosis_name",
]
