"""What may be chosen for a training, with its defaults and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from dermdash.classifier.architectures import ARCHITECTURES
from dermdash.errors import InvalidInput
from dermdash.records.chosen_records import KeptFilter, check_kept

BALANCES = {
    "sampling": "rare classes drawn more often, the rest of the imbalance taken out of the loss",
    "loss": "loss weighted by inverse class frequency",
    "none": "classes as frequent as they are",
}
IMAGENET = "imagenet"
"""As ``TrainingSettings.initial``: published weights, downloaded by the job."""
DEVICES = ("auto", "cpu", "cuda")
MAX_REPEATS = 20
MAX_FOLDS = 20


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Settings of a training; docs/training.md explains each.

    ``repeats`` trainings with the seeds ``seed``, ``seed + 1``, ... on one split, or (``folds`` of 2 or more) one
    training per fold. ``initial``: id of a model, or path of a weights file, to start from; ``initial_unseen`` states
    that the weights of a file have seen no dermatoscopic image. ``threads`` 0: as many as torch takes by itself.
    ``split``: name of a split, which says what is trained on and held out; its test part is not used. Empty: what is
    held out is drawn. ``record_filter``: the records of the data set to use, kept as `dermdash.records.chosen_records`
    says; empty: all.
    """

    dataset_id: str
    name: str = ""
    architecture: str = "resnet34"
    input_size: int = 96
    epochs: int = 24
    batch_size: int = 64
    learning_rate: float = 2e-3
    balance: str = "sampling"
    patience: int | None = None
    measure_every: int = 4
    seed: int = 2020
    repeats: int = 1
    folds: int = 0
    held_out_fraction: float = 0.2
    device: str = "auto"
    threads: int = 0
    initial: str = ""
    initial_unseen: bool = False
    split: str = ""
    record_filter: KeptFilter = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "record_filter", check_kept(self.record_filter))
        _one_of("architecture", self.architecture, ARCHITECTURES)
        _one_of("balance", self.balance, BALANCES)
        _one_of("device", self.device, DEVICES)
        _within("input size", self.input_size, 32, 1024)
        _within("epochs", self.epochs, 1, 10_000)
        _within("batch size", self.batch_size, 2, 4096)
        _within("learning rate", self.learning_rate, 1e-7, 1.0)
        _within("measurements every so many epochs", self.measure_every, 1, 10_000)
        if self.patience is not None:
            _within("patience", self.patience, 1, 10_000)
        _within("seed", self.seed, 0, 2**31 - 1 - MAX_REPEATS)
        _within("number of repeats", self.repeats, 1, MAX_REPEATS)
        _within("number of threads", self.threads, 0, 1024)
        _within("share held out", self.held_out_fraction, 0.01, 0.9)
        if self.folds != 0:
            _within("number of folds", self.folds, 2, MAX_FOLDS)
        if self.folds and self.repeats > 1:
            raise InvalidInput(
                "choose folds or repeats, not both: train the folds again with another seed to see how they vary"
            )

    @property
    def title(self) -> str:
        """The name given, or one made of architecture and data set."""
        return self.name or f"{self.architecture} on {self.dataset_id}"


def settings_of(values: Mapping[str, Any]) -> TrainingSettings:
    """Settings from the JSON of a job; raises TypeError or InvalidInput where they are none."""
    known = {f.name for f in fields(TrainingSettings)}
    return TrainingSettings(**{key: value for key, value in values.items() if key in known})


def _one_of(what: str, value: str, known: Any) -> None:
    if value not in known:
        raise InvalidInput(f"unknown {what} {value!r}: expected one of {', '.join(known)}")


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidInput(f"{what} {value:g}: expected {low:g} to {high:g}")
