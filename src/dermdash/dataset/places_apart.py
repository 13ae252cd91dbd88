"""Files that have one path below several places that were named, told apart by the names of the places."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dermdash.dataset.source_entry import ImageEntry


def told_apart(below: Mapping[Path, list[ImageEntry]]) -> Iterator[ImageEntry]:
    """The files of all places, by paths that no two places share."""
    places: defaultdict[str, set[Path]] = defaultdict(set)
    for root, entries in below.items() if len(below) > 1 else ():
        for entry in entries:
            places[entry.relative].add(root)
    shared = {root for roots in places.values() if len(roots) > 1 for root in roots}
    called = Counter(map(_without_ending, shared))
    known = [bare if called[bare := _without_ending(root)] == 1 else root for root in shared]
    names = dict(zip(shared, shortest_names(known), strict=True))
    for root, entries in below.items():
        for entry in entries:
            yield replace(entry, relative=f"{names[root]}/{entry.relative}") if root in shared else entry


def _without_ending(root: Path) -> Path:
    """An archive as the folder that it counts as."""
    return root if root.is_dir() else root.with_suffix("")


def shortest_names(paths: Sequence[Path], others: Container[str] = ()) -> list[str]:
    """For each path its name, with as many folders before it as tell it from the other paths and the ``others``."""
    names = [path.name for path in paths]
    for length in range(2, max((len(path.parts) for path in paths), default=0) + 1):
        times = Counter(names)
        names = [
            "/".join(path.parts[-length:]).lstrip("/") if times[name] > 1 or name in others else name
            for path, name in zip(paths, names, strict=True)
        ]
    return names
