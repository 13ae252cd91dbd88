"""Judge one image from elsewhere: quality, crop, differential diagnosis, similar records, warnings. Nothing is stored.

``read_image`` checks the upload, ``diagnose_image`` judges it. `workflows.keep_image` stores it where that is asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dermdash.analysis.differential import Differential, list_differential
from dermdash.analysis.out_of_distribution import TEXTURE
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.classifier import checkpoints
from dermdash.classifier.lesion_crop import LesionCrop, load_crop
from dermdash.classifier.texture_features import texture_features
from dermdash.dataset.image_ingestion import ImageLimits
from dermdash.dataset.uploaded_image import QualityVerdict, UploadedImage, read_upload
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import BorderlinePolicy, Taxonomy, get_taxonomy
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import find_similar
from dermdash.workflows.classifier.find_similar import SimilarRecord
from dermdash.workflows.classifier.held_out import held_out_records
from dermdash.workflows.classifier.model_registry import get_model, whole_checkpoint
from dermdash.workflows.classifier.operating_points import OperatingPoint, get_operating_point
from dermdash.workflows.classifier.out_of_distribution import out_of_distribution_of
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL, NO_PHOTOGRAPHS, default_kind, kind_words

if TYPE_CHECKING:
    from dermdash.classifier.checkpoints import Classifier
    from dermdash.classifier.saliency_map import SaliencyMap

RESEARCH_USE = (
    "For research only: not a medical device. What is shown here must not be used to diagnose or treat anybody."
)
SIMILAR = 8


@dataclass(frozen=True, slots=True)
class StrangenessVerdict:
    """Whether an image is unlike those the model knows (``basis``): then ``score`` is above ``threshold``."""

    score: float
    threshold: float
    basis: str

    @property
    def strange(self) -> bool:
        """Whether to warn."""
        return self.score > self.threshold


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that is said about one image.

    ``probabilities`` by class code, 0..1, sum 1. ``strangeness`` None: too few images are known to tell.
    ``similar_missing`` says why there are no similar records. ``known_records`` hold the very same file;
    ``drawn_record``: it is that of drawn records, and so no photograph;
    ``known_held_out`` says whether the model is known not to have trained on any of them.
    ``notes`` are sentences to show beside the result.
    """

    model: dict[str, Any]
    taxonomy: Taxonomy
    crop: LesionCrop
    crop_side: int
    quality: QualityVerdict
    probabilities: dict[str, float]
    malignancy_probability: float
    operating_point: OperatingPoint | None
    differential: Differential
    strangeness: StrangenessVerdict | None
    similar: tuple[SimilarRecord, ...]
    similar_missing: str
    drawn_record: bool
    known_records: tuple[str, ...]
    known_held_out: bool
    saliency: SaliencyMap | None
    notes: tuple[str, ...]

    @property
    def speaks_of_photographs(self) -> bool:
        """False where a model of drawn lesions judges what is no drawn record: then nothing it says means anything."""
        return not self.model["simulated"] or self.drawn_record

    @property
    def malignancy_threshold(self) -> float | None:
        """The malignancy threshold of the operating point, where there is one."""
        return None if self.operating_point is None else self.operating_point.thresholds[MALIGNANCY]

    @property
    def over_malignancy_threshold(self) -> bool | None:
        """Whether the malignancy probability reaches its threshold; None without one."""
        threshold = self.malignancy_threshold
        return None if threshold is None else self.malignancy_probability >= threshold


def read_image(workspace: Workspace, data: bytes) -> UploadedImage:
    """Check and read an uploaded image under the workspace's limits; errors as ``uploaded_image.read_upload``."""
    return read_upload(data, limits=ImageLimits.from_settings(workspace.settings))


