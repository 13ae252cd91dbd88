"""Simulated readers: reproducible, valid, and with the effects that make a demonstration worth looking at."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from dermdash.reader_study.assistance import build_assistance
from dermdash.reader_study.management import Management
from dermdash.reader_study.profile import PROFESSIONS
from dermdash.reader_study.protocol import NATURE_MEDICINE_MODALITIES
from dermdash.reader_study.protocol_parts import Asked
from dermdash.reader_study.reading_session import Assignment
from dermdash.reader_study.simulation import SimulatedReader, draw_case, draw_readers, simulate_session
from dermdash.readings.assistance.assistance_form import CrowdOpinion
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import HAM7

START = datetime(2026, 1, 5, 14, tzinfo=UTC)
LEVELS = 3


def make_advice(truth_dx: str, rng: np.random.Generator) -> dict[str, float]:
    """Class probabilities that are right in about 72 % of the cases."""
    top = truth_dx if rng.random() < 0.72 else str(rng.choice([c for c in HAM7.codes if c != truth_dx]))
    share = float(rng.uniform(0.35, 0.85))
    return {code: share if code == top else (1 - share) / 6 for code in HAM7.codes}


def make_payloads(truth_dx: str, rng: np.random.Generator) -> dict[Modality, dict]:
    probabilities = make_advice(truth_dx, rng)
    drawn = rng.choice(HAM7.codes, size=8, p=list(probabilities.values()))
    return build_assistance(
        taxonomy=HAM7,
        probabilities=probabilities,
        neighbours=[(f"r{i}", str(dx), 0.9 - 0.05 * i) for i, dx in enumerate(drawn)],
        crowd=CrowdOpinion(make_advice(truth_dx, rng), 9),
    )


def simulate(*, readers: int, cases: int, seed: int = 1, asked: Asked | None = None) -> pd.DataFrame:
    """Let readers of all levels read the same cases under the four modalities in turn; one row per reading."""
    rng = np.random.default_rng(seed)
    truths = [HAM7.codes[i % 7] for i in range(cases)]
    payloads = [make_payloads(truth, rng) for truth in truths]
    drawn = {
        str(i): draw_case(
            truth,
            taxonomy=HAM7,
            rng=rng,
            model_share=payloads[i][Modality.MULTICLASS_PROBABILITY]["probabilities"][truth],
        )
        for i, truth in enumerate(truths)
    }
    rows = []
    for number, reader in enumerate(draw_readers(readers, rng=rng)):
        assignments = [
            # Classes come in turns of seven, so the modality moves on once more after each turn.
            Assignment(f"{number}-{i}", str(i), i + 1, NATURE_MEDICINE_MODALITIES[(i + i // 7 + number) % 4])
            for i in range(cases)
        ]
        answers = simulate_session(
            reader,
            assignments=assignments,
            cases=drawn,
            assistance={a.id: payloads[int(a.case_id)][a.modality] for a in assignments},
            taxonomy=HAM7,
            confidence_levels=LEVELS,
            starts_at=START,
            rng=rng,
            **({} if asked is None else {"asked": asked}),
        )
        by_id = {a.id: a for a in assignments}
        for answer in answers:
            assignment = by_id[answer.assignment_id]
            rows.append(
                {
                    "reader": number,
                    "profession": reader.profile.profession,
                    "modality": str(assignment.modality),
                    "phase": str(answer.phase),
                    "dx": answer.dx,
                    "correct": answer.dx == truths[int(assignment.case_id)],
                    "confidence": answer.confidence,
                    "client_ms": answer.client_ms,
                    "shown_at": answer.shown_at,
                    "submitted_at": answer.submitted_at,
                    "malignancy_rating": answer.malignancy_rating,
                    "management": answer.management,
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def crowd_of_readings() -> pd.DataFrame:
    return simulate(readers=70, cases=84)


def accuracy(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Share correct per group: unaided, aided and the gain."""
    shares = rows.groupby([by, "phase"])["correct"].mean().unstack()
    return shares.assign(gain=shares["aided"] - shares["unaided"])


def test_the_more_experienced_the_more_accurate_without_help(crowd_of_readings: pd.DataFrame) -> None:
    unaided = accuracy(crowd_of_readings, "profession")["unaided"]
    order = ["dermatologist", "dermatology_resident", "general_practitioner", "medical_student"]
    assert unaided[order].is_monotonic_decreasing
    assert 0.65 < unaided["dermatologist"] < 0.85
    assert unaided["dermatologist"] - unaided["medical_student"] > 0.2


