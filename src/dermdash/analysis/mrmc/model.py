"""A model beside readers: as the other modality of every reader.

A model gives every case one score, whoever reads the case. Put beside each reader on their cases, it is a second
modality without readers' variability, and the analysis of two modalities becomes the one-sample test of the readers'
differences from the model, with its covariance to them through the same cases (Chakraborty, Observer Performance
Methods, 2017): readers and cases are random, the model is fixed.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.figure_of_merit import AREAS, FigureOfMerit
from dermdash.errors import InvalidInput
from dermdash.wording import counted


def take_model_reader(data: MrmcData, name: str) -> tuple[MrmcData, dict[str, float]]:
    """Take a model out of the readers of a file.

    Returns
    -------
    MrmcData
        The readings of everybody else.
    dict
        The model's score by case.

    Raises
    ------
    InvalidInput
        No such reader, nobody else, or one who rated a case differently under two modalities: a model has one score.
    """
    if name not in data.readers:
        raise InvalidInput(f"{data.source} has no reader {name}: expected one of {', '.join(data.readers[:20])}")
    if len(data.readers) == 1:
        raise InvalidInput(f"{data.source} has no reader but {name}: there is nobody to compare the model with")
    j = data.readers.index(name)
    ratings = data.ratings[j]
    rated = ~np.isnan(ratings)
    low = np.where(rated, ratings, np.inf).min(axis=0)
    high = np.where(rated, ratings, -np.inf).max(axis=0)
    known = rated.any(axis=0)
    if (unequal := known & (low != high)).any():
        case = data.cases[int(np.flatnonzero(unequal)[0])]
        raise InvalidInput(
            f"{name} rated case {case} differently under two modalities: a model has one score of a case"
        )
    scores = {case: float(score) for case, score, there in zip(data.cases, low, known, strict=True) if there}
    others = np.ones(len(data.readers), bool)
    others[j] = False
    return data.of_readers(others), scores


def beside_model(
    data: MrmcData,
    scores: Mapping[str, float],
    merit: FigureOfMerit,
    *,
    name: str = "Model",
    threshold: float | None = None,
) -> tuple[MrmcData, int]:
    """The readings of one modality with a model as the first modality.

    Parameters
    ----------
    data
        One modality.
    scores
        Score of each case; higher speaks for the condition. Cases without one are left out.
    merit
        The figure. Where it needs a threshold, the model's scores are called by ``threshold`` and the readers' ratings
        by the figure's own.

    Returns
    -------
    MrmcData
        Modalities (``name``, that of ``data``).
    int
        Number of readings left out for want of a score.

    Raises
    ------
    InvalidInput
        Several modalities, no case with a score, a score that is not finite, a name that is taken, or no threshold of
        the model where one is needed.
    """
    if len(data.modalities) != 1:
        raise InvalidInput(
            f"{data.source} has {counted(len(data.modalities), 'modality', 'modalities')}: a model is compared with "
            "one at a time"
        )
    if name in data.modalities:
        raise InvalidInput(f"the model and the modality are both called {name}: give the model another name")
    known = np.array([case in scores for case in data.cases])
    if not known.any():
        raise InvalidInput(f"the model has no score for any case of {data.source}: do the case names agree?")
    score = np.array([float(scores[case]) if case in scores else np.nan for case in data.cases])
    if not np.isfinite(score[known]).all():
        wrong = data.cases[int(np.flatnonzero(known & ~np.isfinite(score))[0])]
        raise InvalidInput(f"the model's score of case {wrong} is not finite: expected a number")
    if merit.figure not in AREAS:
        if threshold is None or not np.isfinite(threshold):
            raise InvalidInput(f"{merit.name} needs a threshold of the model's scores: name the operating point")
        assert merit.threshold is not None
        # On the readers' scale: just called, or just not.
        score = np.where(score >= threshold, merit.threshold, np.nextafter(merit.threshold, -np.inf))
    dropped = int(data.read[:, :, ~known].sum())
    ratings = data.ratings[:, :, known]
    model = np.where(np.isnan(ratings), np.nan, score[known])
    names = tuple(case for case, kept in zip(data.cases, known, strict=True) if kept)
    joined = np.concatenate([model, ratings], axis=1)
    return replace(
        data, ratings=joined, truth=data.truth[known], modalities=(name, *data.modalities), cases=names
    ), dropped
