"""Weights to start a training from: read without executing anything, and refused when they do not fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dermdash.classifier.checkpoints import read_metadata, read_state_dict
from dermdash.errors import InvalidCheckpoint
from dermdash.wording import percent

if TYPE_CHECKING:
    from torch import Tensor

_FITTING = 0.5
"""Share of the parameters outside the head that must fit; published files of one network fit in full."""


@dataclass(frozen=True, slots=True)
class InitialKnowledge:
    """What is known of the lesions the weights have seen: their digests, and whether these are all."""

    training_lesions: tuple[str, ...] = ()
    training_known: bool = False


def read_knowledge(path: Path) -> InitialKnowledge:
    """Read from a weights file what it trained on; a file that is no dermdash checkpoint does not say. No torch."""
    if path.suffix != ".safetensors":
        return InitialKnowledge()
    try:
        metadata = read_metadata(path)
    except InvalidCheckpoint:
        return InitialKnowledge()
    return InitialKnowledge(metadata.training_lesions, metadata.training_known)


def read_initial_weights(path: Path, *, architecture: str, class_count: int) -> dict[str, Tensor]:
    """Read the tensors of a file to start training an architecture from.

    A head for other classes does not matter: it is left out and learnt anew.

    Raises
    ------
    InvalidCheckpoint
        The file is no state dict of finite tensors, or made for another architecture.
    NotFound
        There is no such file.
    """
    from dermdash.classifier.networks import build_network, head_prefix

    state = read_state_dict(path)
    network = build_network(architecture, class_count=class_count)
    head = head_prefix(network)
    fitting = total = 0
    for name, parameter in network.named_parameters():
        if name.startswith(f"{head}."):
            continue
        total += parameter.numel()
        if name in state and state[name].shape == parameter.shape:
            fitting += parameter.numel()
    if fitting < _FITTING * total:
        raise InvalidCheckpoint(
            f"{path.name} does not fit {architecture}: {percent(fitting / total, 0)} of its weights have a place "
            "there. Choose the architecture that the weights were made for"
        )
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise InvalidCheckpoint(f"{path.name} holds values that are not finite in {name}")
    return state
