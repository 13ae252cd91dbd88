"""Classifier files: weights as safetensors with everything needed to use them again in the header.

No pickle is ever executed: ``.safetensors`` holds plain numbers, and a ``.pt`` state dict is read with
``torch.load(weights_only=True)``.

- ``save_checkpoint(path, classifier, half_precision=False) -> sha256``
- ``load_checkpoint(path) -> Classifier``
- ``load_state_dict_file(path, architecture=..., taxonomy=..., input_size=...) -> Classifier`` for published
  weights
- ``read_state_dict(path) -> dict of tensors`` to start training from
- ``with_temperature(classifier, temperature) -> Classifier`` with calibrated probabilities
- ``read_metadata(path) -> CheckpointMetadata`` without torch
- ``checkpoint_sha256(path)``: the model's identity in the database
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dermdash.classifier.architectures import ARCHITECTURES
from dermdash.classifier.preprocessing import PREPROCESSING
from dermdash.errors import InvalidCheckpoint, InvalidInput, NotFound
from dermdash.records.chosen_records import KeptFilter, check_kept
from dermdash.records.taxonomy import get_taxonomy
from dermdash.whole_files import whole_file
from dermdash.wording import counted

if TYPE_CHECKING:
    from torch import Tensor

    from dermdash.classifier.networks import Network

_HEADER_KEY = "dermdash"
_LONGEST_NOTE = 2000
_LONGEST_FILTER = 20_000
_LARGEST_METRIC = 1e12
_FORMAT = 1


def lesion_digest(lesion_id: str) -> str:
    """Return the 16 hex digits by which a checkpoint remembers a lesion without naming it."""
    return hashlib.sha256(lesion_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class CheckpointMetadata:
    """What a model is and where it comes from.

    ``training_lesions`` are digests (``lesion_digest``) of the lesions seen in training, so that a shared
    model tells whether it knows a lesion without carrying identifiers. ``metrics`` are figures on the
    held-out lesions (0..1). ``training_known`` is False for weights from elsewhere, whose training lesions
    nobody listed. ``simulated``: it was trained on drawn lesions, so that it says nothing about photographs; a file
    without the word is of real ones. ``dataset``: name of the data set it was trained on, empty where nobody said.
    ``record_filter``: which of its records were used, as `dermdash.records.chosen_records` keeps a filter; empty: all.
    """

    architecture: str
    taxonomy: str
    class_codes: tuple[str, ...]
    input_size: int
    preprocessing: str = PREPROCESSING
    training_lesions: tuple[str, ...] = ()
    training_known: bool = True
    seed: int | None = None
    epochs: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    simulated: bool = False
    dataset: str = ""
    record_filter: KeptFilter = field(default_factory=dict)

    @property
    def training_data_sha256(self) -> str:
        """Hash of the sorted training lesions: equal for models trained on the same lesions."""
        return hashlib.sha256("\n".join(sorted(self.training_lesions)).encode()).hexdigest()

    def trained_on(self, lesion_ids: Iterable[str]) -> set[str]:
        """Return those of ``lesion_ids`` that the model saw in training."""
        known = set(self.training_lesions)
        return {lesion for lesion in lesion_ids if lesion_digest(lesion) in known}


@dataclass(frozen=True, slots=True)
class Classifier:
    """A network in evaluation mode with its metadata; the network's outputs are in the order of class_codes."""

    network: Network
    metadata: CheckpointMetadata


def with_temperature(classifier: Classifier, temperature: float) -> Classifier:
    """Return a classifier whose logits are divided by a temperature: the same answers, other certainty.

    Above 1 the probabilities become less certain (Guo et al., ICML 2017). The division is put into the last layer,
    so whatever uses the network sees the calibrated outputs. Raises InvalidInput on a temperature that is not positive.
    """
    import copy
    import math

    import torch

    if not math.isfinite(temperature) or temperature <= 0:
        raise InvalidInput(f"a temperature is a positive number, not {temperature}")
    network = copy.deepcopy(classifier.network)
    with torch.no_grad():
        network.head.weight.div_(temperature)
        network.head.bias.div_(temperature)
    known = float(classifier.metadata.metrics.get("temperature", 1.0))
    metrics = {**classifier.metadata.metrics, "temperature": known * temperature}
    return replace(classifier, network=network, metadata=replace(classifier.metadata, metrics=metrics))


