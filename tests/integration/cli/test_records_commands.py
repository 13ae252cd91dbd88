"""`dermdash records`: the same records and columns as the page, by the names of its address."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from pydicom import dcmread
from tests.factories import make_image, make_record
from tests.unit.dataset.image_factories import make_jpeg
from typer.testing import CliRunner

from dermdash.cli import app
from dermdash.settings import Settings
from dermdash.storage import records, tables
from dermdash.storage.engine import now
from dermdash.storage.object_store import ORIGINALS
from dermdash.storage.workspace import open_workspace


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "workspace"))
    monkeypatch.delenv("DERMDASH_DATABASE_URL", raising=False)
    workspace = open_workspace(Settings(home=tmp_path / "workspace"))
    rows = [
        make_record("ISIC_1", dx="mel", age_at_exam=70, sex="male"),
        make_record("ISIC_2", dx="nv", age_at_exam=20, sex="female"),
        make_record("ISIC_3", dx="nv", age_at_exam=50, sex=None),
    ]
    records.save_batch(workspace.engine, images=[make_image()], records=rows)
    workspace.close()
    return tmp_path


def exported(folder: Path, *arguments: str) -> list[dict[str, str]]:
    out = folder / "out.csv"
    done = CliRunner().invoke(app, ["records", "export", "--out", str(out), "--json", *arguments])
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    said = json.loads(done.stdout)
    assert (said["out"], said["records"], said["of"]) == (str(out), len(rows), 3)
    assert "no more than that is de-identified" in said["images"]["statement"]
    return rows


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ([], ["ISIC_1", "ISIC_2", "ISIC_3"]),
        (["dx=nv", "age_min=30"], ["ISIC_3"]),
        (["sex=male", "sex=unknown"], ["ISIC_1", "ISIC_3"]),
        (["text=isic_2"], ["ISIC_2"]),
    ],
)
def test_the_records_that_the_filters_let_through_are_written(home: Path, where: list[str], wanted: list[str]) -> None:
    assert [r["image_id"] for r in exported(home, *[w for text in where for w in ("--where", text)])] == wanted


def test_records_are_written_as_dicom_files_and_those_without_an_image_are_listed(home: Path) -> None:
    workspace = open_workspace(Settings(home=home / "workspace"))
    (record_id,) = records.find_record_ids(workspace.engine, "ISIC_1")
    sha256 = hashlib.sha256(make_jpeg()).hexdigest()
    with workspace.engine.begin() as connection:
        connection.execute(tables.image.insert().values(**make_image(sha256), created_at=now()))
        connection.execute(tables.record.update().where(tables.record.c.id == record_id).values(image_sha256=sha256))
    workspace.files.put(ORIGINALS, sha256, make_jpeg())
    workspace.close()
    out = home / "dicom"
    command = ["records", "export-dicom", "--out", str(out), "--where", "text=isic_1", "--json"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["out"], said["written"], said["left_out"]) == (str(out), 1, {})
    assert not said["images"]["deidentified"]
    header = dcmread(out / record_id.partition(":")[0] / "ISIC_1.dcm")
    assert (header.PatientAge, header.PatientSex, header.Columns) == ("070Y", "M", 96)
    assert CliRunner().invoke(app, [*command, "--pseudonyms"]).exit_code == 0
    hidden = dcmread(out / record_id.partition(":")[0] / "ISIC_1.dcm")
    assert hidden.PatientID != header.PatientID
    assert hidden.PatientAge == header.PatientAge
    workspace.files.path(ORIGINALS, sha256).unlink()
    assert list(json.loads(CliRunner().invoke(app, command).stdout)["left_out"]) == [record_id]


def test_order_and_columns_are_those_of_the_page_and_of_the_dictionary(home: Path) -> None:
    rows = exported(home, "--sort", "age_at_exam", "--descending")
    assert [r["image_id"] for r in rows] == ["ISIC_1", "ISIC_3", "ISIC_2"]
    out = home / "dictionary.csv"
    assert CliRunner().invoke(app, ["records", "dictionary", "--out", str(out)]).exit_code == 0
    # The last row is of the further columns, of which each source has its own.
    assert [r["column"] for r in csv.DictReader(io.StringIO(out.read_text()))] == [*rows[0], "further:NAME"]


def test_completeness_is_said_by_data_set_block_and_field(home: Path) -> None:
    workspace = open_workspace(Settings(home=home / "workspace"))
    values = {"id": "ham", "name": "H", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False}
    records.save_dataset(workspace.engine, values=values)
    workspace.close()
    done = CliRunner().invoke(app, ["records", "completeness", "--json", "--where", "dx=nv"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["records"] == said["datasets"]["ham"]["records"] == 2
    assert said["blocks"]["Demographic"]["fields"]["sex"] == {"filled": 1, "completeness": 0.5}
    assert said["datasets"]["ham"]["completeness"] == said["completeness"]
    words = CliRunner().invoke(app, ["records", "completeness", "--where", "dx=nv"]).output
    assert "Demographic 50 %: Age at examination 100 %, Sex 50 %".replace(" %", "\N{NO-BREAK SPACE}%") in words
    nothing = CliRunner().invoke(app, ["records", "completeness", "--where", "dx=df"])
    assert "No record passes." in nothing.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--where", "colour=red"], "is no filter: expected NAME=VALUE"),
        (["--where", "age_min=old"], "expected a whole number 0 to 120"),
        (["--sort", "shoe"], "cannot sort by"),
    ],
)
def test_what_is_no_filter_and_no_order_is_answered_and_nothing_written(
    home: Path, arguments: list[str], words: str
) -> None:
    out = home / "out.csv"
    done = CliRunner().invoke(app, ["records", "export", "--out", str(out), *arguments])
    assert done.exit_code != 0
    assert words in done.output
    assert not out.exists()


def test_an_export_hides_names_and_ages_where_asked(home: Path) -> None:
    plain, hidden = exported(home), exported(home, "--pseudonyms", "--age-bins", "10")
    assert [row["age_at_exam"] for row in hidden] == ["70-79", "20-29", "50-59"]
    assert all(row["lesion_id"].startswith("L-") for row in hidden)
    assert not {row["lesion_id"] for row in plain} & {row["lesion_id"] for row in hidden}
    assert exported(home, "--pseudonyms", "--age-bins", "10") == hidden
    key = home / "workspace-pseudonyms.key"
    assert key.exists()
    listed = json.loads(CliRunner().invoke(app, ["deidentify", "key", "--rotate", "--json"]).stdout)
    assert [fact["in_use"] for fact in listed["keys"]] == [False, True]
    assert exported(home, "--pseudonyms")[0]["lesion_id"] != hidden[0]["lesion_id"]
    again = exported(home, "--pseudonyms", "--age-bins", "10", "--key", listed["keys"][0]["id"])
    assert again == hidden


def test_the_command_says_what_may_be_said(home: Path) -> None:
    done = CliRunner().invoke(app, ["deidentify", "status", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["deidentified"] is False
    refused = CliRunner().invoke(app, ["deidentify", "search", "--dataset", "no-such"])
    assert refused.exit_code == 1
    assert "There is no data set 'no-such'" in refused.output
