"""The record page: image with mask, the fields by block, what models say, similar images, history."""

from typing import Any

import streamlit as st

from dermdash.charts.class_probabilities import class_probabilities_figure
from dermdash.errors import DermdashError
from dermdash.records.quality_score import REJECTED
from dermdash.records.record_filter import FLAG
from dermdash.records.taxonomy import diagnosis_name, get_taxonomy
from dermdash.records.verification_stage import dx_type_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.borderline_choice import borderline_choice
from dermdash.ui.frontend.exchange.gallery import TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_text, error_words
from dermdash.ui.model_and_images import drawn_badge, pick_model
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.record_saliency import heat_of, show_saliency_words, stored_saliency
from dermdash.ui.record_tiles import data_uri, is_claimed, thumbnail_uri, tile_color
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import cell, counted, day, file_size, moment, number, percent, similarity
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier import find_similar
from dermdash.workflows.classifier.model_in_use import find_model_in_use, predictions_to_show
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.browse_records import RecordDetail
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL


def record_title(record: dict[str, Any]) -> str:
    """What a record is called: its diagnosis."""
    return diagnosis_name(record["dx"])


def show_flags(workspace: Workspace, record_id: str) -> None:
    """What asks for a look at the record, each with all other records of which that is so."""
    flags = browse_records.flags_of_records(workspace, [record_id]).get(record_id, [])
    if not flags:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for flag in flags:
            page_link("dataset/records", label=flag.label, icon=":material/flag:", query_params={FLAG: str(flag)})


def record_in_words(record: dict[str, Any], dataset: str) -> str:
    """Image, lesion, patient and data set (by what it is called) in one line of Markdown."""
    parts = [as_text(record["image_id"]), f"lesion {as_text(record['lesion_id'])}"]
    if record["patient_id"]:
        parts.append(f"patient {as_text(record['patient_id'])}")
    return " · ".join([*parts, f"data set {as_text(dataset)}"])


def show_image(workspace: Workspace, detail: RecordDetail, prediction: dict[str, Any] | None) -> None:
    """The image in full, with the outline of its mask and the saliency map where there are any."""
    record = detail.record
    mime = "image/png" if record["format"] == "PNG" else "image/jpeg"
    image = data_uri(browse_records.original(workspace, record["image_sha256"]), mime)
    mask = None
    if record["mask_sha256"]:
        mask = data_uri(browse_records.mask(workspace, record["mask_sha256"]), "image/png")
    found = stored_saliency(workspace, detail, prediction)
    image_viewer(
        image,
        mask,
        key="record.image",
        height=520,
        label=f"Dermatoscopic image {record['image_id']}",
        heat=heat_of(workspace, record, found),
    )
    show_saliency_words(workspace, detail, prediction, found)


def offer_covering(record: dict[str, Any]) -> None:
    """A way to the page where what shows a person is covered, for whoever may cover."""
    if access.may(Right.CHECK_IDENTITY):
        page_link(
            "dataset/deidentification", label="Cover what shows who somebody is", icon=":material/ink_eraser:",
            query_params={"record": record["id"]},
        )  # fmt: skip


def show_quality(record: dict[str, Any]) -> None:
    """Human score and estimate, told apart."""
    human = record["image_quality_score"]
    estimate = record["technical_quality"]
    driver = record["quality_driver"]
    st.markdown(
        f"**Quality:** human score {'not given' if human is None else f'{cell(human)} of 5'} · "
        f"estimated technical quality {'not measured' if estimate is None else f'{cell(estimate)} of 5'}"
        + (f" (decided by {driver})" if driver and driver != "none" else "")
    )
    if record["sharpness"] is not None:
        st.caption(
            f"Measured: sharpness {number(record['sharpness'], 2)} and exposure {number(record['exposure'], 2)} (0 to "
            f"1, higher is better), glare {percent(record['glare'])} of the image. The estimate never replaces the "
            "human score."
        )


def show_gate(record: dict[str, Any]) -> None:
    """What the acquisition gate decided, and the way there for whoever may decide."""
    decision = record["acquisition"]
    if decision == REJECTED:
        st.warning(
            "Rejected for image quality: this record is left out of pages, exports, trainings and studies.",
            icon=":material/block:",
        )
    if access.may(Right.ASSESS_ACQUISITION):
        page_link(
            "dataset/acquisition", label="Change the decision" if decision else "Score how it was taken",
            icon=":material/photo_camera:", query_params={"show": "all", "image": record["image_sha256"]},
        )  # fmt: skip


def choose_prediction(workspace: Workspace, detail: RecordDetail) -> dict[str, Any] | None:
    """The prediction to show: of the model in use for such images, or of another that the visitor chooses.

    None where no model has predicted the record.
    """
    by_model = {str(p["model_id"]): p for p in predictions_to_show(workspace, detail)}
    if not by_model:
        return None
    models = [{"id": i, "name": p["model_name"], "simulated": bool(p["model_simulated"])} for i, p in by_model.items()]
    if len(models) == 1:
        return by_model[models[0]["id"]]
    return by_model[pick_model(models, key=f"record.model.{detail.record['id']}", label="What is shown of model")]


