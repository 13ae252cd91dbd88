"""The similar images page: ask with a record or with an image file, see what is alike and what that speaks for."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dermdash.analysis.retrieval_quality import majority_vote
from dermdash.errors import DermdashError, InvalidInput
from dermdash.records.csv_table import IMAGE_SUFFIXES
from dermdash.records.record_filter import RecordFilter
from dermdash.records.safe_csv import to_safe_csv
from dermdash.records.taxonomy import diagnosis_name, get_taxonomy
from dermdash.records.verification_stage import VerificationStage, stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import address, keys
from dermdash.ui.choices import choose_segment, choose_several, switch
from dermdash.ui.class_bars import show_class_bars
from dermdash.ui.entries import enter_number, enter_text
from dermdash.ui.frontend.exchange.gallery import BadgePayload, TilePayload
from dermdash.ui.gallery import gallery
from dermdash.ui.messages import as_text, empty_state
from dermdash.ui.model_and_images import drawn_badge, drawn_warning, in_use_caption, pick_kind, pick_model
from dermdash.ui.navigation import RECORD_SCRIPT, page_link, switch_page
from dermdash.ui.private_download import private_download
from dermdash.ui.record_tiles import stage_badge, thumbnail_uri, tile_color
from dermdash.wording import counted, similarity
from dermdash.workflows.classifier import diagnose, embeddings, find_similar, model_registry
from dermdash.workflows.classifier.find_similar import SimilarRecord
from dermdash.workflows.classifier.model_in_use import offered
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.dataset.image_kinds import DRAWN, datasets_of_kind, kind_words
from dermdash.workflows.dataset.private_export import hidden

_RECORD, _FILE = "record", "file"
_QUERIES = {_RECORD: "A record", _FILE: "An image file"}
_MOST = 60


def similar_state(workspace: Workspace) -> str:
    """How many models there are to compare with."""
    return counted(len(model_registry.list_models(workspace)), "model", "models")


def choose_model(workspace: Workspace) -> tuple[dict[str, Any], bool] | None:
    """The model to compare by, and whether among drawn images; None and what to do next where there is nothing yet."""
    every = model_registry.list_models(workspace)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        drawn = pick_kind(
            workspace, key="similar.images", drawn=_kind_of_record_in_address(workspace),
            ready=lambda kind: any(map(_predicts(kind), every)),
        )  # fmt: skip
        models = {m["id"]: m for m in offered(workspace, every, simulated=drawn, ready=_predicts(drawn))}
        chosen = models[pick_model(list(models.values()), key=keys.of_kind("similar.model", drawn))]
        in_use_caption(workspace, chosen)
    if drawn:
        drawn_warning()
    coverage = embeddings.coverage(workspace, chosen["id"], simulated=drawn)
    if coverage.with_features == 0:
        empty_state(
            "image_search",
            f"This model has no features of {kind_words(drawn)} yet",
            "Predict them on the Models page first: that computes their features.",
        )
        page_link("classifier/models", label="Go to the models", icon=":material/network_node:")
        return None
    if coverage.missing:
        st.warning(
            f"{coverage.missing:,} of {coverage.records:,} {kind_words(drawn, coverage.records)} have no features of "
            "this model and cannot be found. Predict them on the Models page.",
            icon=":material/pending:",
        )
    return chosen, drawn


def _predicts(drawn: bool) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a model of that kind has predicted records: features are stored with what it predicts."""
    return lambda model: bool(model["predictions"]) and model["simulated"] == drawn


def _kind_of_record_in_address(workspace: Workspace) -> bool | None:
    """Whether the record that the address asks with is drawn; None where it names none, or not a single one."""
    name = next(iter(address.asked("record")), "")
    if not name:
        return None
    try:
        return browse_records.record_detail(workspace, browse_records.resolve_record_id(workspace, name)).simulated
    except DermdashError:
        return None


