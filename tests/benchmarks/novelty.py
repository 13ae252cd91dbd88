"""How well the shipped model's check tells images unlike photographs of lesions: share warned of and AUROC, by kind.

Nothing of these kinds was used to make the check. The photographs are lesions held out from the model's training, and
the ISIC 2018 test set, where they lie beside the checkout; crops of scikit-learn's two sample photographs stand for
others.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_sample_images
from sklearn.metrics import roc_auc_score

from dermdash.analysis.out_of_distribution import load
from dermdash.classifier.checkpoints import Classifier, lesion_digest, load_checkpoint
from dermdash.classifier.preprocessing import load_square, resized_side
from dermdash.classifier.reference_model import reference_checkpoint, reference_statistics
from dermdash.classifier.texture_features import texture_features
from dermdash.dataset.synthetic import paint_lesion
from dermdash.records.taxonomy import HAM7
from tests.benchmarks.figures import Figure
from tests.benchmarks.samples import SHARED_DATA

NAME = "novelty"


def measure(*, quick: bool) -> list[Figure]:
    """All kinds, 200 pictures each (quick: 8)."""
    if not (SHARED_DATA / "ham10000").is_dir():
        print(f"  skipped: no {SHARED_DATA / 'ham10000'}")
        return []
    count = 8 if quick else 200
    classifier, known = load_checkpoint(reference_checkpoint()), load(reference_statistics())

    def score(pictures: list[Image.Image]) -> NDArray[np.float64]:
        side = resized_side(classifier.metadata.input_size)
        return known.score(texture_features(classifier, np.stack([load_square(p, side=side) for p in pictures])))

    held_out = [_open(path) for path in _held_out(classifier)[:count]]
    test = [_open(path) for path in sorted((SHARED_DATA / "isic2018_task3_test" / "images").iterdir())[:count]]
    usual = score(test)
    figures = [
        Figure(NAME, "photographs of held-out lesions warned of", _warned(score(held_out), known.threshold), "%"),
        Figure(NAME, "photographs of the ISIC 2018 test set warned of", _warned(usual, known.threshold), "%"),
    ]
    for kind, make in _kinds(held_out).items():
        rng = np.random.default_rng(len(kind))
        strange = score([make(rng, i) for i in range(count)])
        area = roc_auc_score(np.repeat([0, 1], [len(usual), len(strange)]), np.concatenate([usual, strange]))
        figures.append(Figure(NAME, f"{kind} warned of", _warned(strange, known.threshold), "%", f"AUROC {area:.3f}"))
    return figures


def _warned(scores: NDArray[np.float64], threshold: float) -> float:
    return 100 * float(np.mean(scores > threshold))


def _open(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _held_out(classifier: Classifier) -> list[Path]:
    """Images of lesions that the model did not train on."""
    folder = SHARED_DATA / "ham10000"
    rows = pd.read_csv(folder / "HAM10000_metadata.csv")
    trained = set(classifier.metadata.training_lesions)
    paths = [folder / "images" / f"{image}.jpg" for image in rows["image_id"]]
    return [
        p
        for p, lesion in zip(paths, rows["lesion_id"], strict=True)
        if lesion_digest(lesion) not in trained and p.is_file()
    ]


def _kinds(photographs: list[Image.Image]) -> dict[str, Callable[[np.random.Generator, int], Image.Image]]:
    def photograph(i: int) -> Image.Image:
        return photographs[i % len(photographs)]

    def drawn(rng: np.random.Generator, i: int) -> Image.Image:
        return Image.fromarray(paint_lesion(dx=HAM7.codes[i % 7], rng=rng, size=(225, 300))[0])

    def skin(rng: np.random.Generator, i: int) -> Image.Image:
        picture, side = photograph(i), int(rng.integers(40, 64))
        left, top = (int(rng.integers(2)) * (length - side) for length in picture.size)
        return picture.crop((left, top, left + side, top + side)).resize((224, 224), Image.Resampling.BICUBIC)

    def text(rng: np.random.Generator, i: int) -> Image.Image:
        page = Image.new("RGB", (400, 300), tuple(int(v) for v in rng.integers(200, 256, 3)))
        draw = ImageDraw.Draw(page)
        for y in range(8, 292, 14):
            draw.text((8, y), "".join(chr(rng.integers(97, 123)) for _ in range(60)), fill=(20, 20, 25))
        return page

    def patches(rng: np.random.Generator, i: int) -> Image.Image:
        colours = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        return Image.fromarray(colours).resize((300, 240), Image.Resampling.BICUBIC)

    everyday = [Image.fromarray(image) for image in load_sample_images().images]

    def other(rng: np.random.Generator, i: int) -> Image.Image:
        picture, side = everyday[i % len(everyday)], int(rng.integers(150, 420))
        left, top = (int(rng.integers(0, length - side + 1)) for length in picture.size)
        return picture.crop((left, top, left + side, top + side))

    return {
        "drawn lesions": drawn,
        "bare skin cut from photographs": skin,
        "pages of text": text,
        "coloured patches": patches,
        "noise": lambda rng, i: Image.fromarray(rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)),
        "everyday photographs": other,
        "red and blue exchanged": lambda rng, i: Image.fromarray(np.asarray(photograph(i))[..., ::-1].copy()),
        "negatives": lambda rng, i: Image.fromarray(255 - np.asarray(photograph(i))),
        "without colour": lambda rng, i: photograph(i).convert("L").convert("RGB"),
        "blurred beyond recognition": lambda rng, i: photograph(i).filter(ImageFilter.GaussianBlur(8)),
    }
