"""`dermdash predict --images`: the shipped model where none is named, and the published weights of the 2020 study."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from dermdash.classifier.networks import build_network
from dermdash.cli import app
from dermdash.records.taxonomy import get_taxonomy

CODES = list(get_taxonomy("ham7").codes)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for name in ("first", "second"):
        coarse = rng.integers(60, 255, (9, 12, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((600, 450), Image.Resampling.BICUBIC).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DERMDASH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_shipped_model_predicts_without_a_workspace(images: Path, empty_home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(app, ["predict", "--images", str(images), "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["predicted"] == 2
    table = pd.read_csv(out)
    assert list(table.columns) == ["image", *CODES]
    assert list(table["image"]) == ["first", "second"]
    np.testing.assert_allclose(table[CODES].sum(axis=1), 1.0, atol=1e-5)
    assert "research use" in result.stderr
    assert not empty_home.exists()


def test_the_studys_published_weights_predict_as_its_own_code_does(
    images: Path, empty_home: Path, tmp_path: Path
) -> None:
    """A file of the published shape against the study's steps, written out here independently of the package."""
    torch.manual_seed(3)
    network = build_network("resnet34", class_count=7)
    state = network.state_dict()
    assert (next(iter(state)), list(state)[-1]) == ("conv1.weight", "fc.bias")
    for name in state:
        if name.endswith("running_var"):
            state[name] = torch.rand_like(state[name]) + 0.5
    state["fc.weight"] *= 40.0
    torch.save(state, tmp_path / "published.pt")
    out = tmp_path / "out.csv"
    arguments = ["--checkpoint", str(tmp_path / "published.pt"), "--architecture", "resnet34"]
    result = CliRunner().invoke(app, ["predict", "--images", str(images), "--out", str(out), *arguments])
    assert result.exit_code == 0, result.output

    network.load_state_dict(state)
    network.eval()
    for row in pd.read_csv(out).itertuples():
        image = Image.open(images / f"{row.image}.png").convert("RGB").resize((373, 280), Image.Resampling.BILINEAR)
        left, top = (373 - 224) // 2, (280 - 224) // 2
        pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), dtype=np.float32) / 255.0
        upright = torch.from_numpy(pixels).permute(2, 0, 1)[None]
        views = [upright, upright.flip(3)]
        views += [view.rot90(1, (2, 3)) for view in views]
        with torch.inference_mode():
            logits = torch.stack([network(view)[0] for view in views]).mean(dim=0)
            expected = torch.softmax(logits, dim=0).numpy()
        found = np.array([getattr(row, code) for code in CODES])
        assert expected.max() - expected.min() > 0.05
        np.testing.assert_allclose(found, expected, atol=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--checkpoint", "nothing.pt", "--architecture", "resnet34"], "no model file"),
        (["--architecture", "resnet34"], "belong"),
    ],
)
def test_a_wrong_call_names_the_cause_and_writes_nothing(
    images: Path, empty_home: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(app, ["predict", "--images", str(images), "--out", str(out), *arguments])
    assert result.exit_code != 0
    assert message in result.output or "describes plain weights" in result.output
    assert not out.exists()


def test_weights_of_another_number_of_classes_are_refused(images: Path, empty_home: Path, tmp_path: Path) -> None:
    torch.save(build_network("resnet18", class_count=1000).state_dict(), tmp_path / "imagenet.pth")
    out = tmp_path / "out.csv"
    arguments = ["--checkpoint", str(tmp_path / "imagenet.pth"), "--architecture", "resnet18"]
    result = CliRunner().invoke(app, ["predict", "--images", str(images), "--out", str(out), *arguments])
    assert result.exit_code == 1
    assert "1,000 outputs" in result.output
    assert not out.exists()
