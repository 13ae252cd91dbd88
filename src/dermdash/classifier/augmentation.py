"""Random views of dermatoscopic images for training, a whole batch at a time. Imports torch.

A lesion has no upright side, so every rotation and mirror image is as likely; scale, position, shape and
colour vary as they do between cameras, without changing what the diagnosis rests on (hue stays nearly as it
is). Some views are colour-corrected by Shades of Grey (Finlayson, Trezzi, CIC 2004), so that the network meets
images that a camera has already balanced; some get drawn hairs, so that hair says nothing about the diagnosis.
"""

import math

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional

_HAIR_SHEETS = 48
_HAIR_SIDE = 288
_HAIR_SHARE = 0.2
_CONSTANCY_SHARE = 0.3
_MINKOWSKI_NORM = 6.0


class Augmentation:
    """Random views; the drawn hairs come from the seed, all else from the generator of each call."""

    def __init__(self, seed: int) -> None:
        self._hairs = _hair_sheets(seed)

    def __call__(self, images: Tensor, *, size: int, generator: torch.Generator) -> Tensor:
        """Return randomly placed, turned, scaled and coloured views.

        Parameters
        ----------
        images
            uint8, (n, 3, s, s).
        size
            Pixels of the views.
        generator
            Source of randomness, on the CPU whatever the device of the images, so that a seed means the same
            on both.

        Returns
        -------
        torch.Tensor
            float32, (n, 3, size, size), 0..1, in channels-last memory order.
        """
        views = _placed(images, size, generator)
        views = _constant_colour(views, generator)
        views = _jittered(views, generator)
        views = self._with_hair(views, size, generator)
        return views.clamp_(0.0, 1.0).contiguous(memory_format=torch.channels_last)

    def _with_hair(self, views: Tensor, size: int, generator: torch.Generator) -> Tensor:
        chosen = torch.nonzero(torch.rand(len(views), generator=generator) < _HAIR_SHARE).flatten()
        if len(chosen) == 0:
            return views
        sheets = torch.randint(len(self._hairs), (len(chosen),), generator=generator)
        corner = torch.randint(max(1, _HAIR_SIDE - size + 1), (2,), generator=generator).tolist()
        cover = self._hairs[sheets][:, None].float().div_(255.0)
        if size <= _HAIR_SIDE:
            cover = cover[..., corner[0] : corner[0] + size, corner[1] : corner[1] + size]
        else:
            cover = functional.interpolate(cover, size=(size, size), mode="bilinear", align_corners=False)
        tone = torch.rand(len(chosen), 1, 1, 1, generator=generator) * 0.35
        colour = tone * torch.tensor([1.0, 0.75, 0.6])[None, :, None, None]
        cover, colour, chosen = cover.to(views.device), colour.to(views.device), chosen.to(views.device)
        views[chosen] = views[chosen] * (1.0 - cover) + colour * cover
        return views


def _uniform(images: Tensor, generator: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return (torch.rand(len(images), *shape, generator=generator) * (high - low) + low).to(images.device)


def _placed(images: Tensor, size: int, generator: torch.Generator) -> Tensor:
    # Share of the square that a view covers; inference covers 0.8 of it.
    scale = torch.exp(_uniform(images, generator, math.log(0.6), math.log(1.0)))
    aspect = torch.exp(_uniform(images, generator, math.log(0.87), math.log(1.15)) / 2)
    angle = _uniform(images, generator, 0.0, 2 * math.pi)
    mirror = torch.where(_uniform(images, generator, 0.0, 1.0) < 0.5, -1.0, 1.0)
    shift = _uniform(images, generator, -1.0, 1.0, 2) * (1.05 - scale).clamp(min=0.0)[:, None] * 0.6
    cosine, sine = torch.cos(angle), torch.sin(angle)
    theta = torch.stack(
        [
            torch.stack([scale * aspect * cosine * mirror, -scale / aspect * sine, shift[:, 0]], dim=1),
            torch.stack([scale * aspect * sine * mirror, scale / aspect * cosine, shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    grid = functional.affine_grid(theta, [len(images), 3, size, size], align_corners=False)
    return functional.grid_sample(
        images.to(torch.float32).div_(255.0), grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def _constant_colour(views: Tensor, generator: torch.Generator) -> Tensor:
    """Take the estimated colour of the light out of some views, wholly or in part."""
    strength = _uniform(views, generator, 0.3, 1.0, 1, 1, 1)
    chosen = _uniform(views, generator, 0.0, 1.0, 1, 1, 1) < _CONSTANCY_SHARE
    light = views.clamp(1e-3, 1.0).pow(_MINKOWSKI_NORM).mean(dim=(2, 3), keepdim=True).pow(1 / _MINKOWSKI_NORM)
    gain = (light.mean(dim=1, keepdim=True) / light).pow(torch.where(chosen, strength, 0.0))
    return views * gain


def _jittered(views: Tensor, generator: torch.Generator) -> Tensor:
    """Vary exposure, white balance, contrast around the image's mean and saturation around its grey."""
    views = views * _uniform(views, generator, 0.85, 1.15, 1, 1, 1) * _uniform(views, generator, 0.95, 1.05, 3, 1, 1)
    mean = views.mean(dim=(1, 2, 3), keepdim=True)
    views = mean + (views - mean) * _uniform(views, generator, 0.85, 1.2, 1, 1, 1)
    grey = views.mean(dim=1, keepdim=True)
    return grey + (views - grey) * _uniform(views, generator, 0.85, 1.15, 1, 1, 1)


def _hair_sheets(seed: int) -> Tensor:
    """Draw sheets of curved hairs: uint8 (sheets, side, side), 255 where a hair covers the skin."""
    rng = np.random.default_rng(seed)
    sheets = []
    for _ in range(_HAIR_SHEETS):
        # Drawn at double size and reduced: smooth edges.
        sheet = Image.new("L", (2 * _HAIR_SIDE, 2 * _HAIR_SIDE))
        draw = ImageDraw.Draw(sheet)
        for _ in range(int(rng.integers(3, 22))):
            start, angle, bend = rng.uniform(0, 2 * _HAIR_SIDE, 2), rng.uniform(0, 2 * math.pi), rng.normal(0, 0.008)
            steps = np.arange(0, rng.uniform(0.3, 1.6) * _HAIR_SIDE, 6.0)
            direction = angle + bend * steps
            path = start + np.cumsum(6.0 * np.stack([np.cos(direction), np.sin(direction)], axis=1), axis=0)
            draw.line(
                [tuple(point) for point in path.tolist()],
                fill=int(rng.integers(150, 255)),
                width=int(rng.integers(2, 5)),
            )
        sheets.append(np.asarray(sheet.resize((_HAIR_SIDE, _HAIR_SIDE), Image.Resampling.BOX)))
    return torch.from_numpy(np.stack(sheets))
