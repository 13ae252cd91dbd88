"""Grad-CAM against a hand-written computation, planted evidence, and where a map lies in the image."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from PIL import Image, ImageOps
from torch import Tensor, nn

from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier
from dermdash.classifier.efficientnet_lite import build_efficientnet_lite
from dermdash.classifier.grad_cam import PooledHead, grad_cam
from dermdash.classifier.inference import predict
from dermdash.classifier.preprocessing import centre_crop, four_views
from dermdash.classifier.resnet import build_resnet
from dermdash.classifier.saliency import explain_batches, explain_image, explain_squares
from dermdash.classifier.saliency_map import GRID, MALIGNANT, PREDICTED, SaliencyMap, linear_weights, values_from_bytes
from dermdash.errors import InvalidInput, UnreadableImage
from dermdash.records.taxonomy import HAM7

SIZE = 64
MALIGNANT_COLUMNS = [HAM7.codes.index(code) for code in HAM7.malignant_codes]


class RedSeeker(nn.Module):
    """A network whose maps are the redness, greenness and blueness of 8 x 8 px; red speaks for melanoma alone."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 7)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.head.weight.fill_(0.0)
            self.head.weight[HAM7.codes.index("mel"), 0] = 30.0
            self.head.weight[HAM7.codes.index("nv"), 1] = 30.0

    def last_block_maps(self, x: Tensor) -> Tensor:
        return torch.relu(nn.functional.avg_pool2d(x - x.mean(dim=1, keepdim=True), 8))

    def logits_and_features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.last_block_maps(x).mean(dim=(2, 3))
        return self.head(features), features


def metadata(size: int = SIZE, architecture: str = "resnet10") -> CheckpointMetadata:
    return CheckpointMetadata(architecture, "ham7", HAM7.codes, size)


@pytest.fixture
def seeker() -> Classifier:
    network: Any = RedSeeker().eval()
    return Classifier(network, metadata())


def network_of(architecture: str) -> Any:
    torch.manual_seed(3)
    if architecture.startswith("resnet"):
        return build_resnet(architecture, class_count=7).eval()
    return build_efficientnet_lite(architecture, class_count=7).eval()


def spot(
    width: int = 80, height: int = 80, *, x: float, y: float, color: tuple[int, int, int] = (230, 20, 20)
) -> Image.Image:
    """A coloured disc of an eighth of the height on grey; x and y are shares of width and height."""
    rows, columns = np.mgrid[:height, :width]
    inside = np.hypot(columns - x * width, rows - y * height) < min(width, height) / 8
    return Image.fromarray(np.where(inside[..., None], color, (128, 128, 128)).astype(np.uint8))


def peak(heat: np.ndarray) -> tuple[float, float]:
    """Centre of mass (x, y) as shares of width and height."""
    heat = np.nan_to_num(heat)
    rows, columns = np.mgrid[: heat.shape[0], : heat.shape[1]] + 0.5
    return float((heat * columns).sum() / heat.sum() / heat.shape[1]), float(
        (heat * rows).sum() / heat.sum() / heat.shape[0]
    )


@pytest.mark.parametrize("architecture", ["resnet10", "efficientnet_lite0"])
def test_the_pooled_head_gives_the_networks_own_logits_and_the_log_odds_of_malignancy(architecture: str) -> None:
    network = network_of(architecture)
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    views = [x, x.flip(3)]
    with torch.no_grad():
        logits = torch.stack([network.logits_and_features(view)[0] for view in views]).mean(0)
        maps = torch.stack([network.last_block_maps(view) for view in views], dim=2)
        found = PooledHead(network.head, MALIGNANT_COLUMNS)(maps)
    torch.testing.assert_close(found[:, :7], logits)
    malignancy = torch.softmax(logits, 1)[:, MALIGNANT_COLUMNS].sum(1)
    torch.testing.assert_close(torch.sigmoid(found[:, 7]), malignancy)


