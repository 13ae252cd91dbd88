"""The optimiser's side of training: batches, loss, schedule and averaged weights. Imports torch."""

import copy
import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from dermdash.classifier.augmentation import augment
from dermdash.classifier.resnet import ResNet, build_resnet
from dermdash.errors import InvalidInput


class TrainingRun:
    """The state of one training run: data, network, optimiser, schedule and averaged weights."""

    def __init__(
        self,
        network: ResNet,
        squares: NDArray[np.uint8],
        targets: NDArray[np.int64],
        class_count: int,
        batch_size: int,
        epochs: int,
        learning_rate: float,
        seed: int,
        device: str,
    ) -> None:
        self.device = device
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(network).eval().requires_grad_(False)
        self.images = torch.from_numpy(squares).permute(0, 3, 1, 2).contiguous().to(device)
        self.targets = torch.from_numpy(targets)
        self.batch_size = min(batch_size, len(targets))
        self.steps = max(1, len(targets) // self.batch_size)
        counts = np.bincount(targets, minlength=class_count).astype(np.float64)
        # Rare classes are drawn more often (square root of their share) and the rest of the imbalance is
        # taken out of the loss: drawing df as often as nv would show the same 60 images again and again.
        sampled = np.sqrt(counts) / np.sqrt(counts).sum()
        self.weights = torch.from_numpy((1.0 / np.sqrt(np.maximum(counts, 1.0)))[targets])
        # A class without images is left as it is, so that the network learns never to name it.
        adjustment = np.log(np.where(counts > 0, sampled * np.count_nonzero(counts), 1.0))
        self.adjustment = torch.from_numpy(adjustment.astype(np.float32)).to(device)
        decay = [p for p in network.parameters() if p.ndim > 1]
        plain = [p for p in network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
            lr=learning_rate,
            fused=True,
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, max_lr=learning_rate, total_steps=self.steps * epochs + 1, pct_start=0.2
        )
        self.generator = torch.Generator().manual_seed(seed)
        self.half = _bfloat16_is_fast(device)
        self.taken = 0
        self.loss = math.nan

    def epoch(self, size: int) -> Iterator[int]:
        """Take one epoch's steps at that resolution; yields the step, from 1, after each."""
        self.network.train()
        drawn = torch.multinomial(
            self.weights, self.steps * self.batch_size, replacement=True, generator=self.generator
        )
        for step, index in enumerate(drawn.split(self.batch_size), start=1):
            views = augment(self.images[index.to(self.device)], size=size, generator=self.generator)
            with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.half):
                logits = self.network(views)
            loss = functional.cross_entropy(
                logits.float() + self.adjustment, self.targets[index].to(self.device), label_smoothing=0.05
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


def start_network(architecture: str, class_count: int, seed: int, initial: dict[str, Tensor] | None) -> ResNet:
    """Return a network initialised by the seed, then by the entries of ``initial`` that fit."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_resnet(architecture, class_count=class_count)
    if initial is not None:
        own = network.state_dict()
        network.load_state_dict(
            {k: v for k, v in initial.items() if k in own and v.shape == own[k].shape}, strict=False
        )
    return network


def _bfloat16_is_fast(device: str) -> bool:
    """Whether the machine multiplies bfloat16 natively; emulated, it is slower than float32."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
