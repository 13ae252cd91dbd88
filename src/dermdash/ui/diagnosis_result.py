"""What is said about one image: differential diagnosis, malignancy, warnings, saliency, similar records, downloads."""

import io

import streamlit as st

from dermdash.analysis.estimates import Estimate
from dermdash.analysis.scored_cases import MALIGNANCY
from dermdash.charts import saliency_overlay
from dermdash.charts.differential import differential_figure, malignancy_figure
from dermdash.classifier.lesion_crop import cut_out, open_upright
from dermdash.classifier.saliency_map import SaliencyMap, crop_box
from dermdash.dataset.uploaded_image import UploadedImage
from dermdash.records.taxonomy import diagnosis_name
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.gallery import gallery
from dermdash.ui.image_viewer import Heat, image_viewer
from dermdash.ui.messages import as_message, as_text
from dermdash.ui.model_and_images import drawn_badge
from dermdash.ui.navigation import RECORD_SCRIPT, switch_page
from dermdash.ui.record_tiles import data_uri, plain_tile
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import CI, counted, number, percent, percent_range, similarity
from dermdash.workflows.classifier import diagnose
from dermdash.workflows.classifier.diagnose import Diagnosis
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL, NO_PHOTOGRAPHS, default_kind

_CROP_SIDE = 480


def show_verdict(workspace: Workspace, found: Diagnosis) -> None:
    """Warnings first, then the list and the malignancy probability, and at the end what they rest on."""
    st.header("Differential diagnosis", anchor=False)
    st.markdown(f"What **{as_text(model_label(found.model))}** says:")
    _warnings(found)
    st.markdown(_listed_words(found))
    show_figure(differential_figure(found.differential, theme=current_theme()), key="diagnose.differential")
    if found.operating_point is not None:
        st.caption("The upright marks are the thresholds. Classes below theirs are grey.")
    if found.operating_point is not None and found.differential.unjudged:
        names = ", ".join(c.name for c in found.differential.unjudged)
        st.caption(f"No threshold is known for: {names}.")
    show_figure(
        malignancy_figure(found.malignancy_probability, found.malignancy_threshold, theme=current_theme()),
        key="diagnose.malignancy",
    )
    st.markdown(_malignancy_words(workspace, found))
    st.caption(_kind_words(found))
    st.caption(
        f"{as_text(model_label(found.model))}, {found.model['architecture']}, {found.model['input_size']} px. "
        "Probabilities assume equally frequent classes."
    )


def _listed_words(found: Diagnosis) -> str:
    listed = found.differential.listed
    if found.operating_point is None:
        return f"Most probable: **{listed[0].name}**. Without an operating point no class has a threshold."
    name = as_text(found.operating_point.name)
    if found.differential.none_over:
        return f"**No class is over its threshold** of *{name}*. Most probable: **{listed[0].name}**."
    return (
        f"{counted(len(listed), 'class is', 'classes are')} over the threshold of *{name}*: "
        + ", ".join(f"**{c.name}**" for c in listed)
        + "."
    )


def _malignancy_words(workspace: Workspace, found: Diagnosis) -> str:
    point, threshold = found.operating_point, found.malignancy_threshold
    share = percent(found.malignancy_probability)  # as exact as the threshold it is compared with
    if found.taxonomy.has_borderline:
        share = f"{share} ({found.taxonomy.borderline.counted})"
    if point is None or threshold is None:
        return f"Malignancy probability **{share}**; no operating point says what to make of it."
    figure = point.figures[MALIGNANCY]
    side = "**reaches**" if found.over_malignancy_threshold else "stays **below**"
    flattered = "" if point.held_out else " (records of its training among them, so these figures are too good)"
    return (
        f"Malignancy probability **{share}** {side} the threshold of {percent(threshold)}. There the model found "
        f"{_of(figure.sensitivity)} of the malignant and spared {_of(figure.specificity)} of the benign records of "
        f"{as_text(browse_records.dataset_name(workspace, point.dataset_id))}{flattered}."
    )


def _of(estimate: Estimate) -> str:
    if estimate.value is None:
        return "an unknown share"
    low, high = estimate.interval or (0.0, 1.0)
    return f"{percent(estimate.value, 0)} ({CI} {percent_range(low, high, 0)})"


def _warnings(found: Diagnosis) -> None:
    verdict = found.strangeness
    if not found.speaks_of_photographs:
        st.warning(
            f"**{DRAWN_MODEL}** Its probabilities of this image mean nothing; choose a model of photographs above.",
            icon=":material/science:",
        )
    elif verdict is not None and verdict.strange:
        st.warning(
            "**This image is unlike those the model knows**, so its probabilities mean little.",
            icon=":material/warning:",
        )
    if found.known_records:
        names = ", ".join(as_text(record_id) for record_id in found.known_records[:3])
        seen = (
            "The model did not train on it."
            if found.known_held_out
            else "The model trained on it, or may have: its probabilities flatter it."
        )
        st.info(f"This very file is in the workspace already: {names}. {seen}", icon=":material/content_copy:")
    if found.crop_side < found.model["input_size"] // 2:
        st.caption(
            f"The square is {found.crop_side} px wide and enlarged to {found.model['input_size']} px for the model: "
            "detail is missing."
        )


