"""The form of the training page: what to train on, with which network, and how to measure it."""

from typing import Any

import streamlit as st

from dermdash.classifier.architectures import ARCHITECTURES
from dermdash.errors import InvalidInput
from dermdash.records.chosen_records import kept_filter
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.storage.workspace import Workspace
from dermdash.ui.choices import choose
from dermdash.ui.messages import empty_state
from dermdash.ui.navigation import page_link
from dermdash.ui.record_choice import choose_records
from dermdash.wording import PERCENT_FORMAT
from dermdash.workflows.classifier import model_registry
from dermdash.workflows.classifier.model_registry import model_label
from dermdash.workflows.classifier.training.settings import (
    BALANCES,
    DEVICES,
    IMAGENET,
    MAX_FOLDS,
    MAX_REPEATS,
    TrainingSettings,
)
from dermdash.workflows.dataset import browse_records, kept_splits
from dermdash.workflows.dataset.kept_splits import KeptSplit

_SCRATCH, _FILE = "", "file"
_UNSPLIT = ""
_BALANCE_WORDS = {
    "sampling": "Draw rare classes more often",
    "loss": "Weight the loss",
    "none": "Leave classes as frequent as they are",
}
_DEVICE_WORDS = {"auto": "CUDA where there is one, else CPU", "cpu": "CPU", "cuda": "CUDA"}


def training_form(workspace: Workspace, *, running: str | None) -> TrainingSettings | None:
    """Draw the form; return what to train when it was just submitted. ``running`` names the training that runs.

    Raises
    ------
    InvalidInput
        A choice lies outside its limits.
    """
    datasets = {
        str(d["id"]): d for d in sorted(browse_records.list_datasets(workspace), key=lambda d: bool(d["simulated"]))
    }
    if not datasets:
        empty_state(
            "upload",
            "Nothing to train on yet",
            "Import a data set first: its diagnosed records are what a classifier learns from.",
        )
        page_link("dataset/import_images", label="Import a data set", icon=":material/upload:")
        return None
    with st.form("training.form", border=True):
        left, right = st.columns(2)
        dataset_id = choose(
            "Data set", list(datasets), lambda i: _dataset_words(datasets[i]), key="training.dataset", place=left,
            help="A model of drawn images never answers for photographs.",
        )  # fmt: skip
        name = right.text_input("Name of the model (optional)", key="training.name", max_chars=120)
        network, size, epochs = st.columns(3)
        architecture = choose(
            "Network", list(ARCHITECTURES), default="resnet34", key="training.architecture", place=network,
            help="Larger networks learn more from many images and take longer. resnet34 is that of the 2020 study.",
        )  # fmt: skip
        input_size = size.number_input(
            "Input size (px)", 32, 512, 96, step=32, key="training.input_size",
            help="Side of the square that the network sees. Twice the size takes four times as long.",
        )  # fmt: skip
        epoch_count = epochs.number_input(
            "Epochs", 1, 1000, 24, key="training.epochs", help="How often all images are shown."
        )
        splits = {split.name: split for split in kept_splits.list_splits(workspace) if not split.broken}
        split = _UNSPLIT
        if splits:
            split = choose(
                "Split", [_UNSPLIT, *splits], lambda name: _split_words(name, splits), key="training.split",
                help="What is trained on and what is held out; its test part is not used. Without one, what is held "
                "out is drawn by the settings below. What belongs to a locked test part is never trained on.",
            )  # fmt: skip
        with st.expander("Which records"):
            st.caption("Of the data set only these are trained on and held out; nothing chosen: all with a diagnosis.")
            record_filter = choose_records(workspace, key="training.records")
        with st.expander("More settings"):
            more = _more(workspace)
        submitted = st.form_submit_button(
            "Start training", type="primary", key="training.start", icon=":material/play_arrow:", disabled=bool(running)
        )
    if running:
        st.caption("One training at a time on one machine: the next can start when this one is finished or stopped.")
    if not submitted:
        return None
    more["initial"] = _initial(more["initial"], more.pop("file"))
    return TrainingSettings(
        dataset_id=dataset_id,
        name=name.strip(),
        architecture=architecture,
        input_size=int(input_size),
        epochs=int(epoch_count),
        record_filter=kept_filter(record_filter),
        split=split,
        **more,
    )


