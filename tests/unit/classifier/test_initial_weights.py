from pathlib import Path

import pytest
import torch

from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier, save_checkpoint
from dermdash.classifier.initial_weights import InitialKnowledge, read_initial_weights, read_knowledge
from dermdash.classifier.machine import resolve_device, thread_count
from dermdash.classifier.resnet import build_resnet
from dermdash.errors import InvalidCheckpoint, InvalidInput, NotFound
from dermdash.records.taxonomy import HAM7


def test_published_weights_with_another_head_fit(tmp_path: Path) -> None:
    path = tmp_path / "published.pth"
    torch.save(build_resnet("resnet10", class_count=1000).state_dict(), path)
    state = read_initial_weights(path, architecture="resnet10", class_count=7)
    assert state["fc.weight"].shape[0] == 1000
    assert read_knowledge(path) == InitialKnowledge((), training_known=False)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "published.pth"
    torch.save(build_resnet("resnet10", class_count=7).state_dict(), path)
    with pytest.raises(InvalidCheckpoint, match="does not fit efficientnet_lite0"):
        read_initial_weights(path, architecture="efficientnet_lite0", class_count=7)


def test_values_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "published.pth"
    state = build_resnet("resnet10", class_count=7).state_dict()
    state["conv1.weight"][0] = torch.nan
    torch.save(state, path)
    with pytest.raises(InvalidCheckpoint, match=r"conv1\.weight"):
        read_initial_weights(path, architecture="resnet10", class_count=7)
    with pytest.raises(NotFound):
        read_initial_weights(tmp_path / "absent.pth", architecture="resnet10", class_count=7)


def test_a_checkpoint_of_ours_says_what_it_has_seen(classifier: Classifier, tmp_path: Path) -> None:
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32, training_lesions=("0" * 16,))
    path = tmp_path / "model.safetensors"
    save_checkpoint(path, Classifier(classifier.network, metadata))
    assert read_knowledge(path) == InitialKnowledge(("0" * 16,), training_known=True)
    (tmp_path / "plain.safetensors").write_bytes(b"no checkpoint")
    assert read_knowledge(tmp_path / "plain.safetensors") == InitialKnowledge()


def test_devices_are_resolved() -> None:
    assert resolve_device("cpu") == "cpu"
    assert resolve_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert thread_count() == torch.get_num_threads()
    with pytest.raises(InvalidInput, match="abacus"):
        resolve_device("abacus")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_cuda_without_a_device_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no CUDA device"):
        resolve_device("cuda")
