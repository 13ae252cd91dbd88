"""The page that judges one image: what to judge and with which model, its quality, the crop, and the result."""

import hashlib
from typing import Any

import streamlit as st

from dermdash.classifier.lesion_crop import LesionCrop
from dermdash.dataset.picture_formats import READ_IN_WORDS
from dermdash.dataset.uploaded_image import UploadedImage
from dermdash.records.csv_table import IMAGE_SUFFIXES
from dermdash.records.taxonomy import BorderlinePolicy
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.choices import choose, choose_segment
from dermdash.ui.diagnosis_result import show_details, show_verdict
from dermdash.ui.keep_image_view import keep_image_form
from dermdash.ui.lesion_crop import lesion_crop
from dermdash.ui.messages import empty_state
from dermdash.ui.model_and_images import in_use_caption, pick_model
from dermdash.ui.record_tiles import data_uri
from dermdash.ui.warm_up import begin_once
from dermdash.workflows.classifier import diagnose, model_registry, operating_points
from dermdash.workflows.classifier.diagnose import RESEARCH_USE, Diagnosis
from dermdash.workflows.classifier.evaluate_model import evaluation_version
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.operating_points import OperatingPoint
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL

_UPLOAD, _CAMERA = "upload", "camera"
_SOURCES = {_UPLOAD: "Upload a file", _CAMERA: "Use the camera"}
_TYPES = sorted(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES)
_NO_POINT = "none"


def research_notice() -> None:
    """What this page is not; always there."""
    st.info(RESEARCH_USE, icon=":material/science:")


def model_and_point(workspace: Workspace) -> tuple[dict[str, Any], OperatingPoint | None, BorderlinePolicy]:
    """Choose the model, one of its operating points, and what borderline diagnoses count as: as with the point."""
    models = {str(m["id"]): m for m in offered(workspace, model_registry.list_models(workspace), simulated=False)}
    left, right = st.columns(2)
    with left:
        model = models[pick_model(list(models.values()), key="diagnose.model", width="stretch")]
        in_use_caption(workspace, model)
    if model["simulated"]:
        st.warning(DRAWN_MODEL, icon=":material/science:")
    points = {point.id: point for point in operating_points.list_operating_points(workspace, model_id=model["id"])}
    datasets = browse_records.dataset_names(workspace)
    chosen = choose(
        "Operating point",
        [*points, _NO_POINT],
        lambda i: _point_title(points[i], datasets) if i in points else "None: only the most probable class is listed",
        key=f"diagnose.point.{model['id']}",
        name="point",
        place=right,
        help="Its thresholds decide which classes the differential diagnosis lists.",
    )
    if (point := points.get(chosen)) is not None:
        if point.taxonomy.has_borderline:
            right.caption(f"{point.borderline.in_words}, as when this operating point was chosen.")
        return model, point, point.borderline
    taxonomy = model["taxonomy"]
    return model, None, borderline_choice([taxonomy], key=f"diagnose.borderline.{taxonomy}", place=right)


def _point_title(point: OperatingPoint, datasets: dict[str, str]) -> str:
    return f"{point.name} ({point.rule_words}, on {datasets.get(point.dataset_id, point.dataset_id)})"


