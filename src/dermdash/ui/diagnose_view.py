"""The page that judges one image: what to judge and with which model, its quality, the crop, and the result."""

import hashlib
from typing import Any

import streamlit as st

from dermdash.classifier.lesion_crop import LesionCrop
from dermdash.dataset.uploaded_image import UploadedImage
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.diagnosis_result import show_details, show_verdict
from dermdash.ui.keep_image_view import keep_image_form
from dermdash.ui.lesion_crop import lesion_crop
from dermdash.ui.messages import empty_state
from dermdash.ui.record_tiles import data_uri
from dermdash.ui.warm_up import begin_once
from dermdash.workflows import browse_records, classify, diagnose, operating_points
from dermdash.workflows.diagnose import RESEARCH_USE, Diagnosis
from dermdash.workflows.operating_points import OperatingPoint

_UPLOAD, _CAMERA = "Upload a file", "Use the camera"
_TYPES = ["jpg", "jpeg", "png", "tif", "tiff", "bmp", "webp"]
_NO_POINT = "None: only the most probable class is listed"


def research_notice() -> None:
    """What this page is not; always there."""
    st.info(RESEARCH_USE, icon=":material/science:")


def model_and_point(workspace: Workspace) -> tuple[dict[str, Any], OperatingPoint | None]:
    """Choose the model and one of its operating points."""
    newest = classify.newest_model_id(workspace)  # also brings the model that comes with dermdash
    models = classify.list_models(workspace)
    models.sort(key=lambda m: m["id"] != newest)
    left, right = st.columns(2)
    model = left.selectbox(
        "Model", models, format_func=lambda m: f"{m['name']} ({m['architecture']}, {m['id']})", key="diagnose.model"
    )
    points = {point.id: point for point in operating_points.list_operating_points(workspace, model_id=model["id"])}
    chosen = right.selectbox(
        "Operating point",
        [*points, _NO_POINT],
        format_func=lambda key: _point_title(points[key]) if key in points else _NO_POINT,
        key=f"diagnose.point.{model['id']}",
        help="Its thresholds decide which classes the differential diagnosis lists.",
    )
    return model, points.get(chosen)


def _point_title(point: OperatingPoint) -> str:
    return f"{point.name} ({point.rule_words}, on {point.dataset_id})"


def diagnose_upload(workspace: Workspace, model: dict[str, Any], point: OperatingPoint | None) -> None:
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
        st.subheader("Lesion of interest", anchor=False)
        crop = lesion_crop(
            data_uri(upload.preview), width=upload.width, height=upload.height,
            key=f"diagnose.crop.{upload.prepared.sha256[:16]}",
        )  # fmt: skip
        st.caption("Drag the square over the lesion, with some skin around it. The model sees this square only.")
        _quality_words(upload)
    with result:
        found = _diagnosis(workspace, upload, crop, model["id"], None if point is None else point.id)
        show_verdict(found)
    show_details(workspace, upload, found)
    keep_image_form(workspace, upload, taxonomy=model["taxonomy"])


def _image_bytes(workspace: Workspace) -> bytes | None:
    # One of the two only: the camera would ask for leave as soon as it is drawn.
    source = st.segmented_control(
        "Image from", [_UPLOAD, _CAMERA], default=_UPLOAD, key="diagnose.source", label_visibility="collapsed"
    )
    if source == _CAMERA:
        taken = st.camera_input("Photograph the lesion", key="diagnose.camera", width=560)
        return None if taken is None else taken.getvalue()
    sent = st.file_uploader(
        "Image of one lesion (JPEG, PNG, TIFF, BMP or WebP)",
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
    workspace: Workspace, upload: UploadedImage, crop: LesionCrop, model_id: str, point_id: str | None
) -> Diagnosis:
    """The result from this session's memory when nothing changed since."""
    asked = (upload.prepared.sha256, crop, model_id, point_id, browse_records.data_version(workspace))
    known: tuple[Any, Diagnosis] | None = st.session_state.get(keys.DIAGNOSIS)
    if known is None or known[0] != asked:
        with st.spinner("Judging the image", show_time=True):
            found = diagnose.diagnose_image(
                workspace, upload, crop=crop, model_id=model_id, operating_point_id=point_id, explain=False
            )
        known = (asked, found)
        st.session_state[keys.DIAGNOSIS] = known
    return known[1]
