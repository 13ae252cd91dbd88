"""The network shapes that can be trained and loaded; free of torch, so that a settings page can list them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """Blocks per layer, kind of block, and the length of the feature vector before the classifier."""

    depths: tuple[int, int, int, int]
    bottleneck: bool
    feature_count: int


ARCHITECTURES: dict[str, Architecture] = {
    # Not of the paper: the smallest network of the same blocks, for the demo workspace and for tests.
    "resnet10": Architecture((1, 1, 1, 1), bottleneck=False, feature_count=512),
    "resnet18": Architecture((2, 2, 2, 2), bottleneck=False, feature_count=512),
    "resnet34": Architecture((3, 4, 6, 3), bottleneck=False, feature_count=512),
    "resnet50": Architecture((3, 4, 6, 3), bottleneck=True, feature_count=2048),
    "resnet152": Architecture((3, 8, 36, 3), bottleneck=True, feature_count=2048),
}
