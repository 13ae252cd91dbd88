"""Which model answers where none is named: nobody takes over silently, and each kind of images has its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.filled_workspace import DATASET, own_models
from tests.two_kinds import DRAWN, OF_DRAWINGS, OF_PHOTOGRAPHS, add_model, fill_two_kinds

from dermdash.classifier import reference_model
from dermdash.classifier.checkpoints import load_checkpoint, read_metadata, save_checkpoint
from dermdash.errors import InvalidCheckpoint, InvalidInput, NotFound
from dermdash.settings import Settings
from dermdash.storage import operating_points
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.classifier import model_in_use as in_use
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_in_use import answering_model, choose_model, model_in_use, models_in_use
from dermdash.workflows.classifier.train_classifier import train_classifier


def test_the_model_that_comes_with_dermdash_is_listed_where_nobody_registered_it(workspace: Workspace) -> None:
    (model,) = model_registry.list_models(workspace)
    assert (model["name"], model["simulated"]) == (reference_model.REFERENCE_NAME, False)
    assert workspace.checkpoint(model["id"]).is_file()
    assert len(operating_points.list_operating_points(workspace.engine, model_id=model["id"])) == 1
    assert model_in_use(workspace).id == model["id"]
    assert "comes with dermdash" in model_in_use(workspace).why


def test_its_checkpoint_is_hashed_once_in_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[Path] = []
    real = reference_model.checkpoint_sha256
    monkeypatch.setattr(reference_model, "checkpoint_sha256", lambda path: hashed.append(path) or real(path))
    reference_model._sha256.cache_clear()
    for name in ("one", "other"):
        opened = open_workspace(Settings(home=tmp_path / name))
        for _ in range(3):
            assert len(model_registry.list_models(opened)) == 1
        opened.close()
    assert len(hashed) == 1


def test_a_lost_checkpoint_of_it_is_put_back(duckdb_workspace: Workspace) -> None:
    (model,) = model_registry.list_models(duckdb_workspace)
    duckdb_workspace.checkpoint(model["id"]).unlink()
    model_registry.list_models(duckdb_workspace)
    assert duckdb_workspace.checkpoint(model["id"]).is_file()


@pytest.mark.postgresql
def test_processes_that_list_the_models_at_once_register_it_once(workspace: Workspace) -> None:
    if workspace.embedded:
        pytest.skip("DuckDB has one process per file")
    url = workspace.engine.url.render_as_string(hide_password=False)
    code = (
        "from dermdash.settings import Settings; from dermdash.storage.workspace import open_workspace;"
        "from dermdash.workflows.classifier import model_registry as r;"
        f"w = open_workspace(Settings(home={str(workspace.home)!r}, database_url={url!r}));"
        "print(len(r.list_models(w)), w.checkpoint(r.reference_model_id()).stat().st_size)"
    )
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert {words[0] for words in said} == {"1"}
    point = operating_points.list_operating_points(workspace.engine, withdrawn=True)
    assert len(point) == 1


def test_a_model_trained_or_added_later_changes_nothing_until_it_is_chosen(workspace: Workspace) -> None:
    fill_two_kinds(workspace)
    reference = model_registry.reference_model_id()
    assert model_in_use(workspace).id == reference
    assert model_in_use(workspace, simulated=True).id == OF_DRAWINGS
    add_model(workspace, "m00000000021")
    add_model(workspace, "m00000000022", simulated=True)
    assert model_in_use(workspace).id == reference
    assert model_in_use(workspace, simulated=True).id == OF_DRAWINGS  # the first that was made, not the newest
    assert {used.id for used in models_in_use(workspace)} == {reference, OF_DRAWINGS}


def test_choosing_is_logged_with_person_and_time_and_only_appended(workspace: Workspace) -> None:
    fill_two_kinds(workspace)
    reference = model_registry.reference_model_id()
    chosen = choose_model(workspace, OF_PHOTOGRAPHS, chosen_by="Ada")
    assert (chosen.id, chosen.reason, chosen.chosen_by) == (OF_PHOTOGRAPHS, in_use.CHOSEN, "Ada")
    assert model_in_use(workspace).id == OF_PHOTOGRAPHS
    assert model_in_use(workspace, simulated=True).id == OF_DRAWINGS
    with pytest.raises(InvalidInput, match="answers for photographs already"):
        choose_model(workspace, OF_PHOTOGRAPHS)
    choose_model(workspace, reference, chosen_by="Berta")
    assert model_in_use(workspace).id == reference
    log = [(c["model_id"], c["replaced_model_id"], c["chosen_by"]) for c in in_use.list_choices(workspace)]
    assert log == [(reference, OF_PHOTOGRAPHS, "Berta"), (OF_PHOTOGRAPHS, reference, "Ada")]
    with pytest.raises(NotFound, match="m404"):
        choose_model(workspace, "m404")


def test_a_model_of_drawings_is_never_chosen_for_photographs(duckdb_workspace: Workspace) -> None:
    fill_two_kinds(duckdb_workspace)
    add_model(duckdb_workspace, "m00000000022", simulated=True)
    used = choose_model(duckdb_workspace, "m00000000022")
    assert used.model["simulated"]
    assert model_in_use(duckdb_workspace, simulated=True).id == "m00000000022"
    assert model_in_use(duckdb_workspace).id == model_registry.reference_model_id()


def test_data_sets_that_are_named_decide_which_model_is_meant(duckdb_workspace: Workspace) -> None:
    fill_two_kinds(duckdb_workspace)
    assert answering_model(duckdb_workspace, None)["id"] == model_registry.reference_model_id()
    assert answering_model(duckdb_workspace, None, dataset_ids=[DRAWN])["id"] == OF_DRAWINGS
    assert answering_model(duckdb_workspace, None, simulated=True)["id"] == OF_DRAWINGS
    assert answering_model(duckdb_workspace, OF_PHOTOGRAPHS, dataset_ids=[DRAWN])["id"] == OF_PHOTOGRAPHS
    with pytest.raises(InvalidInput, match="would be mixed"):
        answering_model(duckdb_workspace, None, dataset_ids=[DRAWN, DATASET])


def test_where_only_drawings_are_their_model_answers_for_records(duckdb_workspace: Workspace) -> None:
    from tests.filled_workspace import fill_records

    fill_records(duckdb_workspace, dataset=DRAWN, simulated=True)
    with pytest.raises(NotFound, match="no model of drawn images"):
        model_in_use(duckdb_workspace)
    add_model(duckdb_workspace, OF_DRAWINGS, simulated=True)
    assert model_in_use(duckdb_workspace).id == OF_DRAWINGS


@pytest.fixture
def trained_on_drawings(duckdb_workspace: Workspace) -> tuple[Workspace, str]:
    import torch
    from tests.filled_workspace import fill_records

    fill_records(duckdb_workspace, dataset=DRAWN, per_class=3, simulated=True)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model_id = train_classifier(
        duckdb_workspace, dataset_id=DRAWN, architecture="resnet10", input_size=32, epochs=1, batch_size=16,
        device="cpu",
    )  # fmt: skip
    torch.set_num_threads(threads)
    return duckdb_workspace, model_id


def test_a_model_of_drawings_is_known_as_such_wherever_its_file_goes(
    trained_on_drawings: tuple[Workspace, str], tmp_path: Path
) -> None:
    workspace, model_id = trained_on_drawings
    (model,) = own_models(workspace)
    assert model["simulated"]
    assert model["metrics"]["held_out_lesions"] > 0
    assert read_metadata(workspace.checkpoint(model_id)).simulated
    out = tmp_path / "shared.safetensors"
    model_registry.export_model(workspace, model_id, out, half_precision=True)
    other = open_workspace(Settings(home=tmp_path / "other"))
    added = model_registry.add_checkpoint(other, out)
    assert model_registry.get_model(other, added)["simulated"]
    assert model_in_use(other).id == model_registry.reference_model_id()
    other.close()


def test_a_checkpoint_without_the_word_counts_as_real_and_is_exported_with_what_is_known(
    trained_on_drawings: tuple[Workspace, str], tmp_path: Path
) -> None:
    from dataclasses import replace

    workspace, model_id = trained_on_drawings
    classifier = load_checkpoint(workspace.checkpoint(model_id))
    unsaid = tmp_path / "unsaid.safetensors"
    save_checkpoint(unsaid, replace(classifier, metadata=replace(classifier.metadata, simulated=False)))
    assert not model_registry.get_model(workspace, model_registry.add_checkpoint(workspace, unsaid))["simulated"]
    other = open_workspace(Settings(home=tmp_path / "other"))
    stated = model_registry.add_checkpoint(other, unsaid, simulated=True)
    assert model_registry.get_model(other, stated)["simulated"]
    model_registry.export_model(other, stated, tmp_path / "out.safetensors")
    assert read_metadata(tmp_path / "out.safetensors").simulated
    other.close()


def test_a_checkpoint_that_says_it_in_another_way_than_true_or_false_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    from dermdash.classifier.reference_model import reference_checkpoint

    tensors = load_file(reference_checkpoint())
    from safetensors import safe_open

    with safe_open(reference_checkpoint(), framework="numpy") as file:
        header = json.loads(file.metadata()["dermdash"])
    path = tmp_path / "odd.safetensors"
    save_file(tensors, path, metadata={"dermdash": json.dumps(header | {"simulated": "perhaps"})})
    with pytest.raises(InvalidCheckpoint, match="simulated"):
        read_metadata(path)
