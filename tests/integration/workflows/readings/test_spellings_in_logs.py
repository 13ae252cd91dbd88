"""One name in several spellings, in every format of log: found, merged or kept apart as was said, kept with the log."""

import random
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from tests.mrmc_factory import as_frame, make_study
from tests.reading_log_files import (
    DERMACHALLENGE,
    SISTER,
    WIDE,
    WIDE_MAPPING,
    nature_medicine,
    phase_study,
    truth_csv,
)
from tests.unit.records.test_alike_names import as_somebody_else_types

from dermdash.analyses.mrmc.ratings_file import read_mrmc_file
from dermdash.analyses.mrmc.run import analyse_mrmc_data
from dermdash.errors import InvalidInput, NamesAlike
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.spellings import APART, MERGE, SpellingChoice
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.readings import import_reading_log as logs
from dermdash.workflows.readings.read_reading_log import read_files

STUDY = make_study(readers=3, cases=20, diseased=8)
RATINGS = as_frame(STUDY).replace({"modality": {"m0": "unaided", "m1": "AI support"}})
RATINGS_CSV = RATINGS.to_csv(index=False)
IMRMC = "\n".join(
    [
        "BEGIN DATA:",
        *(f"-1,{c},truth,{t}" for c, t in RATINGS.drop_duplicates("case")[["case", "truth"]].to_numpy()),
        *(f"{row.reader},{row.case},{row.modality},{row.rating}" for row in RATINGS.itertuples()),
    ]
)
OWN = "reader,case,phase,modality,dx,truth_dx\n" + "".join(
    f"{reader},{case},{phase},{modality},{dx},mel\n"
    for reader in ("R 1", "R 2")
    for case in ("IMG_1", "IMG_2")
    for phase, modality, dx in (("unaided", "Oracle", "nv"), ("aided", "Oracle", "mel"))
)


def read(text: str | list[str], name: str = "log.csv", **options: object) -> ReadingsTable:
    texts = [text] if isinstance(text, str) else text
    files = [LogFile(name if len(texts) == 1 else f"phase{i + 1}.csv", t.encode()) for i, t in enumerate(texts)]
    table = read_files(files, **options).table  # type: ignore[arg-type]
    assert isinstance(table, ReadingsTable)
    return table


def respelt(text: str, old: str, new: str, *, every: int = 2) -> str:
    """Every second line that holds a name with the name in another spelling."""
    count = 0
    lines = []
    for line in text.splitlines():
        if old in line:
            count += 1
            line = line.replace(old, new) if count % every == 0 else line
        lines.append(line)
    assert count >= every
    return "\n".join(lines) + "\n"


FORMATS: dict[str, tuple[str | list[str], str, str, str, Mapping[str, object]]] = {
    "dermachallenge reader": (DERMACHALLENGE, "u1", "U1", "reader", {}),
    "dermachallenge case": (DERMACHALLENGE, "ISIC_0000001", "isic_0000001", "case", {}),
    "dermachallenge session": (DERMACHALLENGE, "t1,", "T1,", "session", {}),
    "sister reader": (SISTER, "u1;", "U1;", "reader", {}),
    "ratings reader": (RATINGS_CSV, "r1,", "R 1,", "reader", {}),
    "ratings case": (RATINGS_CSV, "c003,", "C003,", "case", {}),
    "ratings modality": (RATINGS_CSV, "AI support", "AI  Support", "modality", {}),
    "imrmc reader": (IMRMC, "r1,", "R_1,", "reader", {}),
    "imrmc modality": (IMRMC, "AI support", "ai support", "modality", {}),
    "own reader": (OWN, "R 1", "r\u00a01", "reader", {}),
    "own case": (OWN, "IMG_1", "img_1", "case", {}),
    "own modality": (OWN, "Oracle", "oracle", "modality", {}),
    "mapped reader": (WIDE, "A;", "a;", "reader", {"mapping": WIDE_MAPPING}),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMATS)
def test_every_format_finds_merges_and_keeps_apart(case: str) -> None:
    text, old, new, kind, options = FORMATS[case]
    assert isinstance(text, str)
    clean = read(text, **options)
    assert (clean.alike, clean.warnings) == ((), ())
    spelt = respelt(text, old, new)
    undecided = read_or_groups(spelt, **options)
    assert kind in {group.kind for group in undecided}
    merged = read(spelt, spelling_rule={"*": MERGE}, **options)
    assert merged.alike == ()
    assert f"Taken for one {kind}, as was decided" in " ".join(merged.notes)
    # Up to the spelling, which is that of most rows, it is the log that was spelt in one way.
    for column in ("reader", "case", "session", "modality"):
        assert codes(merged.frame, column) == codes(clean.frame, column), column
    assert values(merged) == values(clean)


