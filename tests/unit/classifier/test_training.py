import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.classifier.lesion_images import write_lesions

from dermdash.classifier.augmentation import Augmentation
from dermdash.classifier.checkpoints import lesion_digest, load_checkpoint, read_state_dict, save_checkpoint
from dermdash.classifier.inference import predict
from dermdash.classifier.optimisation import _class_balance
from dermdash.classifier.resnet import build_resnet
from dermdash.classifier.training import TrainedClassifier, TrainingProgress, coarse_size, train
from dermdash.classifier.training_state import read_state, write_state
from dermdash.errors import InvalidInput

pytestmark = pytest.mark.slow


def train_briefly(folder: Path, *, seed: int = 7, **options: object) -> TrainedClassifier:
    paths, labels, lesions = write_lesions(folder, per_class=4)
    arguments: dict[str, object] = {
        "taxonomy": "ham7",
        "images": paths,
        "labels": labels,
        "lesion_ids": lesions,
        "held_out_fraction": 0.5,
        "architecture": "resnet10",
        "input_size": 32,
        "epochs": 1,
        "batch_size": 4,
        "seed": seed,
        "device": "cpu",
    }
    return train(**(arguments | options))  # type: ignore[arg-type]


def test_it_learns_classes_of_different_colour_and_holds_for_unseen_lesions(
    trained: TrainedClassifier,
) -> None:
    assert trained.classifier.metadata.metrics["mean_recall"] >= 0.9
    assert trained.history[-1].mean_recall == trained.classifier.metadata.metrics["mean_recall"]


def test_new_images_are_classified_after_a_round_trip_through_a_file(
    trained: TrainedClassifier, tmp_path: Path
) -> None:
    paths, labels, _ = write_lesions(tmp_path, per_class=5, seed=99)
    save_checkpoint(tmp_path / "model.safetensors", trained.classifier, half_precision=True)
    classifier = load_checkpoint(tmp_path / "model.safetensors")
    found = predict(classifier, paths).probabilities.argmax(axis=1)
    given = [classifier.metadata.class_codes[i] for i in found]
    assert np.mean([a == b for a, b in zip(given, labels, strict=True)]) >= 0.9


def test_the_checkpoint_knows_every_training_lesion_and_no_held_out_one(tmp_path: Path) -> None:
    result = train_briefly(tmp_path)
    _, _, lesions = write_lesions(tmp_path, per_class=4)
    held_out = {lesion for lesion, out in zip(lesions, result.held_out, strict=True) if out}
    assert result.classifier.metadata.trained_on(lesions) == set(lesions) - held_out
    assert len(held_out) == 3
    assert result.held_out_predictions.probabilities.shape == (len(result.held_out_indices), 7)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    torch.manual_seed(1)
    first = train_briefly(tmp_path).classifier.network.state_dict()
    torch.manual_seed(2)  # the caller's random state must not matter
    second = train_briefly(tmp_path).classifier.network.state_dict()
    other = train_briefly(tmp_path, seed=8).classifier.network.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["fc.weight"], other["fc.weight"])


def test_the_callers_random_state_is_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    train_briefly(tmp_path)
    assert torch.equal(torch.rand(3), expected)


def test_named_lesions_are_held_out(tmp_path: Path) -> None:
    result = train_briefly(tmp_path, held_out_lesions={"nv_lesion_0", "vasc_lesion_1"})
    assert np.flatnonzero(result.held_out).tolist() == [0, 1, 6, 7]
    assert result.held_out_indices.tolist() == [0, 1, 6, 7]


def test_it_trains_without_any_held_out_lesion(tmp_path: Path) -> None:
    result = train_briefly(tmp_path, held_out_lesions=())
    assert not result.held_out.any()
    assert "mean_recall" not in result.classifier.metadata.metrics


def test_an_unreadable_image_is_named_and_left_out(tmp_path: Path) -> None:
    paths, labels, lesions = write_lesions(tmp_path, per_class=4)
    paths.append(tmp_path / "absent.png")
    result = train_briefly(
        tmp_path, images=paths, labels=[*labels, "nv"], lesion_ids=[*lesions, "alone"], held_out_lesions=()
    )
    assert list(result.unreadable) == [12]
    assert "absent.png" in result.unreadable[12]
    assert result.classifier.metadata.trained_on(["alone"]) == set()


