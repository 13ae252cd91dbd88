"""`dermdash analyse mrmc` on files of ratings, on logs, and with what is wrong in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.filled_workspace import fill_workspace
from tests.mrmc_factory import as_frame, make_study
from typer.testing import CliRunner

from dermdash.analysis.mrmc.analysis import analyse_mrmc
from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage.workspace import open_workspace

runner = CliRunner()
STUDY = make_study()


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    file = tmp_path / "ratings.csv"
    as_frame(STUDY).rename(columns={"modality": "treatment"}).to_csv(file, index=False)
    return file


@pytest.fixture
def imrmc(tmp_path: Path) -> Path:
    frame = as_frame(STUDY)
    lines = ["Made-up study", "N0: 18", "N1: 12", "NR: 4", "NM: 2", "BEGIN DATA:"]
    lines += [f"-1,{c},truth,{t}" for c, t in frame.drop_duplicates("case")[["case", "truth"]].to_numpy()]
    lines += [f"{r.reader},{r.case},{r.modality},{r.rating}" for r in frame.itertuples()]
    file = tmp_path / "ratings.imrmc"
    file.write_text("\n".join(lines))
    return file


def printed(*arguments: object) -> dict[str, Any]:
    result = runner.invoke(app, ["analyse", "mrmc", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def refused(*arguments: object) -> str:
    result = runner.invoke(app, ["analyse", "mrmc", *map(str, arguments)])
    assert result.exit_code == 1, result.stdout
    assert "Traceback" not in result.stderr
    return result.stderr


def test_both_kinds_of_file_give_the_same_tests(ratings: Path, imrmc: Path) -> None:
    first, second = printed(ratings), printed(imrmc)
    for kind in ("rrrc", "frrc", "rrfc"):
        assert first[kind] == second[kind]
        assert {"difference", "ci", "f", "df1", "df2", "p"} <= first[kind].keys()
    expected = analyse_mrmc(STUDY).as_dict()
    assert first["rrrc"] == expected["rrrc"]
    assert first["frrc"]["df2"] == 11
    assert list(first)[:3] == ["rrrc", "frrc", "rrfc"]
    assert (first["n_readers"], first["n_cases"], first["n_readings"]) == (4, 30, 240)


@pytest.mark.parametrize(
    ("arguments", "figure", "covariance"),
    [
        (("--fom", "sensitivity", "--threshold", "3"), "sensitivity", "jackknife"),
        (("--fom", "specificity", "--threshold", "3", "--covariance", "delong"), "specificity", "delong"),
        (("--fom", "accuracy", "--threshold", "3", "--covariance", "unbiased"), "accuracy", "unbiased"),
        (("--fom", "weighted_accuracy", "--threshold", "3", "--weight", "0.7"), "weighted_accuracy", "jackknife"),
        (("--fom", "pauc", "--low", "0.6", "--high", "0.9", "--over", "sensitivity"), "pauc", "jackknife"),
    ],
)
def test_every_figure_of_merit(ratings: Path, arguments: tuple[str, ...], figure: str, covariance: str) -> None:
    found = printed(ratings, *arguments)
    assert found["figure_of_merit"] == figure
    assert found["covariance"] == covariance
    assert found["rrrc"]["p"] is not None


def test_as_text_it_prints_the_section(ratings: Path) -> None:
    result = runner.invoke(app, ["analyse", "mrmc", str(ratings), "--margin", "0.1"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Multi-reader multi-case comparison\n")
    assert "m0 minus m1, AUC:" in result.stdout
    assert "Non-inferiority" in result.stdout


def test_a_model_in_a_file_of_its_own_and_among_the_readers(ratings: Path, tmp_path: Path) -> None:
    scores = tmp_path / "model.csv"
    rows = [f"{case},{int(truth)}.{k}" for k, (case, truth) in enumerate(zip(STUDY.cases, STUDY.truth, strict=True))]
    scores.write_text("\n".join(["case,score", *rows]))
    found = printed(ratings, "--predictions", scores, "--margin", "0.05")
    assert [part["name"] for part in found["model"]] == ["m0", "m1"]
    assert found["model"][0]["rrrc"]["difference"] > 0
    assert found["model"][0]["pairs"][0]["non_inferiority"][0]["modality"] == "Model model.csv"
    assert "rated case" in refused(ratings, "--model-reader", "r0")
    scores.write_text("case,score\nc000,1\nc000,2\n")
    assert "row 3: case c000 stands in two rows" in refused(ratings, "--predictions", scores)
    scores.write_text("case,score\nc000,high\n")
    assert "row 2: score is 'high'" in refused(ratings, "--predictions", scores)
    scores.write_text("case,points\nc000,1\n")
    assert "expected the columns case (or image) and score (or rating)" in refused(ratings, "--predictions", scores)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("c000,0,", "c000,2,"), "truth"),
        (("m1,c001,0", "m1,c001,1"), "one truth per case"),
        (("r0,m1,c001", "r0,m0,c001"), "again"),
        (("r0,m0,c000,0,2.0", "r0,m0,c000,0,two"), "rating is 'two'"),
        (("r0,m0,c000,0,2.0", "r0,m0,c000,0,inf"), "rating is 'inf'"),
    ],
)
def test_bad_cells_are_named_by_row(ratings: Path, change: tuple[str, str], words: str) -> None:
    text = ratings.read_text()
    first = text.splitlines()[1]
    text = text.replace(first, "r0,m0,c000,0,2.0")
    assert change[0] in text
    ratings.write_text(text.replace(*change, 1))
    message = refused(ratings)
    assert words in message
    assert "row " in message


def test_what_does_not_go_together_is_refused(ratings: Path) -> None:
    assert "needs a threshold" in refused(ratings, "--fom", "sensitivity")
    assert "use the jackknife" in refused(ratings, "--fom", "pauc", "--covariance", "delong")
    assert "--between-assistance are for logs" in refused(ratings, "--between-assistance")
    assert "margin is 2" in refused(ratings, "--margin", "2")
    assert "confidence is 95.0: expected less than 1" in refused(ratings, "--confidence", "95")


def test_vandyke_as_the_methods_print_it(shared_data: Path) -> None:
    """The published figures, six digits."""
    if not (shared_data / "mrmc").is_dir():
        pytest.skip("the VanDyke data are not kept beside this checkout")
    for name in ("vandyke.csv", "vandyke.imrmc"):
        found = printed(shared_data / "mrmc" / name)
        assert found["rrrc"]["f"] == pytest.approx(4.456319, abs=5e-7)
        assert found["rrrc"]["df2"] == pytest.approx(15.25967, abs=5e-6)
        assert found["rrrc"]["p"] == pytest.approx(0.0516657, abs=5e-8)
        assert found["rrrc"]["difference"] == pytest.approx(-0.04380032, abs=5e-9)
        assert found["rrrc"]["ci"] == pytest.approx([-0.0879595, 0.0003589], abs=5e-8)
        assert found["frrc"]["f"] == pytest.approx(5.475953, abs=5e-7)
        assert found["rrfc"]["p"] == pytest.approx(0.0419588, abs=5e-8)


def test_a_study_of_the_workspace_too_small_to_compare_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    made = fill_workspace(workspace)
    workspace.close()
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    found = printed(made.study_id)
    assert found["rrrc"]["p"] is None
    assert found["rrrc"]["reason"]
    # Which case met which assistance is drawn: a side may be absent or too small.
    assert all("needs some" in p["reason"] or "two cases of every side" in p["reason"] for p in found["comparisons"])
    assert "no assistance saliency" in refused(made.study_id, "--modality", "saliency")


def test_a_reader_spelt_twice_in_a_file_of_ratings(ratings: Path, imrmc: Path) -> None:
    expected = printed(ratings)
    for file in (ratings, imrmc):
        text = file.read_text()
        half = [line.replace("r1,", "R 1,") if i % 3 else line for i, line in enumerate(text.splitlines())]
        file.write_text("\n".join(half))
        if file is imrmc:
            # The header counts four readers.
            assert "Use --spellings reader=merge" in refused(file)
            file.write_text("\n".join(line for line in half if not line.startswith("NR")))
        found = printed(file)
        assert found["n_readers"] == 5
        assert "look like one reader and are kept apart: 'R 1'" in found["source_warnings"][0]
        assert "--spellings reader=merge" in found["source_warnings"][1]
        merged = printed(file, "--spellings", "reader=merge")
        assert merged["rrrc"]["p"] == pytest.approx(expected["rrrc"]["p"], rel=1e-9)
        assert merged["source_warnings"] == []
        assert "Taken for one reader, as was decided: 'R 1' (also 'r1')." in merged["notes"]
        apart = printed(file, "--spellings", "reader=apart")
        assert (apart["n_readers"], apart["source_warnings"]) == (5, [])
    shown = runner.invoke(app, ["analyse", "mrmc", str(ratings)]).stdout
    assert shown.splitlines()[2].startswith("  Warning: These spellings look like one reader")


def test_reversed_ratings_keep_their_numbers_and_are_said(tmp_path: Path) -> None:
    frame = as_frame(make_study(gain=0.2))
    file = tmp_path / "reversed.csv"
    frame.assign(rating=6 - frame["rating"]).to_csv(file, index=False)
    result = runner.invoke(app, ["analyse", "mrmc", str(file), "--json"])
    found = json.loads(result.stdout)
    assert max(m["rrrc"]["value"] for m in found["modalities"]) < 0.3
    assert found["warnings"][0].startswith("Ratings under m0 seem reversed: mean AUC of 4 readers 0.")
    assert sum("A higher rating must be the more suspicious one" in text for text in found["warnings"]) == 1
    assert "--reverse-ratings reads the ratings" in result.stderr
    turned = printed(file, "--reverse-ratings")
    frame.to_csv(file, index=False)
    straight = printed(file)
    assert turned["rrrc"] == straight["rrrc"]
    assert not any("reversed" in text for text in (*turned["warnings"], *straight["warnings"]))


def test_the_scores_of_a_model_are_joined_over_spellings_and_may_be_reversed(ratings: Path, tmp_path: Path) -> None:
    scores = tmp_path / "model.csv"
    rows = [
        f"{case.upper()},{1 - int(truth)}.{k}"
        for k, (case, truth) in enumerate(zip(STUDY.cases, STUDY.truth, strict=True))
    ]
    scores.write_text("\n".join(["# from the other site", "case,score", *rows]))
    found = printed(ratings, "--predictions", scores)
    assert "Line 1 starts with # and was skipped" in found["source_warnings"][0]
    assert (
        "Matched though spelt otherwise in model.csv, 30 of the cases: 'c000' (there 'C000')"
        in found["source_warnings"][1]
    )
    assert "Ratings under Model model.csv seem reversed: AUC 0.00" in found["model"][0]["warnings"][0]
    scores.write_text("case,score\nc-000,1\n")
    assert "'c000' (there 'c-000')" in refused(ratings, "--predictions", scores)
