import numpy as np
import pytest
import torch

from dermdash.classifier.architectures import ARCHITECTURES
from dermdash.classifier.networks import build_network
from dermdash.classifier.resnet import build_resnet
from dermdash.errors import InvalidInput


def torchvision_keys(depths: tuple[int, ...], *, convolutions: int, first_downsamples: bool) -> list[str]:
    """The keys of torchvision's state dict, by its rule, in its order."""

    def norm(prefix: str) -> list[str]:
        names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        return [f"{prefix}.{name}" for name in names]

    keys = ["conv1.weight", *norm("bn1")]
    for layer, depth in enumerate(depths, start=1):
        for block in range(depth):
            prefix = f"layer{layer}.{block}"
            for convolution in range(1, convolutions + 1):
                keys += [f"{prefix}.conv{convolution}.weight", *norm(f"{prefix}.bn{convolution}")]
            if block == 0 and (layer > 1 or first_downsamples):
                keys += [f"{prefix}.downsample.0.weight", *norm(f"{prefix}.downsample.1")]
    return [*keys, "fc.weight", "fc.bias"]


@pytest.mark.parametrize("name", ["resnet18", "resnet34"])
def test_basic_networks_have_torchvisions_keys_in_its_order(name: str) -> None:
    expected = torchvision_keys(ARCHITECTURES[name].depths, convolutions=2, first_downsamples=False)
    assert list(build_resnet(name, class_count=7).state_dict()) == expected


def test_bottleneck_networks_have_torchvisions_keys_in_its_order() -> None:
    expected = torchvision_keys((3, 4, 6, 3), convolutions=3, first_downsamples=True)
    assert list(build_resnet("resnet50", class_count=7).state_dict()) == expected


@pytest.mark.parametrize(
    ("name", "parameters"), [("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032)]
)
def test_with_1000_classes_the_parameter_counts_are_those_torchvision_documents(name: str, parameters: int) -> None:
    network = build_resnet(name, class_count=1000)
    assert sum(p.numel() for p in network.parameters()) == parameters


def test_shapes_of_resnet34_are_those_of_the_paper() -> None:
    state = build_resnet("resnet34", class_count=7).state_dict()
    assert state["conv1.weight"].shape == (64, 3, 7, 7)
    assert state["layer2.0.downsample.0.weight"].shape == (128, 64, 1, 1)
    assert state["layer4.2.conv2.weight"].shape == (512, 512, 3, 3)
    assert state["fc.weight"].shape == (7, 512)


def test_logits_are_the_classifier_applied_to_the_512_features() -> None:
    network = build_resnet("resnet18", class_count=7).eval()
    with torch.inference_mode():
        images = torch.rand(2, 3, 64, 64)
        logits, features = network.logits_and_features(images)
        maps = network.last_block_maps(images)
        np.testing.assert_allclose(logits, network.fc(features), rtol=1e-5)
        np.testing.assert_allclose(features, maps.mean(dim=(2, 3)), rtol=1e-5, atol=1e-6)
    assert features.shape == (2, 512)
    assert maps.shape == (2, 512, 2, 2)


def test_an_unknown_architecture_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"'resnet35'.*resnet34"):
        build_network("resnet35", class_count=7)


@pytest.mark.parametrize("name", ["resnet10_narrow", "resnet10_fine", "resnet10"])
def test_the_small_networks_have_as_many_features_as_they_say(name: str) -> None:
    network = build_resnet(name, class_count=7).eval()
    with torch.inference_mode():
        features = network.logits_and_features(torch.rand(1, 3, 32, 32))[1]
    assert features.shape == (1, ARCHITECTURES[name].feature_count)


def test_the_fine_network_has_maps_twice_as_fine_and_the_weights_of_the_narrow_one() -> None:
    fine, narrow = (build_resnet(name, class_count=7).eval() for name in ("resnet10_fine", "resnet10_narrow"))
    with torch.inference_mode():
        images = torch.rand(1, 3, 64, 64)
        assert fine.last_block_maps(images).shape == (1, 256, 4, 4)
        assert narrow.last_block_maps(images).shape == (1, 256, 2, 2)
    assert {k: v.shape for k, v in fine.state_dict().items()} == {k: v.shape for k, v in narrow.state_dict().items()}


def test_the_narrow_network_has_a_quarter_of_the_weights() -> None:
    narrow, usual = (
        sum(p.numel() for p in build_resnet(name, class_count=7).parameters())
        for name in ("resnet10_narrow", "resnet10")
    )
    assert narrow == pytest.approx(usual / 4, rel=0.01)