def show_predictions(workspace: Workspace, detail: RecordDetail, newest: dict[str, Any] | None) -> None:
    """Class probabilities of a model, with what it is and whether it has seen this lesion."""
    st.header("What the classifier says", anchor=False)
    if newest is None:
        st.info(
            "No model has seen this record yet. Run predictions on the Models page.",
            icon=":material/network_node:",
        )
        return
    used = find_model_in_use(workspace, simulated=detail.simulated, taxonomy=detail.taxonomy)
    if used is not None and used.id not in {p["model_id"] for p in detail.predictions}:
        st.caption(
            f"{as_text(model_label(used.model))}, which is in use for such images, has not predicted this record."
        )
    if newest["model_simulated"] and not detail.simulated:
        st.warning(DRAWN_MODEL, icon=":material/science:")
    if newest["trained_on_lesion"]:
        st.warning("This model was trained on this lesion, so its probabilities flatter it.", icon=":material/warning:")
    elif newest["trained_on_lesion"] is None:
        st.warning(
            "It is not known what this model was trained on: it may have seen this lesion.",
            icon=":material/warning:",
        )
    policy = borderline_choice([newest["taxonomy"]], key=f"record.borderline.{newest['taxonomy']}", comes_along=True)
    taxonomy = get_taxonomy(newest["taxonomy"]).counting_borderline_as(policy)
    figure = class_probabilities_figure(newest["probabilities"], taxonomy=taxonomy, theme=current_theme())
    show_figure(figure, key="record.probabilities")
    st.caption(
        f"Malignancy probability {percent(taxonomy.malignancy_probability(newest['probabilities']), 0)}"
        f"{f' ({policy.counted})' if taxonomy.has_borderline else ''} · {as_text(newest['model_name'])} "
        f"({newest['model_id']}, {newest['architecture']}). The probabilities assume equally frequent classes.  \n"
        f"{provenance(newest)}"
    )


def provenance(prediction: dict[str, Any]) -> str:
    """How a stored probability was made: preprocessing, views, and which file of weights."""
    views = prediction["views"]
    made_from = "unknown number of views" if views is None else f"mean of {counted(views, 'view')}"
    return (
        f"Made from {as_code(prediction['preprocessing'] or 'unknown preprocessing')} at {prediction['input_size']} px "
        f"({made_from}) with the checkpoint "
        f"`{str(prediction['checkpoint_sha256'])[:16]}…` on {day(prediction['created_at'])}."
    )


def show_similar(workspace: Workspace, detail: RecordDetail, prediction: dict[str, Any] | None) -> None:
    """The eight most similar images of other lesions and of the same kind; a click opens one."""
    if prediction is None:
        return
    st.header("Similar images of other lesions", anchor=False)
    record_id = detail.record["id"]
    try:
        similar = find_similar.similar_records(workspace, record_id, model_id=prediction["model_id"], k=8)
    except DermdashError as error:
        st.info(error_words(error))
        return
    tiles = [
        TilePayload(
            id=s.record_id,
            image=thumbnail_uri(workspace, s.image_sha256),
            title=diagnosis_name(s.dx),
            subtitle=f"{s.image_id} · {similarity(s.similarity)}",
            color=tile_color(s.dx),
            badges=[drawn_badge()] if s.simulated else [],
        )
        for s in similar
    ]
    st.caption(as_text(f"By the features of {prediction['model_name']} ({prediction['model_id']})."))
    chosen = gallery(tiles, key=f"record.similar.{record_id}", tile_px=130, label="Similar images")
    if chosen in {s.record_id for s in similar}:
        switch_page(RECORD_SCRIPT, query_params={"id": str(chosen)})


def show_same_lesion(workspace: Workspace, detail: RecordDetail) -> None:
    """Other images of the same lesion."""
    if detail.same_lesion.empty:
        return
    st.header("Other images of this lesion", anchor=False)
    tiles = [
        TilePayload(
            id=row["id"],
            image=thumbnail_uri(workspace, row["image_sha256"]),
            title=diagnosis_name(row["dx"]),
            subtitle=row["image_id"],
            color=tile_color(row["dx"]),
        )
        for _, row in detail.same_lesion.iterrows()
    ]
    chosen = gallery(tiles, key=f"record.lesion.{detail.record['id']}", tile_px=130, label="Other images")
    if chosen in set(detail.same_lesion["id"]):
        switch_page(RECORD_SCRIPT, query_params={"id": str(chosen)})


def show_history(detail: RecordDetail, dataset: str) -> None:
    """Where the record comes from and what happened to it since; ``dataset`` is what its data set is called."""
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
    st.caption("Annotations, consensus and histology since then: under *where the label comes from*, beside the image.")
    st.caption(
        f"File {record['format']}, {record['width']} × {record['height']} px, {file_size(record['bytes'])} · "
        f"sha256 `{record['image_sha256'][:16]}…` · perceptual hash `{record['phash']}`"
    )