def _kind_words(found: Diagnosis) -> str:
    verdict = found.strangeness
    if not found.speaks_of_photographs:
        return "Whether the image is of a kind the model knows is not asked: it knows drawn images only."
    if verdict is None:
        return "Too few images are known to this model to tell whether this one is of their kind."
    return (
        f"{'Not of' if verdict.strange else 'Of'} the kind the model knows: strangeness {number(verdict.score, 1)}, "
        f"warning above {number(verdict.threshold, 1)} (0 is typical), compared with {as_text(verdict.basis)}."
    )


def show_details(workspace: Workspace, upload: UploadedImage, found: Diagnosis) -> None:
    """Where the evidence lies, similar records, and the result as files."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        place = st.container()
    with right:
        _similar(workspace, found)
    _downloads(found)
    with place:  # last, because it takes longest and everything else can be read meanwhile
        _saliency(workspace, upload, found)


def _saliency(workspace: Workspace, upload: UploadedImage, found: Diagnosis) -> None:
    st.header("Where the evidence lies", anchor=False)
    saliency = _explained(workspace, upload, found)
    seen = cut_out(open_upright(upload.prepared.data), found.crop, side=_CROP_SIDE)
    buffer = io.BytesIO()
    seen.save(buffer, "JPEG", quality=90)
    heat = None
    name = diagnosis_name(saliency.explained)
    if not saliency.is_empty:
        whole = saliency_overlay.heat_layer(saliency, _CROP_SIDE, _CROP_SIDE)
        left, top, right, bottom = (round(v) for v in crop_box(saliency.input_size, *whole.size))
        layer = whole.crop((left, top, right, bottom))
        uri = data_uri(saliency_overlay.png(layer), "image/png")
        heat = Heat(uri, saliency_overlay.scale_css(), saliency_overlay.OPACITY, shown=True)
    image_viewer(
        data_uri(buffer.getvalue()), key="diagnose.saliency", height=400, label="The square the model saw", heat=heat
    )
    if heat is None:
        st.caption(f"Nothing in the square spoke for {name}.")
    else:
        st.caption(
            f"Saliency map (Grad-CAM): where the evidence for {name} ({percent(saliency.probability, 0)}) lies. It "
            "says where the network looked, not whether it was right."
        )


def _explained(workspace: Workspace, upload: UploadedImage, found: Diagnosis) -> SaliencyMap:
    asked = (upload.prepared.sha256, found.crop, found.model["id"])
    known: tuple[object, SaliencyMap] | None = st.session_state.get(keys.DIAGNOSIS_SALIENCY)
    if known is None or known[0] != asked:
        with st.spinner("Looking for the evidence", show_time=True):
            saliency = diagnose.explain_crop(workspace, upload, model_id=found.model["id"], crop=found.crop)
        known = (asked, saliency)
        st.session_state[keys.DIAGNOSIS_SALIENCY] = known
    return known[1]


def _similar(workspace: Workspace, found: Diagnosis) -> None:
    st.header("Similar records with known diagnosis", anchor=False)
    if default_kind(workspace) and not found.drawn_record:
        st.info(NO_PHOTOGRAPHS, icon=":material/image_search:")
        st.toggle(
            "Show similar drawn images", key=keys.SIMILAR_DRAWN,
            help="They were drawn by a program: that they look alike says nothing about this image.",
        )  # fmt: skip
        if not found.similar and found.similar_missing == NO_PHOTOGRAPHS:
            return
    if not found.similar:
        st.info(as_message(found.similar_missing), icon=":material/image_search:")
        return
    st.caption(f"By the features of {as_text(model_label(found.model))}.")
    tiles = []
    for s in found.similar:
        tile = plain_tile(workspace, s.record_id, s.image_sha256, s.dx, subtitle=similarity(s.similarity))
        tile["badges"] = [drawn_badge()] if s.simulated else []
        tiles.append(tile)
    chosen = gallery(tiles, key="diagnose.similar", tile_px=130, label="Similar records")
    if chosen in {s.record_id for s in found.similar}:
        switch_page(RECORD_SCRIPT, query_params={"id": str(chosen)})


def _downloads(found: Diagnosis) -> None:
    with st.container(horizontal=True):
        for title, data, end, mime in (
            ("Result (CSV)", diagnose.result_csv, "csv", "text/csv"),
            ("Result (JSON)", diagnose.result_json, "json", "application/json"),
        ):
            st.download_button(
                title, data=data(found), file_name=f"dermdash-diagnosis.{end}", mime=mime, key=f"diagnose.{end}",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
