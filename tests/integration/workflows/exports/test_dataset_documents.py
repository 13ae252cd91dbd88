"""Documents about a data set: numbers of the database, answers of people, and what nobody has said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.exported_workspace import CLINIC, fill_clinic
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.dataset.documents.computed import COMPUTED
from dermdash.dataset.documents.document import NOBODY
from dermdash.dataset.documents.registry import DOCUMENTS, answer_keys
from dermdash.errors import AccessDenied, NotFound
from dermdash.report.dataset_documents import croissant_description, dataset_document, html, markdown
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset.dataset_answers import answer_history, answer_question, dataset_answers, dataset_facts

DATASHEET = DOCUMENTS["datasheet"]


@pytest.fixture
def clinic(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill_clinic, tmp_path / "clinic")
    yield workspace
    let_go(workspace)


def test_the_datasheet_has_its_57_questions_and_every_document_an_id_once() -> None:
    assert len(list(DATASHEET.items)) == 57
    for document in DOCUMENTS.values():
        ids = [item.id for item in document.items]
        assert len(ids) == len(set(ids))
    assert COMPUTED.keys() <= answer_keys()


def test_numbers_are_those_of_the_database(clinic: Workspace) -> None:
    filled = dataset_document(clinic, OPERATOR, DATASHEET, CLINIC)
    said = {one.item.answer: one.computed for one in filled.items.values()}
    assert said["counts"] == (
        "6 records of 5 lesions (as the source numbers them) of 4 patients (1 record names no patient); "
        "6 different image files. 2 lesion masks."
    )
    assert "Melanoma 2 (33.3" in said["labels"]
    assert said["period"] == "Acquisition dates from 2019 to 2021-03-04."
    assert "Age at examination 16.7" in said["missing"]


def test_an_answer_holds_until_the_next_and_the_history_stays(clinic: Workspace) -> None:
    assert answer_question(clinic, OPERATOR, CLINIC, "purpose", "To test.")
    assert not answer_question(clinic, OPERATOR, CLINIC, "purpose", "To test.")
    assert answer_question(clinic, OPERATOR, CLINIC, "purpose", "To test exports.")
    assert answer_question(clinic, OPERATOR, CLINIC, "funding", "Asked the clinic.", unknown=True)
    assert [a.text for a in answer_history(clinic, CLINIC, "purpose")] == ["To test.", "To test exports."]
    filled = dataset_document(clinic, OPERATOR, DATASHEET, CLINIC)
    assert filled.items["M1"].words == ["To test exports."]
    assert filled.items["M3"].words == ["Not known. Asked the clinic."]
    assert filled.items["M2"].words == [NOBODY]
    assert OPERATOR.name not in markdown(filled) + html(filled)
    assert filled.completeness.endswith(", 1 not known")
    assert answer_question(clinic, OPERATOR, CLINIC, "purpose", "")
    assert "purpose" not in dataset_answers(clinic, CLINIC)
    assert len(answer_history(clinic, CLINIC)) == 4


def test_the_table_of_data_sets_finds_what_people_said(clinic: Workspace) -> None:
    answer_question(clinic, OPERATOR, CLINIC, "ethics", "Approved, 12/2020.")
    answer_question(clinic, OPERATOR, CLINIC, "sop", "", unknown=True)
    assert dataset_facts(clinic, CLINIC) == {"ethics": "Approved, 12/2020.", "sop": "not known"}


def test_what_people_write_means_nothing_to_a_browser_or_to_markdown(clinic: Workspace) -> None:
    answer_question(clinic, OPERATOR, CLINIC, "purpose", "<script>x</script>\n# [a](http://b)")
    filled = dataset_document(clinic, OPERATOR, DATASHEET, CLINIC)
    page = html(filled)
    assert "<script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert r"\<script\>x\</script\>" in markdown(filled)
    assert "\n# [a]" not in markdown(filled)


def test_an_empty_data_set_has_documents_that_say_so(duckdb_workspace: Workspace) -> None:
    records.save_dataset(
        duckdb_workspace.engine,
        values={"id": "empty", "name": "Empty", "taxonomy": "ham7", "source": "", "licence": "", "simulated": False},
    )
    for document in DOCUMENTS.values():
        filled = dataset_document(duckdb_workspace, OPERATOR, document, "empty")
        assert "nan" not in markdown(filled).lower().split()
        assert html(filled)
    assert croissant_description(duckdb_workspace, OPERATOR, "empty")["description"].startswith("Empty. 0 records")


def test_who_may_not_answer_and_what_nobody_asks(clinic: Workspace) -> None:
    with pytest.raises(AccessDenied):
        answer_question(clinic, Account("r", "R", frozenset({Role.REVIEWER})), CLINIC, "purpose", "x")
    with pytest.raises(NotFound, match="No document asks 'weather'"):
        answer_question(clinic, OPERATOR, CLINIC, "weather", "x")
    with pytest.raises(NotFound, match="There is no data set 'other'"):
        answer_question(clinic, OPERATOR, "other", "purpose", "x")
