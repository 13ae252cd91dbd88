"""The optimiser's side of training: batches, loss, schedule and averaged weights. Imports torch."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from dermdash.classifier.augmentation import Augmentation
from dermdash.classifier.networks import Network, build_network
from dermdash.classifier.resnet import ResNet
from dermdash.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is optimised.

    ``balance``: "sampling" draws rare classes more often and takes the rest of the imbalance out of the loss,
    "loss" weights the loss by inverse class frequency, "none" leaves the classes as frequent as they are.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    balance: str = "sampling"
    label_smoothing: float = 0.05
    weight_decay: float = 0.05


class TrainingRun:
    """The state of one training run: data, network, optimiser, schedule and averaged weights.

    All randomness of an epoch comes from the seed and the epoch's number, so a run continued from the state
    after an epoch (``state``, ``restore``) takes the same steps as one that was never interrupted.
    """

    def __init__(
        self,
        network: Network,
        squares: NDArray[np.uint8],
        targets: NDArray[np.int64],
        class_count: int,
        recipe: Recipe,
        device: str,
    ) -> None:
        self.device = device
        self.recipe = recipe
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(network).eval().requires_grad_(False)
        self.images = torch.from_numpy(squares).permute(0, 3, 1, 2).contiguous().to(device)
        self.targets = torch.from_numpy(targets)
        self.batch_size = min(recipe.batch_size, len(targets))
        self.steps = max(1, len(targets) // self.batch_size)
        counts = np.bincount(targets, minlength=class_count).astype(np.float64)
        share, adjustment, weight = _class_balance(counts, recipe.balance)
        self.weights = torch.from_numpy(share[targets])
        self.adjustment = torch.from_numpy(adjustment.astype(np.float32)).to(device)
        self.class_weights = torch.from_numpy(weight.astype(np.float32)).to(device)
        decay = [p for p in network.parameters() if p.ndim > 1]
        plain = [p for p in network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decay, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=recipe.learning_rate,
            fused=True,
        )
        in_all = self.steps * recipe.epochs + 1
        # Of five steps a fifth ends where it begins, and the schedule divides by its length.
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, max_lr=recipe.learning_rate, total_steps=in_all, pct_start=0.25 if in_all == 5 else 0.2
        )
        self.generator = torch.Generator()
        self.augmentation = Augmentation(recipe.seed)
        # Depthwise convolutions have no fast bfloat16 kernel on a CPU: there it would slow them down.
        self.half = _bfloat16_is_fast(device) and (device != "cpu" or isinstance(network, ResNet))
        self.taken = 0
        self.loss = math.nan

    def epoch(self, number: int, size: int) -> Iterator[int]:
        """Take the steps of epoch ``number`` (from 1) at that resolution; yields the step, from 1, after each."""
        self.network.train()
        seed = self.recipe.seed * 100_003 + number
        self.generator.manual_seed(seed)
        # Dropout and stochastic depth draw from torch's own generators.
        torch.manual_seed(seed)
        drawn = torch.multinomial(
            self.weights, self.steps * self.batch_size, replacement=True, generator=self.generator
        )
        for step, index in enumerate(drawn.split(self.batch_size), start=1):
            views = self.augmentation(self.images[index.to(self.device)], size=size, generator=self.generator)
            with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.half):
                logits = self.network(views)
            loss = functional.cross_entropy(
                logits.float() + self.adjustment,
                self.targets[index].to(self.device),
                weight=self.class_weights,
                label_smoothing=self.recipe.label_smoothing,
            )
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            self.schedule.step()
            self._average()
            value = float(loss.detach())
            if not math.isfinite(value):
                raise InvalidInput(
                    f"training diverged at step {self.taken}: the loss is {value}; lower the learning rate"
                )
            self.loss = value if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * value
            yield step

    def state(self) -> dict[str, Any]:
        """Return everything that ``restore`` needs to go on: tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "taken": self.taken,
            "loss": self.loss,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a ``state`` of a run of the same data and recipe."""
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.taken, self.loss = state["taken"], state["loss"]

    def _average(self) -> None:
        self.taken += 1
        # Early weights are forgotten quickly, so that short runs are not held back by the random start.
        keep = min(0.995, (1 + self.taken) / (10 + self.taken))
        with torch.no_grad():
            for mean, value in zip(
                self.averaged.state_dict().values(), self.network.state_dict().values(), strict=True
            ):
                if mean.is_floating_point():
                    mean.lerp_(value, 1 - keep)
                else:
                    mean.copy_(value)


def start_network(architecture: str, class_count: int, seed: int, initial: dict[str, Tensor] | None) -> Network:
    """Return a network initialised by the seed, then by the entries of ``initial`` that fit."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network(architecture, class_count=class_count)
    if initial is not None:
        own = network.state_dict()
        network.load_state_dict(
            {k: v for k, v in initial.items() if k in own and v.shape == own[k].shape}, strict=False
        )
    return network


def _class_balance(
    counts: NDArray[np.float64], balance: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return, per class: weight with which its images are drawn, addition to the logits, weight in the loss."""
    present = counts > 0
    ones = np.ones_like(counts)
    if balance == "sampling":
        # Rare classes are drawn more often (square root of their share) and the rest of the imbalance is
        # taken out of the loss: drawing df as often as nv would show the same 60 images again and again.
        sampled = np.sqrt(counts) / np.sqrt(counts).sum()
        # A class without images is left as it is, so that the network learns never to name it.
        adjustment = np.log(np.where(present, sampled * present.sum(), 1.0))
        return 1.0 / np.sqrt(np.maximum(counts, 1.0)), adjustment, ones
    if balance == "loss":
        weight = np.where(present, counts.sum() / (np.maximum(counts, 1.0) * present.sum()), 1.0)
        return ones, np.zeros_like(counts), weight
    if balance == "none":
        return ones, np.zeros_like(counts), ones
    raise InvalidInput(f"unknown class balance {balance!r}: expected sampling, loss or none")


def _bfloat16_is_fast(device: str) -> bool:
    """Whether the machine multiplies bfloat16 natively; emulated, it is slower than float32."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
