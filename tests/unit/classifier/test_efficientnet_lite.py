"""EfficientNet-Lite: the published shapes and names, and the padding that the published weights were trained with."""

import pytest
import torch
from torch.nn import functional

from dermdash.classifier.efficientnet_lite import _conv, build_efficientnet_lite
from dermdash.classifier.networks import build_network, head_prefix
from dermdash.errors import InvalidInput


# Parameters without the classifier, of the published networks (4.65, 5.42 and 6.09 million with 1,000 classes).
@pytest.mark.parametrize(
    ("name", "parameters", "blocks"),
    [
        ("efficientnet_lite0", 4_652_008, 16),
        ("efficientnet_lite1", 5_416_680, 21),
        ("efficientnet_lite2", 6_092_072, 21),
    ],
)
def test_networks_have_the_published_size(name: str, parameters: int, blocks: int) -> None:
    network = build_network(name, class_count=1000)
    assert sum(p.numel() for p in network.parameters()) == parameters
    assert len(network.state_dict()["_conv_head.weight"]) == 1280
    assert f"_blocks.{blocks - 1}._project_conv.weight" in network.state_dict()
    assert f"_blocks.{blocks}._project_conv.weight" not in network.state_dict()
    assert "_blocks.0._expand_conv.weight" not in network.state_dict()


def test_logits_come_from_the_features_by_the_head() -> None:
    network = build_network("efficientnet_lite0", class_count=7).eval()
    with torch.inference_mode():
        images = torch.rand(2, 3, 70, 50)
        logits, features = network.logits_and_features(images)
        torch.testing.assert_close(logits, network.head(features))
        torch.testing.assert_close(network.last_block_maps(images).mean(dim=(2, 3)), features)
    assert logits.shape == (2, 7)
    assert features.shape == (2, 1280)
    assert head_prefix(network) == "_fc"


@pytest.mark.parametrize(("kernel", "side"), [(3, 224), (3, 35), (5, 56), (5, 33)])
def test_a_stride_of_two_pads_below_and_right_first(kernel: int, side: int) -> None:
    convolution = _conv(1, 1, kernel, 2)
    image = torch.rand(1, 1, side, side)
    total = max((-(-side // 2) - 1) * 2 + kernel - side, 0)
    before = total // 2
    wide = torch.zeros(1, 1, side + total, side + total)
    wide[..., before : before + side, before : before + side] = image
    with torch.inference_mode():
        torch.testing.assert_close(convolution(image), functional.conv2d(wide, convolution.weight, stride=2))


def test_leaving_out_branches_happens_in_training_only() -> None:
    network = build_network("efficientnet_lite0", class_count=7)
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        network.eval()
        assert torch.equal(network(images), network(images))
        network.train()
        assert not torch.equal(network(images), network(images))


def test_a_resnet_is_no_efficientnet() -> None:
    with pytest.raises(InvalidInput, match="no EfficientNet-Lite"):
        build_efficientnet_lite("resnet18", class_count=7)
