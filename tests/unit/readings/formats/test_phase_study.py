"""The log of a study in phases: which file is which, the image shown twice, and the answer between the classes."""

import pytest
from tests.reading_log_files import phase_study

from dermdash.errors import InvalidInput
from dermdash.readings.formats import phase_study as phases
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.parsed_log import LogTable, ParsedLog
from dermdash.records.csv_table import read_table


def read(*files: tuple[str, str], **options: str) -> ParsedLog:
    tables = [LogTable(LogFile(name, text.encode()), read_table(text.encode())) for name, text in files]
    return phases.read(tables, options=options)


def test_the_third_image_comes_again_as_the_thirteenth() -> None:
    for named_twice in (True, False):
        rows = read(("phase1.csv", phase_study(1, named_twice=named_twice))).rows
        again = rows[rows["repeat"] == 1]
        assert again["case"].tolist() == ["g1_03", "g2_03"]
        assert again["position"].tolist() == [13, 13]
        assert rows.groupby("reader")["case"].nunique().tolist() == [13, 13]


def test_an_assumed_repetition_is_said() -> None:
    assert "the 13th image of a group was taken for the 3rd" in " ".join(
        read(("phase1.csv", phase_study(1, named_twice=False))).notes
    )
    # With another diagnosis it is another image.
    text = phase_study(1, named_twice=False).replace("g1_13,malignant", "g1_13,benign")
    assert (read(("phase1.csv", text)).rows["repeat"] == 0).all()


def test_a_second_answer_to_another_image_is_refused() -> None:
    text = phase_study(1).replace("p1,1,g1_05,", "p1,1,g1_04,")
    message = r"participant p1 has two answers in phase 1 to g1_04 \(row 6 of .*\) and g1_03 \(row 14 of .*\): only one"
    with pytest.raises(InvalidInput, match=message):
        read(("phase1.csv", text.replace("g1_04,malignant", "g1_04,benign")))


def test_images_that_every_group_numbers_anew_are_different_cases() -> None:
    rows = read(("phase1.csv", phase_study(1).replace("g1_", "m").replace("g2_", "m"))).rows
    assert rows["case"].nunique() == 2 * 13
    assert "1/m01" in set(rows["case"])


def test_nevus_but_excise_is_benign_or_malignant_as_asked() -> None:
    file = ("phase1.csv", phase_study(1))
    benign, malignant = read(file), read(file, nevus_but_excise="malignant")
    for log, counts_as in ((benign, False), (malignant, True)):
        excised = log.rows[log.rows["management"] == "excise"]
        assert len(excised) == 2
        assert excised["malignant_answer"].tolist() == [counts_as] * 2
        assert excised["dx"].tolist() == ["nv", "nv"]
        assert excised["correct"].tolist() == [not counts_as] * 2
        assert (excised["malignancy_rating"] > 0).tolist() == [counts_as] * 2
    with pytest.raises(InvalidInput, match="nevus_but_excise is 'both'"):
        read(file, nevus_but_excise="both")


def test_the_phase_is_in_the_name_or_said() -> None:
    text = phase_study(2)
    assert set(read(("metadata_phase2.csv", text)).rows["phase"]) == {"aided"}
    assert set(read(("x.csv", text), phase="3").rows["modality"]) == {"AI support with explanation"}
    with pytest.raises(InvalidInput, match=r"x\.csv: which phase is it"):
        read(("x.csv", text))
    with pytest.raises(InvalidInput, match=r"a phase2\.csv and b_phase_2\.csv are both phase 2"):
        read(("a phase2.csv", text), ("b_phase_2.csv", text))


def test_each_aided_phase_is_compared_with_the_first() -> None:
    rows = read(*((f"phase{p}.csv", phase_study(p)) for p in (1, 2, 3))).rows
    by_session = rows.groupby(["session", "phase"]).size().to_dict()
    assert set(by_session.values()) == {28}
    assert len(by_session) == 4
    advised = rows[rows["phase"] == "aided"]
    assert (advised["advice_dx"] == advised["truth_dx"]).all()
    assert rows.loc[rows["phase"] == "unaided", "advice_dx"].isna().all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("malignant,1,6", "malignant,2,6", "phase1.csv, row 2: prediction is '2', expected 0 .nevus., 0.5"),
        ("malignant,1,6", "odd,1,6", "row 2: benign_malignant is 'odd'"),
        ("malignant,1,6", "malignant,1,600", "row 2: confidence is '600', expected a number from 0 to 100"),
        ("p1,1,g1_01", ",1,g1_01", "row 2: participant is empty"),
        ("p1,1,g1_01", "p1,1,", "row 2: mask is empty"),
    ],
)
def test_a_broken_row_is_named(old: str, new: str, message: str) -> None:
    assert old in phase_study(1)
    with pytest.raises(InvalidInput, match=message):
        read(("phase1.csv", phase_study(1).replace(old, new, 1)))