def show_search(workspace: Workspace, model: dict[str, Any], drawn: bool) -> None:
    """The query on the left, what is similar on the right."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        kind = choose_segment("Ask with", list(_QUERIES), _QUERIES.__getitem__, key="similar.kind", name="with")
        asked = st.container()
        options = _options(workspace, model, drawn)
    try:
        found = _by_record(workspace, model, options, asked) if kind == _RECORD else None
        if kind == _FILE:
            found = _by_file(workspace, model, options, asked)
    except DermdashError as error:
        right.error(as_text(error), icon=":material/error:")
        return
    with right:
        if found is None:
            empty_state("image_search", "Nothing asked yet", "Enter an image id, or choose an image file.")
        elif not found:
            empty_state("filter_alt_off", "No record passes these filters", "Take a filter away under **Only some**.")
        else:
            _show(workspace, model, found)


def _options(workspace: Workspace, model: dict[str, Any], drawn: bool) -> dict[str, Any]:
    codes = get_taxonomy(model["taxonomy"]).codes
    datasets = {
        str(d["id"]): str(d["name"]) for d in datasets_of_kind(workspace, simulated=drawn, taxonomy=model["taxonomy"])
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = enter_number("How many", 1, _MOST, 8, key="similar.k", name="count", width=160)
        only = st.popover("Only some", icon=":material/filter_alt:")
    with only:
        classes = choose_several(
            "Only these diagnoses", codes, diagnosis_name, key="similar.classes", name="diagnosis", placeholder="Any"
        )
        dataset_ids = choose_several(
            "Only these data sets", list(datasets), datasets.__getitem__, key=keys.of_kind("similar.datasets", drawn),
            name="dataset", placeholder="Any",
        )  # fmt: skip
        stages = choose_several(
            "Only these verification stages", [int(s) for s in VerificationStage], stage_words, key="similar.stages",
            name="stage", placeholder="Any",
        )  # fmt: skip
        trained = bool(model["training_lesions_known"]) and switch(
            "Only lesions the model was trained on",
            key="similar.training",
            name="training",
            help="What it may be remembering.",
        )
    words = [
        *map(diagnosis_name, classes), *(as_text(datasets[d]) for d in dataset_ids), *map(stage_words, stages),
        *(["lesions it was trained on"] if trained else []),
    ]  # fmt: skip
    if words:
        st.caption(f"Only: {', '.join(words)}")
    options = {"simulated": drawn, "k": k, "classes": classes, "dataset_ids": dataset_ids, "stages": stages}
    return {**options, **({"training_lesions_only": trained} if model["training_lesions_known"] else {})}


def _by_record(
    workspace: Workspace, model: dict[str, Any], options: dict[str, Any], asked: Any
) -> list[SimilarRecord] | None:
    with asked:
        name = enter_text(
            "Image id", key="similar.record", name="record", max_chars=200, placeholder="ISIC_0024306",
            help="Or DATASET:IMAGE where several data sets have the id.",
        )  # fmt: skip
        record_id = (
            browse_records.resolve_record_id(workspace, name) if name else _to_begin_with(workspace, model, options)
        )
        if record_id is None:
            return None
        detail = browse_records.record_detail(workspace, record_id)
        record = detail.record
        st.image(
            thumbnail_uri(workspace, record["image_sha256"]),
            caption=f"{as_text(record['image_id'])} · {diagnosis_name(record['dx'])}"
            + (f" · {DRAWN}" if detail.simulated else ""),
            alt=f"The image asked with: {record['image_id']}",
        )
    if detail.simulated != options["simulated"]:
        raise InvalidInput(
            f"This record is one of the {kind_words(detail.simulated)}, which are compared with their own kind only: "
            f"choose {kind_words(detail.simulated)} above."
        )
    return find_similar.similar_records(workspace, record_id, model_id=model["id"], **options)


def _to_begin_with(workspace: Workspace, model: dict[str, Any], options: dict[str, Any]) -> str | None:
    """The first record among those that are searched; None where there is none."""
    sets = datasets_of_kind(workspace, simulated=options["simulated"], taxonomy=model["taxonomy"])
    searched = {str(one["id"]) for one in sets}
    wanted = RecordFilter.from_query({"dataset_id": sorted(searched)})
    rows = browse_records.page_of_records(workspace, wanted, per_page=1).rows if searched else None
    return None if rows is None or rows.empty else str(rows["id"].iloc[0])


@st.cache_data(max_entries=16, ttl=1800, show_spinner="Looking at the image")
def _features(_workspace: Workspace, home: str, model_id: str, sha256: str, _data: bytes) -> np.ndarray:
    return find_similar.features_of_image(_workspace, _data, model_id=model_id)


def _by_file(
    workspace: Workspace, model: dict[str, Any], options: dict[str, Any], asked: Any
) -> list[SimilarRecord] | None:
    with asked:
        upload = st.file_uploader(
            "Image",
            type=sorted(suffix.removeprefix(".") for suffix in IMAGE_SUFFIXES),
            key="similar.upload",
            help="It is not stored.",
            max_upload_size=max(1, round(workspace.settings.max_image_megabytes)),
        )
        leave_out = switch(
            "Leave out the identical file, its lesion and its patient",
            key="similar.leave_out",
            name="leave-out",
            default=True,
        )
        if upload is None:
            return None
        data = upload.getvalue()
        # The reader of uploads stands before the classifier: it knows the limits.
        image = diagnose.read_image(workspace, data)
        sha256 = hashlib.sha256(data).hexdigest()
        features = _features(workspace, str(workspace.home), model["id"], sha256, image.prepared.data)
        identical = find_similar.records_of_upload(workspace, data)
        st.image(image.preview, width="stretch", alt="The image asked with")
        if identical:
            st.info(
                f"This very file is the record {', '.join(map(as_text, identical))}"
                + ("; it is left out with its lesion and patient." if leave_out else "."),
                icon=":material/content_copy:",
            )
    return find_similar.similar_to_features(
        workspace, features, model_id=model["id"], identical_ids=identical, leave_out_identical=leave_out, **options
    )


def _show(workspace: Workspace, model: dict[str, Any], found: list[SimilarRecord]) -> None:
    votes = Counter(n.dx for n in found)
    winner = majority_vote([n.dx for n in found], [n.similarity for n in found])
    st.markdown(
        f"**{counted(len(found), 'similar image')}** · majority: **{diagnosis_name(winner)}** "
        f"({votes[str(winner)]} of {len(found)}) · by {as_text(model_label(model))}"
    )
    chosen = gallery([_tile(workspace, n) for n in found], key="similar.gallery", tile_px=150, label="Similar images")
    if chosen in {n.record_id for n in found}:
        switch_page(RECORD_SCRIPT, query_params={"id": str(chosen)})
    with st.container(horizontal=True, vertical_alignment="center"):
        private_download(
            "Similar images (CSV)",
            lambda privacy: to_safe_csv(hidden(workspace, similar_table(found).assign(model=model["id"]), privacy)),
            file_name="similar-images.csv", key="similar.csv",
        )  # fmt: skip
    st.header("Diagnoses among them", anchor=False)
    taxonomy = get_taxonomy(model["taxonomy"])
    shares = {code: votes[code] / len(found) for code in taxonomy.codes if votes[code]}
    show_class_bars(shares, taxonomy=taxonomy)
    st.caption("Shares of the images shown, not probabilities: they follow how frequent a diagnosis is in the records.")


def _tile(workspace: Workspace, n: SimilarRecord) -> TilePayload:
    badges = []
    if n.verification_stage is not None:
        badges.append(stage_badge(n.verification_stage, n.stage_claimed))
    if n.simulated:
        badges.append(drawn_badge())
    if n.identical:
        badges.append(BadgePayload(text="Identical file", shape="diamond"))
    return TilePayload(
        id=n.record_id,
        image=thumbnail_uri(workspace, n.image_sha256),
        title=diagnosis_name(n.dx),
        subtitle=f"{similarity(n.similarity)} · {n.image_id}",
        color=tile_color(n.dx),
        badges=badges,
    )


def similar_table(found: list[SimilarRecord]) -> pd.DataFrame:
    """What was found as a table, nearest first."""
    return pd.DataFrame(
        [
            {
                "rank": rank,
                "record": n.record_id,
                "image_id": n.image_id,
                "dx": n.dx,
                "similarity": round(n.similarity, 6),
                "verification_stage": n.verification_stage,
                "lesion_id": n.lesion_id,
                "dataset": n.dataset_id,
                "identical_file": n.identical,
                "simulated": n.simulated,
            }
            for rank, n in enumerate(found, start=1)
        ]
    )
