"""What is shipped: the checkpoint, its model card, its operating point and its statistics fit one another."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dermdash.analysis.out_of_distribution import load as load_statistics
from dermdash.classifier.checkpoints import load_checkpoint, read_metadata
from dermdash.classifier.inference import predict, predict_squares
from dermdash.classifier.reference_model import (
    LICENCE,
    model_card,
    reference_checkpoint,
    reference_operating_point,
    reference_statistics,
)
from dermdash.records.taxonomy import get_taxonomy

CODES = get_taxonomy("ham7").codes


def test_the_shipped_files_are_small() -> None:
    assert reference_checkpoint().stat().st_size < 25e6
    assert reference_statistics().stat().st_size < 1e6


def test_the_model_says_what_it_trained_on_and_how_good_it_was() -> None:
    metadata = read_metadata(reference_checkpoint())
    assert metadata.class_codes == CODES
    assert metadata.training_known
    assert len(metadata.training_lesions) == metadata.metrics["training_images"] == 5087
    assert metadata.metrics["mean_recall"] > 0.70


def test_the_model_card_states_licence_and_the_figures_of_this_very_file() -> None:
    card, metrics = model_card(), read_metadata(reference_checkpoint()).metrics
    assert LICENCE.split(",")[0] in card
    assert "Research use only" in card
    assert f"| mean recall | {metrics['mean_recall']:.3f} " in card
    assert f"| accuracy | {metrics['accuracy']:.3f} " in card


def test_the_shipped_operating_point_has_a_threshold_for_every_class_and_for_malignancy() -> None:
    point = reference_operating_point()
    assert set(point["thresholds"]) == {*CODES, "malignancy"}
    assert all(0.0 < value < 1.0 for value in point["thresholds"].values())


def test_the_statistics_are_those_of_the_models_features() -> None:
    classifier = load_checkpoint(reference_checkpoint())
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (2, 200, 200, 3), dtype=np.uint8)
    known = load_statistics(reference_statistics())
    scores = known.score(predict_squares(classifier, noise).features)
    assert (scores > known.threshold).all()


def test_its_published_test_figures_can_be_reproduced(shared_data: Path) -> None:
    folder = shared_data / "isic2018_task3_test"
    truth = pd.read_csv(folder / "ISIC2018_Task3_Test_GroundTruth.csv").set_index("image")
    paths = sorted((folder / "images").iterdir())
    labels = truth.loc[[path.stem for path in paths]].idxmax(axis=1).str.lower().to_numpy()
    found = predict(load_checkpoint(reference_checkpoint()), paths).probabilities
    answers = np.array(CODES)[found.argmax(axis=1)]
    recall = float(np.mean([(answers[labels == code] == code).mean() for code in CODES]))
    accuracy = float((answers == labels).mean())
    # One image of 8 in a class moves mean recall by 0.018; machines differ in the last digits.
    assert math.isclose(recall, 0.733, abs_tol=0.02)
    assert accuracy == pytest.approx(0.743, abs=0.012)
