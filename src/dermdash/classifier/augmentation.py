"""Random views of dermatoscopic images for training, a whole batch at a time. Imports torch.

A lesion has no upright side, so every rotation and mirror image is as likely; scale, position, shape and
colour vary as they do between cameras, without changing what the diagnosis rests on (hue stays nearly as it
is).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional


def augment(images: Tensor, *, size: int, generator: torch.Generator) -> Tensor:
    """Return randomly placed, turned, scaled and coloured views.

    Parameters
    ----------
    images
        uint8, (n, 3, s, s).
    size
        Pixels of the views.
    generator
        Source of randomness, on the CPU whatever the device of the images, so that a seed means the same on
        both.

    Returns
    -------
    torch.Tensor
        float32, (n, 3, size, size), 0..1, in channels-last memory order.
    """
    device = images.device

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return (torch.rand(len(images), *shape, generator=generator) * (high - low) + low).to(device)

    # Share of the square that a view covers; inference covers 0.8 of it.
    scale = torch.exp(uniform(math.log(0.6), math.log(1.0)))
    aspect = torch.exp(uniform(math.log(0.87), math.log(1.15)) / 2)
    angle = uniform(0.0, 2 * math.pi)
    mirror = torch.where(uniform(0.0, 1.0) < 0.5, -1.0, 1.0)
    shift = uniform(-1.0, 1.0, 2) * (1.05 - scale).clamp(min=0.0)[:, None] * 0.6
    cosine, sine = torch.cos(angle), torch.sin(angle)
    theta = torch.stack(
        [
            torch.stack([scale * aspect * cosine * mirror, -scale / aspect * sine, shift[:, 0]], dim=1),
            torch.stack([scale * aspect * sine * mirror, scale / aspect * cosine, shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(theta, [len(images), 3, size, size], align_corners=False)
    views = functional.grid_sample(
        images.to(torch.float32).div_(255.0), grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    # Colour: exposure, white balance, contrast around the image mean, saturation around its grey.
    views = views * uniform(0.85, 1.15, 1, 1, 1) * uniform(0.95, 1.05, 3, 1, 1)
    mean = views.mean(dim=(1, 2, 3), keepdim=True)
    views = mean + (views - mean) * uniform(0.85, 1.2, 1, 1, 1)
    grey = views.mean(dim=1, keepdim=True)
    views = grey + (views - grey) * uniform(0.85, 1.15, 1, 1, 1)
    return views.clamp_(0.0, 1.0).contiguous(memory_format=torch.channels_last)
