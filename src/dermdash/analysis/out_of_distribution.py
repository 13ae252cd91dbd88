"""How unlike the images a model knows an image is, from the features the model makes of it.

The score is the Mahalanobis distance of the features to those of the known images (Lee et al., NeurIPS 2018), under a
covariance that is free along the leading principal axes and the same in every direction beyond them (Tipping & Bishop,
J. Royal Statistical Society B 1999). So it weighs both what is far out along a known direction and what lies in
directions no known image has. The features keep their length, from which the strength of the logits comes, so that
what an energy score would see is in it too. It is given in units of the spread among known images: 0 is typical.

Which features: those before the head for any model; for the model that comes with dermdash statistics of earlier
blocks, which tell a drawing or bare skin from a photograph where the last ones do not (figures in docs/diagnose.md).

The threshold is a quantile of the scores of known images, each scored by a model fitted without its own lesion, since
an image always resembles its twin.

- ``fit(features, groups) -> OutOfDistributionModel``; ``.score(features)``, ``.threshold``
- ``.save(path)`` and ``load(path)``: a small npz without a pickle; ``load_bytes`` for package data
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdash.analysis.arrays import FloatArray
from dermdash.errors import InvalidInput, NotFound
from dermdash.whole_files import whole_file
from dermdash.wording import counted

FORMAT = 2
LAST, TEXTURE = "last", "texture"
"""What the numbers are: features before the head, or statistics of earlier blocks (`classifier.texture_features`)."""
COMPONENTS = 128
QUANTILE = 0.98
FOLDS = 5
LEAST_IMAGES = 50
"""With fewer there is no telling what is usual."""
_SEED = 2020


@dataclass(frozen=True, slots=True, eq=False)
class OutOfDistributionModel:
    """What the known images look like to a model.

    ``centre`` (d,): mean features. ``components`` (p, d) and ``variances`` (p,): principal axes and the variance along
    each. ``rest``: variance along every other direction. ``usual`` and ``spread``: median and scale of the distance
    among known images. ``threshold``: scores above it are out of distribution; ``quantile``: the share of known images
    that stays at or below it. ``images``: how many it was fitted on. ``features``: `LAST` or `TEXTURE`, what it takes.
    """

    centre: FloatArray
    components: FloatArray
    variances: FloatArray
    rest: float
    usual: float
    spread: float
    threshold: float
    quantile: float
    images: int
    features: str = LAST

    def score(self, features: NDArray[np.floating]) -> FloatArray:
        """Return the score of each row of features (n, d): 0 is typical, higher is stranger.

        Raises
        ------
        InvalidInput
            The features have another width than those it was fitted on, or are not finite.
        """
        return (self._distance(features) - self.usual) / self.spread

    def _distance(self, features: NDArray[np.floating]) -> FloatArray:
        values = _checked(features)
        if values.shape[1] != len(self.centre):
            raise InvalidInput(f"features of {values.shape[1]} numbers; what is usual is known of {len(self.centre)}")
        away = values - self.centre
        along = away @ self.components.T
        beyond = np.maximum((away**2).sum(axis=1) - (along**2).sum(axis=1), 0)
        return np.asarray(np.sqrt((along**2 / self.variances).sum(axis=1) + beyond / self.rest), np.float64)

    def to_bytes(self) -> bytes:
        """The model as a compressed npz."""
        arrays: dict[str, Any] = {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}
        for name in ("centre", "components"):  # single precision already
            arrays[name] = arrays[name].astype(np.float32)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, format=np.array(FORMAT), **arrays)
        return buffer.getvalue()

    def save(self, path: Path) -> None:
        """Write it to a file, whole or not at all."""
        with whole_file(path) as passing:
            passing.write_bytes(self.to_bytes())


def load(path: Path) -> OutOfDistributionModel:
    """Read what ``save`` wrote.

    Raises
    ------
    NotFound
        There is no such file.
    InvalidInput
        It is no model of the usual; nothing in it is executed.
    """
    if not path.is_file():
        raise NotFound(f"no out-of-distribution model at {path}")
    return load_bytes(path.read_bytes(), name=path.name)


def load_bytes(data: bytes, *, name: str = "the file") -> OutOfDistributionModel:
    """Read a model from the bytes of its file; errors as ``load``."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            version = int(file["format"])
            # Format 1 knew the features before the head alone.
            kind = str(file["features"]) if version > 1 else LAST
            names = [f.name for f in fields(OutOfDistributionModel) if f.name != "features"]
            arrays = {name: np.asarray(file[name], np.float64) for name in names}
    except (ValueError, KeyError, OSError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise InvalidInput(f"{name} is not an out-of-distribution model: {error}") from error
    if not 1 <= version <= FORMAT:
        raise InvalidInput(f"{name} has format {version}; this version reads formats 1 to {FORMAT}")
    if kind not in (LAST, TEXTURE):
        raise InvalidInput(f"{name} is of the features {kind[:40]!r}; this version knows {LAST} and {TEXTURE}")
    matrices = {key: arrays.pop(key) for key in ("centre", "components", "variances")}
    shape = matrices["components"].shape
    fits = len(shape) == 2 and (matrices["variances"].shape, matrices["centre"].shape) == (shape[:1], shape[1:])
    if not fits or any(value.shape for value in arrays.values()):
        raise InvalidInput(f"{name} is not an out-of-distribution model: its parts do not fit together")
    numbers = {key: float(value) for key, value in arrays.items()}
    if not all(np.isfinite(value).all() for value in (*matrices.values(), *arrays.values())):
        raise InvalidInput(f"{name} holds values that are not finite")
    if min(numbers["rest"], numbers["spread"], *matrices["variances"]) <= 0:
        raise InvalidInput(f"{name} is not an out-of-distribution model: a spread is not positive")
    return OutOfDistributionModel(**matrices, **{**numbers, "images": int(numbers["images"])}, features=kind)  # type: ignore[arg-type]


def fit(
    features: NDArray[np.floating],
    groups: Sequence[object],
    *,
    quantile: float = QUANTILE,
    kind: str = LAST,
    seed: int = _SEED,
) -> OutOfDistributionModel:
    """Learn what is usual, and the threshold that a share ``quantile`` of the known images stays below.

    Parameters
    ----------
    features
        float (n, d), not normalised, as ``inference.predict`` gives them, or (``kind`` `TEXTURE`) as
        ``texture_features`` does. Of those before the head best those of images the model did **not**
        train on: a network pulls its training images together, so that new ones of the same kind look strange beside
        them.
    groups
        Lesion (or patient) of each image: when the threshold is set, no image is compared with its own lesion.
    quantile
        1 - quantile is the share of false warnings on images of the same kind.

    Raises
    ------
    InvalidInput
        Fewer than 50 images, or fewer than 5 groups; values that are not finite; lengths that differ.
    """
    values = _checked(features)
    labels = np.unique(np.array([str(g) for g in groups], dtype=str), return_inverse=True)[1]
    if len(labels) != len(values):
        raise InvalidInput(f"{counted(len(values), 'image')} but {counted(len(labels), 'group')}")
    lesions = len(np.unique(labels))
    if len(values) < LEAST_IMAGES or lesions < FOLDS:
        raise InvalidInput(
            f"too few to tell what is usual: {counted(len(values), 'image')} of {counted(lesions, 'lesion')}; at least "
            f"{LEAST_IMAGES} of {FOLDS} are needed"
        )
    if not 0.5 <= quantile < 1:
        raise InvalidInput(f"quantile {quantile}: expected 0.5 to below 1")
    distances = np.empty(len(values))
    for left_out in _folds(labels, np.random.default_rng(seed)):
        distances[left_out] = _describe(values[~left_out])._distance(values[left_out])
    # Half the distance from the 16th to the 84th percentile: the standard deviation of a normal, blind to outliers.
    low, usual, high, limit = np.quantile(distances, [0.16, 0.5, 0.84, quantile])
    spread = max(float(high - low) / 2, 1e-9)
    model = _describe(values)
    return OutOfDistributionModel(
        model.centre, model.components, model.variances, model.rest, float(usual), spread,
        float((limit - usual) / spread), quantile, len(values), kind,
    )  # fmt: skip


def _describe(values: FloatArray) -> OutOfDistributionModel:
    """Centre, axes and variances; the units of the score are not known yet."""
    centre = values.mean(axis=0)
    away = values - centre
    variances, axes = np.linalg.eigh(away.T @ away / len(values))
    # Half as many axes as dimensions at most, and so few that each is known from several images.
    p = max(1, min(COMPONENTS, len(centre) // 2, len(values) // 5))
    leading = np.maximum(variances[::-1][:p], 0)
    # A direction no known image has is as improbable as the least probable of those kept, never infinitely so.
    rest = max(float(np.maximum(variances[::-1][p:], 0).mean()) if p < len(centre) else 0.0, 1e-3 * leading[0], 1e-12)
    components = axes[:, ::-1][:, :p].T
    return OutOfDistributionModel(
        _rounded(centre), _rounded(components), np.maximum(leading, rest), rest, 0.0, 1.0, 0.0, 0.0, len(values)
    )


def _rounded(values: FloatArray) -> FloatArray:
    """Single precision, so that a model read from its file gives the very same scores."""
    return np.asarray(values.astype(np.float32), np.float64)


def _folds(labels: NDArray[np.int64], rng: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    """Mark whole groups, left out in turn."""
    fold_of = rng.permutation(int(labels.max()) + 1) % FOLDS
    for fold in range(FOLDS):
        yield fold_of[labels] == fold


def _checked(features: NDArray[np.floating]) -> FloatArray:
    values = np.asarray(features, np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise InvalidInput(f"features of shape {values.shape}: expected finite numbers, one row per image")
    return values
