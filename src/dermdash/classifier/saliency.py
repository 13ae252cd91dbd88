"""Which parts of an image spoke for an output of a network: Grad-CAM over the four views of the study's inference.

- ``explain_image(classifier, image, target=None) -> SaliencyMap`` for one image.
- ``explain_batches(classifier, images, target=, ...)`` yields maps by batch, so that a caller can store as it goes.

Explained is the figure that is shown: the logit of a class averaged over the four views, or the log-odds of the
malignancy probability. Each view's map is turned back upright, averaged with the others, and cut at zero, so that what
spoke against the target does not show. torch is imported at the first call only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dermdash.classifier.preprocessing import (
    ReadableImage,
    Unreadable,
    batches_of_squares,
    centre_crop,
    four_views,
    load_square,
    resized_side,
)
from dermdash.classifier.saliency_map import GRID, MALIGNANT, PREDICTED, SaliencyMap, linear_weights
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import get_taxonomy

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier


def explain_image(classifier: Classifier, image: ReadableImage, target: str | None = None) -> SaliencyMap:
    """Explain one image.

    Parameters
    ----------
    classifier
        From ``load_checkpoint`` or ``train``.
    image
        Path, encoded bytes or Pillow image; turned upright by its EXIF tag as for a prediction.
    target
        ``PREDICTED`` (also None), ``MALIGNANT`` or a class code.

    Raises
    ------
    UnreadableImage, UnsafeUpload
        As ``load_square``.
    InvalidInput
        The classifier does not know the target.
    """
    check_target(classifier, target or PREDICTED)
    square = load_square(image, side=resized_side(classifier.metadata.input_size))
    return explain_squares(classifier, square[None], target=target or PREDICTED)[0]


def explain_batches(
    classifier: Classifier,
    images: Iterable[ReadableImage],
    *,
    target: str = PREDICTED,
    batch_size: int = 32,
    workers: int | None = None,
    unreadable: Unreadable | None = None,
) -> Iterator[list[SaliencyMap | None]]:
    """Yield the maps of ``batch_size`` images at a time (fewer in the last), in their order.

    An image that cannot be read is reported to ``unreadable`` with its position and its map is None; without a
    reporter its error is raised. Other parameters as ``explain_image`` and ``inference.predict``.
    """
    check_target(classifier, target)
    side = resized_side(classifier.metadata.input_size)
    for batch in batches_of_squares(images, side=side, size=batch_size, workers=workers, unreadable=unreadable):
        yield _explain_readable(classifier, batch, target)


def check_target(classifier: Classifier, target: str) -> None:
    """Raise InvalidInput for what the classifier cannot explain."""
    codes = classifier.metadata.class_codes
    if target not in (PREDICTED, MALIGNANT, *codes):
        raise InvalidInput(f"cannot explain {target!r}: choose {PREDICTED}, {MALIGNANT} or one of {', '.join(codes)}")


def explain_squares(
    classifier: Classifier, squares: NDArray[np.uint8], *, target: str = PREDICTED
) -> list[SaliencyMap]:
    """Explain one batch of decoded images: uint8 (n, s, s, 3) with s = ``resized_side(metadata.input_size)``."""
    import torch

    from dermdash.classifier.grad_cam import PooledHead, grad_cam

    network, metadata = classifier.network, classifier.metadata
    malignant = [metadata.class_codes.index(code) for code in get_taxonomy(metadata.taxonomy).malignant_codes]
    device = next(network.parameters()).device
    head = PooledHead(network.head, malignant).to(device).eval()
    views = []
    with torch.no_grad():
        for view in four_views(centre_crop(squares, metadata.input_size)):
            pixels = torch.from_numpy(np.ascontiguousarray(view)).to(device).permute(0, 3, 1, 2).float().div(255.0)
            views.append(network.last_block_maps(pixels))
        maps = torch.stack(views, dim=2)
        probabilities = torch.softmax(head(maps)[:, :-1], dim=1)
        columns = _columns(target, metadata.class_codes, probabilities.argmax(dim=1).tolist())
    attributions = grad_cam(head, maps, torch.tensor(columns, device=device)).double().cpu().numpy()
    heat = _upright(attributions)
    # Kept on float64 and rounded once: a CPU and a GPU then agree to one step of 255.
    found = probabilities.double().cpu().numpy()
    explained = [
        MALIGNANT if column == len(metadata.class_codes) else metadata.class_codes[column] for column in columns
    ]
    shares = [
        row[malignant].sum() if column == len(row) else row[column] for row, column in zip(found, columns, strict=True)
    ]
    return [
        SaliencyMap(_as_bytes(h), target, e, float(min(1.0, p)), metadata.input_size)
        for h, e, p in zip(heat, explained, shares, strict=True)
    ]


def _columns(target: str, codes: tuple[str, ...], predicted: list[int]) -> list[int]:
    if target == PREDICTED:
        return predicted
    return [len(codes) if target == MALIGNANT else codes.index(target)] * len(predicted)


def _explain_readable(
    classifier: Classifier, batch: list[NDArray[np.uint8] | None], target: str
) -> list[SaliencyMap | None]:
    readable = [square for square in batch if square is not None]
    found = iter(explain_squares(classifier, np.stack(readable), target=target) if readable else [])
    return [None if square is None else next(found) for square in batch]


def _upright(attributions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn maps (n, 4, h, w) of the four views back, average them: (n, GRID, GRID), not negative."""
    # Cells are spread evenly. The nominal centres of receptive fields would move them by half a cell; measured by
    # mirrored images on a trained network, that misplaces maps more (6 % of the side) than it corrects (2 %).
    cells = attributions.shape[-1]
    weights = linear_weights((np.arange(GRID) + 0.5) * (cells / GRID), cells)
    plain, flipped, rotated, flipped_rotated = np.moveaxis(weights @ attributions @ weights.T, 1, 0)
    aligned = (
        plain + flipped[..., ::-1] + np.rot90(rotated, -1, (1, 2)) + np.rot90(flipped_rotated, -1, (1, 2))[..., ::-1]
    )
    return np.maximum(aligned / 4, 0.0)