@pytest.mark.parametrize("column", [2, 7])
def test_grad_cam_equals_a_hand_written_one(column: int) -> None:
    rng = np.random.default_rng(4)
    maps = rng.normal(size=(2, 5, 4, 3, 3))
    weight, bias = rng.normal(size=(7, 5)), rng.normal(size=7)
    layer = nn.Linear(5, 7).double()
    layer.load_state_dict({"weight": torch.tensor(weight), "bias": torch.tensor(bias)})
    found = grad_cam(PooledHead(layer, MALIGNANT_COLUMNS), torch.tensor(maps), torch.tensor([column, column])).numpy()
    # With mean pooling the gradient of a logit with respect to a map is weight / positions at each of them.
    if column < 7:
        alpha = np.tile(weight[column] / maps[0, 0].size, (2, 1))
    else:
        logits = maps.mean(axis=(2, 3, 4)) @ weight.T + bias
        odds = np.exp(logits)
        inside = np.isin(np.arange(7), MALIGNANT_COLUMNS)
        slope = np.where(
            inside, odds / odds[:, inside].sum(1, keepdims=True), -odds / odds[:, ~inside].sum(1, keepdims=True)
        )
        alpha = slope @ weight / maps[0, 0].size
    np.testing.assert_allclose(found, np.einsum("nc,ncvhw->nvhw", alpha, maps), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("architecture", ["resnet10", "efficientnet_lite0"])
@pytest.mark.parametrize("column", [*range(7), 7])
def test_grad_cam_equals_captums(architecture: str, column: int) -> None:
    network = network_of(architecture)
    x = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        maps = torch.stack([network.last_block_maps(view) for view in (x, x.flip(3), x.flip(2))], dim=2)
    head = PooledHead(network.head, MALIGNANT_COLUMNS)
    columns = torch.tensor([column, (column + 3) % 8, (column + 5) % 8])

    class Named(nn.Module):
        """The same head behind a layer that captum can be pointed at."""

        def __init__(self) -> None:
            super().__init__()
            self.maps = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            return head(self.maps(x))

    named = Named()
    oracle = LayerGradCam(named, named.maps).attribute(maps, target=columns)[:, 0].detach()
    found = grad_cam(head, maps, columns)
    assert not found.requires_grad
    assert found.abs().max() > 1e-4
    torch.testing.assert_close(found, oracle, rtol=1e-6, atol=1e-6 * float(oracle.abs().max()))


def test_a_whole_explanation_equals_torchs_own_gradients(classifier: Classifier) -> None:
    """By autograd through all of the network, with the views turned back by torch and upsampled by hand."""
    network = classifier.network
    squares = np.random.default_rng(0).integers(0, 256, (1, 80, 80, 3), dtype=np.uint8)
    (found,) = explain_squares(Classifier(network, metadata()), squares)
    kept: list[Tensor] = []
    logits: Any = 0
    for view in four_views(centre_crop(squares, SIZE)):
        x = torch.from_numpy(np.ascontiguousarray(view)).permute(0, 3, 1, 2).float() / 255
        maps = network.last_block_maps(x)
        maps.retain_grad()
        kept.append(maps)
        logits = logits + network.head(maps.mean(dim=(2, 3))) / 4
    logits.max().backward()
    weights = torch.cat([m.grad for m in kept if m.grad is not None]).mean(dim=(0, 2, 3))
    places = (np.arange(GRID) + 0.5) / GRID * kept[0].shape[-1]
    upsample = linear_weights(places, kept[0].shape[-1])
    views = [upsample @ (weights[:, None, None] * m[0].detach()).sum(0).double().numpy() @ upsample.T for m in kept]
    undone = [views[0], np.fliplr(views[1]), np.rot90(views[2], -1), np.fliplr(np.rot90(views[3], -1))]
    heat = np.maximum(sum(undone) / 4, 0)
    assert found.explained == HAM7.codes[int(logits.argmax())]
    assert found.values.std() > 10
    np.testing.assert_allclose(found.values, 255 * heat / heat.max(), atol=1.01)


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.3), (0.7, 0.35), (0.4, 0.72)])
def test_planted_evidence_is_found_where_it_is(seeker: Classifier, x: float, y: float) -> None:
    found = explain_image(seeker, spot(x=x, y=y))
    assert (found.explained, found.target) == ("mel", PREDICTED)
    assert peak(found.on_image(80, 80)) == pytest.approx((x, y), abs=0.02)
    heat = np.nan_to_num(found.on_image(80, 80))
    rows, columns = np.mgrid[:80, :80]
    near = np.hypot(columns - 80 * x, rows - 80 * y) < 20
    assert heat[near].sum() / heat.sum() > 0.97


