"""Which images share unusual local structure: every descriptor votes for the images of its nearest others.

A plain comparison of all 1.8 million descriptors of 6,000 images would take an hour. They are therefore sorted into the
cells of a vocabulary (k-means), and each descriptor is compared only with those in its nearest cells. A vote weighs by
how much nearer the match is than the neighbourhood beyond it (local naive Bayes nearest neighbour, McCann and Lowe,
CVPR 2012): hair, ruler marks and gel bubbles look alike everywhere, so they have many equally near neighbours and
hardly vote. Only votes that agree on rotation and zoom are added up (weak geometric consistency, Jégou et al., 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdash.dataset.local_descriptors import LENGTH, LocalDescriptors, unit_vectors

CELLS_LOOKED_INTO = 4
_NEIGHBOURS = 3  # per cell
_PER_CELL = 440
_LARGEST_VOCABULARY = 8192
_SAMPLE = 60_000
_DIMENSIONS = 48
_ITERATIONS = 5
_SCORES_AT_ONCE = 8_000_000
"""Similarities of descriptors in one matrix: what fits into the caches of a processor is searched sooner."""
_STEPS = 32_767
"""Components of unit vectors are kept as whole numbers of so many steps: half the memory, and what two of them differ
in is below a ten-thousandth."""
_TURNS = 12
_OCTAVES = 9
_IMAGES_AT_ONCE = 500
_IMAGES_PER_ROUND = 4000  # what is found for all of them at once takes half a gigabyte
_PAIRS_AT_ONCE = 1_000_000
_BREADTH = 3  # of what each image votes for, before each keeps the best it is in


@dataclass(frozen=True, slots=True)
class DescriptorProjection:
    """The way from descriptors to fewer dimensions.

    Attributes
    ----------
    mean, axes
        float32 (128,) and (128, d): where the projection starts, and its directions of most variance.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]

    def project(self, vectors: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return packed descriptors (n, 128) as unit vectors (n, d)."""
        return _unit((unit_vectors(vectors) - self.mean) @ self.axes)


@dataclass(frozen=True, slots=True)
class Vocabulary(DescriptorProjection):
    """Cells of descriptor space.

    Attributes
    ----------
    centres
        float32 (k, d), of length 1: the centre of every cell.
    """

    centres: NDArray[np.float32]

    @classmethod
    def learn(cls, images: Iterable[LocalDescriptors], total: int) -> Vocabulary:
        """Learn cells of about 440 descriptors; the same images in the same order give the same vocabulary.

        ``total``: how many descriptors they have; the images are gone through once.
        """
        rng = np.random.default_rng(2020)
        share = min(1.0, _SAMPLE / max(1, total))
        picked = [image.vectors[rng.random(len(image)) < share] for image in images]
        sample = unit_vectors(np.concatenate(picked)) if picked else np.empty((0, LENGTH), np.float32)
        dimensions = min(_DIMENSIONS, LENGTH)
        if len(sample) == 0:
            return cls(np.zeros(LENGTH, np.float32), np.eye(LENGTH, dimensions, dtype=np.float32), _first(dimensions))
        mean = sample.mean(axis=0)
        centred = sample - mean
        _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        axes = np.ascontiguousarray(axes[:, ::-1][:, :dimensions], dtype=np.float32)
        points = _unit(centred @ axes)
        cells = int(min(_LARGEST_VOCABULARY, len(points) // 8, max(1, total // _PER_CELL)))
        if cells <= 1:
            return cls(mean, axes, _first(dimensions))
        centres = points[rng.choice(len(points), cells, replace=False)]
        for _ in range(_ITERATIONS):
            nearest = _nearest(points, centres, 1)[:, 0]
            order = np.argsort(nearest, kind="stable")
            starts = np.flatnonzero(np.r_[True, np.diff(nearest[order]) > 0])
            sums = np.add.reduceat(points[order], starts, axis=0)
            centres = centres.copy()
            centres[nearest[order][starts]] = _unit(sums)
        return cls(mean, axes, centres)

    def cells_of(self, points: NDArray[np.float32]) -> NDArray[np.int16]:
        """Return the nearest cells (n, 4; fewer in a small vocabulary) of projected descriptors, nearest first."""
        return _nearest(points, self.centres, min(CELLS_LOOKED_INTO, len(self.centres))).astype(np.int16)


def _first(dimensions: int) -> NDArray[np.float32]:
    return np.eye(1, dimensions, dtype=np.float32)


def _unit(points: NDArray[np.floating]) -> NDArray[np.float32]:
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.maximum(norms, 1e-9), dtype=np.float32)


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The `count` nearest centres of each point, nearest first."""
    found = np.empty((len(points), count), dtype=np.int64)
    at_once = max(1, _SCORES_AT_ONCE // len(centres))
    for start in range(0, len(points), at_once):
        scores = points[start : start + at_once] @ centres.T
        _take_best(scores, count, found[start : start + at_once], None)
    return found


def _take_best(
    scores: NDArray[np.float32], count: int, columns: NDArray[np.int64], values: NDArray[np.float32] | None
) -> None:
    """Write the columns of the `count` largest scores of each row, largest first; scores are used up."""
    # Repeated argmax passes are vectorised and cost a tenth of a partition at these widths.
    rows = np.arange(len(scores))
    for k in range(count):
        best = scores.argmax(axis=1)
        columns[:, k] = best
        if values is not None:
            values[:, k] = scores[rows, best]
        scores[rows, best] = -2.0


def _by_cell(cells: NDArray[np.int16], count: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Positions in order of their cells, and where each of so many cells begins, with the end of the last."""
    ends = np.cumsum(np.bincount(cells, minlength=count))
    return np.argsort(cells, kind="stable").astype(np.int32), np.concatenate([[0], ends])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of images by their positions, those with most votes first.

    Attributes
    ----------
    first, second
        int32 (n,), first < second, each pair once.
    votes
        float64 (n,): votes that agree (higher = more alike).
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    votes: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.votes)

    @classmethod
    def in_a_row(cls, parts: Iterable[Candidates]) -> Candidates:
        """The pairs of all parts as they are."""
        every = list(parts)
        return cls(
            np.concatenate([np.empty(0, np.int32), *(part.first for part in every)]),
            np.concatenate([np.empty(0, np.int32), *(part.second for part in every)]),
            np.concatenate([np.empty(0), *(part.votes for part in every)]),
        )

    @classmethod
    def joined(cls, parts: Sequence[Candidates]) -> Candidates:
        """The pairs of all parts in order, each with the most votes it has anywhere."""
        codes = ((part.first.astype(np.int64) << 32) | part.second for part in parts)
        code = np.concatenate([np.empty(0, np.int64), *codes])
        votes = np.concatenate([np.empty(0), *(part.votes for part in parts)])
        order = np.lexsort((-votes, code))
        code, votes = code[order], votes[order]
        most = np.flatnonzero(np.diff(code, prepend=-1))
        code, votes = code[most], votes[most]
        order = np.lexsort((code, -votes))
        code = code[order]
        return cls((code >> 32).astype(np.int32), (code & 0xFFFFFFFF).astype(np.int32), votes[order])

    def best_of_either(self, asking: NDArray[np.bool_], per_image: int) -> Candidates:
        """Those among the first `per_image` of one of their images that ask.

        An image whose structure is common has many voters; what it votes for may still be the other image's best.
        """
        room = np.where(asking, per_image, 0).tolist()
        kept = np.zeros(len(self), np.bool_)
        for start in range(0, len(self), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            pairs = zip(self.first[part].tolist(), self.second[part].tolist(), strict=True)
            for place, (a, b) in enumerate(pairs, start):
                kept[place] = room[a] > 0 or room[b] > 0
                room[a] -= 1
                room[b] -= 1
        return self._taken(np.flatnonzero(kept))

    def _taken(self, places: NDArray[np.intp]) -> Candidates:
        return Candidates(self.first[places], self.second[places], self.votes[places])


KeptRounds = Callable[[int, Callable[[], Candidates]], Candidates]


class DescriptorIndex:
    """Descriptors of many images, sorted by cell.

    Parameters
    ----------
    vocabulary
        The cells.
    images
        Descriptors of each image, gone through once: not all of them need to be in memory.
    cells
        The nearest cells (n, 4) of each image's descriptors, from `Vocabulary.cells_of`.
    """

    def __init__(
        self, vocabulary: Vocabulary, images: Iterable[LocalDescriptors], cells: Sequence[NDArray[np.int16]]
    ) -> None:
        self._counts = np.array([len(of_image) for of_image in cells], dtype=np.int64)
        self._image = np.repeat(np.arange(len(cells), dtype=np.int32), self._counts)
        total, dimensions = int(self._counts.sum()), vocabulary.axes.shape[1]
        width = min(CELLS_LOOKED_INTO, len(vocabulary.centres))
        self._cells = np.concatenate([np.empty((0, width), np.int16), *cells])
        self._order, self._bounds = _by_cell(self._cells[:, 0], len(vocabulary.centres))
        # Vectors lie by cell, so that those of a cell are read in one go: they are read in every round.
        self._place = np.empty(total, np.int32)
        self._place[self._order] = np.arange(total, dtype=np.int32)
        self._points = np.empty((total, dimensions), np.int16)
        self._size = np.empty(total, np.float32)
        self._angle = np.empty(total, np.float32)
        end = 0
        for image in images:
            start, end = end, end + len(image)
            self._points[self._place[start:end]] = np.rint(_STEPS * vocabulary.project(image.vectors))
            self._size[start:end], self._angle[start:end] = image.points[:, 2], image.points[:, 3]

    def candidates(
        self,
        asking: NDArray[np.bool_],
        *,
        per_image: int,
        progress: Callable[[float], None] = lambda share: None,
        kept: KeptRounds = lambda _, cast: cast(),
    ) -> Candidates:
        """Return for each image that asks the `per_image` images its descriptors vote for most.

        Parameters
        ----------
        asking
            bool (n,): the images whose neighbours are wanted; all images may be found.
        per_image
            How many for each.
        progress
            Called with the share done (0 to 1).
        kept
            Is given the number of a round of images and what casts their votes, and returns what comes of that, now or
            as it was kept.
        """
        images = np.flatnonzero(asking)
        parts: list[Candidates] = []
        for number, start in enumerate(range(0, len(images), _IMAGES_PER_ROUND)):
            some = images[start : start + _IMAGES_PER_ROUND]

            def told(share: float, before: int = start, of: int = len(some)) -> None:
                progress((before + of * share) / len(images))

            def cast(some: NDArray[np.intp] = some, told: Callable[[float], None] = told) -> Candidates:
                return Candidates.in_a_row(self._voted_by(some, _BREADTH * per_image, told))

            parts.append(kept(number, cast))
        return Candidates.joined(parts).best_of_either(asking, per_image)

    def _voted_by(
        self, images: NDArray[np.intp], per_image: int, progress: Callable[[float], None]
    ) -> Iterator[Candidates]:
        asking = np.zeros(len(self._counts), np.bool_)
        asking[images] = True
        queries = np.flatnonzero(asking[self._image])
        neighbours, weights = self._neighbours(queries, progress)
        for start in range(0, len(images), _IMAGES_AT_ONCE):
            some = images[start : start + _IMAGES_AT_ONCE]
            rows = np.flatnonzero((self._image[queries] >= some[0]) & (self._image[queries] <= some[-1]))
            yield self._count_votes(queries[rows], neighbours[rows], weights[rows], per_image)

    def _neighbours(
        self, queries: NDArray[np.int64], progress: Callable[[float], None]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Nearest descriptors of other images for each query (m, 12), -1 for none, with the weight of each vote."""
        width, n_cells = self._cells.shape[1], len(self._bounds) - 1
        columns = width * _NEIGHBOURS
        found = np.full((len(queries), columns), -1, np.int32)
        similar = np.full((len(queries), columns), -2.0, np.float32)
        asked = [_by_cell(self._cells[queries, look], n_cells) for look in range(width)]
        for cell in range(n_cells):
            there = slice(self._bounds[cell], self._bounds[cell + 1])
            if there.stop > there.start:
                points = self._points[there].T.astype(np.float32) * np.float32(_STEPS**-2)
                for look, (order, bounds) in enumerate(asked):
                    part = order[bounds[cell] : bounds[cell + 1]]
                    self._search_cell(queries, part, self._order[there], points, look, found, similar)
            if cell % 64 == 0:
                progress(cell / n_cells)
        # The farthest of the neighbours stands for how near a chance match is here.
        nearest = np.argsort(-similar, axis=1, kind="stable")
        similar = np.take_along_axis(similar, nearest, axis=1)
        found = np.take_along_axis(found, nearest, axis=1)
        distance = np.sqrt(np.maximum(2 - 2 * similar, 0))
        weights = np.where(found >= 0, np.maximum(distance[:, -1:] - distance, 0), 0).astype(np.float32)
        return found, weights

    def _search_cell(
        self,
        queries: NDArray[np.int64],
        asked: NDArray[np.int32],
        there: NDArray[np.int32],
        points: NDArray[np.float32],
        look: int,
        found: NDArray[np.int32],
        similar: NDArray[np.float32],
    ) -> None:
        count, at_once = min(_NEIGHBOURS, len(there)), max(1, _SCORES_AT_ONCE // len(there))
        for start in range(0, len(asked), at_once):
            part = asked[start : start + at_once]
            rows = queries[part]
            scores = self._points[self._place[rows]].astype(np.float32) @ points
            scores[self._image[rows][:, None] == self._image[there]] = -2.0
            columns, values = np.empty((len(part), count), np.int64), np.empty((len(part), count), np.float32)
            _take_best(scores, count, columns, values)
            place = look * _NEIGHBOURS
            found[part, place : place + count] = np.where(values > -2, there[columns], -1)
            similar[part, place : place + count] = values

    def _count_votes(
        self, queries: NDArray[np.int64], found: NDArray[np.int32], weights: NDArray[np.float32], per_image: int
    ) -> Candidates:
        chosen = weights > 0
        asking = np.repeat(queries, chosen.sum(axis=1))
        answering, weight = found[chosen], weights[chosen]
        pair = self._image[asking].astype(np.int64) * len(self._counts) + self._image[answering]
        pairs, inverse = np.unique(pair, return_inverse=True)
        turn = (self._angle[asking] - self._angle[answering]) % 360 / (360 / _TURNS)
        octave = np.log2(self._size[asking] / self._size[answering]) + _OCTAVES // 2
        votes = np.zeros(len(pairs))
        # Two grids shifted by half a bin in each direction: what agrees falls into one bin of some grid.
        for turn_shift in (0.0, 0.5):
            for octave_shift in (0.0, 0.5):
                turns = np.floor(turn + turn_shift).astype(np.int64) % _TURNS
                octaves = np.clip(np.floor(octave + octave_shift), 0, _OCTAVES - 1).astype(np.int64)
                bins, of_bin = np.unique((inverse * _TURNS + turns) * _OCTAVES + octaves, return_inverse=True)
                np.maximum.at(votes, bins // (_TURNS * _OCTAVES), np.bincount(of_bin, weight))
        return self._best_of_each(pairs, votes, per_image)

    def _best_of_each(self, pairs: NDArray[np.int64], votes: NDArray[np.float64], per_image: int) -> Candidates:
        n = len(self._counts)
        image = pairs // n
        order = np.lexsort((pairs, -votes, image))
        starts = np.searchsorted(image[order], np.arange(n))
        rank = np.arange(len(order)) - starts[image[order]]
        kept = order[rank < per_image]
        one, other = pairs[kept] // n, pairs[kept] % n
        return Candidates(np.minimum(one, other).astype(np.int32), np.maximum(one, other).astype(np.int32), votes[kept])
