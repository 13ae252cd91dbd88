"""`dermdash import readings` from files to the analyses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.reading_log_files import (
    DERMACHALLENGE,
    WIDE,
    WIDE_MAPPING,
    nature_medicine,
    phase_study,
    truth_csv,
)
from typer.testing import CliRunner

from dermdash.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["import", "readings", *arguments], env={"COLUMNS": "200"})


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def write(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def test_a_dry_run_says_what_the_log_is_and_makes_no_workspace(run: Run, tmp_path: Path) -> None:
    found = as_json(run(write("log.csv", DERMACHALLENGE), "--dry-run", "--json"))
    assert {k: found[k] for k in ("id", "format", "readings", "readers", "cases", "pairs", "unpaired")} == {
        "id": None, "format": "dermachallenge", "readings": 7, "readers": 2, "cases": 2, "pairs": 3, "unpaired": 1,
    }  # fmt: skip
    assert found["excluded"] == {"no answer (timeout or empty)": 1}
    assert not (tmp_path / "workspace").exists()


def test_phases_and_counts_are_imported_and_people_are_told(run: Run) -> None:
    names = [write(f"phase{p}.csv", phase_study(p)) for p in (1, 2, 3)]
    kept = as_json(run(*names, "--name", "Phases", "--mapping", "nevus_but_excise=malignant", "--json"))
    assert (kept["name"], kept["pairs"], kept["modalities"]) == (
        "Phases", 56, ["AI support", "AI support with explanation"],
    )  # fmt: skip
    assert kept["id"]
    text = run(write("benefit.csv", nature_medicine()), "--truth", write("truth.csv", truth_csv())).stdout
    assert "Aggregate file of the Nature Medicine 2020 study" in text
    assert "not told apart" in text
    assert "The true diagnosis of 6 images is from the truth file" in text


def test_a_mapping_comes_from_a_file_and_from_arguments(run: Run) -> None:
    write("mapping.json", json.dumps(WIDE_MAPPING))
    found = as_json(run(write("wide.csv", WIDE), "--mapping", "mapping.json", "--dry-run", "--json"))
    assert (found["pairs"], found["modalities"]) == (2, ["Class probabilities"])
    arguments = [a for pair in WIDE_MAPPING.items() for a in ("--mapping", "=".join(pair))]
    again = as_json(run("wide.csv", *arguments, "--mapping", "modality:AI=cbir", "--dry-run", "--json"))
    assert again["modalities"] == ["Similar images"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.csv",), "there is no file none.csv"),
        (("log.csv", "--format", "excel"), "there is no format 'excel'"),
        (("log.csv", "--format", "phase-study"), "is no Study in phases"),
        (("log.csv", "--mapping", "nothing.json"), "neither COLUMN=OURS nor a file"),
        (("log.csv", "--mapping", "list.json"), "must be one JSON object of texts"),
        (("log.csv", "--mapping", "Rater=reader"), "has no column 'Rater'"),
        (("log.csv", "other.csv"), "2 files were given"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(run: Run, arguments: tuple[str, ...], message: str) -> None:
    write("log.csv", DERMACHALLENGE)
    write("other.csv", DERMACHALLENGE)
    write("list.json", "[1]")
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not result.stdout


SPELT_TWICE = DERMACHALLENGE.replace("t2,u1", "t2,U1")


def test_a_reader_spelt_twice_is_said_with_the_option_that_decides(run: Run) -> None:
    log = write("log.csv", SPELT_TWICE)
    text = run(log, "--dry-run").stdout
    assert "Warning: These spellings look like one reader and are kept apart: 'u1' (4 rows), 'U1' (1 row)." in text
    assert "Use --spellings reader=merge to take them for one, or =apart if they are different." in text
    found = as_json(run(log, "--dry-run", "--json"))
    assert (found["readers"], len(found["warnings"])) == (3, 2)
    assert found["alike_names"] == [{"kind": "reader", "spellings": {"u1": 4, "U1": 1}}]
    merged = as_json(run(log, "--spellings", "reader=merge", "--json"))
    assert (merged["readers"], merged["warnings"], merged["alike_names"]) == (2, [], [])
    assert merged["spellings"] == {"one": {"reader": {"U1": "u1"}}}
    apart = as_json(run(log, "--spellings", "apart", "--dry-run", "--json"))
    assert (apart["readers"], apart["warnings"]) == (3, [])


def test_what_was_decided_holds_in_the_analyses_of_the_log(run: Run) -> None:
    log = write("log.csv", SPELT_TWICE)
    runner = CliRunner()
    run(log, "--name", "Open")
    run(log, "--name", "Decided", "--spellings", "merge")
    for name, readers, words in (
        ("Open", 3, "Import the file again with --spellings reader=merge"),
        ("Decided", 2, ""),
    ):
        found = as_json(runner.invoke(app, ["analyse", "item-response", name, "--json"]))
        assert words in " ".join(found["source_warnings"])
        assert bool(words) == bool(found["source_warnings"])
        report = as_json(runner.invoke(app, ["analyse", "report", name, "--only", "item-response", "--json"]))
        assert report["facts"]["n_readers"] == readers
        assert report["facts"]["warnings"] == found["source_warnings"]
        assert ("kept apart: &#39;u1&#39;" in Path("report.html").read_text("utf-8")) == bool(words)
    refused = runner.invoke(app, ["analyse", "agreement", "Open", "--spellings", "merge"])
    assert refused.exit_code == 1
    assert "Open is no file: --spellings and --reverse-ratings say how a file is read" in refused.stderr


@pytest.mark.parametrize("command", ["agreement", "benefit", "collective", "item-response", "reading-time"])
def test_every_analysis_of_a_file_warns_and_takes_the_option(run: Run, command: str) -> None:
    log = write("log.csv", SPELT_TWICE)
    runner = CliRunner()
    shown = runner.invoke(app, ["analyse", command, log])
    assert "kept apart: 'u1' (4 rows), 'U1' (1 row)." in shown.stdout, shown.output
    assert "--spellings reader=merge" in shown.stdout
    decided = runner.invoke(app, ["analyse", command, log, "--spellings", "reader=merge"])
    assert "kept apart" not in decided.output


def test_an_error_that_a_spelling_makes_names_the_option(run: Run) -> None:
    lines = ["BEGIN DATA:", "-1,N1,truth,0", "-1,d1,truth,1", "a,n1,unaided,1", "a,d1,unaided,2", "a,n1,AI,1"]
    result = run(write("a.imrmc", "\n".join(lines)))
    assert result.exit_code == 1
    assert "case n1 has no truth row" in result.stderr
    assert "Use --spellings case=merge to take them for one" in result.stderr
    assert run("a.imrmc", "--spellings", "case=merge", "--dry-run").exit_code == 0
    wrong = run("a.imrmc", "--spellings", "readers=merge")
    assert (wrong.exit_code, "--spellings is 'readers=merge'" in wrong.stderr) == (1, True)


def test_reversed_ratings_are_said_and_turned_round(run: Run) -> None:
    rows = [
        f"r{r},{m},c{c},{int(c < 9)},{5 - (c < 9) - r % 2}"
        for r in range(4)
        for m in ("unaided", "AI")
        for c in range(18)
    ]
    log = write("ratings.csv", "\n".join(["reader,modality,case,truth,rating", *rows]))
    shown = run(log, "--dry-run")
    assert "Warning: Ratings seem reversed: mean AUC of 4 readers 0.00" in shown.stdout
    assert "--reverse-ratings reads the ratings of a file the other way round" in shown.stderr
    turned = as_json(run(log, "--reverse-ratings", "--json"))
    assert turned["warnings"] == []
    assert any("8 minus the rating of the file" in note for note in turned["notes"])
