"""What a finished training found: figures with intervals, models, downloads."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.messages import as_message, as_text
from dermdash.ui.navigation import page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.tables import data_table
from dermdash.wording import (
    CI,
    NOT_COMPUTED,
    counted,
    duration,
    percent,
    percent_interval,
    percent_range,
    percent_spread,
)
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.classifier.model_headline import model_headline
from dermdash.workflows.classifier.model_in_use import ModelInUse, choose_model, find_model_in_use
from dermdash.workflows.classifier.model_registry import get_model, model_label
from dermdash.workflows.classifier.training import control
from dermdash.workflows.classifier.training.folds_export import folds_csv
from dermdash.workflows.classifier.training.job import Job
from dermdash.workflows.dataset.image_kinds import DRAWN_MODEL


def show_result(workspace: Workspace, job: Job) -> None:
    """Figures of every training of the job and of all together, and where its models are."""
    result = job.result
    parts = result["parts"]
    if any(bool(get_model(workspace, i)["simulated"]) for i in job.model_ids) or job.request.get("simulated"):
        st.warning(DRAWN_MODEL, icon=":material/science:")
    st.caption(f"Measured at training, on held-out images of {as_text(_dataset_name(job))}:")
    data_table(
        pd.DataFrame([_figures(job.parts[i].title, part) for i, part in enumerate(parts)]),
        key="training.result",
    )
    if len(parts) > 1 and not job.settings.folds:
        st.markdown("Mean ± SD over the seeds: " + spread_words(result["repeats"]))
    out_of_fold = result.get("out_of_fold")
    if out_of_fold:
        scores = out_of_fold["scores"]
        st.markdown(
            f"Out of fold, on {out_of_fold['records']:,} of {counted(out_of_fold['of'], 'record')}: mean recall "
            f"**{percent(scores['mean_recall'])}**, accuracy **{accuracy_words(scores)}**"
        )
    scores = out_of_fold["scores"] if out_of_fold else parts[0]["scores"]
    if scores:
        with st.expander("Recall by diagnosis" + ("" if out_of_fold or len(parts) == 1 else " (first training)")):
            data_table(_recalls(job, scores), key="training.recalls")
    if result["unreadable"]:
        with st.expander(f"Left out: {counted(len(result['unreadable']), 'image')} that cannot be read"):
            data_table(
                pd.DataFrame(list(result["unreadable"].items()), columns=["Image id", "Reason"]),
                key="training.unreadable",
            )


def result_actions(workspace: Workspace, job: Job) -> None:
    """What can be done with what was found: use or register its models, download what they predicted."""
    _use(workspace, job)
    _download(job, "out-of-fold.csv", "Out-of-fold predictions (CSV)")
    if (job.folder / "folds.csv").is_file():
        private_download(
            "Folds (CSV)", lambda privacy: folds_csv(workspace, job, privacy=privacy),
            file_name=f"{job.id}-folds.csv", key="training.download.folds.csv",
        )  # fmt: skip
    if not job.settings.folds:
        for index, part in enumerate(job.parts):
            which = f", {part.title}" if len(job.parts) > 1 else ""
            _download(job, f"part-{index + 1}/predictions.csv", f"Held-out predictions{which} (CSV)")


def _dataset_name(job: Job) -> str:
    return str(job.request.get("dataset_name", job.settings.dataset_id))


def spread_words(repeats: dict[str, Any]) -> str:
    """Write mean and SD of both figures: "mean recall 71.2 ± 0.8 %, accuracy ..."."""
    words = []
    for key, name in (("mean_recall", "mean recall"), ("accuracy", "accuracy")):
        mean, sd = repeats[key]["mean"], repeats[key]["sd"]
        if mean is not None:
            words.append(f"{name} {percent_spread(mean, sd)}")
    return ", ".join(words) or NOT_COMPUTED


def accuracy_words(scores: dict[str, Any]) -> str:
    """Accuracy with its interval."""
    of = scores["accuracy_of"]
    return percent_interval(scores["accuracy"], of["low"], of["high"])


def _figures(title: str, part: dict[str, Any]) -> dict[str, Any]:
    scores = part["scores"]
    return {
        "Training": title,
        "Mean recall": percent(scores["mean_recall"]) if scores else NOT_COMPUTED,
        f"Accuracy ({CI})": accuracy_words(scores) if scores else NOT_COMPUTED,
        "Held-out images": scores["accuracy_of"]["total"] if scores else 0,
        # A training of an older version did not count them.
        **({"Held-out lesions": int(part["held_out_lesions"])} if "held_out_lesions" in part else {}),
        "Epochs": part["epochs"],
        "Took": duration(part["seconds"]),
    }


def _recalls(job: Job, scores: dict[str, Any]) -> pd.DataFrame:
    taxonomy = get_taxonomy(job.request["taxonomy"])
    rows = []
    for code, of in scores["recalls"].items():
        share = of["successes"] / of["total"]
        rows.append(
            {
                "Diagnosis": taxonomy[code].name,
                "Recall": percent(share),
                CI: percent_range(of["low"], of["high"], 0),
                "Right": of["successes"],
                "Images": of["total"],
            }
        )
    return pd.DataFrame(rows)


def link_to_models(job: Job) -> None:
    """Say under which ids its models are registered, with the way to them."""
    if ids := job.model_ids:
        st.markdown(f"Registered as {', '.join(f'`{i}`' for i in ids)}", width="content")
        page_link("classifier/models", label="Models", icon=":material/network_node:", query_params={"model": ids[0]})


def show_now(workspace: Workspace, job: Job) -> None:
    """What the models give on the records of the workspace now, and which one answers where none is named."""
    ids = job.model_ids
    if not ids:
        if job.settings.folds:
            st.caption("The networks of the folds are not in the list of models: each lacks a part of the data.")
        return
    for model_id in ids:
        found = model_headline(workspace, model_id)
        if found.mean_recall is not None:
            st.markdown(f"`{model_id}` now: mean recall **{percent(found.mean_recall, 1)}** on {as_text(found.where)}.")
        else:
            st.caption(f"`{model_id}` is not measured on stored predictions yet. {as_message(found.missing)}")
    if len(ids) > 1 and (used := _answers_instead(workspace, ids)) is not None:
        st.caption(_goes_on(used))


def _goes_on(used: ModelInUse) -> str:
    return f"Where no model is named, {as_text(model_label(used.model))} goes on answering ({as_text(used.why)})."


def _answers_instead(workspace: Workspace, ids: Sequence[str]) -> ModelInUse | None:
    """The model that answers where none is named, where it is none of these."""
    model = get_model(workspace, ids[0])
    used = find_model_in_use(workspace, simulated=bool(model["simulated"]), taxonomy=model["taxonomy"])
    return None if used is None or used.id in ids else used


def _use(workspace: Workspace, job: Job) -> None:
    ids = job.model_ids
    if not ids:
        if job.settings.folds and st.button(
            "Register them as models", key=f"training.register.{job.id}", icon=":material/add:"
        ):
            access.act(Right.RUN_MODELS)
            control.register_training(workspace, job.id)
            st.rerun()
        return
    used = _answers_instead(workspace, ids)
    if used is not None and len(ids) == 1 and st.button(
        f"Use this model instead of {model_label(used.model)}", key=f"training.use.{ids[0]}",
        icon=":material/swap_horiz:", help=_goes_on(used),
    ):  # fmt: skip
        choose_model(workspace, ids[0], chosen_by=access.act(Right.RUN_MODELS).id)
        st.rerun()


def _download(job: Job, name: str, label: str) -> None:
    path = job.folder / name
    if path.is_file():
        st.download_button(
            label,
            data=path.read_bytes,
            file_name=f"{job.id}-{name.replace('/', '-')}",
            mime="text/csv",
            key=f"training.download.{name}",
            icon=":material/download:",
            on_click="ignore",
        )
