"""The malignancy probability of stored predictions under a policy of borderline diagnoses."""

from __future__ import annotations

import pandas as pd

from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy


def malignancy_under(taxonomy: Taxonomy, stored: pd.DataFrame) -> pd.DataFrame:
    """Predictions as `storage.models` gives them, whose malignancy probability sums the classes that count so here.

    What is stored was summed with borderline counted as benign; the probabilities of all classes stand beside it.
    """
    if taxonomy.borderline is BorderlinePolicy.BENIGN or not taxonomy.has_borderline:
        return stored
    return stored.assign(malignancy_probability=stored["probabilities"].map(taxonomy.malignancy_probability))
