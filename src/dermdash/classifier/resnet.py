"""Residual networks with torchvision's parameter names, so that its published weights load as they are.

Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016; stride on the 3 x 3
convolution of a bottleneck as torchvision has it. Importing this module imports torch: import it inside
functions.

``build_resnet("resnet34", class_count=7)`` makes a network; ``network.logits_and_features(x)`` gives both
outputs.
"""

import torch
from torch import Tensor, nn

from dermdash.classifier.architectures import ARCHITECTURES, ResNetShape
from dermdash.errors import InvalidInput


def _conv3x3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False)


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions around a shortcut (ResNet-10, -18 and -34)."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int, downsample: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = _conv3x3(inputs, width, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _conv3x3(width, width)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, width, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x))
        x += shortcut
        return self.relu(x)


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3, 1 x 1 convolutions around a shortcut (ResNet-50 and -152)."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int, downsample: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _conv3x3(width, width, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * self.expansion, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, 4 width, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        x = self.bn3(self.conv3(x))
        x += shortcut
        return self.relu(x)


class ResNet(nn.Module):
    """A residual network over RGB images scaled to 0..1; any input size of at least 32 px."""

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: tuple[int, ...],
        class_count: int,
        width: int = 64,
        last_stride: int = 2,
    ):
        super().__init__()
        self._block = block
        self._channels = width
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._layer(width, depths[0], stride=1)
        self.layer2 = self._layer(2 * width, depths[1], stride=2)
        self.layer3 = self._layer(4 * width, depths[2], stride=2)
        self.layer4 = self._layer(8 * width, depths[3], stride=last_stride)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8 * width * block.expansion, class_count)
        self._initialise()

    def _layer(self, width: int, depth: int, stride: int) -> nn.Sequential:
        outputs = width * self._block.expansion
        downsample: nn.Module | None = None
        if stride != 1 or self._channels != outputs:
            downsample = nn.Sequential(
                nn.Conv2d(self._channels, outputs, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(outputs),
            )
        blocks = [self._block(self._channels, width, stride, downsample)]
        self._channels = outputs
        blocks += [self._block(outputs, width, 1, None) for _ in range(1, depth)]
        return nn.Sequential(*blocks)

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        # Each residual branch starts as the identity, which makes training from scratch steadier.
        for module in self.modules():
            if isinstance(module, BasicBlock):
                nn.init.zeros_(module.bn2.weight)
            elif isinstance(module, Bottleneck):
                nn.init.zeros_(module.bn3.weight)

    @property
    def head(self) -> nn.Linear:
        """The layer from features to logits."""
        return self.fc

    @property
    def last_block(self) -> nn.Module:
        """The module whose output ``last_block_maps`` returns (for Grad-CAM)."""
        return self.layer4

    def last_block_maps(self, x: Tensor) -> Tensor:
        """Return the maps of the last convolutional block, (n, features, h / 32, w / 32), or / 16."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))

    def logits_and_features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (n, classes) and the global average pool before them (n, 512 or 2048)."""
        features = torch.flatten(self.avgpool(self.last_block_maps(x)), 1)
        return self.fc(features), features

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, classes) of images (n, 3, h, w) in 0..1."""
        return self.logits_and_features(x)[0]


def build_resnet(architecture: str, *, class_count: int) -> ResNet:
    """Return a freshly initialised network; seed torch beforehand for a repeatable one.

    Raises InvalidInput on a name that is no ResNet.
    """
    shape = ARCHITECTURES.get(architecture)
    if not isinstance(shape, ResNetShape):
        raise InvalidInput(f"{architecture!r} is no ResNet")
    block = Bottleneck if shape.bottleneck else BasicBlock
    return ResNet(block, shape.depths, class_count, shape.width, shape.last_stride)
