"""Drafts of studies: begun from templates, files and studies, kept, deleted and brought back, frozen once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.filled_workspace import DATASET, fill_judged, make_protocol
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.signed_in import account_with

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_draft import faults_of_entries
from dermdash.reader_study.protocol_text import protocol_yaml
from dermdash.storage.study_drafts import DELETED, FROZEN
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.classifier.model_registry import reference_model_id
from dermdash.workflows.reader_study import study_drafts as drafts
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.create_study import create_study
from dermdash.workflows.reader_study.fitting_consent import with_fitting_consent
from dermdash.workflows.reader_study.study_drafts import DraftChanged

YAML = "name: From a file\ndataset_id: clinic\ntaxonomy: ham7\nmodel_id: m00000000001\n"


@pytest.fixture
def judged(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield workspace
    let_go(workspace)


def begun(workspace: Workspace, protocol: Protocol | None = None) -> str:
    entries = drafts.from_yaml(protocol_yaml(protocol or make_protocol()), file="p.yaml")
    return drafts.begin_draft(workspace, OPERATOR, entries)


def test_a_template_begins_with_the_model_of_the_images(judged: Workspace) -> None:
    entries = drafts.from_template(judged, "crossover", dataset_id=DATASET, name=" Two ways ")
    assert (entries["name"], entries["model_id"], entries["taxonomy"]) == ("Two ways", reference_model_id(), "ham7")
    assert entries["seed"] != drafts.from_template(judged, "crossover", dataset_id=DATASET)["seed"]
    with pytest.raises(InvalidInput, match="there is no template 'best'"):
        drafts.from_template(judged, "best", dataset_id=DATASET)


def test_the_protocol_of_a_study_is_a_starting_point_with_a_seed_of_its_own(judged: Workspace) -> None:
    study_id = create_study(judged, make_protocol())
    entries = drafts.from_study(judged, study_id)
    assert entries["name"] == "Seven cases (2)"
    assert entries["cases_per_round"] == 7
    assert entries["seed"] != 3
    with pytest.raises(NotFound):
        drafts.from_study(judged, "nothing")


def test_a_file_begins_a_draft_also_where_its_design_cannot_be(judged: Workspace) -> None:
    assert drafts.from_yaml(YAML, file="p.yaml")["name"] == "From a file"
    impossible = drafts.from_yaml(YAML + "class_mix: {mel: 99}\ncases_per_round: 7\n", file="p.yaml")
    draft_id = drafts.begin_draft(judged, OPERATOR, impossible)
    assert len(faults_of_entries(drafts.get_draft(judged, draft_id).entries)) == 1
    for text, said in (("roundz: 3\n", "did you mean rounds"), ("rounds: [3]\n", "rounds is"), ("a: [\n", "p.yaml")):
        with pytest.raises(InvalidInput, match=said):
            drafts.from_yaml(YAML + text, file="p.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "time_limit_s: .nan\n", "time_limit_s: {a: [1]}\n", "time_limit_s: !!binary aGVsbG8=\n",
        "time_limit_s: !!set {a, b}\n", "model_id: {a: 1}\nrounds: 0\n", "frozen_crowd: {a: .inf}\n",
        "class_mix: {mel: x}\n", "class_mix: [1]\n", "class_mix: {mel: .nan}\n", "modalities: [{a: b}]\n",
        "view: {fields: [{a: b}]}\n", "question: [a]\n", "consent_text: {a: b}\n",
    ],
)  # fmt: skip
def test_what_no_page_could_show_begins_no_draft(text: str, judged: Workspace) -> None:
    with pytest.raises(InvalidInput, match=r"p\.yaml"):
        drafts.from_yaml(YAML + text, file="p.yaml")


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("cases_per_round: 1000000000\n", "cases_per_round"), ("rounds: 1000000000\n", "rounds"),
        ("rounds: 100000\n", "rounds"), ("practice_cases: 1000000000\n", "practice_cases"),
        (f"seed: {'9' * 400}\n", "seed"), ("cbir_k: 100001\n", "cbir_k"), ('question: "a\\0b"\n', "question"),
        ("consent_text: null\n", "consent_text"), ('name: "a\\x1bb"\n', "name"),
    ],
)  # fmt: skip
def test_numbers_without_end_and_texts_that_are_none_are_faults_of_a_draft(
    text: str, entry: str, judged: Workspace
) -> None:
    text = YAML.replace("name: From a file\n", "") + text if entry == "name" else YAML + text
    draft_id = drafts.begin_draft(judged, OPERATOR, drafts.from_yaml(text, file="p.yaml"))
    found = faults_of_entries(drafts.get_draft(judged, draft_id).entries)
    assert [fault.entry for fault in found] == [entry]


def test_a_day_and_a_number_of_a_file_are_taken_as_they_are_written(judged: Workspace) -> None:
    entries = drafts.from_yaml(YAML + "consent_version: 2\nconduct: {closes_on: 2027-03-31}\n", file="p.yaml")
    assert (entries["consent_version"], entries["conduct"]["closes_on"]) == ("2", "2027-03-31")


def test_what_is_saved_is_there_and_what_was_not_seen_is_not_written_over(judged: Workspace) -> None:
    draft_id = begun(judged)
    first = drafts.get_draft(judged, draft_id)
    assert drafts.save_draft(judged, OPERATOR, draft_id, first.entries | {"rounds": 2}, after=first.number) == 2
    with pytest.raises(DraftChanged, match="changed elsewhere"):
        drafts.save_draft(judged, OPERATOR, draft_id, first.entries | {"rounds": 3}, after=first.number)
    assert drafts.get_draft(judged, draft_id).entries["rounds"] == 2


def test_a_draft_is_renamed_deleted_and_brought_back_as_it_was(judged: Workspace) -> None:
    draft_id = begun(judged)
    drafts.rename_draft(judged, OPERATOR, draft_id, " Renamed ")
    drafts.delete_draft(judged, OPERATOR, draft_id)
    assert drafts.list_drafts(judged) == []
    (deleted,) = drafts.list_drafts(judged, deleted=True)
    assert (deleted.name, deleted.kind, deleted.is_open) == ("Renamed", DELETED, False)
    with pytest.raises(DraftChanged, match="frozen or deleted"):
        drafts.freeze_draft(judged, OPERATOR, draft_id, after=deleted.number)
    drafts.restore_draft(judged, OPERATOR, draft_id)
    assert [draft.name for draft in drafts.list_drafts(judged)] == ["Renamed"]


def test_a_draft_is_frozen_once_and_says_as_what(judged: Workspace) -> None:
    draft_id = begun(judged)
    study_id = drafts.freeze_draft(judged, OPERATOR, draft_id, after=1)
    assert study_results.study_protocol(judged, study_id).sha256 == with_fitting_consent(judged, make_protocol()).sha256
    frozen = drafts.get_draft(judged, draft_id)
    assert (frozen.kind, frozen.study_id) == (FROZEN, study_id)
    assert drafts.list_drafts(judged) == []
    with pytest.raises(DraftChanged):
        drafts.freeze_draft(judged, OPERATOR, draft_id, after=frozen.number)
    assert len(study_results.list_studies(judged)) == 1


def test_a_state_that_was_not_seen_is_not_frozen(judged: Workspace) -> None:
    draft_id = begun(judged)
    drafts.rename_draft(judged, OPERATOR, draft_id, "Changed elsewhere")
    with pytest.raises(DraftChanged):
        drafts.freeze_draft(judged, OPERATOR, draft_id, after=1)
    assert study_results.list_studies(judged) == []


def test_where_freezing_fails_the_draft_is_open_again(judged: Workspace) -> None:
    draft_id = begun(judged, make_protocol(cases_per_round=700))
    with pytest.raises(InvalidInput, match="too few lesions"):
        drafts.freeze_draft(judged, OPERATOR, draft_id, after=1)
    draft = drafts.get_draft(judged, draft_id)
    assert (draft.kind, draft.entries["cases_per_round"]) == ("saved", 700)
    assert study_results.list_studies(judged) == []


def test_whoever_may_not_run_studies_changes_no_draft(judged: Workspace) -> None:
    draft_id = begun(judged)
    statistician = account_with(judged, Role.STATISTICIAN)
    entries = drafts.get_draft(judged, draft_id).entries
    for act in (
        lambda: drafts.begin_draft(judged, statistician, entries),
        lambda: drafts.save_draft(judged, statistician, draft_id, entries, after=1),
        lambda: drafts.rename_draft(judged, statistician, draft_id, "x"),
        lambda: drafts.delete_draft(judged, statistician, draft_id),
        lambda: drafts.restore_draft(judged, statistician, draft_id),
        lambda: drafts.freeze_draft(judged, statistician, draft_id, after=1),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert drafts.get_draft(judged, draft_id).number == 1


def test_drafts_do_not_grow_without_end(judged: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 3)
    monkeypatch.setattr(drafts.study_drafts, "KEPT_DELETED", 2)
    ids = [begun(judged) for _ in range(3)]
    with pytest.raises(InvalidInput, match="delete some"):
        begun(judged)
    for draft_id in ids:
        drafts.delete_draft(judged, OPERATOR, draft_id)
    assert {draft.id for draft in drafts.list_drafts(judged, deleted=True)} == set(ids[1:])
    with pytest.raises(NotFound):
        drafts.get_draft(judged, ids[0])
    draft_id = begun(judged)
    entries = drafts.get_draft(judged, draft_id).entries | {"consent_text": "x" * drafts.LARGEST}
    with pytest.raises(InvalidInput, match="shorten its texts"):
        drafts.save_draft(judged, OPERATOR, draft_id, entries, after=1)
    assert drafts.get_draft(judged, draft_id).number == 1