def test_progress_is_reported_after_every_epoch(tmp_path: Path) -> None:
    seen: list[TrainingProgress] = []
    result = train_briefly(tmp_path, epochs=3, measure_every=2, progress=seen.append)
    assert [p.epoch for p in seen if p.step == p.steps] == [1, 2, 3]
    assert [p.mean_recall is not None for p in result.history] == [False, True, True]
    assert all(np.isfinite(p.loss) for p in seen)


def test_training_continues_from_given_weights_but_for_another_last_layer(tmp_path: Path) -> None:
    torch.save(build_resnet("resnet10", class_count=1000).state_dict(), tmp_path / "imagenet.pth")
    start = read_state_dict(tmp_path / "imagenet.pth")
    result = train_briefly(tmp_path, initial_state=start, learning_rate=1e-9)
    state = result.classifier.network.state_dict()
    torch.testing.assert_close(state["layer3.0.conv1.weight"], start["layer3.0.conv1.weight"], atol=1e-6, rtol=0)
    assert state["fc.weight"].shape == (7, 512)


class Stopped(Exception):
    """Stands for a power cut."""


def test_an_interrupted_training_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    state_file = tmp_path / "state"
    options = {"architecture": "efficientnet_lite0", "epochs": 3, "measure_every": 1}  # has dropout of its own
    whole = train_briefly(tmp_path, **options)

    def stop_in_the_last_epoch(progress: TrainingProgress) -> None:
        if progress.epoch == 3:
            raise Stopped

    with pytest.raises(Stopped):
        train_briefly(tmp_path, **options, state_file=state_file, progress=stop_in_the_last_epoch)
    seen: list[int] = []
    continued = train_briefly(
        tmp_path, **options, state_file=state_file, progress=lambda progress: seen.append(progress.epoch)
    )
    assert min(seen) >= 2
    assert [row.epoch for row in continued.history] == [1, 2, 3]
    first, second = whole.classifier.network.state_dict(), continued.classifier.network.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    np.testing.assert_array_equal(
        whole.held_out_predictions.probabilities, continued.held_out_predictions.probabilities
    )


def test_the_state_of_another_training_is_refused(tmp_path: Path) -> None:
    train_briefly(tmp_path, state_file=tmp_path / "state")
    with pytest.raises(InvalidInput, match="other data or settings"):
        train_briefly(tmp_path, state_file=tmp_path / "state", learning_rate=1e-3)
    (tmp_path / "state").write_bytes(b"half a file")
    with pytest.raises(InvalidInput, match="damaged"):
        train_briefly(tmp_path, state_file=tmp_path / "state")