def values(table: ReadingsTable) -> list[list[str]]:
    """The answers, whoever gave them."""
    found = table.frame[["phase", "dx", "malignancy_rating", "confidence", "client_ms"]].astype(str)
    return sorted(found.to_numpy().tolist())


def codes(frame: pd.DataFrame, column: str) -> list[int]:
    return sorted(frame.groupby(["phase", column]).size())


def read_or_groups(text: str, **options: object) -> tuple:
    """The groups that a table, or else the error about it, names."""
    try:
        table = read(text, **options)
    except NamesAlike as error:
        return error.groups
    assert "look like one" in table.warnings[0]
    return table.alike


def test_participants_of_a_study_in_phases_are_one_over_all_files() -> None:
    files = [phase_study(1), phase_study(2).replace("p1,", "P1,")]
    apart = read(files)
    assert apart.alike[0].spellings == (("P1", 14), ("p1", 14))
    assert apart.frame["reader"].nunique() == 3
    merged = read(files, spelling_rule={"reader": MERGE})
    assert merged.frame["reader"].nunique() == 2
    clean = read([phase_study(1), phase_study(2)])
    assert codes(merged.frame, "modality") == codes(clean.frame, "modality")


def test_masks_spelt_twice_are_one_image() -> None:
    files = [phase_study(1), phase_study(2).replace("g1_01", "G1_01")]
    assert read(files).alike[0].names == ("G1_01", "g1_01")
    assert read(files, spelling_rule={"case": MERGE}).frame["case"].nunique() == 26
    numbered = [text.replace("g1_", "im").replace("g2_", "im") for text in files]
    composite = read([numbered[0], numbered[1].replace("G1_01", "IM01")])
    assert composite.alike[0].names == ("1/IM01", "1/im01")
    assert read([numbered[0], numbered[1].replace("G1_01", "IM01")], spelling_rule={"*": MERGE}).alike == ()


def test_images_of_a_file_of_counts() -> None:
    text = nature_medicine().replace("ISIC_0000001", "isic_0000001", 1)
    files = [LogFile("benefit.csv", text.encode())]
    found = read_files(files).table
    assert found.alike[0].kind == "case"
    assert read_files(files, spelling_rule={"*": MERGE}).table.frame["case"].nunique() == 6


def test_diagnoses_in_free_words() -> None:
    text = OWN.replace(",mel\n", ",Odd spot\n").replace("nv,", "odd spot,").replace("mel,", "other thing,")
    table = read(text)
    assert [(g.kind, g.names) for g in table.alike] == [("diagnosis", ("Odd spot", "odd spot"))]
    assert not table.frame["correct"].any()
    merged = read(text, spelling_rule={"diagnosis": MERGE})
    assert merged.frame.groupby("phase")["correct"].all().to_dict() == {"unaided": True, "aided": False}


@pytest.mark.parametrize("seed", range(6))
def test_any_retyping_of_readers_and_cases_is_undone_by_merging(seed: int) -> None:
    rng = random.Random(seed)
    frame = RATINGS.astype(str).replace({"reader": {"r0": "Réader A", "r1": "Dr. Bé", "r2": "C 3"}})
    retyped = frame.assign(
        reader=[as_somebody_else_types(name, rng).strip() for name in frame["reader"]],
        case=[rng.choice([str.upper, str.lower])(name) for name in frame["case"]],
    )
    expected = read(frame.to_csv(index=False), spelling_rule={"*": MERGE})
    merged = read(retyped.to_csv(index=False), spelling_rule={"*": MERGE})
    assert merged.frame["reader"].nunique() == 3
    assert merged.frame["case"].nunique() == 20
    order = ["case", "phase", "malignancy_rating"]
    for table in (expected, merged):
        table.frame["case"] = table.frame["case"].str.lower()
    assert merged.frame.sort_values(order)[order].to_numpy().tolist() == (
        expected.frame.sort_values(order)[order].to_numpy().tolist()
    )


def test_nfc_and_nfd_are_one_reader_in_every_reading() -> None:
    frame = RATINGS.replace({"reader": {"r1": "Jos\u00e9"}})
    halves = frame.assign(
        reader=[unicodedata.normalize("NFD" if i % 2 else "NFC", name) for i, name in enumerate(frame["reader"])]
    )
    table = read(halves.to_csv(index=False))
    assert (table.frame["reader"].nunique(), table.alike) == (3, ())
    assert "Unicode NFD" in " ".join(table.notes)
    ratings = read_mrmc_file(halves.to_csv(index=False).encode())
    assert ratings.data.readers == ("Jos\u00e9", "r0", "r2")
    assert "Unicode NFD" in ratings.notes[0]