def _initial(chosen: str, file: str) -> str:
    """What to start from: never quietly something else than the form says."""
    if chosen == _FILE and not file:
        raise InvalidInput("Name the weights file to start from, or choose other initial weights.")
    if file and chosen != _FILE:
        raise InvalidInput('A weights file is named: choose "A weights file" as initial weights, or clear its name.')
    return file or chosen


def _split_words(name: str, splits: dict[str, KeptSplit]) -> str:
    if name == _UNSPLIT:
        return "None: held out is drawn"
    split = splits[name]
    return f"{name} ({split.parts_in_words}, of {', '.join(split.datasets)})"


def _dataset_words(dataset: dict[str, Any]) -> str:
    drawn = ", drawn" if dataset["simulated"] else ""
    classes = TAXONOMIES.get(dataset["taxonomy"])
    return f"{dataset['name']} ({'classes not known' if classes is None else classes.title}{drawn})"


def _more(workspace: Workspace) -> dict[str, Any]:
    st.markdown("**How it is measured**")
    share, repeats, folds = st.columns(3)
    held_out = share.slider(
        "Held out", 5, 50, 20, step=5, format=PERCENT_FORMAT, key="training.held_out",
        help="Share of the patients (lesions, where no patient is known) that are kept out of training.",
    )  # fmt: skip
    repeat_count = repeats.number_input(
        "Trainings with different seeds", 1, MAX_REPEATS, 1, key="training.repeats",
        help="On the same split; gives mean and standard deviation of the figures, and as many models.",
    )  # fmt: skip
    fold_count = folds.number_input(
        "Folds of a cross-validation", 0, MAX_FOLDS, 0, key="training.folds",
        help="0: none. With 5, five networks each predict the fifth of the patients they did not see, so that every "
        "record gets a prediction.",
    )  # fmt: skip
    st.markdown("**What it starts from**")
    start, path = st.columns(2)
    models = {str(m["id"]): m for m in model_registry.list_models(workspace)}
    chosen = choose(
        "Initial weights", [_SCRATCH, IMAGENET, *models, _FILE], lambda i: _initial_words(i, models),
        key="training.initial", place=start,
        help="A model's known training lesions are inherited, and never held out.",
    )  # fmt: skip
    file = path.text_input(
        "Weights file on the machine that runs the app", key="training.initial_file", placeholder="/data/weights.pth"
    )
    unseen = st.checkbox("The weights of this file have seen no dermatoscopic image", key="training.initial_unseen")
    st.markdown("**How it learns**")
    rate, batch, seed = st.columns(3)
    balance, device, measure = st.columns(3)
    patience = st.number_input(
        "Stop early after so many measurements without a better mean recall", 0, 1000, 0, key="training.patience",
        help="0: never. A training that chooses its best epoch on the held-out images looks a little too good on them.",
    )  # fmt: skip
    return {
        "held_out_fraction": held_out / 100,
        "repeats": int(repeat_count),
        "folds": int(fold_count),
        "initial": chosen,
        "file": file.strip(),
        "initial_unseen": bool(unseen),
        "learning_rate": rate.number_input(
            "Learning rate", 1e-6, 1.0, 2e-3, step=1e-4, format="%.5f", key="training.learning_rate",
            help="Peak of the one-cycle schedule. From weights learnt before, a tenth of it is usual.",
        ),
        "batch_size": int(batch.number_input("Images per step", 2, 1024, 64, key="training.batch_size")),
        "seed": int(seed.number_input("Seed", 0, 2**31 - 100, 2020, key="training.seed")),
        "balance": choose(
            "Rare classes", list(BALANCES), _BALANCE_WORDS.__getitem__, key="training.balance", place=balance
        ),
        "device": choose(
            "Computed on", list(DEVICES), _DEVICE_WORDS.__getitem__, key="training.device", place=device
        ),
        "measure_every": int(measure.number_input("Measure every so many epochs", 1, 1000, 4, key="training.measure")),
        "patience": int(patience) or None,
    }  # fmt: skip


def _initial_words(key: str, models: dict[str, dict[str, Any]]) -> str:
    if key in models:
        return f"{model_label(models[key])}, {models[key]['architecture']}"
    return {_SCRATCH: "None: from scratch", IMAGENET: "ImageNet (downloaded once)", _FILE: "A weights file"}[key]
