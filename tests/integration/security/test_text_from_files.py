"""Text out of metadata tables, checkpoints and addresses, where pages show it as Markdown."""

import json
import os
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from dermdash.classifier.checkpoints import CheckpointMetadata, read_metadata
from dermdash.cli import classifier_commands
from dermdash.dataset import source_entry
from dermdash.errors import InvalidCheckpoint, InvalidInput, NotFound
from dermdash.readings.formats.log_file import open_log
from dermdash.records.taxonomy import HAM7
from dermdash.storage.workspace import Workspace
from dermdash.ui import uploads
from dermdash.ui.messages import as_code, as_text, error_words
from dermdash.workflows.classifier import classify
from dermdash.workflows.dataset.import_dataset import import_dataset

UNESCAPED_BRACKET = re.compile(r"(?<!\\)(\\\\)*\[")


@pytest.mark.parametrize("text", ["![x](http://a.example/p.png)", r"\[x](http://a.example)", r"\\\[x](y)"])
def test_no_link_or_image_comes_alive(text: str) -> None:
    assert not UNESCAPED_BRACKET.search(as_text(text))
    assert not UNESCAPED_BRACKET.search(error_words(NotFound(text)))


def test_code_cannot_be_ended_from_inside() -> None:
    assert as_code("a` ![x](y) `\n\n# b") == "`a' ![x](y) ' # b`"
    assert as_text("a\n\n# b") == "a # b"


@pytest.mark.parametrize("dataset_id", ["ham:x", "../up", "a\nb", "[x](y)", "a" * 81, " a"])
def test_a_data_set_id_is_a_plain_word(duckdb_workspace: Workspace, tmp_path: Path, dataset_id: str) -> None:
    with pytest.raises(InvalidInput, match="data set id"):
        import_dataset(
            duckdb_workspace,
            adapter="csv",
            taxonomy="ham7",
            metadata=b"image_id,dx\na,nv\n",
            images=[tmp_path],
            dataset_id=dataset_id,
        )


@pytest.mark.parametrize("metrics", [{"mean_recall": "high"}, {"accuracy": [1]}, "none", None])
def test_a_checkpoint_whose_figures_are_no_numbers_is_refused(tmp_path: Path, metrics: object) -> None:
    path = tmp_path / "model.safetensors"
    header = {
        "architecture": "resnet18", "taxonomy": "ham7", "class_codes": HAM7.codes, "input_size": 64,
        "preprocessing": CheckpointMetadata.__dataclass_fields__["preprocessing"].default, "metrics": metrics,
    }  # fmt: skip
    save_file({"w": np.zeros(1, np.float32)}, path, metadata={"dermdash": json.dumps(header)})
    with pytest.raises(InvalidCheckpoint, match="metric"):
        read_metadata(path)


def test_after_an_import_no_archive_is_kept_open(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    archive = tmp_path / "images.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.jpg", b"no image")
    import_dataset(
        duckdb_workspace,
        adapter="csv",
        taxonomy="ham7",
        metadata=b"image_id,dx\na,nv\n",
        images=[archive],
        processes=False,
    )
    assert source_entry._opened.cache_info().currsize == 0


def test_uploads_left_by_a_killed_app_are_deleted_after_a_day(tmp_path: Path) -> None:
    old, new = tmp_path / "old.zip", tmp_path / "new.zip"
    for path in (old, new):
        path.write_bytes(b"images of patients")
    os.utime(old, (0, time.time() - 25 * 3600))
    uploads.remove_leftovers(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_file_named_like_a_formula_is_text_in_the_predictions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "=1+1.jpg").write_bytes(b"")
    frame = pd.DataFrame({"image": ["=1+1"], "nv": [0.25]})
    monkeypatch.setattr(classify, "predict_images", lambda *_, **__: (frame, {}))
    classifier_commands._predict_folder(
        tmp_path, tmp_path / "out.csv", tmp_path / "model", {"architecture": "resnet10"}, False
    )
    assert (tmp_path / "out.csv").read_text() == "image,nv\n'=1+1,0.250000\n"


def test_predicting_a_folder_and_reading_a_log_follow_no_link_out_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, elsewhere = tmp_path / "given", tmp_path / "elsewhere"
    for folder in (given, elsewhere):
        folder.mkdir()
        (folder / "own.jpg").write_bytes(b"x")
    (elsewhere / "log.csv").write_text("reader,case\n")
    (given / "linked.jpg").symlink_to(elsewhere / "own.jpg")
    assert classifier_commands._image_files(given) == [given / "own.jpg"]
    assert "Left out" in "".join(capsys.readouterr())
    (given / "log.csv").symlink_to(elsewhere / "log.csv")
    with pytest.raises(InvalidInput, match="link out of the folder"):
        open_log(given)
