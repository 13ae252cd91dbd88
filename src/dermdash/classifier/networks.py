"""Any network by its name. Importing this module imports torch: import it inside functions.

Every network takes RGB images (n, 3, h, w) in 0..1 and gives ``logits_and_features(x)`` (logits, global average
pool), ``last_block_maps(x)`` (what is pooled), ``last_block`` (the module whose output Grad-CAM looks at) and
``head`` (the linear layer from features to logits).
"""

from dermdash.classifier.architectures import ARCHITECTURES, EfficientNetLiteShape
from dermdash.classifier.efficientnet_lite import EfficientNetLite, build_efficientnet_lite
from dermdash.classifier.resnet import ResNet, build_resnet
from dermdash.errors import InvalidInput

Network = ResNet | EfficientNetLite


def build_network(architecture: str, *, class_count: int) -> Network:
    """Return a freshly initialised network; seed torch beforehand for a repeatable one.

    Parameters
    ----------
    architecture
        One of ``ARCHITECTURES``.
    class_count
        Number of outputs, at least 2.

    Raises
    ------
    InvalidInput
        On an unknown architecture or too few classes.
    """
    if architecture not in ARCHITECTURES:
        raise InvalidInput(f"unknown architecture {architecture!r}: known are {', '.join(ARCHITECTURES)}")
    if class_count < 2:
        raise InvalidInput(f"a classifier needs at least 2 classes, not {class_count}")
    if isinstance(ARCHITECTURES[architecture], EfficientNetLiteShape):
        return build_efficientnet_lite(architecture, class_count=class_count)
    return build_resnet(architecture, class_count=class_count)


def head_prefix(network: Network) -> str:
    """Return the name of the linear layer from features to logits in the state dict: "fc" or "_fc"."""
    return next(name for name, module in network.named_modules() if module is network.head)
