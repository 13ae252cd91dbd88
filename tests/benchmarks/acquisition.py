"""Precision and recall of the acquisition gate's measurements on planted faults, and what it proposes for real images.

The faults are those of `tests.capture_faults`, drawn onto every 20th photograph of HAM10000, from the 8th on; the
bounds were set while looking at others (every 20th, from the first on). A photograph may have a fault of its own, such
as hair: what is found where nothing was drawn counts as a false alarm all the same.
"""

import subprocess
import sys
import time
from collections import Counter
from os import environ
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.acquisition.measure import measure_image
from dermdash.dataset.acquisition.measurements import BY_KEY
from dermdash.dataset.acquisition.proposal import propose
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import SHARED_DATA
from tests.capture_faults import FAULTS

NAME = "acquisition"


def measure(*, quick: bool) -> list[Figure]:
    """300 photographs with each fault, and all 5,984 as they are (quick: 20 and 60)."""
    folder = SHARED_DATA / "ham10000" / "images"
    if not folder.is_dir():
        print(f"  skipped: no {folder}")
        return []
    paths = sorted(folder.iterdir())
    sample = [_read(path) for path in paths[7::20][: 20 if quick else 300]]
    return _planted(sample) + _real(paths[:60] if quick else paths) + _beside_cleanvision(folder, paths, quick=quick)


def _read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)


def _found(key: str, measured: dict[str, float]) -> bool:
    """Whether a measurement keeps the proposal from 5; of the resolution, from 4: all of these are reduced copies."""
    if key not in measured:
        return key in ("off_centre", "lesion_share")
    score = BY_KEY[key].score_of(measured[key])
    return score < 4 if key == "short_side" else score < 5


def _planted(sample: list[NDArray[np.uint8]]) -> list[Figure]:
    clean = [measure_image(pixels) for pixels in sample]
    figures = []
    for name, (key, draw) in FAULTS.items():
        rng = np.random.default_rng(5)
        drawn = [measure_image(draw(pixels, rng)) for pixels in sample]
        hits = sum(_found(key, measured) for measured in drawn)
        alarms = sum(_found(key, measured) for measured in clean)
        low = np.mean([propose(measured).score <= 3 for measured in drawn])
        note = f"n = {len(sample)} with, {len(sample)} without"
        figures += [
            Figure(NAME, f"{name}: recall", 100 * hits / len(sample), "%", note),
            Figure(NAME, f"{name}: precision", 100 * hits / max(1, hits + alarms), "%", note),
            Figure(NAME, f"{name}: found where none was drawn", 100 * alarms / len(sample), "%", note),
            Figure(NAME, f"{name}: proposed 3 or less", 100 * float(low), "%", note),
        ]
    return figures


def _real(paths: list[Path]) -> list[Figure]:
    scores: Counter[int] = Counter()
    full: Counter[int] = Counter()
    weakest: Counter[str] = Counter()
    spent = 0.0
    for path in paths:
        pixels = _read(path)
        started = time.process_time()
        measured = measure_image(pixels)
        proposal = propose(measured)
        spent += time.process_time() - started
        scores[proposal.score] += 1
        at_full_size = propose({**measured, "short_side": 450.0})
        full[at_full_size.score] += 1
        if at_full_size.score <= 3:
            weakest[at_full_size.weakest] += 1
    n = len(paths)
    note = f"n = {n}"
    return [
        *(Figure(NAME, f"HAM10000 at 224 px: proposed {s}", scores[s], "images", note) for s in range(1, 6)),
        *(Figure(NAME, f"HAM10000, resolution aside: proposed {s}", full[s], "images", note) for s in range(1, 6)),
        *(Figure(NAME, f"HAM10000: 3 or less by {key}", k, "images", note) for key, k in weakest.most_common()),
        Figure(NAME, "CPU time of an image of 224 px, measured and proposed", 1000 * spent / n, "ms", note),
    ]


def _beside_cleanvision(folder: Path, paths: list[Path], *, quick: bool) -> list[Figure]:
    """The same files read and checked by cleanvision, where CLEANVISION_PYTHON names an interpreter that has it."""
    python = environ.get("CLEANVISION_PYTHON", "")
    chosen = paths[:: 300 if quick else 3]
    started = time.process_time()
    for path in chosen:
        propose(measure_image(_read(path)))
    ours = 1000 * (time.process_time() - started) / len(chosen)
    note = f"CPU time, n = {len(chosen)}"
    figures = [Figure(NAME, "read, measured and proposed, one process", ours, "ms", note)]
    if not python:
        return figures
    code = (
        "import sys, time; from cleanvision import Imagelab; "
        "lab = Imagelab(filepaths=sys.stdin.read().split('\\n')); t = time.process_time(); "
        "lab.find_issues({k: {} for k in ('dark', 'light', 'odd_aspect_ratio', 'low_information', 'blurry', "
        "'grayscale', 'odd_size')}, n_jobs=1, verbose=False); "
        "print('seconds', time.process_time() - t)"
    )
    done = subprocess.run(
        [python, "-c", code], input="\n".join(map(str, chosen)), capture_output=True, text=True, check=False
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("seconds")]
    if not said:
        print(done.stderr[-800:], file=sys.stderr)
        return figures
    theirs = 1000 * float(said[-1].split()[1]) / len(chosen)
    return [*figures, Figure(NAME, "cleanvision's seven checks, one process", theirs, "ms", note)]
