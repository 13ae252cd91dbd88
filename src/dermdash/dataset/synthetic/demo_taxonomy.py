"""Which classes the demo data set draws: the painter knows how lesions of these look."""

from dermdash.records.taxonomy import HAM7

DEMO_TAXONOMY = HAM7
