"""The classifier that comes with dermdash: package data, used where no other model is named.

- ``reference_checkpoint() -> Path`` of the half-precision checkpoint, ``reference_sha256() -> str`` of its bytes
- ``reference_statistics() -> Path`` of what tells images unlike its training images
- ``reference_operating_point() -> dict``: thresholds by class, chosen on lesions held out from its training
- ``model_card() -> str`` in Markdown: data, licence, recipe, figures, known failures

Free of torch, so that a page can say which model there is.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from dermdash.classifier.checkpoints import checkpoint_sha256
from dermdash.errors import NotFound

REFERENCE_NAME = "dermdash reference (HAM10000)"
TRAINED_ON = "HAM10000"
LICENCE = "CC BY-NC 4.0, research use only"

_FOLDER = Path(__file__).parent / "reference"


def reference_checkpoint() -> Path:
    """Path of the shipped checkpoint; raises NotFound in an incomplete installation."""
    return _shipped("reference.safetensors")


def reference_sha256() -> str:
    """Hash of the shipped checkpoint, computed once per process; raises NotFound as ``reference_checkpoint``."""
    return _sha256(reference_checkpoint())


@lru_cache(maxsize=1)
def _sha256(path: Path) -> str:
    return checkpoint_sha256(path)


def reference_statistics() -> Path:
    """Path of the statistics of its training features; raises NotFound in an incomplete installation."""
    return _shipped("reference_features.npz")


def reference_operating_point() -> dict[str, Any]:
    """The shipped operating point as it is stored: name, data set, taxonomy, rule, thresholds, figures."""
    return dict(json.loads(_shipped("operating_point.json").read_text(encoding="utf-8")))


def model_card() -> str:
    """The model card, as Markdown."""
    return _shipped("MODEL_CARD.md").read_text(encoding="utf-8")


def _shipped(name: str) -> Path:
    path = _FOLDER / name
    if not path.is_file():
        raise NotFound(f"the reference model is not installed ({path} is missing): install dermdash again")
    return path
