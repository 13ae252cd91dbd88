"""What a finished training found: figures with intervals, models, downloads."""

from typing import Any

import pandas as pd
import streamlit as st

from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage.workspace import Workspace
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
from dermdash.workflows.training import control
from dermdash.workflows.training.job import Job

_PLACES = {"out-of-fold.csv": "Out-of-fold predictions (CSV)", "folds.csv": "Folds (CSV)"}


def show_result(workspace: Workspace, job: Job) -> None:
    """Figures of every training of the job and of all together, and where its models are."""
    result = job.result
    parts = result["parts"]
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
    _models(workspace, job)
    with st.container(horizontal=True):
        for name, label in _PLACES.items():
            _download(job, name, label)
        if not job.settings.folds:
            for index, part in enumerate(job.parts):
                which = f", {part.title}" if len(job.parts) > 1 else ""
                _download(job, f"part-{index + 1}/predictions.csv", f"Held-out predictions{which} (CSV)")


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


def _models(workspace: Workspace, job: Job) -> None:
    ids = job.model_ids
    if ids:
        with st.container(horizontal=True):
            st.markdown(f"Registered as {', '.join(f'`{i}`' for i in ids)}")
            st.page_link("pages/classifier/models.py", label="Models", icon=":material/network_node:")
    elif job.settings.folds:
        st.caption("The networks of the folds are not in the list of models: each lacks a part of the data.")
        if st.button("Register them as models", key=f"training.register.{job.id}", icon=":material/add:"):
            control.register_training(workspace, job.id)
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
