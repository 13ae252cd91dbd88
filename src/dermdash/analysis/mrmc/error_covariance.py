"""The few covariances that the Obuchowski-Rockette model needs, averaged from the full matrix."""

from dataclasses import dataclass

import numpy as np

from dermdash.analysis.arrays import BoolArray, FloatArray
from dermdash.analysis.estimates import json_number


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCovariance:
    """Average covariances of the figures of merit over cases.

    Attributes
    ----------
    same_reader : FloatArray
        (modalities, modalities): of one reader's two figures, averaged over readers; the diagonal is their variance.
    other_reader : FloatArray
        (modalities, modalities): of two different readers' figures, averaged over all such pairs, also those without a
        case in common (0). NaN with one reader.
    """

    same_reader: FloatArray
    other_reader: FloatArray

    @property
    def variance(self) -> float:
        """Mean variance of a figure."""
        return float(np.diag(self.same_reader).mean())

    @property
    def cov1(self) -> float | None:
        """Same reader, different modality; None with one modality."""
        return _off_diagonal(self.same_reader)

    @property
    def cov2(self) -> float | None:
        """Different reader, same modality; None with one reader."""
        return json_number(float(np.diag(self.other_reader).mean()))

    @property
    def cov3(self) -> float | None:
        """Different reader, different modality."""
        return _off_diagonal(self.other_reader)

    @property
    def shared_by_readers(self) -> float:
        """max(Cov2 - Cov3, 0), which the model demands; 0 where either does not exist."""
        return max(self.cov2 - self.cov3, 0.0) if self.cov2 is not None and self.cov3 is not None else 0.0


def average_covariance(covariance: FloatArray, usable: BoolArray) -> ErrorCovariance:
    """Average a covariance matrix.

    Parameters
    ----------
    covariance
        (readers * modalities, readers * modalities), reader-major.
    usable
        (readers, modalities): which figures exist; the others are left out of the averages.
    """
    readers, modalities = usable.shape
    table = np.where(np.outer(usable.ravel(), usable.ravel()), covariance, 0.0)
    table = table.reshape(readers, modalities, readers, modalities)
    there = usable.astype(float)
    own = np.einsum("jajb->ab", table)
    own_count = there.T @ there
    every = table.sum(axis=(0, 2))
    every_count = np.outer(there.sum(axis=0), there.sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        same = np.where(own_count > 0, own / own_count, np.nan)
        other = np.where(every_count > own_count, (every - own) / (every_count - own_count), np.nan)
    return ErrorCovariance(same, other)


def _off_diagonal(table: FloatArray) -> float | None:
    size = len(table)
    if size < 2:
        return None
    return json_number(float((table.sum() - np.trace(table)) / (size * (size - 1))))
