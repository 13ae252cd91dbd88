"""A crowd that grows with the study is not fixed: it is said of readers, kinds and guidelines alike."""

import pandas as pd
from tests.readings_factory import make_readings

from dermdash.readings.crowd_shown import CrowdShown, crowd_shown


def frame_of(advice: dict[tuple[str, str], str | None]) -> pd.DataFrame:
    """Aided readings: the crowd's words by reader and case; None: the reader was shown something else."""
    return pd.DataFrame(
        [
            {"reader": reader, "case": case, "phase": "aided", "advice_dx": words, "advice_confidence": 0.5}
            | {"modality": "cbir" if words is None else "crowd_probability"}
            for (reader, case), words in advice.items()
        ]
    )


def test_shares_that_differ_between_readers_of_a_case_are_counted() -> None:
    found = crowd_shown(
        frame_of({("a", "1"): "mel", ("b", "1"): "nv", ("a", "2"): "nv", ("b", "2"): "nv", ("c", "1"): None}),
        growing=True,
    )
    assert found is not None
    assert (found.cases, found.changed, found.readers, found.never) == (2, 1, 3, 1)
    assert found.readings == {"cbir": 1, "crowd_probability": 4}
    assert found.warnings == (
        "The crowd's shares were not fixed: they pooled the readers before each reader, of this study too, and "
        "differed between readers in 1 of 2 cases that two readers or more saw them for. Readers who saw them "
        "depend on the readers before them and are not independent of one another, which no interval or test here "
        "allows for. Kinds "
        "of assistance are not balanced within readers, as a case has no shares until enough readers have read it: 1 "
        "of 3 readers never saw any.",
    )


def test_what_stood_on_the_screen_decides_where_it_is_known() -> None:
    frame = frame_of({("a", "1"): "mel", ("b", "1"): "mel"})
    found = crowd_shown(frame, pd.Series(["0.6", "0.7"]), growing=True)
    assert found is not None
    assert found.changed == 1


def test_a_crowd_that_was_the_same_for_all_limits_nothing() -> None:
    same = frame_of({("a", "1"): "mel", ("b", "1"): "mel"})
    log, frozen = crowd_shown(same), crowd_shown(same, growing=False, fixed_from="Earlier study")
    assert log is not None
    assert frozen is not None
    assert log.warnings == frozen.warnings == ()
    assert log.fixed_words == ""
    assert frozen.fixed_words == (
        "The crowd's shares were fixed with the protocol, from Earlier study: every reader of a case saw the same."
    )


def test_readings_without_a_crowd_have_none() -> None:
    assert crowd_shown(make_readings(readers=2, cases=7).frame) is None


def test_a_growing_crowd_that_nobody_saw_yet_is_said_to_be_so() -> None:
    assert CrowdShown(0, 0, 2, 2, growing=True).warnings == (
        "The crowd's shares were not fixed: they pooled the readers before each reader, of this study too. No case was "
        "shown with them to two readers or more. Kinds of assistance are not balanced within readers, as a case has no "
        "shares until enough readers have read it: 2 of 2 readers never saw any.",
    )
