import dataclasses
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from dermdash.classifier.checkpoints import (
    Classifier,
    checkpoint_sha256,
    lesion_digest,
    load_checkpoint,
    load_state_dict_file,
    read_metadata,
    save_checkpoint,
    with_temperature,
)
from dermdash.classifier.inference import predict_squares
from dermdash.classifier.resnet import build_resnet
from dermdash.errors import InvalidCheckpoint, InvalidInput, NotFound


def some_squares(count: int = 3) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (count, 40, 40, 3), dtype=np.uint8)


def rewrite_header(path: Path, **changes: object) -> None:
    """Change entries of a checkpoint's metadata and leave its weights alone."""
    header = json.loads(json.dumps(dataclasses.asdict(read_metadata(path)))) | changes
    save_file(load_file(path), path, metadata={"dermdash": json.dumps(header)})


def test_what_is_saved_is_what_is_loaded(tmp_path: Path, classifier: Classifier) -> None:
    metadata = dataclasses.replace(
        classifier.metadata, training_lesions=(lesion_digest("HAM_1"),), metrics={"mean_recall": 0.5}
    )
    path = tmp_path / "model.safetensors"
    sha256 = save_checkpoint(path, Classifier(classifier.network, metadata))
    loaded = load_checkpoint(path, taxonomy="ham7")
    assert sha256 == checkpoint_sha256(path)
    assert loaded.metadata == metadata == read_metadata(path)
    for name, tensor in classifier.network.state_dict().items():
        torch.testing.assert_close(loaded.network.state_dict()[name], tensor, rtol=0, atol=0)
    assert not loaded.network.training
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


def test_the_same_model_gives_the_same_file(tmp_path: Path, classifier: Classifier) -> None:
    hashes = {save_checkpoint(tmp_path / f"{i}.safetensors", classifier) for i in range(2)}
    assert len(hashes) == 1


def test_half_precision_halves_the_file_and_hardly_moves_the_probabilities(
    tmp_path: Path, classifier: Classifier
) -> None:
    save_checkpoint(tmp_path / "full.safetensors", classifier)
    save_checkpoint(tmp_path / "half.safetensors", classifier, half_precision=True)
    sizes = [(tmp_path / f"{name}.safetensors").stat().st_size for name in ("half", "full")]
    assert sizes[0] < 0.51 * sizes[1]
    half = predict_squares(load_checkpoint(tmp_path / "half.safetensors"), some_squares())
    full = predict_squares(classifier, some_squares())
    np.testing.assert_allclose(half.probabilities, full.probabilities, atol=0.005)


def test_a_temperature_changes_certainty_and_no_answer(classifier: Classifier) -> None:
    images = torch.rand(4, 3, 32, 32)
    with torch.inference_mode():
        before = classifier.network(images)
        twice = with_temperature(with_temperature(classifier, 2.0), 1.5)
        torch.testing.assert_close(twice.network(images) * 3.0, before)
        torch.testing.assert_close(classifier.network(images), before)
    assert twice.metadata.metrics["temperature"] == 3.0
    for unusable in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="positive number"):
            with_temperature(classifier, unusable)


def test_a_model_tells_which_lesions_it_knows_without_naming_any(tmp_path: Path, classifier: Classifier) -> None:
    metadata = dataclasses.replace(
        classifier.metadata, training_lesions=(lesion_digest("HAM_0001"), lesion_digest("HAM_0002"))
    )
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, Classifier(classifier.network, metadata))
    assert read_metadata(path).trained_on(["HAM_0001", "HAM_0003"]) == {"HAM_0001"}
    assert b"HAM_000" not in path.read_bytes()
    assert metadata.training_data_sha256 != classifier.metadata.training_data_sha256


def test_weights_that_are_not_finite_are_refused(tmp_path: Path, classifier: Classifier) -> None:
    with torch.no_grad():
        classifier.network.layer2[0].conv1.weight[0, 0, 0, 0] = float("nan")
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, classifier)
    with pytest.raises(InvalidCheckpoint, match=r"not finite in layer2\.0\.conv1\.weight"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class_codes": ["akiec", "bcc"]}, "has the classes akiec, bcc; ham7 has akiec, bcc, bkl"),
        ({"class_codes": ["bcc", "akiec", "bkl", "df", "mel", "nv", "vasc"]}, "has the classes bcc, akiec"),
        ({"taxonomy": "ham8"}, "'ham8'"),
        ({"architecture": "vgg"}, "'vgg'"),
        ({"architecture": "resnet34"}, "does not fit resnet34"),
        ({"preprocessing": "imagenet"}, "'imagenet'"),
        ({"input_size": 7}, "input size 7"),
    ],
)
def test_metadata_that_does_not_fit_is_refused_by_name(
    tmp_path: Path, classifier: Classifier, changes: dict[str, object], message: str
) -> None:
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, classifier)
    rewrite_header(path, **changes)
    with pytest.raises(InvalidCheckpoint, match=message):
        load_checkpoint(path)


def test_another_taxonomy_than_the_needed_one_is_refused(tmp_path: Path, classifier: Classifier) -> None:
    save_checkpoint(tmp_path / "model.safetensors", classifier)
    with pytest.raises(InvalidCheckpoint, match="classifies ham7, but clinical9"):
        load_checkpoint(tmp_path / "model.safetensors", taxonomy="clinical9")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\xff" * 64])
def test_files_that_are_no_safetensors_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(InvalidCheckpoint, match="not a safetensors file"):
        load_checkpoint(path)


def test_a_truncated_checkpoint_is_refused(tmp_path: Path, classifier: Classifier) -> None:
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, classifier)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InvalidCheckpoint):
        load_checkpoint(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"absent\.safetensors"):
        load_checkpoint(tmp_path / "absent.safetensors")


def test_a_published_state_dict_loads_even_from_a_parallel_trainer(tmp_path: Path) -> None:
    network = build_resnet("resnet10", class_count=7)
    path = tmp_path / "published.pt"
    torch.save({"state_dict": {f"module.{k}": v for k, v in network.state_dict().items()}}, path)
    loaded = load_state_dict_file(path, architecture="resnet10", taxonomy="ham7")
    torch.testing.assert_close(loaded.network.fc.weight, network.fc.weight)
    assert not loaded.metadata.training_known


def test_a_state_dict_with_another_number_of_classes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "imagenet.pt"
    torch.save(build_resnet("resnet10", class_count=1000).state_dict(), path)
    with pytest.raises(InvalidCheckpoint, match="1,000 outputs, but ham7 has 7 classes"):
        load_state_dict_file(path, architecture="resnet10", taxonomy="ham7")


class Malicious:
    """Writes a file when unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.write_text, (self.target, "executed"))


@pytest.mark.parametrize("plain_pickle", [True, False])
def test_a_pickle_is_refused_and_never_executed(tmp_path: Path, plain_pickle: bool) -> None:
    target, path = tmp_path / "executed", tmp_path / "model.pt"
    if plain_pickle:
        path.write_bytes(pickle.dumps(Malicious(target), protocol=2))
    else:
        torch.save({"fc.weight": Malicious(target)}, path)
    with pytest.raises(InvalidCheckpoint, match="was not executed"):
        load_state_dict_file(path, architecture="resnet10", taxonomy="ham7")
    assert not target.exists()


def test_a_file_with_something_else_than_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"fc.weight": [1, 2, 3]}, tmp_path / "odd.pt")
    with pytest.raises(InvalidCheckpoint, match="not a state dict"):
        load_state_dict_file(tmp_path / "odd.pt", architecture="resnet10", taxonomy="ham7")
