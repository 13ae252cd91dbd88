"""What a running training says: lines of `progress.jsonl`, the curves made of them, and the time left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdash.classifier.training import COARSE_SHARE, TrainingProgress, coarse_size
from dermdash.workflows.classifier.training.settings import TrainingSettings

FILE = "progress.jsonl"
STEP, DECODING, DOWNLOADING = "step", "decoding", "downloading"


@dataclass(frozen=True, slots=True)
class JobProgress:
    """One line: ``part`` counts from 0; ``step`` is set while training, ``done`` of ``total`` before it."""

    part: int
    kind: str
    step: TrainingProgress | None = None
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class TrainingCurves:
    """Of one part, in order of time: (step counted from the start, loss) and (epoch, mean recall, accuracy);
    ``steps`` are planned in all.
    """

    loss: tuple[tuple[int, float], ...]
    measured: tuple[tuple[int, float, float], ...]
    steps: int


class ProgressWriter:
    """Appends lines that are on the disk's way at once, behind whatever a killed process left."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        unfinished = path.is_file() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        self._file = path.open("a", encoding="utf-8")
        if unfinished:
            self._file.write("\n")

    def write(self, progress: JobProgress) -> None:
        """Append one line."""
        values: dict[str, Any] = {"part": progress.part, "kind": progress.kind}
        if progress.step is not None:
            step = progress.step
            values |= {name: getattr(step, name) for name in TrainingProgress.__dataclass_fields__}
        else:
            values |= {"done": progress.done, "total": progress.total}
        self._file.write(json.dumps(values) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_progress(folder: Path) -> list[JobProgress]:
    """Every readable line in order of time; what was trained again after an interruption stands once."""
    try:
        text = (folder / FILE).read_text("utf-8", errors="replace")
    except OSError:
        return []
    lines: dict[tuple[int, str, int, int], JobProgress] = {}
    for line in text.splitlines():
        found = _parse(line)
        if found is None:
            continue
        at = (found.step.epoch, found.step.step) if found.step is not None else (0, 0)
        key = (found.part, found.kind, *at)
        lines.pop(key, None)  # the later one takes its place at the end
        lines[key] = found
    return list(lines.values())


def _parse(line: str) -> JobProgress | None:
    try:
        values = json.loads(line)
        part, kind = int(values["part"]), str(values["kind"])
        if kind != STEP:
            return JobProgress(part, kind, done=int(values["done"]), total=int(values["total"]))
        step = TrainingProgress(**{name: values[name] for name in TrainingProgress.__dataclass_fields__})
        numbers = (step.epoch, step.epochs, step.step, step.steps, step.loss, step.seconds)
        if not all(isinstance(value, int | float) for value in numbers) or step.steps < 1:
            return None
        return JobProgress(part, kind, step)
    except (ValueError, KeyError, TypeError):
        return None


def curves(lines: Iterable[JobProgress], part: int) -> TrainingCurves:
    """The curves of one part."""
    steps = sorted((p.step for p in lines if p.part == part and p.step is not None), key=lambda s: (s.epoch, s.step))
    loss = tuple(((s.epoch - 1) * s.steps + s.step, s.loss) for s in steps)
    measured = tuple(
        (s.epoch, s.mean_recall, s.accuracy) for s in steps if s.mean_recall is not None and s.accuracy is not None
    )
    planned = steps[-1].epochs * steps[-1].steps if steps else 0
    return TrainingCurves(loss, measured, planned)


def share_done(progress: JobProgress, settings: TrainingSettings, parts: int) -> float:
    """How much of the whole job is done, 0..1, by computation and not by epochs: the first ones are cheaper."""
    own = 0.0 if progress.step is None else _cost_until(progress.step, settings) / _cost(settings)
    return min(1.0, (progress.part + own) / max(1, parts))


def seconds_left(lines: Sequence[JobProgress], settings: TrainingSettings, parts: int) -> float | None:
    """How long the job will take from its last measured step on; None before the first step."""
    last = next((line for line in reversed(lines) if line.step is not None), None)
    if last is None or last.step is None:
        return None
    done = _cost_until(last.step, settings)
    whole = _cost(settings)
    return last.step.seconds / done * (whole - done + (parts - 1 - last.part) * whole)


def _cost(settings: TrainingSettings) -> float:
    return sum(_epoch_cost(epoch, settings) for epoch in range(1, settings.epochs + 1))


def _cost_until(step: TrainingProgress, settings: TrainingSettings) -> float:
    before = sum(_epoch_cost(epoch, settings) for epoch in range(1, step.epoch))
    return before + _epoch_cost(step.epoch, settings) * step.step / step.steps


def _epoch_cost(epoch: int, settings: TrainingSettings) -> float:
    """Computation of an epoch, 1 at full resolution."""
    if epoch > COARSE_SHARE * settings.epochs:
        return 1.0
    return (coarse_size(settings.input_size) / settings.input_size) ** 2