def test_evidence_in_a_wide_image_is_found_at_its_place_in_the_original(seeker: Classifier) -> None:
    found = explain_image(seeker, spot(160, 80, x=0.42, y=0.6))
    assert peak(found.on_image(160, 80)) == pytest.approx((0.42, 0.6), abs=0.02)
    assert np.isnan(found.on_image(160, 80)[:, :47]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_photograph_is_explained_as_it_is_seen(seeker: Classifier, orientation: int) -> None:
    """The same stored pixels under each EXIF orientation: the map follows what a person sees."""
    image = spot(120, 80, x=0.55, y=0.3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    with Image.open(io.BytesIO(buffer.getvalue())) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    redness = np.asarray(upright, float)[..., 0] - np.asarray(upright, float)[..., 1]
    found = explain_image(seeker, buffer.getvalue())
    assert peak(found.on_image(*upright.size)) == pytest.approx(peak(redness), abs=0.02)


def test_flipping_the_image_flips_the_map(classifier: Classifier) -> None:
    """The mirror image has the same four views in another order but for the turned ones, which are mirrored too."""
    symmetric = Classifier(classifier.network, metadata())
    square = np.random.default_rng(8).integers(0, 256, (1, 80, 80, 3), dtype=np.uint8)
    plain = explain_squares(symmetric, square, target="nv")[0].values
    mirrored = explain_squares(symmetric, square[:, :, ::-1], target="nv")[0].values
    assert plain.any()
    np.testing.assert_allclose(mirrored[:, ::-1].astype(int), plain.astype(int), atol=1)


@pytest.mark.parametrize("size", [32, 96, 224, 75])
def test_the_crop_is_what_the_network_saw(size: int) -> None:
    """A frame just inside the crop is visible in what is cut out, one outside is not."""
    side = round(size / 0.8)
    found = SaliencyMap(np.full((GRID, GRID), 255, np.uint8), PREDICTED, "nv", 0.5, size)
    rows = np.arange(side * side).reshape(side, side)
    seen = centre_crop(np.repeat(rows[..., None], 3, 2).astype(np.uint8)[None], size)
    inside = np.isfinite(found.on_image(side, side))
    assert inside.sum() == size * size
    np.testing.assert_array_equal(rows.astype(np.uint8)[inside].reshape(size, size), seen[0, ..., 0])


def test_targets_and_their_probabilities_are_those_of_the_prediction(classifier: Classifier) -> None:
    image = spot(40, 40, x=0.5, y=0.5)
    probabilities = predict(classifier, [image]).probabilities[0]
    predicted = explain_image(classifier, image)
    assert predicted.explained == HAM7.codes[int(probabilities.argmax())]
    assert predicted.probability == pytest.approx(probabilities.max(), rel=1e-4)
    named = explain_image(classifier, image, predicted.explained)
    np.testing.assert_array_equal(named.values, predicted.values)
    malignant = explain_image(classifier, image, MALIGNANT)
    assert malignant.probability == pytest.approx(probabilities[MALIGNANT_COLUMNS].sum(), rel=1e-4)
    assert (malignant.target, malignant.explained) == (MALIGNANT, MALIGNANT)
    with pytest.raises(InvalidInput, match="cannot explain 'melanoma'"):
        explain_image(classifier, image, "melanoma")


def test_no_evidence_gives_an_empty_map(seeker: Classifier) -> None:
    found = explain_image(seeker, Image.new("RGB", (80, 80), (128, 128, 128)), "mel")
    assert found.is_empty
    assert not explain_image(seeker, spot(x=0.5, y=0.5), "mel").is_empty


def test_values_that_are_not_finite_are_refused(seeker: Classifier) -> None:
    with torch.no_grad():
        seeker.network.head.weight[4, 0] = float("inf")
    with pytest.raises(InvalidInput, match="not finite"):
        explain_image(seeker, spot(x=0.5, y=0.5), "mel")


def test_batches_give_the_same_maps_as_single_images_twice_and_leave_out_damaged_ones(classifier: Classifier) -> None:
    images: list[Any] = [spot(40, 40, x=0.3 + 0.1 * i, y=0.5) for i in range(5)]
    images.insert(2, b"damaged")
    reported: list[int] = []
    batches = list(explain_batches(classifier, images, batch_size=4, unreadable=lambda i, _: reported.append(i)))
    assert [len(batch) for batch in batches] == [4, 2]
    assert reported == [2]
    found = [m for batch in batches for m in batch]
    assert found[2] is None
    for image, m in zip(images, found, strict=True):
        if m is not None:
            np.testing.assert_allclose(
                m.values.astype(int), explain_image(classifier, image).values.astype(int), atol=1
            )
    again = [m for batch in explain_batches(classifier, images[:2], batch_size=4) for m in batch]
    assert [m.to_bytes() for m in again if m] == [m.to_bytes() for m in found[:2] if m]
    with pytest.raises(UnreadableImage):
        list(explain_batches(classifier, images))


def test_a_stored_map_is_small_and_comes_back_whole() -> None:
    values = np.random.default_rng(2).integers(0, 256, (GRID, GRID), dtype=np.uint8)
    data = SaliencyMap(values, PREDICTED, "nv", 0.5, 224).to_bytes()
    assert len(data) <= 1024
    np.testing.assert_array_equal(values_from_bytes(data), values)
    with pytest.raises(InvalidInput, match="783 bytes"):
        values_from_bytes(data[:-1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device in this machine")
def test_a_gpu_gives_the_same_map(classifier: Classifier) -> None:
    image = spot(40, 40, x=0.4, y=0.5)
    on_cpu = explain_image(classifier, image).values.astype(int)
    classifier.network.to("cuda")
    np.testing.assert_allclose(explain_image(classifier, image).values.astype(int), on_cpu, atol=2)
