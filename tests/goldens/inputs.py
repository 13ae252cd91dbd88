"""The fixed inputs: a simulated study as it was once exported, made-up logs of every dialect, ratings, a model."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from dermdash.reader_study.protocol_text import protocol_yaml
from dermdash.reader_study.templates import get_template
from dermdash.records.taxonomy import HAM7
from tests import reading_log_files as logs
from tests.conftest import SHARED_DATA
from tests.mrmc_factory import as_frame, make_study
from tests.readings_factory import make_crossover, make_parallel_arms

_STORED = Path(__file__).parent / "inputs" / "study.csv.gz"
_VANDYKE = SHARED_DATA / "mrmc" / "vandyke.csv"


def write_inputs(folder: Path) -> None:
    """Every file that a golden command reads."""
    study = gzip.decompress(_STORED.read_bytes()).decode("utf-8")
    (folder / "study.csv").write_text(study, encoding="utf-8")
    cases = pd.read_csv(folder / "study.csv")[["image_id", "lesion_id", "truth_dx"]].drop_duplicates("image_id")
    _predictions(cases["image_id"], cases["truth_dx"], seed=4, favour=2.0).to_csv(folder / "model.csv", index=False)

    images = [f"IMG_{i:04}" for i in range(240)]
    truth = [HAM7.codes[i * i % 7] for i in range(240)]
    for name, seed, favour in (("first.csv", 1, 2.0), ("second.csv", 2, 1.5)):
        _predictions(images, truth, seed=seed, favour=favour).to_csv(folder / name, index=False)
    about = pd.DataFrame({"image": images, "dx": truth, "lesion_id": [f"L{i // 2}" for i in range(240)]})
    about["sex"] = ["female", "male", "male"] * 80
    about["age"] = [20 + (7 * i) % 60 for i in range(240)]
    about.to_csv(folder / "truth.csv", index=False)

    for name, made in (("arms.csv", make_parallel_arms(seed=6)), ("crossover.csv", make_crossover(seed=6))):
        kept = [c for c in made.frame.columns if made.has(c)]
        made.frame[kept].to_csv(folder / name, index=False)
    as_frame(make_study(readers=5, cases=60, diseased=24)).to_csv(folder / "ratings.csv", index=False)
    if _VANDYKE.exists():
        (folder / "vandyke.csv").write_bytes(_VANDYKE.read_bytes())
    crossover = get_template("crossover").protocol(name="Trial", dataset_id="clinic", model_id="m", seed=1)
    (folder / "protocol.yaml").write_text(protocol_yaml(crossover), encoding="utf-8")
    (folder / "nature.csv").write_text(logs.nature_medicine(), encoding="utf-8")
    (folder / "nature-truth.csv").write_text(logs.truth_csv(), encoding="utf-8")
    (folder / "dermachallenge.csv").write_text(logs.DERMACHALLENGE, encoding="utf-8")
    (folder / "sister.csv").write_text(logs.SISTER, encoding="utf-8")
    (folder / "phase-1.csv").write_text(logs.phase_study(1, participants=("p1", "p2", "p3")), encoding="utf-8")
    (folder / "phase-2.csv").write_text(logs.phase_study(2, participants=("p1", "p2", "p3")), encoding="utf-8")


def _predictions(
    images: "pd.Series[str] | list[str]", truth: "pd.Series[str] | list[str]", *, seed: int, favour: float
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (len(images), 7))
    logits[np.arange(len(images)), [HAM7.codes.index(code) for code in truth]] += favour
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    frame = pd.DataFrame(shares.round(6), columns=list(HAM7.codes))
    frame.insert(0, "image", list(images))
    frame[HAM7.codes[0]] += 1 - frame[list(HAM7.codes)].sum(axis=1)
    return frame
