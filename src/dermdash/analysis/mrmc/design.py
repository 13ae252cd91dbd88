"""Who read what: the design of a study, found from its readings."""

from enum import StrEnum

import numpy as np

from dermdash.analysis.arrays import BoolArray
from dermdash.analysis.mrmc.data import MrmcData


class Design(StrEnum):
    """How readers, modalities and cases are crossed or nested."""

    FACTORIAL = "factorial"
    INCOMPLETE = "incomplete"
    CASES_IN_MODALITY = "cases_in_modality"
    CASES_IN_READER = "cases_in_reader"
    READERS_IN_MODALITY = "readers_in_modality"
    MIXED = "mixed"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    Design.FACTORIAL: "factorial: every reader read every case under every modality",
    Design.INCOMPLETE: "incomplete: every reader read under every modality, but not all of the same cases",
    Design.CASES_IN_MODALITY: "split-plot, cases nested in modalities: no case was read under two modalities",
    Design.CASES_IN_READER: "split-plot, cases nested in readers: no case was read by two readers",
    Design.READERS_IN_MODALITY: "split-plot, readers nested in modalities: every reader read under one modality",
    Design.MIXED: "mixed: some readers read under several modalities and some under one",
}


def design_of(data: MrmcData, usable: BoolArray) -> Design:
    """The design of a study.

    Parameters
    ----------
    data
        The readings.
    usable
        (readers, modalities): under which modalities a reader has a figure of merit.
    """
    if data.complete:
        return Design.FACTORIAL
    if usable.all():
        read = data.read
        if len(data.modalities) > 1 and (read.any(axis=0).sum(axis=0) <= 1).all():
            return Design.CASES_IN_MODALITY
        if len(data.readers) > 1 and (read.any(axis=1).sum(axis=0) <= 1).all():
            return Design.CASES_IN_READER
        return Design.INCOMPLETE
    return Design.READERS_IN_MODALITY if np.all(usable.sum(axis=1) <= 1) else Design.MIXED
