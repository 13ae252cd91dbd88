"""EfficientNet-Lite networks, with the parameter names of the PyTorch conversion of Google's published weights.

Source: Tan, Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019, in the
"Lite" variant of the authors' reference code: ReLU6 for swish, no squeeze-and-excitation, stem and head of fixed
size. Small enough to train and run on a CPU, with ImageNet weights whose licence (Apache 2.0) allows anything.
Importing this module imports torch: import it inside functions.

``build_efficientnet_lite("efficientnet_lite0", class_count=7)`` makes a network of the same interface as
``resnet.ResNet``: ``logits_and_features``, ``last_block_maps``, ``head``.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from dermdash.classifier.architectures import ARCHITECTURES, EfficientNetLiteShape
from dermdash.errors import InvalidInput

_STEM = 32
_HEAD = 1280
# Per stage: blocks, kernel, stride, expansion, input channels, output channels (of the unscaled network).
_STAGES = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
_DROP_PATH = 0.2


class _SamePadConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow pads "SAME": with stride 2, an odd pixel goes to the right and below."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, c, h, w) to (n, out, ceil(h / stride), ceil(w / stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride == 1:
            return functional.conv2d(x, self.weight, None, 1, kernel // 2, 1, self.groups)
        rows, columns = (
            max((math.ceil(side / stride) - 1) * stride + kernel - side, 0) for side in (x.shape[-2], x.shape[-1])
        )
        x = functional.pad(x, (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2))
        return functional.conv2d(x, self.weight, None, stride, 0, 1, self.groups)


def _conv(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return _SamePadConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class _Block(nn.Module):
    """Expand, filter each channel, project; around a shortcut where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, drop: float) -> None:
        super().__init__()
        inner = inputs * expansion
        if expansion != 1:
            self._expand_conv = _conv(inputs, inner)
            self._bn0 = _norm(inner)
        self._depthwise_conv = _conv(inner, inner, kernel, stride, groups=inner)
        self._bn1 = _norm(inner)
        self._project_conv = _conv(inner, outputs)
        self._bn2 = _norm(outputs)
        self._expands = expansion != 1
        self._shortcut = stride == 1 and inputs == outputs
        self._drop = drop

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, outputs, h / stride, w / stride)."""
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self._expands else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        if not self._shortcut:
            return y
        if self.training and self._drop:
            # Stochastic depth: whole branches are left out at random, image by image.
            keep = 1.0 - self._drop
            y = y * (torch.rand(len(y), 1, 1, 1, device=y.device) < keep).to(y.dtype) / keep
        return x + y


class EfficientNetLite(nn.Module):
    """An EfficientNet-Lite over RGB images scaled to 0..1; any input size of at least 32 px."""

    def __init__(self, shape: EfficientNetLiteShape, class_count: int) -> None:
        super().__init__()
        plan = _blocks(shape)
        self._conv_stem = _conv(3, _STEM, 3, 2)
        self._bn0 = _norm(_STEM)
        self._blocks = nn.ModuleList(
            _Block(*block, drop=_DROP_PATH * index / len(plan)) for index, block in enumerate(plan)
        )
        self._conv_head = _conv(plan[-1][1], _HEAD)
        self._bn1 = _norm(_HEAD)
        self._dropout = nn.Dropout(shape.dropout)
        self._fc = nn.Linear(_HEAD, class_count)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.kernel_size[0] ** 2 * module.out_channels // module.groups
                nn.init.normal_(module.weight, std=math.sqrt(2.0 / fan_out))

    @property
    def head(self) -> nn.Linear:
        """The layer from features to logits."""
        return self._fc

    @property
    def last_block(self) -> nn.Module:
        """The module whose output ``last_block_maps`` returns up to the activation (for Grad-CAM)."""
        return self._bn1

    def last_block_maps(self, x: Tensor) -> Tensor:
        """Return the maps before the global average pool, (n, 1280, h / 32, w / 32)."""
        # The published weights saw (value - 127) / 128 of bytes.
        x = x * (255.0 / 128.0) - 127.0 / 128.0
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return functional.relu6(self._bn1(self._conv_head(x)))

    def block_statistics(self, x: Tensor, blocks: tuple[int, ...]) -> Tensor:
        """Return mean and standard deviation over the picture of each channel after some blocks, in their order.

        What the picture is made of (edges, grain, colour), where the features before the head say what it shows. Blocks
        after the last one named are not computed. (n, sum of twice the channels) of images (n, 3, h, w) in 0..1.
        """
        x = x * (255.0 / 128.0) - 127.0 / 128.0
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        found = []
        for index, block in enumerate(self._blocks[: max(blocks) + 1]):
            x = block(x)
            if index in blocks:
                found += [x.mean(dim=(2, 3)), x.std(dim=(2, 3))]
        return torch.cat(found, dim=1)

    def logits_and_features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, classes) and the global average pool before them (n, 1280)."""
        features = self.last_block_maps(x).mean(dim=(2, 3))
        return self._fc(self._dropout(features)), features

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, classes) of images (n, 3, h, w) in 0..1."""
        return self.logits_and_features(x)[0]


def build_efficientnet_lite(architecture: str, *, class_count: int) -> EfficientNetLite:
    """Return a freshly initialised network; seed torch beforehand for a repeatable one.

    Raises InvalidInput on a name that is no EfficientNet-Lite.
    """
    shape = ARCHITECTURES.get(architecture)
    if not isinstance(shape, EfficientNetLiteShape):
        raise InvalidInput(f"{architecture!r} is no EfficientNet-Lite")
    return EfficientNetLite(shape, class_count)


def _blocks(shape: EfficientNetLiteShape) -> list[tuple[int, int, int, int, int]]:
    """Return (inputs, outputs, kernel, stride, expansion) of every block; first and last stage keep their depth."""
    plan: list[tuple[int, int, int, int, int]] = []
    for index, (repeats, kernel, stride, expansion, inputs, outputs) in enumerate(_STAGES):
        fixed = index in (0, len(_STAGES) - 1)
        count = repeats if fixed else math.ceil(repeats * shape.depth)
        first = inputs if index == 0 else _rounded(inputs * shape.width)
        wide = _rounded(outputs * shape.width)
        plan.append((first, wide, kernel, stride, expansion))
        plan += [(wide, wide, kernel, 1, expansion)] * (count - 1)
    return plan


def _rounded(channels: float) -> int:
    """Round to a multiple of 8, never by more than a tenth downwards."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