def diagnose_image(
    workspace: Workspace,
    image: bytes | UploadedImage,
    *,
    model_id: str,
    crop: LesionCrop | None = None,
    operating_point_id: str | None = None,
    explain: bool = True,
    k: int = SIMILAR,
    similar_drawn: bool = False,
    borderline: BorderlinePolicy | None = None,
) -> Diagnosis:
    """Judge an image; nothing is stored.

    Parameters
    ----------
    image
        Its bytes, or what ``read_image`` made of them.
    crop
        The lesion of interest; None: the centre square that every record is judged by.
    operating_point_id
        Id or name; None: no thresholds, and the most probable class alone is listed.
    explain
        Also compute the saliency map of the most probable class.
    similar_drawn
        Show similar drawn images where there are no photographs. An image from elsewhere is a photograph, unless it is
        the very file of a drawn record, which is compared with drawn ones in any case.
    borderline
        What borderline classes count as in the malignancy probability; None: what they counted as when the operating
        point was chosen, else benign.

    Raises
    ------
    UnreadableImage, UnsafeUpload
        No complete image, or one that is too large.
    NotFound
        No such model, checkpoint or operating point.
    InvalidInput
        The operating point belongs to another model, or was chosen with borderline classes counted otherwise.
    """
    upload = read_image(workspace, image) if isinstance(image, bytes) else image
    crop = crop or LesionCrop()
    model = get_model(workspace, model_id)
    point = None if operating_point_id is None else get_operating_point(workspace, operating_point_id)
    if point is not None and point.model_id != model_id:
        raise InvalidInput(
            f"the operating point {point.name!r} was chosen for model {point.model_id}, not for {model_id}: thresholds "
            "of one model say nothing about another"
        )
    if borderline is None:
        borderline = BorderlinePolicy.BENIGN if point is None else point.borderline
    elif point is not None:
        point.check_policy(borderline)
    classifier = load_classifier(workspace, model_id)
    taxonomy = get_taxonomy(model["taxonomy"]).counting_borderline_as(borderline)
    square = load_crop(upload.prepared.data, crop, input_size=classifier.metadata.input_size)
    probabilities, features = _predict(classifier, square)
    by_code = {code: round(float(p), 6) for code, p in zip(taxonomy.codes, probabilities, strict=True)}
    known = tuple(find_similar.records_of_upload(workspace, upload.prepared.data))
    drawn = find_similar.is_drawn_record(workspace, known)
    similar, missing = _similar(workspace, features, model_id, known, k, drawn=drawn or similar_drawn)
    return Diagnosis(
        model=model,
        taxonomy=taxonomy,
        crop=crop,
        crop_side=max(1, round(crop.share * min(upload.width, upload.height))),
        quality=upload.quality,
        probabilities=by_code,
        malignancy_probability=taxonomy.malignancy_probability(by_code),
        operating_point=point,
        differential=list_differential(by_code, {} if point is None else point.thresholds, taxonomy=taxonomy),
        strangeness=_strangeness(workspace, classifier, model_id, square, features),
        similar=similar,
        similar_missing=missing,
        drawn_record=drawn,
        known_records=known,
        known_held_out=_held_out(workspace, model_id, known),
        saliency=_explain(classifier, square) if explain else None,
        notes=(*([DRAWN_MODEL] if model["simulated"] and not drawn else []), *upload.notes),
    )


def explain_crop(
    workspace: Workspace, upload: UploadedImage, *, model_id: str, crop: LesionCrop | None = None
) -> SaliencyMap:
    """Show where the evidence for the most probable class lies in the crop; errors as ``diagnose_image``.

    Apart from the diagnosis, because it takes longer and a page can show the one before the other.
    """
    classifier = load_classifier(workspace, model_id)
    square = load_crop(upload.prepared.data, crop or LesionCrop(), input_size=classifier.metadata.input_size)
    return _explain(classifier, square)


