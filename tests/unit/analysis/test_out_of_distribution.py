"""Images of another kind score high, images of the same kind low; on features and on pictures."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sklearn.covariance import EmpiricalCovariance
from sklearn.metrics import roc_auc_score
from tests.filled_workspace import COLORS, draw_jpeg

from dermdash.analysis import out_of_distribution as ood
from dermdash.errors import InvalidInput, NotFound


def make_features(n: int, *, seed: int = 0, width: int = 40) -> NDArray[np.float32]:
    """Correlated features of three classes."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(6, width))
    centres = np.random.default_rng(98).normal(size=(3, 6)) * 3
    hidden = centres[rng.integers(3, size=n)] + rng.normal(size=(n, 6))
    return (hidden @ mixing + 0.3 * rng.normal(size=(n, width)) + 5).astype(np.float32)


def groups_of(n: int, per_group: int = 2) -> list[str]:
    return [f"lesion {i // per_group}" for i in range(n)]


def test_about_the_promised_share_of_new_images_of_the_kind_is_warned_of() -> None:
    model = ood.fit(make_features(2000), groups_of(2000), quantile=0.95)
    new = make_features(5000, seed=1)
    assert np.mean(model.score(new) > model.threshold) == pytest.approx(0.05, abs=0.015)
    assert np.median(model.score(new)) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("kind", ["beyond the axes", "far along an axis", "too long", "nothing"])
def test_features_of_another_kind_score_above_the_threshold(kind: str) -> None:
    model = ood.fit(make_features(1000), groups_of(1000))
    strange = make_features(50, seed=2)
    rng = np.random.default_rng(3)
    strange = {
        "beyond the axes": strange + rng.normal(size=strange.shape).astype(np.float32) * 3,
        "far along an axis": strange + 8 * np.sqrt(model.variances[0]) * model.components[0],
        "too long": strange * 4,
        "nothing": strange * 0,
    }[kind]
    assert np.mean(model.score(strange) > model.threshold) > 0.95


