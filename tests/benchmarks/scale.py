"""Time and memory of the checks at 5,984, 20,000 and 100,000 images.

What works on tables, and what compares all images with all, is done at full size: records are entered without files,
and hashes, features and descriptors are made directly. Descriptors are drawn from those of real images (synthetic ones
where none lie beside the checkout), so that the cells of the vocabulary are as full as they would be. Votes of
descriptors are cast in equal rounds of 4,000 images, of which the largest size does one. What looks at one image or one
pair takes the same time whatever their number: it is measured on a sample, per piece.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdash.analysis import label_errors
from dermdash.dataset import descriptor_index
from dermdash.dataset.descriptor_index import Candidates, DescriptorIndex, Vocabulary
from dermdash.dataset.geometric_match import match_images
from dermdash.dataset.image_looks import CUES, look_at
from dermdash.dataset.image_pairs import joined, pairs_of
from dermdash.dataset.local_descriptors import LocalDescriptors, describe_image
from dermdash.dataset.near_duplicates import DuplicateCandidate, align, find_candidates
from dermdash.dataset.off_topic import unlike_the_others
from dermdash.dataset.same_lesion import nearest_by_features
from dermdash.dataset.synthetic import paint_lesion
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.make_split import make_split
from dermdash.workflows.dataset.split_plan import SplitPlan, read_shares
from dermdash.workflows.findings.run_checks import run_checks
from dermdash.workflows.lesion_identity.candidate_pairs import PER_IMAGE, by_hash
from tests.benchmarks.figures import Figure
from tests.benchmarks.made_images import made_images
from tests.benchmarks.samples import SHARED_DATA, add_records, name_images

NAME = "scale"
SIZES = (5_984, 20_000, 100_000)
_TABLES = ("contradictions", "field_values", "presence", "exact_duplicates", "quality_outliers", "split_leakage")
_DESCRIPTORS = 300
_DESCRIBED = 600
_MEMORY_MARK = Path("/proc/self/clear_refs")


def measure(*, quick: bool) -> list[Figure]:
    """All sizes, and 200 images (quick: 500 made ones, and 10)."""
    figures = [
        figure for n in ((500,) if quick else SIZES) for figure in [*tables(n), *arrays(n), *votes(n), *together(n)]
    ]
    return [*figures, *pieces(10 if quick else 200)]


def tables(n: int) -> Iterator[Figure]:
    """Checks of records; a split is made first, for its leaks."""
    with tempfile.TemporaryDirectory(prefix="dermdash-bench-") as folder:
        workspace = open_workspace(Settings(home=Path(folder), database_url=""))
        try:
            # One image in fifty is of two records.
            add_records(workspace, count=n, images=name_images(workspace, count=n - n // 50), dataset_id="ham")
            make_split(workspace, OPERATOR, SplitPlan("bench", read_shares("80/20"), 1, ("ham",)))
            for check in _TABLES:
                yield _timed(f"check {check}, {n:,}", partial(_checked, workspace, check))
        finally:
            workspace.close()


def _checked(workspace: Workspace, check: str) -> None:
    (report,) = run_checks(workspace, OPERATOR, checks=(check,), dataset_id="ham").checks
    if report.could_not:
        raise RuntimeError(f"{check}: {report.problem}")


def arrays(n: int) -> Iterator[Figure]:
    """What compares all images with all by hashes and features."""
    forms, parts, features, labels = made_images(np.random.default_rng(0), n)
    everyone = np.ones(n, np.bool_)
    phashes = [f"{value:016x}" for value in forms[:, 0].tolist()]
    work: dict[str, Callable[[], object]] = {
        "near duplicates: candidates": lambda: find_candidates(forms, parts),
        "pictures of another kind": lambda: unlike_the_others(features[:, : len(CUES)]),
        "label errors, 256 features": lambda: label_errors.out_of_fold_probabilities(
            features, labels, np.arange(n) // 2
        ),
        "same lesion: neighbours by 256 features": lambda: nearest_by_features(features, everyone, 12),
        "same lesion: neighbours by hash": lambda: by_hash(phashes, everyone),
    }
    for what, do in work.items():
        yield _timed(f"{what}, {n:,}", do)


class _Drawn:
    """Images of 300 descriptors each, drawn at random from those of a few; with their cells."""

    def __init__(self, n: int, pool: NDArray[np.uint8], cells: NDArray[np.int16]) -> None:
        self._n, self._pool, self._cells = n, pool, cells

    def _of(self, image: int) -> NDArray[np.int64]:
        return np.random.default_rng(image).integers(len(self._pool), size=_DESCRIPTORS)

    def __iter__(self) -> Iterator[LocalDescriptors]:
        rng = np.random.default_rng(1)
        for image in range(self._n):
            points = rng.uniform((0, 0, 2, 0), (224, 224, 30, 360), (_DESCRIPTORS, 4)).astype(np.float32)
            yield LocalDescriptors(points, self._pool[self._of(image)], 224, 224)

    def cells(self) -> list[NDArray[np.int16]]:
        """Of each image."""
        return [self._cells[self._of(image)] for image in range(self._n)]


def votes(n: int) -> Iterator[Figure]:
    """The vocabulary, sorting into its cells, the index of all, votes of 4,000 images among all."""
    described = [describe_image(pixels) for pixels in _pictures(min(n, _DESCRIBED))]
    pool = np.concatenate([image.vectors for image in described])
    made: list[Vocabulary] = []
    no_cells = np.empty((len(pool), 0), np.int16)
    yield _timed(
        f"same lesion: vocabulary, {n:,}",
        lambda: made.append(Vocabulary.learn(_Drawn(n, pool, no_cells), n * _DESCRIPTORS)),
    )
    (vocabulary,) = made
    sorted_in: list[NDArray[np.int16]] = []
    yield _timed(
        f"same lesion: into {len(vocabulary.centres):,} cells, {len(described):,} images of {n:,}",
        lambda: sorted_in.append(vocabulary.cells_of(vocabulary.project(pool))),
    )
    drawn = _Drawn(n, pool, sorted_in[0])
    kept: list[DescriptorIndex] = []
    yield _timed(f"same lesion: index, {n:,}", lambda: kept.append(DescriptorIndex(vocabulary, drawn, drawn.cells())))
    asking = np.zeros(n, np.bool_)
    asking[: descriptor_index._IMAGES_PER_ROUND] = True
    yield _timed(
        f"same lesion: votes of {int(asking.sum()):,} images, {n:,}",
        lambda: kept[0].candidates(asking, per_image=PER_IMAGE),
    )


def together(n: int) -> Iterator[Figure]:
    """What all rounds of votes have found, made one list."""
    yield _timed(f"same lesion: candidates of all rounds together, {n:,}", partial(_together, n))


def _together(n: int) -> None:
    """As many pairs as all rounds find, 300 for each image, then those that stay, with as many by facts."""
    rng = np.random.default_rng(2)
    per_image = descriptor_index._BREADTH * PER_IMAGE
    parts = []
    for start in range(0, n, 500):
        first = np.repeat(np.arange(start, min(n, start + 500)), per_image)
        second = (first + rng.integers(1, n, len(first))) % n
        low, high = np.minimum(first, second).astype(np.int32), np.maximum(first, second).astype(np.int32)
        parts.append(Candidates(low, high, rng.random(len(first))))
    best = Candidates.joined(parts).best_of_either(np.ones(n, np.bool_), PER_IMAGE)
    del parts
    first = np.repeat(np.arange(n), 20)
    joined(pairs_of(best.first, best.second), pairs_of(first, (first + rng.integers(1, n, len(first))) % n))


def pieces(count: int) -> Iterator[Figure]:
    """What an image or a pair costs, whatever their number."""
    pictures = list(_pictures(count))
    described = [describe_image(pixels) for pixels in pictures]
    axes = Vocabulary.learn(described, sum(map(len, described)))
    projected = [axes.project(image.vectors) for image in described]
    neighbours = [(i, (i + step) % count) for i in range(count) for step in (1, 2, 3, 4)]
    work: dict[str, tuple[int, Callable[[], object]]] = {
        "look at an image": (count, lambda: [look_at(pixels) for pixels in pictures]),
        "describe an image": (count, lambda: [describe_image(pixels) for pixels in pictures]),
        "align a candidate for near duplicates": (
            len(neighbours),
            lambda: [align(pictures[i], pictures[j], DuplicateCandidate(i, j, 0, 0, 0)) for i, j in neighbours],
        ),
        "compare a pair of images": (
            len(neighbours),
            lambda: [
                match_images(described[i], described[j], projected=(projected[i], projected[j])) for i, j in neighbours
            ],
        ),
    }
    for what, (pieces_of, do) in work.items():
        started = time.process_time()
        do()
        spent = 1000 * (time.process_time() - started) / pieces_of
        yield Figure(NAME, what, spent, "ms", f"processor time, {pieces_of:,} of them")


def _pictures(count: int) -> Iterator[NDArray[np.uint8]]:
    cv2.setNumThreads(1)
    folder = SHARED_DATA / "ham10000" / "images"
    if folder.is_dir():
        for path in sorted(folder.iterdir())[:count]:
            yield np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)
        return
    rng = np.random.default_rng(3)
    for i in range(count):
        yield paint_lesion(dx=("nv", "mel", "bcc", "bkl")[i % 4], size=(224, 224), rng=rng)[0]


def _timed(what: str, do: Callable[[], object]) -> Figure:
    """Processor time, and the most memory that the process held meanwhile."""
    if _MEMORY_MARK.exists():
        _MEMORY_MARK.write_text("5")  # Linux begins to count the peak anew
    before, started = _memory("VmRSS"), time.process_time()
    do()
    seconds = time.process_time() - started
    return Figure(
        NAME, what, seconds, "s", f"processor time; memory {before:,.0f} MB before, {_memory('VmHWM'):,.0f} at most"
    )


def _memory(which: str) -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith(which))
    return int(line.split()[1]) / 1024
