"""A made-up multi-reader multi-case study for tests: every number follows from the arguments."""

import numpy as np
import pandas as pd

from dermdash.analysis.mrmc.data import MrmcData


def make_study(
    *,
    readers: int = 4,
    modalities: int = 2,
    cases: int = 30,
    diseased: int = 12,
    seed: int = 3,
    gain: float = 0.4,
    levels: int = 5,
) -> MrmcData:
    """Every reader rates every case under every modality on a scale of 1 to ``levels``, with ties.

    ``gain`` is how much better each modality separates than the one before.
    """
    rng = np.random.default_rng(seed)
    truth = np.arange(cases) >= cases - diseased
    of_case, of_reader = rng.normal(size=cases), rng.normal(scale=0.3, size=readers)
    # Cases are harder under one modality than under the other for all readers alike: Cov2 above Cov3.
    of_case_in_modality = rng.normal(size=(modalities, cases))
    separation = 1.2 + gain * np.arange(modalities) + of_reader[:, None]
    latent = truth * separation[:, :, None] + 0.5 * of_case + 0.5 * of_case_in_modality
    latent = latent + 0.7 * rng.normal(size=(readers, modalities, cases))
    ratings = np.clip(np.round(levels / 2 + latent), 1, levels)
    return MrmcData(
        ratings,
        truth,
        tuple(f"r{j}" for j in range(readers)),
        tuple(f"m{i}" for i in range(modalities)),
        tuple(f"c{k:03}" for k in range(cases)),
        source="Made-up study",
    )


def as_frame(data: MrmcData) -> pd.DataFrame:
    """The study as a table with one row per reading."""
    rows = [
        {"reader": reader, "modality": modality, "case": case, "truth": int(truth), "rating": data.ratings[j, i, k]}
        for j, reader in enumerate(data.readers)
        for i, modality in enumerate(data.modalities)
        for k, (case, truth) in enumerate(zip(data.cases, data.truth, strict=True))
        if not np.isnan(data.ratings[j, i, k])
    ]
    return pd.DataFrame(rows)
