from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tests.unit.classifier.lesion_images import write_lesions

from dermdash.classifier.checkpoints import CheckpointMetadata, Classifier
from dermdash.classifier.resnet import build_resnet
from dermdash.classifier.training import TrainedClassifier, train
from dermdash.records.taxonomy import HAM7


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny networks are slower on several threads, and far slower when other programs keep the cores busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def classifier() -> Classifier:
    """An untrained 10-layer network at 32 px that is not symmetric under flips."""
    torch.manual_seed(5)
    metadata = CheckpointMetadata("resnet10", "ham7", HAM7.codes, 32, training_lesions=(), seed=5, epochs=0)
    return Classifier(build_resnet("resnet10", class_count=7).eval(), metadata)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedClassifier:
    """A network trained for seconds on three drawn classes of plainly different colour."""
    paths, labels, lesions = write_lesions(tmp_path_factory.mktemp("drawn"), per_class=20)
    return train(
        taxonomy=HAM7.name,
        images=paths,
        labels=labels,
        lesion_ids=lesions,
        architecture="resnet10",
        input_size=32,
        epochs=18,
        batch_size=8,
        seed=3,
        device="cpu",
    )


@pytest.fixture
def lesion_folder(tmp_path: Path) -> Path:
    """A folder with three drawn images of each of three classes."""
    write_lesions(tmp_path, per_class=3, seed=11)
    return tmp_path