def save_checkpoint(path: Path, classifier: Classifier, *, half_precision: bool = False) -> str:
    """Write a classifier as safetensors, atomically, and return the file's sha256.

    ``half_precision`` stores the weights as float16: half the size, probabilities change by about 0.001.
    """
    import torch
    from safetensors.torch import save_file

    tensors = {}
    for name, tensor in classifier.network.state_dict().items():
        if half_precision and tensor.dtype == torch.float32 and "running_" not in name:
            # Running variances can exceed what float16 holds; they are tiny, so they stay.
            tensor = tensor.half()
        tensors[name] = tensor.detach().cpu().contiguous()
    header = {"format": _FORMAT, **asdict(classifier.metadata)}
    # A model of all records stays the same file, byte by byte, as before there were filters.
    if not header["record_filter"]:
        del header["record_filter"]
    with whole_file(path) as passing:
        save_file(tensors, passing, metadata={_HEADER_KEY: json.dumps(header, sort_keys=True)})
    return checkpoint_sha256(path)


def read_metadata(path: Path) -> CheckpointMetadata:
    """Read a checkpoint's metadata without its weights; raises InvalidCheckpoint or NotFound."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise NotFound(f"no model file at {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise InvalidCheckpoint(
            f"{path.name} is not a safetensors file ({error}); give a model written by dermdash train, or a .pt "
            "state dict together with its architecture"
        ) from error
    if _HEADER_KEY not in header:
        raise InvalidCheckpoint(
            f"{path.name} carries no dermdash metadata; load it as plain weights and name its architecture"
        )
    return _parse_metadata(path.name, header[_HEADER_KEY])


def load_checkpoint(path: Path, *, taxonomy: str | None = None, device: str = "cpu") -> Classifier:
    """Load a checkpoint written by ``save_checkpoint``.

    Parameters
    ----------
    path
        A ``.safetensors`` file.
    taxonomy
        When given, the taxonomy the caller works with; another one is refused.
    device
        "cpu" or "cuda".

    Raises
    ------
    InvalidCheckpoint
        When the file is no checkpoint, misses or adds weights, has other classes, or holds values that are
        not finite.
    NotFound
        When there is no such file.
    """
    from safetensors.torch import load_file

    metadata = read_metadata(path)
    if taxonomy is not None and metadata.taxonomy != taxonomy:
        raise InvalidCheckpoint(f"{path.name} classifies {metadata.taxonomy}, but {taxonomy} is needed")
    return _assemble(path.name, load_file(path), metadata, device)


def load_state_dict_file(
    path: Path, *, architecture: str, taxonomy: str, input_size: int = 224, device: str = "cpu"
) -> Classifier:
    """Make a classifier of published weights (see ``read_state_dict``), whose class order is the taxonomy's.

    Raises
    ------
    InvalidCheckpoint
        When the file is no state dict, or does not fit the architecture or the number of classes.
    """
    metadata = CheckpointMetadata(
        architecture=architecture,
        taxonomy=taxonomy,
        class_codes=get_taxonomy(taxonomy).codes,
        input_size=input_size,
        training_known=False,
        note=f"weights from {path.name}",
    )
    return _assemble(path.name, read_state_dict(path), metadata, device)


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read named tensors from a ``.pt``/``.pth`` state dict or any ``.safetensors``, e.g. to start training from.

    A pickle that holds anything but tensors is refused, never executed. The prefix that parallel trainers add
    to names is removed.

    Raises
    ------
    InvalidCheckpoint
        When the file holds something else.
    NotFound
        When there is no such file.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise NotFound(f"no model file at {path}")
    try:
        if path.suffix == ".safetensors":
            state: Any = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError,
        SafetensorError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
    ) as error:
        raise InvalidCheckpoint(
            f"{path.name} is not a plain state dict of tensors and was not executed; save it with "
            "torch.save(model.state_dict(), path)"
        ) from error
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InvalidCheckpoint(f"{path.name} is not a state dict: expected parameter names with tensors")
    for key, tensor in state.items():
        if not isinstance(key, str) or not _holds_its_numbers(tensor):
            raise InvalidCheckpoint(f"{path.name} is not a plain state dict: {str(key)[:60]!r} is no dense tensor")
    return {name.removeprefix("module."): tensor for name, tensor in state.items()}


def _holds_its_numbers(tensor: Tensor) -> bool:
    """Whether a tensor is dense and as large as it claims: a tiny file can claim gigabytes by repeating one number."""
    import torch

    if tensor.layout != torch.strided or tensor.device.type != "cpu":
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def checkpoint_sha256(path: Path) -> str:
    """Return the hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parse_metadata(name: str, text: str) -> CheckpointMetadata:
    try:
        raw = json.loads(text)
        known = {f.name for f in fields(CheckpointMetadata)}
        values = {key: value for key, value in raw.items() if key in known}
        values["class_codes"] = tuple(values["class_codes"])
        values["training_lesions"] = tuple(values.get("training_lesions", ()))
        metadata = CheckpointMetadata(**values)
        _check_types(metadata)
        expected = get_taxonomy(metadata.taxonomy).codes
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidInput) as error:
        raise InvalidCheckpoint(f"{name} has unusable metadata: {error}") from error
    if metadata.class_codes != expected:
        raise InvalidCheckpoint(
            f"{name} has the classes {', '.join(metadata.class_codes)}; {metadata.taxonomy} has {', '.join(expected)}"
        )
    if metadata.architecture not in ARCHITECTURES:
        raise InvalidCheckpoint(
            f"{name} has the unknown architecture {metadata.architecture!r}: known are {', '.join(ARCHITECTURES)}"
        )
    if metadata.preprocessing != PREPROCESSING:
        raise InvalidCheckpoint(
            f"{name} expects the preprocessing {metadata.preprocessing!r}, this version has {PREPROCESSING!r}"
        )
    if not isinstance(metadata.input_size, int) or not 32 <= metadata.input_size <= 1024:
        raise InvalidCheckpoint(f"{name} has input size {metadata.input_size!r}; expected 32 to 1024 px")
    return metadata


