"""What a picture is made of, as an early part of a network sees it: for telling photographs from everything else.

The features before the head of a network that was trained to tell diagnoses apart say what a lesion may be, and a
drawing of a lesion has them too. The blocks in the middle see edges, grain and colour, in which a drawing, a page of
text, bare skin or another organ differ from a dermatoscopic photograph.

Free of torch until the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dermdash.classifier.preprocessing import centre_crop, four_views
from dermdash.errors import InvalidInput

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier

BLOCKS = (6, 10, 14)
"""Of an EfficientNet-Lite2: the ends of the stages at 1/8 and 1/16 of the input (48, 88 and 120 channels)."""


def texture_features(
    classifier: Classifier, squares: NDArray[np.uint8], *, batch_size: int = 16
) -> NDArray[np.float32]:
    """Mean and standard deviation of each channel after some blocks, averaged over the four views.

    Parameters
    ----------
    squares
        uint8 (n, s, s, 3), as ``inference.predict_squares`` takes them.

    Returns
    -------
    array
        float32 (n, 512) for an EfficientNet-Lite2.

    Raises
    ------
    InvalidInput
        The network is no EfficientNet-Lite: of others these blocks are not defined.
    """
    import torch

    from dermdash.classifier.efficientnet_lite import EfficientNetLite

    network = classifier.network
    if not isinstance(network, EfficientNetLite):
        raise InvalidInput(
            f"texture features are those of an EfficientNet-Lite, not of {classifier.metadata.architecture}"
        )
    device = next(network.parameters()).device
    parts = []
    with torch.inference_mode():
        for start in range(0, len(squares), batch_size):
            views = four_views(centre_crop(squares[start : start + batch_size], classifier.metadata.input_size))
            total = None
            for view in views:
                images = torch.from_numpy(np.ascontiguousarray(view)).to(device).permute(0, 3, 1, 2).float().div_(255.0)
                found = network.block_statistics(images, BLOCKS)
                total = found if total is None else total + found
            assert total is not None
            parts.append((total / len(views)).cpu().numpy())
    return np.concatenate(parts).astype(np.float32)