def _as_bytes(heat: NDArray[np.float64]) -> NDArray[np.uint8]:
    peak = heat.max()
    if not np.isfinite(peak):
        raise InvalidInput("the network gave values that are not finite, so there is nothing to explain")
    # A peak of rounding errors is no evidence.
    return np.zeros((GRID, GRID), np.uint8) if peak < 1e-12 else np.round(heat / peak * 255).astype(np.uint8)


def upright_probabilities(
    classifier: Classifier, crops: NDArray[np.uint8], explained: str, *, batch_size: int = 32
) -> NDArray[np.float64]:
    """Return the probability of what a map explains, seen in the upright view alone (four views would cost four times).

    Parameters
    ----------
    crops
        uint8 (n, input_size, input_size, 3), also altered ones.
    explained
        A class code or ``MALIGNANT``.
    """
    import torch

    metadata = classifier.metadata
    codes = get_taxonomy(metadata.taxonomy).malignant_codes if explained == MALIGNANT else (explained,)
    columns = [metadata.class_codes.index(code) for code in codes]
    device = next(classifier.network.parameters()).device
    found = []
    with torch.inference_mode():
        for start in range(0, len(crops), batch_size):
            pixels = torch.from_numpy(np.ascontiguousarray(crops[start : start + batch_size])).to(device)
            logits, _ = classifier.network.logits_and_features(pixels.permute(0, 3, 1, 2).float().div(255.0))
            found.append(torch.softmax(logits.double(), dim=1)[:, columns].sum(dim=1).cpu().numpy())
    return np.concatenate(found) if found else np.empty(0)


def best_device() -> str:
    """Return "cuda" where there is a CUDA device, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
