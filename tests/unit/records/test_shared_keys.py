"""Rows that have keys, or all they say, in common."""

import pickle

from dermdash.records.shared_keys import NOTHING, shared_keys


def test_content_is_the_same_and_what_came_before_is_the_same_object() -> None:
    one = shared_keys({"sex": "male", "age": 40})
    assert one == {"sex": "male", "age": 40}
    assert one != {"sex": "male", "age": 41}
    assert {**one} == {"sex": "male", "age": 40}
    assert one | {"age": 50} == {"sex": "male", "age": 50}
    assert {"age": 50} | one == {"age": 40, "sex": "male"}
    assert "sex" in one
    assert "site" not in one
    assert shared_keys({"sex": "male", "age": 40}) is one
    assert shared_keys(one) is one
    assert shared_keys({}) is NOTHING
    assert pickle.loads(pickle.dumps(one)) == one


def test_lists_among_the_values_stay_lists() -> None:
    assert shared_keys({"colours": ["red", "blue"]}) == {"colours": ["red", "blue"]}
