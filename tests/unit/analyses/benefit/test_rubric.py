import pytest

from dermdash.analyses.benefit.rubric import DEFAULT_RUBRIC, Judgement, make_rubric, management_word
from dermdash.errors import InvalidInput


@pytest.mark.parametrize(
    ("truth", "malignant", "management", "expected"),
    [
        ("mel", True, "manage_biopsy", Judgement.APPROPRIATE),
        ("mel", True, "dismiss", Judgement.UNDERTREATMENT),
        ("mel", True, "local therapy", Judgement.UNDERTREATMENT),
        ("akiec", True, "manage_localtherapy", Judgement.APPROPRIATE),
        ("nv", False, "Monitor", Judgement.APPROPRIATE),
        ("nv", False, "biopsy", Judgement.OVERTREATMENT),
        (None, False, "excise", Judgement.OVERTREATMENT),
        (None, None, "excise", None),
        ("nv", False, "pray", None),
        ("nv", False, None, None),
    ],
)
def test_the_class_comes_before_its_side(
    truth: str | None, malignant: bool | None, management: str | None, expected: Judgement | None
) -> None:
    assert DEFAULT_RUBRIC.judge(truth, malignant, management) == expected


def test_the_table_of_a_rubric_makes_the_same_rubric() -> None:
    assert make_rubric(DEFAULT_RUBRIC.frame.to_dict("records")).rows == DEFAULT_RUBRIC.rows


def test_words_of_logs_and_people_mean_the_same() -> None:
    assert {management_word(w) for w in ("manage_localtherapy", "Local therapy", "local_therapy")} == {"localtherapy"}
    assert DEFAULT_RUBRIC.knows("manage_dismiss")
    assert not DEFAULT_RUBRIC.knows("pray")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no row"),
        ([{"truth": "mel", "management": "biopsy", "judgement": "fine"}], "row 1: judgement is 'fine'"),
        ([{"truth": "", "management": "biopsy", "judgement": "appropriate"}], "truth is empty"),
        ([{"truth": "mel", "management": "--", "judgement": "appropriate", "row": 7}], "row 7: management is '--'"),
        ([{"truth": "mel", "management": w, "judgement": "appropriate"} for w in ("biopsy", "Biopsy")], "twice"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(rows: list[dict[str, object]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make_rubric(rows)
