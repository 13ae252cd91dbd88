"""The record page: image with mask, what a model says, and closed what else is kept of a record."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import FLAG
from dermdash.records.taxonomy import Taxonomy, diagnosis_name, get_taxonomy
from dermdash.records.verification_stage import dx_type_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.analysis.section_view import DETAILS
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.class_bars import show_class_bars
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_text
from dermdash.ui.model_and_images import pick_model
from dermdash.ui.navigation import page_link
from dermdash.ui.record_fields import show_details, show_further
from dermdash.ui.record_saliency import heat_of, offer_explaining, show_saliency_words, stored_saliency
from dermdash.ui.record_tiles import is_claimed
from dermdash.ui.stored_picture import mask_uri, original_uri
from dermdash.wording import cell, counted, day, file_size, moment, number, percent
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier.model_in_use import find_model_in_use, predictions_to_show
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.browse_records import RecordDetail
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL

DRAWN_IMAGE = "This image is drawn by a program: it shows nobody's skin."
_KNOWS_IT = "This model was trained on this lesion, so its probabilities flatter it."
_MAY_KNOW_IT = "It is not known what this model was trained on: it may have seen this lesion."
_IMAGE_PX = 460
"""Height of the image: beside it everything is seen without scrolling."""


@dataclass(frozen=True, slots=True)
class ShownPrediction:
    """What one model says of the record, with the borderline classes counted as was chosen."""

    stored: dict[str, Any]
    taxonomy: Taxonomy

    @property
    def most(self) -> str:
        """The most probable class with its share."""
        shares: dict[str, float] = self.stored["probabilities"]
        most = max(self.taxonomy.classes, key=lambda c: shares[c.code])
        return f"**{most.name}** {percent(shares[most.code], 0)}"

    @property
    def malignancy(self) -> str:
        """How probable malignancy is, and as what borderline classes counted."""
        share = percent(self.taxonomy.malignancy_probability(self.stored["probabilities"]), 0)
        counted_as = f" ({self.taxonomy.borderline.counted})" if self.taxonomy.has_borderline else ""
        return f"Malignancy probability {share}{counted_as}"


def record_title(record: dict[str, Any]) -> str:
    """What a record is called: its diagnosis."""
    return diagnosis_name(record["dx"])


def show_flags(workspace: Workspace, detail: RecordDetail, *, sees_all: bool) -> None:
    """That an image is drawn, and what asks for a look at the record, each with all others of which that is so."""
    flags = browse_records.flags_of_records(workspace, [detail.record["id"]]).get(detail.record["id"], [])
    flags = flags if sees_all else []
    if not flags and not detail.simulated:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if detail.simulated:
            st.caption(f":material/science: {DRAWN_IMAGE}", width="content")
        for flag in flags:
            page_link("dataset/records", label=flag.label, icon=":material/flag:", query_params={FLAG: str(flag)})


def record_in_words(record: dict[str, Any], dataset: str) -> str:
    """Image, lesion, patient and data set (by what it is called) in one line of Markdown."""
    parts = [as_text(record["image_id"]), f"lesion {as_text(record['lesion_id'])}"]
    if record["patient_id"]:
        parts.append(f"patient {as_text(record['patient_id'])}")
    return " · ".join([*parts, f"data set {as_text(dataset)}"])


def show_image(workspace: Workspace, detail: RecordDetail, prediction: ShownPrediction | None) -> None:
    """The image with the outline of its mask and the saliency map where there are any, and what can be done with it."""
    record = detail.record
    image = original_uri(workspace, record["image_sha256"])
    mask = mask_uri(workspace, record["mask_sha256"])
    stored = None if prediction is None else prediction.stored
    found = stored_saliency(workspace, detail, stored)
    if image is not None:
        image_viewer(
            image,
            mask,
            key="record.image",
            height=_IMAGE_PX,
            label=f"Dermatoscopic image {record['image_id']}",
            heat=heat_of(workspace, record, found),
        )
    if found is not None and stored is not None:
        show_saliency_words(stored, found)
    if record["acquisition"] == REJECTED:
        st.warning(
            "Rejected for image quality: this record is left out of pages, exports, trainings and studies.",
            icon=":material/block:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if found is None and stored is not None:
            offer_explaining(workspace, record["id"], stored["model_id"])
        if access.may(Right.ASSESS_ACQUISITION):
            page_link(
                "dataset/acquisition",
                label="Change the decision" if record["acquisition"] else "Score how it was taken",
                icon=":material/photo_camera:", query_params={"show": "all", "image": record["image_sha256"]},
            )  # fmt: skip
        if access.may(Right.CHECK_IDENTITY):
            page_link(
                "dataset/deidentification", label="Cover what identifies somebody", icon=":material/ink_eraser:",
                query_params={"record": record["id"]},
            )  # fmt: skip


def quality_words(record: dict[str, Any]) -> str:
    """Human score and estimate, told apart."""
    human = record["image_quality_score"]
    estimate = record["technical_quality"]
    driver = record["quality_driver"]
    return (
        f"Quality: human score {'not given' if human is None else f'{cell(human)} of 5'} · "
        f"estimated technical quality {'not measured' if estimate is None else f'{cell(estimate)} of 5'}"
        + (f" (decided by {driver})" if driver and driver != "none" else "")
    )


def show_prediction(workspace: Workspace, detail: RecordDetail) -> ShownPrediction | None:
    """What a model says in a line, and whether it has seen this lesion.

    The model is the one in use for such images, or another that the visitor chooses; None where none has predicted it.
    """
    by_model = {str(p["model_id"]): p for p in predictions_to_show(workspace, detail)}
    if not by_model:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("No model has seen this record yet.", width="content")
            page_link("classifier/models", label="Run predictions", icon=":material/network_node:")
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        said = st.container(width="content")
        stored = by_model[_chosen_model(by_model, detail.record["id"])]
        policy = borderline_choice(
            [stored["taxonomy"]], key=f"record.borderline.{stored['taxonomy']}", comes_along=True
        )
    shown = ShownPrediction(stored, get_taxonomy(stored["taxonomy"]).counting_borderline_as(policy))
    # Where there is a choice of models, it names the one that is chosen.
    who = as_text(stored["model_name"]) if len(by_model) == 1 else "The model"
    said.markdown(f"{who} says: {shown.most}  \n{shown.malignancy}")
    used = find_model_in_use(workspace, simulated=detail.simulated, taxonomy=detail.taxonomy)
    if used is not None and used.id not in {p["model_id"] for p in detail.predictions}:
        st.caption(
            f"{as_text(model_label(used.model))}, which is in use for such images, has not predicted this record."
        )
    if stored["model_simulated"] and not detail.simulated:
        st.warning(DRAWN_MODEL, icon=":material/science:")
    if stored["trained_on_lesion"] is not False:
        st.caption(f":material/warning: {_KNOWS_IT if stored['trained_on_lesion'] else _MAY_KNOW_IT}")
    return shown


def _chosen_model(by_model: dict[str, dict[str, Any]], record_id: str) -> str:
    if len(by_model) == 1:
        return next(iter(by_model))
    models = [{"id": i, "name": p["model_name"], "simulated": bool(p["model_simulated"])} for i, p in by_model.items()]
    return pick_model(
        models, key=f"record.model.{record_id}", label="What is shown of model", label_visibility="collapsed",
        width=320,
    )  # fmt: skip


def show_probabilities(prediction: ShownPrediction) -> None:
    """What the model says of every class."""
    show_class_bars(prediction.stored["probabilities"], taxonomy=prediction.taxonomy)
    st.caption(
        f"{prediction.malignancy} · {as_text(prediction.stored['model_name'])} ({prediction.stored['model_id']}, "
        f"{prediction.stored['architecture']}). The probabilities assume equally frequent classes."
    )


def provenance(prediction: dict[str, Any]) -> str:
    """How a stored probability was made: preprocessing, views, and which file of weights."""
    views = prediction["views"]
    made_from = "unknown number of views" if views is None else f"mean of {counted(views, 'view')}"
    return (
        f"{as_text(prediction['model_name'])} ({prediction['model_id']}, {prediction['architecture']}): "
        f"made from {as_code(prediction['preprocessing'] or 'unknown preprocessing')} at {prediction['input_size']} px "
        f"({made_from}) with the checkpoint "
        f"`{str(prediction['checkpoint_sha256'])[:16]}…` on {day(prediction['created_at'])}."
    )


def show_more(detail: RecordDetail, dataset: str, prediction: ShownPrediction | None, *, sees_all: bool) -> None:
    """Closed: what happened to the record, what its file is, and what is kept beside the fields.

    ``dataset``: what its data set is called.
    """
    with st.expander(DETAILS, icon=":material/list_alt:"):
        left, right = st.columns(2, gap="large")
        with left:
            if sees_all:  # the first label, and who predicted it
                _history(detail, dataset)
            _file(detail.record)
            if prediction is not None:
                st.header("What the model says", anchor=False)
                st.markdown(provenance(prediction.stored))
        with right:
            show_details(detail.record)
            show_further(detail.further)


def _history(detail: RecordDetail, dataset: str) -> None:
    record, how = detail.record, detail.record["dx_type"]
    st.header("History", anchor=False)
    lines = [
        f"**{moment(record['imported_at'])}** · imported into *{as_text(dataset)}* with the "
        f"label {as_code(record['source_label'])}"
        # What was reached here says nothing of what the source had claimed.
        + (f", confirmed by {as_text(dx_type_words(how).lower())}" if how and is_claimed(record) else ""),
        *(
            f"**{moment(p['created_at'])}** · predicted by {as_text(p['model_name'])} (`{p['model_id']}`)"
            for p in detail.predictions
        ),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.caption("Annotations, consensus and histology since then: under *Who said what*, beside the image.")


def _file(record: dict[str, Any]) -> None:
    st.header("The image", anchor=False)
    st.markdown(
        f"{record['format']}, {record['width']} × {record['height']} px, {file_size(record['bytes'])} · "
        f"sha256 `{record['image_sha256'][:16]}…` · perceptual hash `{record['phash']}`"
    )
    st.markdown(quality_words(record))
    if record["sharpness"] is not None:
        st.markdown(
            f"Measured: sharpness {number(record['sharpness'], 2)} and exposure {number(record['exposure'], 2)} (0 to "
            f"1, higher is better), glare {percent(record['glare'])} of the image. The estimate never replaces the "
            "human score."
        )