def test_truth_rows_of_imrmc_spelt_otherwise_are_explained_and_merged() -> None:
    text = IMRMC.replace("-1,c003,", "-1,C003,")
    with pytest.raises(NamesAlike, match=r"case c003 has no truth row.*'c003'.*'C003'"):
        read_mrmc_file(text.encode())
    ratings = read_mrmc_file(text.encode(), spelling_rule={"case": MERGE})
    assert len(ratings.data.cases) == 20
    with pytest.raises(InvalidInput, match="has no truth row"):
        read_mrmc_file(text.encode(), spelling_rule={"case": APART})


def test_merging_two_who_both_answered_is_refused_with_the_row() -> None:
    text = OWN.replace("R 2", "r 1")
    with pytest.raises(
        InvalidInput, match=r"row 6: .*second unaided answer to case IMG_1.*'R 1' is one reader with 'r 1'"
    ):
        read(text, spelling_rule={"reader": MERGE})
    ratings = RATINGS_CSV.replace("r2,", "R1,")
    with pytest.raises(InvalidInput, match=r"again .first in row .*is one reader with"):
        read_mrmc_file(ratings.encode(), spelling_rule={"*": MERGE})
    assert read(text).frame["reader"].nunique() == 2


def choose(table: ReadingsTable, answer: str) -> SpellingChoice:
    return SpellingChoice().taking(table.alike, answer)


@pytest.mark.parametrize("answer", [MERGE, APART])
def test_the_decision_is_kept_with_the_log_and_holds_when_it_is_read_anew(
    duckdb_workspace: Workspace, answer: str
) -> None:
    files = [LogFile("log.csv", respelt(OWN, "R 1", "r 1").encode())]
    undecided, _ = logs.import_reading_log(duckdb_workspace, files, name="Undecided")
    table = readings_source.load_readings(duckdb_workspace, undecided.key)
    assert len(table.alike) == 1
    assert "kept apart: 'R 1' (2 rows), 'r 1' (2 rows)" in table.warnings[0]
    log, summary = logs.import_reading_log(duckdb_workspace, files, name="Decided", spellings=choose(table, answer))
    again = readings_source.load_readings(duckdb_workspace, log.key)
    assert (again.alike, again.warnings, summary.alike) == ((), (), ())
    assert again.frame["reader"].nunique() == log.readers == (2 if answer == MERGE else 3)
    assert logs.get_log(duckdb_workspace, log.id).spellings == choose(table, answer)
    # By a rule, the same is kept: the spellings, not the rule.
    by_rule, _ = logs.import_reading_log(duckdb_workspace, files, name="Decided", spelling_rule={"*": answer})
    assert by_rule.id == log.id
    assert logs.import_reading_log(duckdb_workspace, files, name="Undecided")[0].id == undecided.id


def test_a_log_that_was_imported_before_there_was_a_choice_is_the_same_log(duckdb_workspace: Workspace) -> None:
    files = [LogFile("log.csv", OWN.encode())]
    log, _ = logs.import_reading_log(duckdb_workspace, files)
    assert log.options == {"mapping": {}}
    assert logs.import_reading_log(duckdb_workspace, files, spelling_rule={"*": MERGE})[0].id == log.id


def test_the_truth_is_joined_over_spellings_and_said(tmp_path: Path) -> None:
    text = OWN.replace(",truth_dx", "").replace(",mel\n", "\n")
    truth = b"image,dx\nimg_1.jpg,mel\nIMG-2,mel\n"
    table = read(text, truth=truth)
    assert table.frame.groupby("case")["truth_dx"].first().to_dict() == {"IMG_1": "mel", "IMG_2": None}
    assert (
        table.warnings[0]
        == "Matched though spelt otherwise in the truth file, 1 of the images: 'IMG_1' (there 'img_1')."
    )
    assert "Not matched though names like them stand in the truth file, 1 of the images: 'IMG_2'" in table.warnings[1]
    with pytest.raises(InvalidInput, match=r"knows none of its images.*'IMG_1' \(there 'IMG-1'\)"):
        read(text, truth=b"image,dx\nIMG-1,mel\nIMG-2,mel\n")
    counts = [LogFile("benefit.csv", nature_medicine().encode())]
    found = read_files(counts, truth=truth_csv().replace("ISIC_0000003", "isic_0000003").encode()).table
    assert found.frame["truth_dx"].notna().all()
    assert "'ISIC_0000003' (there 'isic_0000003')" in found.warnings[0]


