"""Commands that import data sets: the same options, declared once, and a dry run that looks into the workspace."""

import json
from pathlib import Path

import pytest
import typer
from tests.unit.dataset.image_factories import make_jpeg
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.dataset import file_listing, import_plan
from dermdash.dataset.formats.registry import FORMATS
from dermdash.workflows.dataset import import_source

COMMON = {
    "--images", "--masks", "--dataset", "--name", "--mapping", "--encoding", "--dry-run", "--update", "--workers",
    "--exclusions", "--changes", "--problems", "--pseudonyms", "--json",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    source = tmp_path / "source"
    source.mkdir()
    for seed, name in enumerate("ab"):
        (source / f"{name}.jpg").write_bytes(make_jpeg(seed=seed, width=24, height=16))
    (source / "t.csv").write_text("image_id,dx,age\na,nv,41\nb,mel,52\nc,nv,60\n")
    return source


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["import", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result.stdout if status == 0 else result.output


def test_every_command_that_imports_a_data_set_has_the_same_options() -> None:
    commands = typer.main.get_command(app).commands["import"].commands  # type: ignore[attr-defined]
    for key in ("auto", *FORMATS):
        options = {name for parameter in commands[key].params for name in parameter.opts}
        assert options >= COMMON, (key, COMMON - options)


def test_a_dry_run_counts_rows_that_are_there_and_those_that_say_otherwise(folder: Path) -> None:
    run("auto", folder, "--json", "--workers", 1)
    (folder / "t.csv").write_text("image_id,dx,age\na,nv,41\nb,mel,53\nc,nv,60\n")
    listed = folder.parent / "changes.csv"
    said = json.loads(run("auto", folder, "--dry-run", "--json", "--changes", listed))
    assert (said["rows"], said["with_record"], said["excluded"]) == (3, 2, {"no_image_file": 1})
    assert (said["already_present"], said["changed"]) == (1, 1)
    assert [(c["image_id"], c["field"], c["old"], c["new"]) for c in said["changes"]] == [("b", "age_at_exam", 52, 53)]
    assert listed.read_text().splitlines()[1].startswith("b,age_at_exam,52,53")
    words = run("auto", folder, "--dry-run")
    assert "already present" in words
    assert "differs: b: age_at_exam 52 -> 53" in words
    alone = json.loads(run("auto", folder / "t.csv", "--dry-run", "--json"))
    assert (alone["with_record"], alone["already_present"], alone["changed"]) == (3, 1, 1), "without images, too"


@pytest.mark.parametrize("images", [(), ("--images", "{folder}")], ids=["the table alone", "with images"])
def test_a_dry_run_of_a_table_named_apart_counts_labels_and_fields(folder: Path, images: tuple[str, ...]) -> None:
    (folder / "t.csv").write_text("image_id,dx,age\na,nv,41\nb,mel,\nb,nv,9\nc,nv,60\n")
    places = [word.format(folder=folder) for word in images]
    said = json.loads(run("csv", "--metadata", folder / "t.csv", *places, "--dry-run", "--json"))
    kept = 2 if images else 3
    assert (said["format"], said["rows"], said["with_label"], said["fields"]["age_at_exam"]) == (
        "csv",
        4,
        kept,
        kept - 1,
    )
    assert said["excluded"] == {"duplicate_image_id": 1} | ({"no_image_file": 1} if images else {})
    missing = run("csv", "--metadata", folder / "t.csv", status=1)
    assert "no images were named" in missing


def test_a_dry_run_compares_records_under_pseudonyms_as_they_came_in(folder: Path) -> None:
    (folder / "t.csv").write_text("image_id,dx,patient_id\na,nv,P-one\nb,mel,P-two\n")
    run("auto", folder, "--pseudonyms", "--json", "--workers", 1)
    said = json.loads(run("auto", folder, "--pseudonyms", "--dry-run", "--json"))
    assert (said["already_present"], said["changes"]) == (2, [])


def test_files_are_listed_and_names_matched_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for module, name in ((file_listing, "_Lister"), (import_plan, "match_files")):
        real = getattr(module, name)

        def counted(*given: object, real=real, name=name, **options: object) -> object:  # type: ignore[no-untyped-def]
            done.append(name)
            return real(*given, **options)

        monkeypatch.setattr(module, name, counted)
    run("auto", folder, "--json", "--workers", 1)
    assert sorted(done) == ["_Lister", "match_files"]
    done.clear()
    run("auto", folder, "--json", "--workers", 1, "--dry-run")
    assert sorted(done) == ["_Lister", "match_files"]


def test_values_that_cannot_be_used_are_listed_by_every_command(folder: Path) -> None:
    table, listed = folder / "t.csv", folder.parent / "p.csv"
    table.write_text("image_id,dx,age\na,nv,85+\nb,mel,\n")
    run("csv", "--metadata", table, "--images", folder, "--problems", listed, "--workers", 1)
    assert listed.read_text().splitlines()[1].startswith("t.csv,2,age,85+,")
    ham = folder / "HAM10000_metadata"
    table.rename(ham)
    ham.write_text("lesion_id,image_id,dx,dx_type,age,sex,localization\nL,a,nv,histo,old,male,back\n")
    run("ham10000", "--metadata", ham, "--images", folder, "--problems", listed, "--workers", 1)
    assert listed.read_text().splitlines()[1].startswith("HAM10000_metadata,2,age,old,")


def test_diagnoses_of_another_taxonomy_name_it_and_the_commands_that_read_them(folder: Path) -> None:
    (folder / "t.csv").write_text("image_id,dx\na,nv\nb,squamous cell carcinoma\n")
    listed = folder.parent / "left.csv"
    result = CliRunner().invoke(
        app, ["import", "csv", "--metadata", str(folder / "t.csv"), "--images", str(folder), "--workers", "1",
              "--exclusions", str(listed)],
    )  # fmt: skip
    assert "--taxonomy names another one, and `dermdash import auto` finds" in result.output
    assert "clinical9, asan12, isic2019" in listed.read_text()
    assert "have a class for it" in listed.read_text()


def test_a_mapping_reads_the_table_of_a_format_and_the_format_says_what_it_is(folder: Path) -> None:
    (folder.parent / "m.yaml").write_text("columns:\n  image_id: image_id\n  dx: {to: diagnosis, values: {mel: nv}}\n")
    command = ("bcn20000", folder, "--mapping", folder.parent / "m.yaml", "--dry-run", "--json")
    said = json.loads(run(*command))
    assert (said["format"], said["dataset"], said["with_class"]) == ("bcn20000", "bcn20000", 2)


def test_nothing_that_was_unpacked_stays_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_source.prepare_import([folder]).close()
    assert not list(folder.parent.glob("dermdash-*"))