def diagnose_upload(
    workspace: Workspace, model: dict[str, Any], point: OperatingPoint | None, borderline: BorderlinePolicy
) -> None:
    """Take an image, check it, let the lesion be framed, and show the result."""
    model_id = str(model["id"])
    # While the visitor looks for the image: importing and loading the network takes seconds.
    begin_once((workspace.home, model_id), lambda: diagnose.prepare_diagnosis(workspace, model_id))
    data = _image_bytes(workspace)
    if data is None:
        st.session_state.pop(keys.DIAGNOSIS, None)
        st.session_state.pop(keys.DIAGNOSE_UPLOAD, None)
        empty_state(
            "biotech",
            "No image yet",
            "Choose a dermatoscopic image of **one lesion**, taken with contact or polarised light.",
        )
        return
    upload = _read(workspace, data)
    if not _quality_check(upload):
        return
    picture, result = st.columns([1, 1], gap="large")
    with picture:
        st.header("Lesion of interest", anchor=False)
        crop = lesion_crop(
            data_uri(upload.preview), width=upload.width, height=upload.height,
            key=f"diagnose.crop.{upload.prepared.sha256[:16]}",
        )  # fmt: skip
        st.caption("Drag the square over the lesion, with some skin around it. The model sees this square only.")
        _quality_words(upload)
    with result:
        drawn = bool(st.session_state.get(keys.SIMILAR_DRAWN, False))
        point_id = None if point is None else point.id
        found = _diagnosis(workspace, upload, crop, model["id"], point_id, drawn, borderline)
        show_verdict(workspace, found)
    show_details(workspace, upload, found)
    keep_image_form(workspace, upload, taxonomy=model["taxonomy"])


def _image_bytes(workspace: Workspace) -> bytes | None:
    # One of the two only: the camera would ask for leave as soon as it is drawn.
    source = choose_segment(
        "Image from",
        list(_SOURCES),
        _SOURCES.__getitem__,
        key="diagnose.source",
        name="from",
        label_visibility="collapsed",
    )
    if source == _CAMERA:
        taken = st.camera_input("Photograph the lesion", key="diagnose.camera", width=560)
        return None if taken is None else taken.getvalue()
    sent = st.file_uploader(
        f"Image of one lesion ({READ_IN_WORDS})",
        type=_TYPES,
        key="diagnose.file",
        max_upload_size=max(1, round(workspace.settings.max_image_megabytes)),
    )
    return None if sent is None else sent.getvalue()


def _read(workspace: Workspace, data: bytes) -> UploadedImage:
    """Decode once per image, not at every move of the crop."""
    digest = hashlib.sha256(data).hexdigest()
    known: tuple[str, UploadedImage] | None = st.session_state.get(keys.DIAGNOSE_UPLOAD)
    if known is None or known[0] != digest:
        known = (digest, diagnose.read_image(workspace, data))
        st.session_state[keys.DIAGNOSE_UPLOAD] = known
    return known[1]


def _quality_check(upload: UploadedImage) -> bool:
    """Say what is wrong with an image of poor quality; go on with it only when told to."""
    quality = upload.quality
    if quality.usable:
        return True
    st.warning(
        f"**This image is not good enough to be judged** (estimated technical quality {quality.score} of 5). "
        f"{quality.fault} {quality.advice}",
        icon=":material/photo_camera:",
    )
    key = f"diagnose.anyway.{upload.prepared.sha256[:16]}"
    return st.checkbox("Judge it anyway: I know that the result may mean nothing", key=key)


def _quality_words(upload: UploadedImage) -> None:
    quality = upload.quality
    decided = f", decided by {quality.driver}" if quality.driver != "none" else ""
    st.markdown(f"**Estimated technical quality {quality.score} of 5**{decided}")
    for note in upload.notes:
        st.caption(note)


def _diagnosis(
    workspace: Workspace,
    upload: UploadedImage,
    crop: LesionCrop,
    model_id: str,
    point_id: str | None,
    drawn: bool,
    borderline: BorderlinePolicy,
) -> Diagnosis:
    """The result from this session's memory when nothing changed since."""
    asked = (upload.prepared.sha256, crop, model_id, point_id, drawn, borderline, evaluation_version(workspace))
    known: tuple[Any, Diagnosis] | None = st.session_state.get(keys.DIAGNOSIS)
    if known is None or known[0] != asked:
        with st.spinner("Judging the image", show_time=True):
            found = diagnose.diagnose_image(
                workspace, upload, crop=crop, model_id=model_id, operating_point_id=point_id, explain=False,
                similar_drawn=drawn, borderline=borderline,
            )  # fmt: skip
        known = (asked, found)
        st.session_state[keys.DIAGNOSIS] = known
    return known[1]