def load_classifier(workspace: Workspace, model_id: str) -> Classifier:
    """The network of a model, from memory after the first time."""
    path = whole_checkpoint(workspace, model_id)
    status = path.stat()
    return _loaded(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _loaded(path: Path, modified: int, size: int) -> Classifier:
    return checkpoints.load_checkpoint(path)


def prepare_diagnosis(workspace: Workspace, model_id: str) -> None:
    """Load the network of a model and let it see one black image; the first real one then waits for neither.

    Raises
    ------
    NotFound
        The checkpoint is missing.
    """
    from dermdash.classifier.preprocessing import resized_side

    classifier = load_classifier(workspace, model_id)
    side = resized_side(classifier.metadata.input_size)
    _predict(classifier, np.zeros((side, side, 3), np.uint8))


def _predict(classifier: Classifier, square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from dermdash.classifier.inference import predict_squares

    found = predict_squares(classifier, square[None])
    return found.probabilities[0], found.features[0]


def _explain(classifier: Classifier, square: np.ndarray) -> SaliencyMap:
    from dermdash.classifier.saliency import explain_squares

    return explain_squares(classifier, square[None])[0]


def _strangeness(
    workspace: Workspace, classifier: Classifier, model_id: str, square: np.ndarray, features: np.ndarray
) -> StrangenessVerdict | None:
    usual = out_of_distribution_of(workspace, model_id)
    if usual is None:
        return None
    if usual.model.features == TEXTURE:
        features = texture_features(classifier, square[None])[0]
    return StrangenessVerdict(float(usual.model.score(features[None])[0]), usual.model.threshold, usual.basis)


def _held_out(workspace: Workspace, model_id: str, known: tuple[str, ...]) -> bool:
    if not known:
        return True
    return bool(held_out_records(workspace, model_id, records.records_by_id(workspace.engine, known)).all())


def _similar(
    workspace: Workspace, features: np.ndarray, model_id: str, known: tuple[str, ...], k: int, *, drawn: bool
) -> tuple[tuple[SimilarRecord, ...], str]:
    try:
        found = find_similar.similar_to_features(
            workspace, features, model_id=model_id, k=k, identical_ids=known, simulated=drawn
        )
    except NotFound as error:
        return (), NO_PHOTOGRAPHS if not drawn and default_kind(workspace) else str(error)
    if found:
        return tuple(found), ""
    return (), f"No diagnosed record of another lesion has features of this model among the {kind_words(drawn)}."


def as_dict(found: Diagnosis) -> dict[str, Any]:
    """The result for JSON: everything but the pictures."""
    strangeness, point, quality = found.strangeness, found.operating_point, found.quality
    return {
        "notice": RESEARCH_USE,
        "model": {
            key: found.model[key]
            for key in ("id", "name", "architecture", "input_size", "checkpoint_sha256", "simulated")
        },
        "simulated": bool(found.model["simulated"]) or found.drawn_record,
        "preprocessing": checkpoints.PREPROCESSING,
        "taxonomy": found.taxonomy.name,
        "crop": {"x": found.crop.x, "y": found.crop.y, "share": found.crop.share, "side_px": found.crop_side},
        "quality": {
            "score": quality.score, "decided_by": quality.driver, "usable": quality.usable,
            "sharpness": quality.sharpness, "exposure": quality.exposure, "glare": quality.glare,
        },
        "probabilities": found.probabilities,
        "malignancy": {
            "probability": found.malignancy_probability,
            "threshold": found.malignancy_threshold,
            "over": found.over_malignancy_threshold,
            "borderline": found.taxonomy.borderline.value,
        },
        "operating_point": None if point is None else {"id": point.id, "name": point.name, "rule": point.rule_words},
        "differential": [candidate.code for candidate in found.differential.listed],
        "none_over_its_threshold": found.differential.none_over,
        "out_of_distribution": None
        if strangeness is None
        else {
            "score": strangeness.score, "threshold": strangeness.threshold, "warning": strangeness.strange,
            "basis": strangeness.basis,
        },
        "similar": [
            {"record": s.record_id, "dx": s.dx, "similarity": round(s.similarity, 6), "simulated": s.simulated}
            for s in found.similar
        ],
        "known_records": list(found.known_records),
        "known_held_out": found.known_held_out,
        "notes": list(found.notes),
    }  # fmt: skip


def result_json(found: Diagnosis) -> bytes:
    """The result as a JSON file."""
    return json.dumps(as_dict(found), indent=2, ensure_ascii=False).encode()


def result_csv(found: Diagnosis) -> bytes:
    """The classes as CSV, most probable first, then malignancy."""
    listed = {candidate.code for candidate in found.differential.listed}
    rows = [
        {
            "class": c.code, "name": c.name, "malignant": c.malignant, "probability": c.probability,
            "threshold": c.threshold, "over_threshold": c.over, "listed": c.code in listed,
        }
        for c in found.differential.classes
    ]  # fmt: skip
    rows.append(
        {
            "class": MALIGNANCY, "name": "Malignancy", "malignant": True, "probability": found.malignancy_probability,
            "threshold": found.malignancy_threshold, "over_threshold": found.over_malignancy_threshold, "listed": None,
        }
    )  # fmt: skip
    point = found.operating_point
    frame = pd.DataFrame(rows)
    frame["operating_point"] = "" if point is None else point.name
    frame["borderline"] = found.taxonomy.borderline.value
    frame["model_id"] = found.model["id"]
    frame["model_name"] = found.model["name"]
    frame["simulated"] = bool(found.model["simulated"]) or found.drawn_record
    frame["notice"] = RESEARCH_USE
    return to_safe_csv(frame)