def test_ctrl_c_while_the_state_is_written_waits_until_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = torch.save

    def interrupted(*arguments: object) -> None:
        signal.raise_signal(signal.SIGINT)
        save(*arguments)

    monkeypatch.setattr(torch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_state(tmp_path / "state", "identity", {"weights": torch.ones(3)})
    kept = read_state(tmp_path / "state", "identity")
    assert kept is not None
    assert kept["weights"].tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(KeyboardInterrupt):  # and the one after is taken at once again
        signal.raise_signal(signal.SIGINT)


def test_a_training_that_no_longer_improves_stops_and_keeps_its_best_weights(tmp_path: Path) -> None:
    result = train_briefly(tmp_path, epochs=30, measure_every=1, patience=2, learning_rate=1e-9)
    measured = [row.mean_recall for row in result.history]
    best = max(range(len(measured)), key=lambda i: (measured[i], -i))
    assert len(measured) == best + 3 < 30
    assert result.classifier.metadata.epochs == best + 1
    assert result.classifier.metadata.metrics["mean_recall"] == measured[best]


@pytest.mark.parametrize("balance", ["sampling", "loss", "none"])
def test_every_way_of_balancing_the_classes_trains(tmp_path: Path, balance: str) -> None:
    assert np.isfinite(train_briefly(tmp_path, balance=balance).history[-1].loss)


def test_only_balancing_makes_a_rare_class_count() -> None:
    counts = np.array([900.0, 100.0, 0.0])
    drawn, adjustment, weights = _class_balance(counts, "sampling")
    assert drawn[1] / drawn[0] == pytest.approx(3.0)
    # What sampling leaves of the imbalance (30 : 10) is taken out of the loss.
    assert adjustment[0] - adjustment[1] == pytest.approx(np.log(3.0))
    assert adjustment[2] == 0.0
    _, _, weights = _class_balance(counts, "loss")
    assert weights[1] / weights[0] == pytest.approx(9.0)
    assert float((weights[:2] * counts[:2]).sum()) == pytest.approx(counts.sum())


def test_the_lesions_of_the_initial_weights_count_as_trained_on(tmp_path: Path) -> None:
    result = train_briefly(tmp_path, initial_training_lesions=[lesion_digest("seen before")])
    assert result.classifier.metadata.trained_on(["seen before", "never seen"]) == {"seen before"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"balance": "luck"}, "unknown class balance 'luck'"),
        ({"labels": ["nevus"] * 12}, "unknown labels nevus: expected akiec"),
        ({"labels": ["nv"]}, "12 images, 1 label and"),
        ({"labels": ["nv"] * 12}, "at least two classes"),
        ({"input_size": 16}, "at least 32 px"),
    ],
)
def test_unusable_input_is_named(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        train_briefly(tmp_path, **options)


def test_augmented_views_differ_stay_in_range_and_repeat_by_seed() -> None:
    images = torch.randint(0, 256, (1, 3, 46, 46), dtype=torch.uint8).repeat(6, 1, 1, 1)
    views = Augmentation(0)(images, size=32, generator=torch.Generator().manual_seed(0))
    again = Augmentation(0)(images, size=32, generator=torch.Generator().manual_seed(0))
    assert views.shape == (6, 3, 32, 32)
    assert 0.0 <= float(views.min()) <= float(views.max()) <= 1.0
    assert torch.equal(views, again)
    assert len({view.numpy().tobytes() for view in views}) == 6


def test_augmentation_mirrors_about_half_of_the_images_and_turns_evenly() -> None:
    # A bright top-left quadrant: its brightest quadrant in the view tells how the view was turned.
    image = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    image[:, :, :32, :32] = 200
    views = Augmentation(0)(image.repeat(400, 1, 1, 1), size=32, generator=torch.Generator().manual_seed(0)).mean(dim=1)
    quadrants = torch.stack(
        [views[:, i : i + 16, j : j + 16].mean(dim=(1, 2)) for i in (0, 16) for j in (0, 16)], dim=1
    )
    counts = torch.bincount(quadrants.argmax(dim=1), minlength=4)
    assert int(counts.min()) > 60


def test_some_views_are_colour_corrected_and_some_get_hairs() -> None:
    # A uniform patch under a yellow light: only colour constancy brings it near grey, only a hair varies it.
    patch = torch.tensor([200, 160, 110], dtype=torch.uint8)[None, :, None, None].repeat(200, 1, 46, 46)
    views = Augmentation(0)(patch, size=32, generator=torch.Generator().manual_seed(0))
    hairy = views.std(dim=(2, 3)).amax(dim=1) > 0.01
    assert 0.05 < float(hairy.float().mean()) < 0.3
    plain = views[~hairy].mean(dim=(2, 3))
    chroma = (plain.amax(dim=1) - plain.amin(dim=1)) / plain.mean(dim=1)
    assert 0.05 < float((chroma < 0.25).float().mean()) < 0.3


def test_the_first_epochs_see_two_thirds_of_the_resolution() -> None:
    assert [coarse_size(size) for size in (32, 96, 224)] == [32, 64, 160]


def test_decoding_is_reported_image_by_image(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    train_briefly(tmp_path, decoding=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 12) for i in range(1, 13)]


@pytest.mark.parametrize("epochs", range(1, 8))
def test_a_training_of_so_few_images_that_an_epoch_is_one_step_has_a_schedule(epochs: int) -> None:
    from dermdash.classifier.optimisation import Recipe, TrainingRun, start_network

    network = start_network("resnet10_fine", 2, 1, None)
    squares = np.zeros((2, 40, 40, 3), np.uint8)
    run = TrainingRun(network, squares, np.array([0, 1]), 2, Recipe(epochs, 32, 1e-3, 1), "cpu")
    assert run.steps == 1
    assert run.optimiser.param_groups[0]["lr"] < 1e-3
