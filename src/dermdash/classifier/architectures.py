"""The network shapes that can be trained and loaded; free of torch, so that a settings page can list them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResNetShape:
    """Blocks per layer, kind of block, length of the feature vector before the classifier, channels of the first layer.

    The channels double from layer to layer; published weights have 64 in the first. ``last_stride``: by how much the
    last layer makes its maps smaller; where it does not, Grad-CAM sees twice as finely.
    """

    depths: tuple[int, int, int, int]
    bottleneck: bool
    feature_count: int
    width: int = 64
    last_stride: int = 2


@dataclass(frozen=True, slots=True)
class EfficientNetLiteShape:
    """Factors of channels and of blocks per stage, dropout before the classifier, length of the feature vector."""

    width: float
    depth: float
    dropout: float
    feature_count: int = 1280


Architecture = ResNetShape | EfficientNetLiteShape

ARCHITECTURES: dict[str, Architecture] = {
    # Not of the paper: the smallest networks of the same blocks, for the demo workspace and for tests. The narrow one
    # has a quarter of the weights: on small images a step costs what its weights weigh, not what they compute.
    "resnet10_narrow": ResNetShape((1, 1, 1, 1), bottleneck=False, feature_count=256, width=32),
    # Of 64 px the usual networks make maps of 2 x 2: too coarse to show whether they look at the lesion.
    "resnet10_fine": ResNetShape((1, 1, 1, 1), bottleneck=False, feature_count=256, width=32, last_stride=1),
    "resnet10": ResNetShape((1, 1, 1, 1), bottleneck=False, feature_count=512),
    "resnet18": ResNetShape((2, 2, 2, 2), bottleneck=False, feature_count=512),
    "resnet34": ResNetShape((3, 4, 6, 3), bottleneck=False, feature_count=512),
    "resnet50": ResNetShape((3, 4, 6, 3), bottleneck=True, feature_count=2048),
    "resnet152": ResNetShape((3, 8, 36, 3), bottleneck=True, feature_count=2048),
    "efficientnet_lite0": EfficientNetLiteShape(width=1.0, depth=1.0, dropout=0.2),
    "efficientnet_lite1": EfficientNetLiteShape(width=1.0, depth=1.1, dropout=0.2),
    "efficientnet_lite2": EfficientNetLiteShape(width=1.1, depth=1.2, dropout=0.3),
}