def _check_types(metadata: CheckpointMetadata) -> None:
    """Raise ValueError for what a page could not show later: a text where a figure is expected."""
    if not all(isinstance(lesion, str) for lesion in metadata.training_lesions):
        raise ValueError("training_lesions are not texts")
    if not isinstance(metadata.metrics, dict) or not isinstance(metadata.training_known, bool):
        raise ValueError("metrics or training_known is of the wrong kind")
    if not isinstance(metadata.simulated, bool):
        raise ValueError("simulated is neither true nor false")
    if not all(isinstance(code, str) for code in metadata.class_codes):
        raise ValueError("class_codes are not texts")
    if not isinstance(metadata.architecture, str) or not isinstance(metadata.taxonomy, str):
        raise ValueError("architecture or taxonomy is not a text")
    for name in ("note", "dataset"):
        value = getattr(metadata, name)
        if not isinstance(value, str) or len(value) > _LONGEST_NOTE:
            raise ValueError(f"{name} is no text of at most {_LONGEST_NOTE} characters")
    check_kept(metadata.record_filter)
    if len(json.dumps(metadata.record_filter)) > _LONGEST_FILTER:
        raise ValueError(f"record_filter is longer than {_LONGEST_FILTER} characters")
    for name in ("seed", "epochs"):
        value = getattr(metadata, name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63):
            raise ValueError(f"{name} is no whole number")
    for key, value in metadata.metrics.items():
        if value is None or isinstance(value, bool):
            continue
        # Bounded before it is compared as a float: an integer may be too large for one.
        if not isinstance(value, int | float) or not -_LARGEST_METRIC < value < _LARGEST_METRIC:
            raise ValueError(f"metric {str(key)[:40]} is no number of a sensible size")


def _assemble(name: str, state: dict[str, Tensor], metadata: CheckpointMetadata, device: str) -> Classifier:
    import torch

    from dermdash.classifier.networks import build_network, head_prefix

    network = build_network(metadata.architecture, class_count=len(metadata.class_codes))
    outputs = state.get(f"{head_prefix(network)}.weight")
    if outputs is not None and outputs.shape[:1] != (len(metadata.class_codes),):
        raise InvalidCheckpoint(
            f"{name} has {counted(outputs.shape[0], 'output')}, but {metadata.taxonomy} has "
            f"{counted(len(metadata.class_codes), 'class', 'classes')} ({', '.join(metadata.class_codes)})"
        )
    for key, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise InvalidCheckpoint(f"{name} holds values that are not finite in {key}: the training diverged")
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise InvalidCheckpoint(f"{name} does not fit {metadata.architecture}: {error}") from error
    network.eval()
    network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Classifier(network, metadata)