def test_the_distance_is_mahalanobis_where_every_direction_is_kept() -> None:
    """Beyond the kept axes one variance stands for all: with equal ones there it is the plain distance."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60_000, 4)) * [3, 2, 1, 1]
    model = ood.fit(values, range(60_000))
    plain = np.sqrt(EmpiricalCovariance().fit(values).mahalanobis(values[:200]))
    expected = (plain - model.usual) / model.spread
    np.testing.assert_allclose(model.score(values[:200]), expected, atol=0.02)


def test_no_image_is_judged_beside_its_twin() -> None:
    """Each lesion photographed 20 times: left out one by one, its twins would make it look usual."""
    rng = np.random.default_rng(6)
    lesions = rng.normal(size=(30, 60))
    values = np.repeat(lesions, 20, axis=0) + 0.01 * rng.normal(size=(600, 60))
    by_lesion = ood.fit(values, [i // 20 for i in range(600)])
    one_by_one = ood.fit(values, range(600))
    new = rng.normal(size=(300, 60))

    def warned(model: ood.OutOfDistributionModel) -> float:
        return float(np.mean(model.score(new) > model.threshold))

    assert warned(one_by_one) > 0.9
    assert warned(by_lesion) < 0.3


def test_a_model_read_from_its_file_gives_the_same_scores(tmp_path: Path) -> None:
    model = ood.fit(make_features(300), groups_of(300))
    model.save(tmp_path / "ood.npz")
    again = ood.load(tmp_path / "ood.npz")
    np.testing.assert_array_equal(again.score(make_features(20, seed=4)), model.score(make_features(20, seed=4)))
    assert (again.threshold, again.images, again.quantile) == (model.threshold, 300, model.quantile)
    assert [p.name for p in tmp_path.iterdir()] == ["ood.npz"]


def test_a_file_says_which_features_it_takes_and_those_of_the_first_version_are_read(tmp_path: Path) -> None:
    texture = ood.fit(make_features(300), groups_of(300), kind=ood.TEXTURE)
    texture.save(tmp_path / "new.npz")
    assert ood.load(tmp_path / "new.npz").features == ood.TEXTURE
    with np.load(tmp_path / "new.npz") as file:
        first = {name: file[name] for name in file.files if name != "features"} | {"format": np.array(1)}
    np.savez(tmp_path / "old.npz", **first)
    old = ood.load(tmp_path / "old.npz")
    assert old.features == ood.LAST
    np.testing.assert_array_equal(old.score(make_features(9, seed=4)), texture.score(make_features(9, seed=4)))
    np.savez(tmp_path / "odd.npz", **first | {"format": np.array(2), "features": np.array("guess")})
    with pytest.raises(InvalidInput, match="guess"):
        ood.load(tmp_path / "odd.npz")


def broken_files() -> dict[str, bytes]:
    good = ood.fit(make_features(100), groups_of(100)).to_bytes()

    def with_array(**changes: NDArray[np.generic]) -> bytes:
        with np.load(io.BytesIO(good)) as file:
            arrays = dict(file) | changes
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    pickled, empty = io.BytesIO(), io.BytesIO()
    np.savez(pickled, centre=np.array([print], dtype=object))
    zipfile.ZipFile(empty, "w").close()
    return {
        "nothing": b"", "text": b"not a model", "cut": good[: len(good) // 2], "pickle": pickled.getvalue(),
        "empty": empty.getvalue(), "newer": with_array(format=np.array(99)),
        "shapes": with_array(centre=np.zeros(3)), "nan": with_array(rest=np.array(np.nan)),
        "spread": with_array(spread=np.array(0.0)), "flat": with_array(components=np.zeros(5)),
        "list": with_array(rest=np.ones(2)),
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(broken_files()))
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "ood.npz").write_bytes(broken_files()[kind])
    with pytest.raises(InvalidInput, match=r"ood\.npz"):
        ood.load(tmp_path / "ood.npz")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        ood.load(tmp_path / "nowhere.npz")


def test_what_cannot_tell_the_usual_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too few"):
        ood.fit(make_features(20), groups_of(20))
    with pytest.raises(InvalidInput, match="too few"):
        ood.fit(make_features(80), ["one lesion"] * 80)
    with pytest.raises(InvalidInput, match="groups"):
        ood.fit(make_features(80), groups_of(60))
    with pytest.raises(InvalidInput, match="finite"):
        ood.fit(np.full((80, 4), np.nan), groups_of(80))
    with pytest.raises(InvalidInput, match="quantile"):
        ood.fit(make_features(80), groups_of(80), quantile=1.0)
    with pytest.raises(InvalidInput, match="40"):
        ood.fit(make_features(80), groups_of(80)).score(np.zeros((1, 7)))


def test_identical_images_do_not_divide_by_nothing() -> None:
    model = ood.fit(np.ones((60, 8)), range(60))
    assert np.isfinite(model.score(np.zeros((2, 8)))).all()


def text_picture(rng: np.random.Generator) -> Image.Image:
    picture = Image.new("RGB", (240, 180), (245, 243, 238))
    draw = ImageDraw.Draw(picture)
    for y in range(6, 176, 13):
        draw.text((6, y), "".join(chr(rng.integers(97, 123)) for _ in range(38)), fill=(20, 20, 25))
    return picture


def other_pictures(kind: str, count: int = 12) -> list[Image.Image]:
    rng = np.random.default_rng(11)
    if kind == "noise":
        return [Image.fromarray(rng.integers(0, 256, (36, 48, 3), dtype=np.uint8)) for _ in range(count)]
    if kind == "text":
        return [text_picture(rng) for _ in range(count)]
    colors = [rng.integers(0, 256, (4, 5, 3), dtype=np.uint8) for _ in range(count)]
    return [Image.fromarray(c).resize((48, 36), Image.Resampling.BICUBIC) for c in colors]


@pytest.mark.parametrize("kind", ["noise", "text", "coloured patches"])
def test_pictures_of_no_lesion_score_higher_than_lesions(kind: str) -> None:
    """Even the features of a network with random weights tell them apart."""
    import torch

    from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier
    from dermdash.classifier.inference import predict
    from dermdash.classifier.networks import build_network
    from dermdash.records.taxonomy import HAM7

    torch.manual_seed(0)
    network = build_network("resnet10", class_count=7).eval()
    classifier = Classifier(network, CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32))
    known = [draw_jpeg(code, seed) for seed in range(20) for code in COLORS]
    model = ood.fit(predict(classifier, known).features, range(len(known)))
    usual = model.score(predict(classifier, [draw_jpeg(c, 900 + s) for s in range(4) for c in COLORS]).features)
    strange = model.score(predict(classifier, other_pictures(kind)).features)
    truth = [0] * len(usual) + [1] * len(strange)
    assert roc_auc_score(truth, np.concatenate([usual, strange])) > 0.95
    assert np.mean(strange > model.threshold) > 0.9
    assert np.mean(usual > model.threshold) < 0.2
