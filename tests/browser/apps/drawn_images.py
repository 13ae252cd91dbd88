"""Small drawn lesions as data URIs, each number another picture."""

import base64
import io
import math
import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter


@lru_cache(maxsize=500)
def lesion_uri(number: int, *, width: int = 600, height: int = 450, kind: str = "jpeg") -> str:
    """Return a lesion-like picture; the same number gives the same picture."""
    rng = random.Random(number)
    image = Image.new("RGB", (width, height), (222 - rng.randrange(30), 176 - rng.randrange(30), 152))
    draw = ImageDraw.Draw(image)
    radius = height * rng.uniform(0.22, 0.36)
    outline = [
        (
            width / 2 + radius * (1 + rng.uniform(-0.18, 0.18)) * math.cos(a * math.pi / 12) * 1.2,
            height / 2 + radius * (1 + rng.uniform(-0.18, 0.18)) * math.sin(a * math.pi / 12),
        )
        for a in range(24)
    ]
    draw.polygon(outline, fill=(120 + rng.randrange(30), 74, 52))
    for _ in range(60):
        angle, r = rng.uniform(0, 2 * math.pi), radius * math.sqrt(rng.random()) * 0.9
        x, y, s = (
            width / 2 + r * math.cos(angle) * 1.15,
            height / 2 + r * math.sin(angle),
            rng.uniform(2, height / 30),
        )
        draw.ellipse((x - s, y - s, x + s, y + s), fill=(70 + rng.randrange(40), 44, 36))
    return _uri(image.filter(ImageFilter.GaussianBlur(height / 200)), kind)


def mask_uri(*, width: int = 600, height: int = 450) -> str:
    """Return a white ellipse on black as PNG, the form of HAM10000's segmentation masks."""
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).ellipse((width * 0.25, height * 0.2, width * 0.75, height * 0.8), fill=255)
    return _uri(image, "png")


def _uri(image: Image.Image, kind: str) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"
