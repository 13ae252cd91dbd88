from pathlib import Path

import numpy as np
import pytest
import torch

from dermdash.classifier import inference
from dermdash.classifier.checkpoints import Classifier
from dermdash.classifier.inference import predict, predict_batches, predict_squares
from dermdash.classifier.preprocessing import centre_crop, load_square
from dermdash.errors import UnreadableImage


def test_four_view_inference_equals_torchs_own_flips_and_rotations(classifier: Classifier) -> None:
    squares = np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3), dtype=np.uint8)
    found = predict_squares(classifier, squares)
    x = torch.from_numpy(centre_crop(squares, 32).copy()).permute(0, 3, 1, 2).float() / 255
    views = [x, x.flip(3), torch.rot90(x, 1, (2, 3)), torch.rot90(x.flip(3), 1, (2, 3))]
    with torch.inference_mode():
        outputs = [classifier.network.logits_and_features(view) for view in views]
    logits = torch.stack([logits for logits, _ in outputs]).mean(0)
    features = torch.stack([features for _, features in outputs]).mean(0)
    np.testing.assert_allclose(found.probabilities, torch.softmax(logits, 1), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.features, features, rtol=1e-4, atol=1e-5)


def test_probabilities_and_features_have_the_promised_shape_and_type(
    classifier: Classifier, lesion_folder: Path
) -> None:
    found = predict(classifier, sorted(lesion_folder.glob("*.png")), batch_size=4)
    assert found.probabilities.shape == (9, 7)
    assert found.features.shape == (9, 512)
    assert found.probabilities.dtype == found.features.dtype == np.float32
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0, rtol=1e-5)


def test_batch_size_threads_and_form_of_the_source_do_not_change_the_result(
    classifier: Classifier, lesion_folder: Path
) -> None:
    paths = sorted(lesion_folder.glob("*.png"))
    one = predict(classifier, paths, batch_size=1, workers=1)
    many = predict(classifier, (path.read_bytes() for path in paths), batch_size=64, workers=4)
    squares = predict_squares(classifier, np.stack([load_square(path, side=40) for path in paths]))
    for other in (many, squares):
        np.testing.assert_allclose(one.probabilities, other.probabilities, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(one.features, other.features, rtol=1e-4, atol=1e-5)


def test_progress_counts_images(classifier: Classifier, lesion_folder: Path) -> None:
    done: list[int] = []
    predict(classifier, sorted(lesion_folder.glob("*.png")), batch_size=4, progress=done.append)
    assert done == [4, 8, 9]


def test_an_unreadable_image_is_reported_and_the_rest_predicted(classifier: Classifier, lesion_folder: Path) -> None:
    paths = sorted(lesion_folder.glob("*.png"))
    paths[2].write_bytes(b"damaged")
    reported: dict[int, str] = {}
    found = predict(classifier, paths, batch_size=3, unreadable=lambda i, error: reported.update({i: str(error)}))
    assert list(reported) == [2]
    assert paths[2].name in reported[2]
    assert np.isnan(found.probabilities[2]).all()
    assert np.isfinite(np.delete(found.features, 2, axis=0)).all()


def test_without_a_reporter_an_unreadable_image_raises(classifier: Classifier) -> None:
    with pytest.raises(UnreadableImage):
        predict(classifier, [b"damaged"])


def test_no_images_give_empty_results_of_the_right_width(classifier: Classifier) -> None:
    found = predict(classifier, [])
    assert found.probabilities.shape == (0, 7)
    assert found.features.shape == (0, 512)
    assert list(predict_batches(classifier, [])) == []


def test_fetching_a_batch_later_gives_the_same_in_the_same_order(
    classifier: Classifier, lesion_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU, which computes while the next batch is put together."""
    paths = sorted(lesion_folder.glob("*.png"))
    paths[5].write_bytes(b"damaged")
    found = []
    for ahead in (0, 1, 5):
        monkeypatch.setattr(inference, "_batches_ahead", lambda _, ahead=ahead: ahead)
        reported: list[int] = []
        parts = predict_batches(classifier, paths, batch_size=2, unreadable=lambda i, _, r=reported: r.append(i))
        found.append(list(parts))
        assert reported == [5]
        assert [len(part.probabilities) for part in found[-1]] == [2, 2, 2, 2, 1]
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one.probabilities, two.probabilities)
            np.testing.assert_array_equal(one.features, two.features)


def test_a_single_image_is_judged_as_in_a_batch_and_leaves_the_number_of_threads(classifier: Classifier) -> None:
    squares = np.random.default_rng(3).integers(0, 256, (2, 40, 40, 3), dtype=np.uint8)
    before = torch.get_num_threads()
    alone, together = predict_squares(classifier, squares[:1]), predict_squares(classifier, squares)
    assert torch.get_num_threads() == before
    np.testing.assert_allclose(alone.probabilities[0], together.probabilities[0], rtol=1e-4, atol=1e-6)
