"""Every export that names patients, lesions or examiners hides them in the same way, and their dates."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from tests.clinic_workspace import fill_clinic, picture
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.unit.dataset.image_factories import encode

from dermdash.records.change_chain import LogEntry
from dermdash.records.record_filter import RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.browse_records import records_csv
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.verification.change_log import log_csv
from dermdash.workflows.verification.label_export import export_labels
from dermdash.workflows.verification.private_log import hidden_entries

HIDE = Privacy(names=True)
NAMES = ("Erika", "Hans", "Ursula", "Weber", "weber", "L1", "L2", "L3", "Mole-7", "2024-03", "Bernd")
COLUMNS = "image_id,dx,lesion_id,patient_id,examiner_id,acquisition_date,insured\n"


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    """The clinic, with another patient, lesion, examiner, date and further column after a second table."""
    opened, _ = made_once.open_copy(fill_clinic, tmp_path / "workspace")
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "clean.png").write_bytes(encode(picture(3), "PNG"))
    rows = f"{COLUMNS}clean,nv,Mole-7,Ursula,Dr. Weber,2024-03-05,Bernd\n".encode()
    import_dataset(
        opened, adapter="csv", metadata=rows, images=[folder], taxonomy="ham7", dataset_id="clinic", update=True,
        processes=False,
    )  # fmt: skip
    yield opened
    let_go(opened)


def names_in(data: bytes) -> set[str]:
    text = re.sub(r"[PLE]-[a-z2-7]{16}", "", data.decode("utf-8-sig"))
    return {name for name in NAMES if re.search(rf"(?<![0-9a-z]){name}", text)}


def test_what_is_raw_holds_all_names_and_with_pseudonyms_none(workspace: Workspace) -> None:
    def files(privacy: Privacy) -> dict[str, bytes]:
        labels = export_labels(workspace, OPERATOR, "clinic", privacy=privacy).files
        return {
            "records": records_csv(workspace, RecordFilter(), privacy=privacy),
            "log": log_csv(workspace, OPERATOR, privacy=privacy),
            **{f"labels/{name}": data for name, data in labels.items()},
        }

    raw, private = files(AS_IT_IS), files(HIDE)
    assert {"Ursula", "Mole-7", "2024-03"} <= names_in(raw["log"]) & names_in(raw["records"])
    assert {"Ursula", "Mole-7", "2024-03"} <= names_in(raw["labels/change_log.csv"]) | names_in(
        raw["labels/records.csv"]
    )
    assert {name: names_in(data) for name, data in private.items() if names_in(data)} == {}
    # One person is one pseudonym in all of them, and a date is moved by the same days.
    row = pd.read_csv(io.BytesIO(private["records"])).set_index("image_id").loc["clean"]
    told = pd.read_csv(io.BytesIO(private["log"]))
    for field in ("patient_id", "lesion_id", "acquisition_date"):
        assert [row[field]] == [v.strip('"') for v in told.loc[told["field"] == field, "new"]], field
    assert "hash" not in told.columns
    assert "have pseudonyms" in private["labels/methods.txt"].decode()
    assert "leave as they are in the workspace" in raw["labels/methods.txt"].decode()


def test_two_records_in_a_row_are_both_hidden(workspace: Workspace) -> None:
    frame = pd.DataFrame(
        {"dataset_id_1": ["clinic"], "lesion_id_1": ["L1"], "dataset_id_2": ["ward"], "lesion_id_2": ["L1"], "x": [1]}
    )
    found = hidden(workspace, frame, HIDE)
    one = pd.read_csv(io.BytesIO(records_csv(workspace, RecordFilter(), privacy=HIDE))).set_index("image_id")
    assert found["lesion_id_1"].tolist() == [one.loc["named", "lesion_id"]]
    assert found["lesion_id_2"].tolist() != found["lesion_id_1"].tolist()
    assert frame["lesion_id_1"].tolist() == ["L1"]


def test_the_number_of_a_report_stays_and_its_date_moves_with_the_patients_others(workspace: Workspace) -> None:
    said = {"dx": "mel", "text": "melanoma", "report_number": "B-77/24", "report_date": "2024-03-07", "cycle": 1}
    entry = LogEntry(
        sequence=9, at="2024-04-01T00:00:00+00:00", account_id="a", act="histology", dataset_id="clinic",
        record_id="clinic:clean", field=None, old=None, new=said, reason="report B-77/24", previous="p", hash="h",
    )  # fmt: skip
    (told,) = hidden_entries(workspace, [entry], HIDE)
    assert "report_number" not in told.new
    assert told.reason == ""
    row = (
        pd.read_csv(io.BytesIO(records_csv(workspace, RecordFilter(), privacy=HIDE))).set_index("image_id").loc["clean"]
    )
    between = pd.Timestamp(told.new["report_date"]) - pd.Timestamp(row["acquisition_date"])
    assert between.days == 2
    assert hidden_entries(workspace, [entry], AS_IT_IS) == [entry]
