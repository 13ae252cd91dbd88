from dermdash.report import wording


def test_a_bound_that_rounds_to_zero_has_no_sign() -> None:
    assert wording.points(0.061, -0.0001, 0.12) == "+6.1 points (0.0 to 12.0)"
    assert wording.points(-0.0001) == "+0.0 points"
    assert wording.percent_interval(-0.02, -0.05, -0.0001) == "\N{MINUS SIGN}2.0 % (\N{MINUS SIGN}5.0 to 0.0)"
    assert wording.number(-0.0001) == "0.000"


def test_what_is_not_known_is_said_in_words() -> None:
    assert wording.points(None) == wording.percent(None) == wording.number(None) == wording.p_value(None)
    assert wording.points(0.1, None, 0.2) == "+10.0 points"
    assert wording.p_value(0.0004) == "< 0.001"