def test_comments_above_the_header_are_noted(tmp_path: Path) -> None:
    assert "Line 1 starts with # and was skipped as a comment." in read("# exported\n" + DERMACHALLENGE).notes
    noted = read(["# one\n" + phase_study(1), phase_study(2)]).notes
    assert "phase1.csv: Line 1 starts with # and was skipped as a comment." in noted
    in_imrmc = IMRMC.replace("BEGIN DATA:\n", "BEGIN DATA:\n# reader, case\n")
    assert any("Line 2 starts with #" in note for note in read(in_imrmc, name="a.imrmc").notes)
    assert "Line 2 starts with #" in read_mrmc_file(in_imrmc.encode()).notes[0]
    counts = read_files([LogFile("benefit.csv", b"# x\n" + nature_medicine().encode())]).table
    assert "Line 1 starts with #" in counts.notes[0]
    for text in (DERMACHALLENGE, RATINGS_CSV, OWN, IMRMC, nature_medicine()):
        lines = text.splitlines()
        broken = "\n".join([*lines[:3], "#" + lines[3], *lines[4:]])
        with pytest.raises(InvalidInput, match="row 4 starts with #: is it a comment"):
            read_files([LogFile("log.csv", broken.encode())])


def turned(text: str, column: Callable[[pd.DataFrame], pd.Series]) -> str:
    frame = pd.read_csv(pd.io.common.StringIO(text))
    return frame.assign(rating=column(frame)).to_csv(index=False)


def test_reversed_ratings_are_said_at_import_and_turned_round(duckdb_workspace: Workspace) -> None:
    backwards = turned(RATINGS_CSV, lambda f: 6 - f["rating"])
    files = [LogFile("ratings.csv", backwards.encode())]
    summary, _ = logs.preview(files)
    assert summary.reversible
    assert summary.warnings[0].startswith("Ratings seem reversed: mean AUC of 3 readers 0.")
    assert logs.preview([LogFile("ratings.csv", RATINGS_CSV.encode())])[0].warnings == ()
    log, kept = logs.import_reading_log(duckdb_workspace, files, reverse_ratings=True)
    assert kept.warnings == ()
    again = readings_source.load_readings(duckdb_workspace, log.key)
    straight = read(RATINGS_CSV)
    pd.testing.assert_series_equal(again.frame["malignancy_rating"], straight.frame["malignancy_rating"])
    assert "The ratings were reversed, as was asked: 6 minus the rating of the file" in " ".join(again.notes)
    assert logs.import_reading_log(duckdb_workspace, files, name="As it is")[0].id != log.id


def test_only_ratings_of_the_file_can_be_turned_round() -> None:
    with pytest.raises(InvalidInput, match="follows from the answers"):
        read([phase_study(1), phase_study(2)], reverse_ratings=True)
    with pytest.raises(InvalidInput, match="no malignancy rating"):
        read(DERMACHALLENGE, reverse_ratings=True)
    with pytest.raises(InvalidInput, match="counts answers per image"):
        read_files([LogFile("benefit.csv", nature_medicine().encode())], reverse_ratings=True)


def test_vandyke_with_a_reader_spelt_twice_and_upside_down(shared_data: Path) -> None:
    """Six readers for five give p 0.040 for 0.052; merged it is what the methods print."""
    file = shared_data / "mrmc" / "vandyke.csv"
    frame = pd.read_csv(file, dtype=str)
    first = frame.index[frame["reader"] == "0"]
    frame.loc[first, "reader"] = ["Reader A" if i % 2 else "reader A" for i in range(len(first))]
    data = frame.to_csv(index=False).encode()
    apart = read_mrmc_file(data)
    assert apart.alike[0].spellings == (("Reader A", 114), ("reader A", 114))
    assert analyse_mrmc_data(apart.data).as_dict()["rrrc"]["p"] == pytest.approx(0.040, abs=0.0005)
    merged = read_mrmc_file(data, spelling_rule={"reader": MERGE})
    assert analyse_mrmc_data(merged.data).as_dict()["rrrc"]["p"] == pytest.approx(0.0516657, abs=5e-8)
    upside_down = frame.assign(rating=6 - frame["rating"].astype(float)).to_csv(index=False).encode()
    found = analyse_mrmc_data(read_mrmc_file(upside_down, spelling_rule={"*": MERGE}).data).as_dict()
    assert found["modalities"][0]["rrrc"]["value"] == pytest.approx(0.103, abs=0.001)
    assert "Ratings under 0 seem reversed: mean AUC of 5 readers 0.10" in found["warnings"][0]
    assert sum("seem reversed" in text for text in found["warnings"]) == 2
    again = read_mrmc_file(upside_down, spelling_rule={"*": MERGE}, reverse_ratings=True)
    straight = analyse_mrmc_data(again.data).as_dict()
    assert straight["rrrc"]["p"] == pytest.approx(0.0516657, abs=5e-8)
    assert not any("reversed" in text for text in straight["warnings"])
