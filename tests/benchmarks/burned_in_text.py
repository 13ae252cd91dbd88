"""How much drawn writing the search for burned-in text proposes, and on how many pictures without any it proposes some.

Writing is drawn onto the photographs that lie beside the checkout, in the fonts, sizes and colours of
`tests.rendered_text`. The regression was fitted to lines found on 800 of the HAM10000 images; here are others, and the
ISIC 2018 test set. What the photographs show of their own (a ruler, a label) counts as a false alarm.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.burned_in_text import TextRegion, find_text
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import SHARED_DATA
from tests.rendered_text import Written, write_on

NAME = "burned_in_text"
FITTED_SEED, FITTED = 5, 800


def measure(*, quick: bool) -> list[Figure]:
    """500 photographs of HAM10000 and the 171 of the ISIC test set (quick: 20 of each)."""
    folder = SHARED_DATA / "ham10000" / "images"
    if not folder.is_dir():
        print(f"  skipped: no {folder}")
        return []
    paths = sorted(folder.iterdir())
    random.Random(FITTED_SEED).shuffle(paths)
    sets = {
        "HAM10000": paths[FITTED + 800 :][: 20 if quick else 500],
        "ISIC 2018 test": sorted((SHARED_DATA / "isic2018_task3_test" / "images").iterdir())[: 20 if quick else 171],
    }
    figures = []
    for name, chosen in sets.items():
        figures += _of(name, [_read(path) for path in chosen], 1)
    large = [cv2.resize(_read(path), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC) for path in sets["HAM10000"][:60]]
    return figures + _of("HAM10000 enlarged to 896 px", [np.asarray(pixels, np.uint8) for pixels in large], 2)


def _read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)


def _of(name: str, pictures: Sequence[NDArray[np.uint8]], seed: int) -> list[Figure]:
    started = time.process_time()
    alarms = [bool(find_text(pixels)) for pixels in pictures]
    each = 1000 * (time.process_time() - started) / len(pictures)
    rng = random.Random(seed)
    written = [write_on(pixels, rng) for pixels in pictures]
    hits = [covers(find_text(one.pixels), one) for one in written]
    note = f"n = {len(pictures)}"
    figures = [
        Figure(NAME, f"{name}: writing proposed", 100 * float(np.mean(hits)), "%", note),
        Figure(NAME, f"{name}: proposals where none is drawn", 100 * float(np.mean(alarms)), "%", note),
        Figure(NAME, f"{name}: CPU time of an image", each, "ms", note),
    ]
    groups: dict[str, list[bool]] = {}
    for one, hit in zip(written, hits, strict=True):
        low = one.height < 10 * pictures[0].shape[0] / 224
        for key in (one.how, f"colour {one.colour}", "letters under 10 of 224 px" if low else "larger letters"):
            groups.setdefault(key, []).append(hit)
    return figures + [
        Figure(NAME, f"{name}: {key}", 100 * float(np.mean(values)), "%", f"n = {len(values)}")
        for key, values in sorted(groups.items())
    ]


def covers(regions: Sequence[TextRegion], one: Written) -> bool:
    """Whether the regions cover at least a third of the length of the writing, and are about it (a fifth of each)."""
    left, top, across, down = one.box
    best = 0.0
    for region in regions:
        shared_x = min(region.x + region.width, left + across) - max(region.x, left)
        shared_y = min(region.y + region.height, top + down) - max(region.y, top)
        if shared_x > 0 and shared_y > 0 and shared_x * shared_y > 0.2 * region.width * region.height:
            best += (shared_x if across >= down else shared_y) / max(across, down)
    return best >= 1 / 3
