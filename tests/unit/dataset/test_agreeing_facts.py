"""Which images are compared one by one because their records agree."""

import numpy as np
import pandas as pd

from dermdash.dataset import agreeing_facts
from dermdash.dataset.agreeing_facts import LARGEST_BLOCK, agreeing_blocks, larger_blocks, likely_pairs, pairs_within


def rows(*facts: tuple[object, object, object, object], dataset: str = "a") -> pd.DataFrame:
    frame = pd.DataFrame(facts, columns=["sex", "age_at_exam", "anatomical_site", "patient_id"])
    return frame.assign(dataset_id=dataset)


def blocks_of(frame: pd.DataFrame) -> list[list[int]]:
    return sorted(block.tolist() for block in agreeing_blocks(frame))


def test_sex_age_and_site_together_make_a_block() -> None:
    frame = rows(
        ("female", 50, "head/neck", None),
        ("female", 52, "head/neck", None),  # sources round ages to five years
        ("female", 58, "head/neck", None),
        ("male", 50, "head/neck", None),
        ("female", 50, "palms/soles", None),
    )
    assert blocks_of(frame) == [[0, 1]]


def test_the_same_fact_missing_agrees_and_all_missing_says_nothing() -> None:
    frame = rows(
        (None, 50, "head/neck", None), (None, 50, "head/neck", None), ("male", 50, "head/neck", None),
        (None, None, None, None), (None, None, None, None),
    )  # fmt: skip
    assert blocks_of(frame) == [[0, 1]]


def test_a_patient_is_a_block_within_their_data_set() -> None:
    facts = [("male", age, None, "P1") for age in (20, 40)]
    frame = pd.concat([rows(*facts), rows(("male", 60, None, "P1"), dataset="b")], ignore_index=True)
    assert blocks_of(frame) == [[0, 1]]


def test_a_block_of_nearly_everything_is_left_to_the_votes() -> None:
    same = [("male", 50, "head/neck", None)] * (LARGEST_BLOCK + 1)
    assert blocks_of(rows(*same)) == []
    assert len(agreeing_blocks(rows(*same, *[("female", i, None, None) for i in range(0, 5 * len(same), 5)]))) == 1
    assert agreeing_blocks(rows()) == []


def test_pairs_are_those_within_blocks_of_which_one_asks() -> None:
    blocks = [np.array([0, 1, 2]), np.array([1, 2]), np.arange(LARGEST_BLOCK + 1)]
    asking = np.zeros(LARGEST_BLOCK + 1, dtype=np.bool_)
    asking[2] = True
    assert pairs_within(blocks, asking).tolist() == [[0, 2], [1, 2]]
    assert larger_blocks(blocks)[0] is blocks[2]
    assert agreeing_facts.FACTS == ("sex", "age_at_exam", "anatomical_site")


def test_likely_pairs_share_patient_and_site_or_without_a_patient_all_facts() -> None:
    frame = rows(
        ("male", 40, "torso", "P1"), ("male", 47, "torso", "P1"), ("male", 40, "head/neck", "P1"),
        ("male", 40, "torso", "P2"),  # another person, however alike
        ("male", 40, "torso", None), ("male", 41, "torso", None), ("male", 60, "torso", None),
    )  # fmt: skip
    assert likely_pairs(frame).tolist() == [[0, 1], [4, 5]]
    assert likely_pairs(frame.iloc[:0]).tolist() == []