def test_the_least_experienced_gain_most_from_class_probabilities(crowd_of_readings: pd.DataFrame) -> None:
    rows = crowd_of_readings[crowd_of_readings["modality"] == Modality.MULTICLASS_PROBABILITY]
    gain = accuracy(rows, "profession")["gain"]
    assert gain["medical_student"] > gain["dermatology_resident"] > gain["dermatologist"] > 0


def test_class_probabilities_help_most_and_similar_images_and_malignancy_little(
    crowd_of_readings: pd.DataFrame,
) -> None:
    gain = accuracy(crowd_of_readings, "modality")["gain"]
    assert gain.idxmax() == Modality.MULTICLASS_PROBABILITY
    assert gain[Modality.MULTICLASS_PROBABILITY] > 0.1
    assert gain[Modality.CROWD_PROBABILITY] > 0.05
    assert gain[[Modality.CBIR, Modality.MALIGNANCY_PROBABILITY]].abs().max() < 0.05


def test_the_surer_an_answer_the_more_often_it_is_right(crowd_of_readings: pd.DataFrame) -> None:
    for _, rows in crowd_of_readings.groupby("phase"):
        shares = rows.groupby("confidence")["correct"].mean()
        assert list(shares.index) == [1, 2, 3]
        assert shares.is_monotonic_increasing


def test_aided_answers_take_about_half_the_time(crowd_of_readings: pd.DataFrame) -> None:
    median = crowd_of_readings.groupby("phase")["client_ms"].median() / 1000
    assert 6.5 < median["unaided"] < 9.5
    assert 3.3 < median["aided"] < 4.7


def test_answers_are_of_the_taxonomy_and_follow_one_another_in_time(crowd_of_readings: pd.DataFrame) -> None:
    assert set(crowd_of_readings["dx"]) == set(HAM7.codes)
    for _, rows in crowd_of_readings.groupby("reader"):
        assert rows["shown_at"].iloc[0] == START
        assert (rows["shown_at"].iloc[1:].to_numpy() > rows["submitted_at"].iloc[:-1].to_numpy()).all()
        assert list(rows["phase"].iloc[:2]) == ["unaided", "aided"]
    seconds = (crowd_of_readings["submitted_at"] - crowd_of_readings["shown_at"]).dt.total_seconds()
    np.testing.assert_allclose(seconds, crowd_of_readings["client_ms"] / 1000, atol=1e-3)


def test_the_same_seed_simulates_the_same_and_another_does_not() -> None:
    first, again, other = (simulate(readers=3, cases=14, seed=seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first, again)
    assert not first["dx"].equals(other["dx"])


@pytest.mark.parametrize("count", [4, 14, 40])
def test_readers_are_of_every_level_of_experience(count: int) -> None:
    readers = draw_readers(count, rng=np.random.default_rng(3))
    numbers = pd.Series([reader.profile.profession for reader in readers]).value_counts()
    assert len(readers) == count
    assert set(numbers.index) <= set(PROFESSIONS)
    if count >= 14:
        assert list(numbers.sort_values(ascending=False).index) == [
            "dermatologist",
            "dermatology_resident",
            "general_practitioner",
            "medical_student",
        ]


def test_a_case_without_assistance_gets_no_aided_answer() -> None:
    rng = np.random.default_rng(2)
    (reader,) = draw_readers(1, rng=rng)
    assert isinstance(reader, SimulatedReader)
    answers = simulate_session(
        reader,
        assignments=[Assignment("a", "c", 1, Modality.NONE)],
        cases={"c": draw_case("mel", taxonomy=HAM7, rng=rng)},
        assistance={"a": None},
        taxonomy=HAM7,
        confidence_levels=LEVELS,
        starts_at=START,
        rng=rng,
    )
    assert [answer.phase for answer in answers] == [Phase.UNAIDED]


def test_rating_and_management_follow_the_diagnosis_where_they_are_asked_and_draw_nothing_else() -> None:
    asked = simulate(readers=12, cases=28, asked=Asked(malignancy_rating=True, management=True))
    malignant = asked["dx"].map(lambda dx: HAM7[dx].is_malignant)
    assert asked["malignancy_rating"].between(0, 100).all()
    assert asked.loc[malignant, "malignancy_rating"].min() > 30 > 20 > asked.loc[~malignant, "malignancy_rating"].min()
    assert (asked.loc[~malignant, "management"] == Management.DISMISS).mean() > 0.5
    assert set(asked["management"]) == set(Management)
    silent = simulate(readers=2, cases=7, asked=Asked())
    pd.testing.assert_frame_equal(silent, simulate(readers=2, cases=7))
    assert silent[["malignancy_rating", "management"]].isna().all(axis=None)
