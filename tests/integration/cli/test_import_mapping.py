"""`dermdash import mapping | mappings`, and imports by a mapping."""

import json
from pathlib import Path

import pytest
from tests.unit.dataset.formats.clinic_tables import IMAGES, write_clinic
from tests.unit.dataset.image_factories import make_jpeg, make_zip
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.errors import InvalidInput
from dermdash.workflows.dataset import saved_mappings
from dermdash.workflows.dataset.saved_mappings import find_mapping, list_mappings, save_mapping

TABLE = "Bild;Geschlecht;Alter;Diagnose;Notiz\na1.jpg;m;45;NZN;x\na2.jpg;w;85+;Melanom;\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    (tmp_path / "t.csv").write_text(TABLE, "utf-8")
    make_zip(tmp_path / "i.zip", {"a1.jpg": make_jpeg(seed=1), "a2.jpg": make_jpeg(seed=2)})
    return tmp_path


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == status, result.output
    return result.stdout if status == 0 else result.output


def test_a_proposed_mapping_is_edited_tried_saved_and_used(folder: Path) -> None:
    yaml = folder / "m.yaml"
    run("import", "mapping", folder / "t.csv", "--out", yaml)
    assert "Alter: age_at_exam  # 60 % sure, by its name; e.g. 45, 85+" in yaml.read_text("utf-8")
    yaml.write_text("dataset: clinic\nname: The clinic\n" + yaml.read_text("utf-8"), "utf-8")
    said = json.loads(run("import", "table", folder / "t.csv", "--mapping", yaml, "--dry-run", "--json"))
    assert (said["format"], said["dataset"], said["rows"], said["with_class"]) == ("table", "clinic", 2, 2)
    assert said["further"] == ["Notiz", "Alter"]
    assert said["problems"] == [
        {"table": "t.csv", "row": 3, "column": "Alter", "value": "85+", "why": "was read as 85, and means 85 or more"}
    ]
    run("import", "table", folder / "t.csv", "--mapping", yaml, "--dry-run", "--problems", folder / "p.csv")
    assert (folder / "p.csv").read_text("utf-8").splitlines()[1].startswith("t.csv,3,Alter,85+,")
    run("import", "mappings", "--save", yaml, "--name", "clinic")
    assert json.loads(run("import", "mappings", "--json"))["mappings"][0]["name"] == "clinic"
    again = json.loads(run("import", "mapping", folder / "t.csv", "--json"))
    assert again["fitting"] == ["clinic"]
    report = json.loads(
        run("import", "auto", folder / "t.csv", folder / "i.zip", "--mapping", "clinic", "--workers", 1, "--json")
    )
    assert (report["dataset"], report["imported"]) == ("clinic", 2)
    run("import", "mappings", "--delete", "clinic")
    assert json.loads(run("import", "mappings", "--json"))["mappings"] == []


def test_a_mapping_that_cannot_be_used_ends_the_command_and_imports_nothing(folder: Path) -> None:
    (folder / "m.yaml").write_text("columns:\n  Bild: image_id\n  Alter: age_at_exm\n")
    said = run("import", "table", folder / "t.csv", folder / "i.zip", "--mapping", folder / "m.yaml", status=1)
    assert "m.yaml, line 3: columns, Alter: unknown target 'age_at_exm' (did you mean age_at_exam?)" in said
    said = run("import", "auto", folder / "t.csv", "--mapping", "clinik", "--dry-run", status=1)
    assert "there is no mapping 'clinik'" in said
    assert not (folder / "workspace" / "originals").exists()


def test_names_of_saved_mappings_name_no_place_and_one_is_not_replaced_unasked(folder: Path) -> None:
    home = folder / "workspace"
    mapping = saved_mappings.read_mapping_file(_written(folder, "columns: {Bild: image_id}\n"))
    other = saved_mappings.read_mapping_file(_written(folder, "columns: {Bild: image_path}\n"))
    for name in ("../x", "A", "", "a" * 50, "a/b"):
        with pytest.raises(InvalidInput, match="is not usable"):
            save_mapping(home, name, mapping)
    save_mapping(home, "one", mapping)
    with pytest.raises(InvalidInput, match="another mapping called one"):
        save_mapping(home, "one", other)
    save_mapping(home, "one", other, replace=True)
    assert find_mapping(home, "one") == other
    with pytest.raises(InvalidInput, match=r"no mapping 'onne' \(did you mean one\?\)"):
        saved_mappings.delete_mapping(home, "onne")
    (home / "mappings" / "bad.yaml").write_text("columns: 3")
    listed = list_mappings(home)
    assert (list(listed.mappings), list(listed.problems)) == (["one"], ["bad"])


def _written(folder: Path, text: str) -> Path:
    path = folder / "w.yaml"
    path.write_text(text)
    return path


def test_several_tables_are_proposed_together_tried_and_imported(folder: Path) -> None:
    clinic = write_clinic(folder / "clinic")
    tables = sorted(clinic.iterdir())
    make_zip(folder / "photos.zip", {f"{n}.jpg": make_jpeg(seed=i) for i, n in enumerate(IMAGES)})
    yaml = folder / "m.yaml"
    said = json.loads(run("import", "mapping", *tables, "--json"))
    assert [(j["table"], j["column"], j["of"]) for j in said["joins"]] == [
        ("lesions.csv", "Очаг", "lesion_id"), ("patients.xlsx", "№ карты", "patient_id"),
    ]  # fmt: skip
    assert said["fits"][0]["absent"] == [["photos.csv", 5, "очаг", "5"]]
    assert {c["name"] for c in said["columns"] if c["left_out"]} == {"ФИО"}
    told = run("import", "mapping", *tables, "--out", yaml)
    assert told == ""
    assert "# joined, 75 % sure: 3 of 4 values of photos.csv: очаг stand there" in yaml.read_text("utf-8").replace(
        "\N{NO-BREAK SPACE}", " "
    )
    dry = json.loads(run("import", "table", clinic, "--mapping", yaml, "--dry-run", "--json"))
    assert (dry["rows"], dry["images"], dry["with_label"]) == (4, 7, 3)
    assert {"table": "photos.csv", "row": 5, "column": "очаг", "value": "5", "why": "has no row in lesions.csv"} in dry[
        "problems"
    ]
    report = json.loads(
        run("import", "table", clinic, folder / "photos.zip", "--mapping", yaml, "--dataset", "clinic",
            "--workers", 1, "--json")
    )  # fmt: skip
    assert report["imported"] == 7
    (clinic / "patients.xlsx").unlink()
    said = run("import", "table", clinic, folder / "photos.zip", "--mapping", yaml, "--dataset", "b", status=1)
    assert "lacks its table patients (with № карты): give that, too" in said
