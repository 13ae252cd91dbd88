"""The page of multi-reader multi-case comparisons: which readings, which figure of merit, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from dermdash.analyses.declaration import AnalysisContext
from dermdash.analyses.mrmc.declaration import MRMC
from dermdash.analyses.mrmc.ratings_file import RatingsFile, read_mrmc_file
from dermdash.analyses.mrmc.run import (
    ModelToCompare,
    MrmcStudyResult,
    analyse_mrmc_data,
    analyse_mrmc_readings,
    merit_of_readings,
    model_in,
)
from dermdash.analyses.mrmc.section import mrmc_section
from dermdash.analysis.mrmc.analysis import MrmcOptions
from dermdash.analysis.mrmc.average_roc import Along
from dermdash.analysis.mrmc.choices import Covariance, Figure
from dermdash.analysis.mrmc.data import MrmcData
from dermdash.analysis.mrmc.figure_of_merit import AREAS, FigureOfMerit
from dermdash.analysis.mrmc.model import take_model_reader
from dermdash.errors import DermdashError, MissingColumns, NotFound
from dermdash.readings.modality import modality_label
from dermdash.readings.readings_table import ReadingsTable
from dermdash.readings.spellings import SpellingChoice
from dermdash.storage.workspace import Workspace
from dermdash.ui.analysis.controls import choices
from dermdash.ui.analysis.section_view import DETAILS, show_answer, show_details, show_method
from dermdash.ui.analysis.spelling_form import REVERSED_HELP, read_when_asked
from dermdash.ui.case_tiles import strip_of
from dermdash.ui.choices import choose, choose_segment, switch
from dermdash.ui.entries import enter_number, slide_number, slide_range
from dermdash.ui.messages import as_text, empty_state, error_words
from dermdash.ui.navigation import page_link
from dermdash.ui.source_choice import readings_of, shown_source, warned, which_readings
from dermdash.ui.uploads import CSV_MEGABYTES
from dermdash.wording import counted
from dermdash.workflows.classifier.evaluate_model import evaluable_models
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.reader_study.readings_source import ReadingsSource

_FIGURES = {
    Figure.AUC: "AUC",
    Figure.PARTIAL_AUC: "Partial AUC",
    Figure.SENSITIVITY: "Sensitivity",
    Figure.SPECIFICITY: "Specificity",
    Figure.ACCURACY: "Accuracy",
    Figure.WEIGHTED_ACCURACY: "Weighted accuracy",
}
_COVARIANCES = {"": "As the design asks", **{c.value: c.value.capitalize() for c in Covariance}}
_COVARIANCES["delong"] = "DeLong"
_ALONG: dict[Along, str] = {"specificity": "at each specificity", "diagonal": "across the diagonal"}
_SIDES: tuple[Literal["specificity", "sensitivity"], ...] = ("specificity", "sensitivity")
_CALLS = {"answer": "The answer", "rating": "A malignancy rating"}
_ASSISTED, _BETWEEN = "assisted", "between"


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to compare, hashable for the cache."""

    options: MrmcOptions
    modality: str | None = None
    between: bool = False
    model: bool = False
    model_reader: str = ""


def mrmc_view(workspace: Workspace, source: ReadingsSource) -> None:
    """Ask for options, and show the comparison of the readings of a source."""
    table = readings_of(workspace, source)
    if table is None:
        return
    if not table.has("truth_malignant") or not (table.has("malignancy_rating") or table.has("malignant_answer")):
        empty_state(
            "rule",
            "These readings cannot be compared by malignancy",
            "The comparison needs the truth of each case, and a malignancy rating or an answer malignant or benign.",
        )
    else:
        try:
            _readings_view(workspace, table)
        except DermdashError:
            # What was left out of the readings is often why they do not suffice.
            warned(table)
            raise
    page_link("analysis/ratings_file", label="Compare the ratings of a file instead", icon=":material/upload_file:")


def ratings_file_view() -> None:
    """Ask for a file of ratings and options, and show the comparison."""
    file = st.file_uploader(
        "Ratings (CSV or .imrmc)",
        type=["csv", "tsv", "txt", "imrmc"],
        key="mrmc.file",
        max_upload_size=CSV_MEGABYTES,
        help="Columns reader, modality (or treatment), case, truth (0 or 1) and rating. Nothing of it is stored.",
    )
    if file is None:
        st.info("Choose a file of ratings. Nothing of it is stored.", icon=":material/info:")
        return
    content, name = file.getvalue(), file.name
    backwards = switch("Higher ratings are less suspicious", key="mrmc.reversed", name="reversed", help=REVERSED_HELP)
    asked = read_when_asked(
        lambda choice: _read(content, name, choice.as_dict(), backwards), lambda read: read.alike, key="mrmc.spelling"
    )
    if asked is None:
        return
    read, said = asked
    data = read.data
    st.markdown(
        f"**{as_text(data.source)}** \N{MIDDLE DOT} {counted(len(data.readers), 'reader')}, "
        f"{counted(len(data.modalities), 'modality', 'modalities')}, {counted(len(data.cases), 'case')} "
        f"({data.diseased:,} with the condition), {counted(data.readings, 'rating')}"
    )
    with choices("mrmc.file"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            figure = _figure_choice()
            model = choose(
                "A reader who is a model", ["", *data.readers], lambda name: name or "None of them",
                key="mrmc.model_reader", name="model-reader", width=260,
                help="Set against the other readers: its scores do not vary between readers.",
            )  # fmt: skip
        merit = _merit(figure, data=data)
        options, along = _more_options(merit, complete=data.complete)
    choice = _Choice(options, model_reader=model)
    _show(_of_file(read, content, (said.as_dict(), backwards), choice), along, data)


def _readings_view(workspace: Workspace, table: ReadingsTable) -> None:
    rated = table.has("malignancy_rating")
    with choices("mrmc"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            figure = _figure_choice(rated=rated)
            choice = _comparison_choice(table)
            model = switch(
                "Also the model against the readers",
                key="mrmc.with_model",
                name="with-model",
                help="The study's model, on cases it was not trained on; for other readings, as it was shown.",
            )
        merit = _merit(figure, table=table)
        options, along = _more_options(merit, complete=False)
    key = shown_source()
    kind, _, identity = key.partition(":")
    study_id = identity if kind == readings_source.STUDY else None
    modality = None if choice in (_ASSISTED, _BETWEEN) else choice
    wanted = _Choice(options, modality, choice == _BETWEEN, model)
    version: tuple[str, ...] = (
        str(workspace.home),
        key,
        table.protocol_sha256 or "",
        table.source,
        str(which_readings(table)),
    )
    if model:
        predicted = str([(m["id"], m["predictions"]) for m in evaluable_models(workspace)])
        version = (*version, str(browse_records.data_version(workspace)), predicted)
        try:
            result = _of_readings(workspace, table, version, study_id, wanted)
        except (NotFound, MissingColumns) as error:
            # Without a model the readers can still be compared.
            st.warning(error_words(error), icon=":material/info:")
            result = _of_readings(workspace, table, version, study_id, replace(wanted, model=False))
    else:
        result = _of_readings(workspace, table, version, study_id, wanted)
    _show(result, along, table, workspace)


def _show(
    result: MrmcStudyResult, along: Along, data: ReadingsTable | MrmcData, workspace: Workspace | None = None
) -> None:
    """The answer, then details and method; with the cases behind it where the workspace may know them."""
    section = replace(mrmc_section(result, along=along), answer=MRMC.answer_of(result, data))
    show_answer(section, None if workspace is None else strip_of(workspace, shown_source(), data, key=MRMC.key))
    with st.expander(DETAILS, icon=":material/list_alt:"):
        st.markdown(MRMC.purpose)
        if isinstance(data, ReadingsTable):
            warned(data)
        show_details(section)
    show_method(section)


def _figure_choice(*, rated: bool = True) -> Figure:
    figures = [figure for figure in Figure if rated or figure not in AREAS]
    return choose("Figure of merit", figures, _FIGURES.__getitem__, key="mrmc.figure", name="figure", width=220)


def _comparison_choice(table: ReadingsTable) -> str:
    """All kinds of assistance against none, one of them, or among one another."""
    names = {_ASSISTED: "Each assistance against none"} | {
        m: f"{modality_label(m)} against none" for m in table.modalities
    }
    if len(table.modalities) > 1:
        names[_BETWEEN] = "Kinds of assistance with one another"
    else:
        names = {_ASSISTED: next(iter([*list(names.values())[1:], "Readings without assistance"]))}
    return choose("Comparison", list(names), names.__getitem__, key="mrmc.comparison", name="comparison", width=380)


def _merit(figure: Figure, *, data: MrmcData | None = None, table: ReadingsTable | None = None) -> FigureOfMerit:
    """The figure with what it depends on, asked for where it does."""
    if figure is Figure.AUC:
        return FigureOfMerit()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if figure is Figure.PARTIAL_AUC:
            over = choose_segment("Range of", _SIDES, str.capitalize, key="mrmc.over", name="over")
            low, high = slide_range(
                "From, to", 0.0, 1.0, (0.8, 1.0), step=0.05, key="mrmc.range", name="range", width=320
            )
            return FigureOfMerit(figure, over=over, low=low, high=high)
        weight = 0.5
        if figure is Figure.WEIGHTED_ACCURACY:
            weight = slide_number(
                "Weight of the sensitivity", 0.05, 0.95, 0.5, step=0.05, key="mrmc.weight", name="weight", width=260
            )
        if table is not None:
            if not table.has("malignancy_rating") or (
                table.has("malignant_answer")
                and choose_segment(
                    "A case is called malignant by", list(_CALLS), _CALLS.__getitem__, key="mrmc.call", name="called-by"
                )
                == "answer"
            ):
                return merit_of_readings(figure, weight=weight)
            ratings = table.frame["malignancy_rating"].dropna()
        else:
            assert data is not None
            import pandas as pd

            ratings = pd.Series(data.ratings.ravel()).dropna()
        middle = float(ratings.median())
        threshold = enter_number(
            f"Called from a rating of (ratings run from {ratings.min():g} to {ratings.max():g})",
            None,
            None,
            middle,
            # Other ratings are on another scale: what was entered for these means nothing there.
            key=f"mrmc.threshold.{ratings.min():g}.{ratings.max():g}",
            name="threshold",
            width=330,
        )
        return FigureOfMerit(figure, threshold=threshold, weight=weight)


def _more_options(merit: FigureOfMerit, *, complete: bool) -> tuple[MrmcOptions, Along]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        margin = enter_number(
            "Margin of non-inferiority (0: none)", 0.0, 0.99, 0.0, step=0.01, key="mrmc.margin", name="margin",
            width=250,
            help="Chosen before the data were seen. A difference of the figure of merit: 0.05 is 5 points.",
        )  # fmt: skip
        methods = [
            m for m in _COVARIANCES if merit.figure is not Figure.PARTIAL_AUC or m in ("", "jackknife", "clustered")
        ]
        method = choose(
            "Covariances", methods, _COVARIANCES.__getitem__, key="mrmc.covariance", name="covariances", width=220,
            help="Clustered where cases share a lesion or patient, else jackknife where every reader read every "
            "case, else the unbiased estimate.",
        )  # fmt: skip
        whole = not complete and switch(
            "Only cases that all have read",
            key="mrmc.complete",
            name="complete",
            help="Under every modality that is compared.",
        )
        along: Along = "specificity"
        if merit.figure in AREAS:
            along = choose_segment(
                "ROC curves averaged", list(_ALONG), _ALONG.__getitem__, key="mrmc.along", name="averaged"
            )
    options = MrmcOptions(
        merit=merit,
        covariance=Covariance(method) if method else None,
        margin=margin or None,
        complete_cases=whole,
    )
    return options, along


@st.cache_data(ttl=3600, max_entries=4, show_spinner="Reading the ratings")
def _read(content: bytes, name: str, spellings: Mapping[str, Any], backwards: bool) -> RatingsFile:
    said = SpellingChoice.of_dict(spellings)
    return read_mrmc_file(content, name=name, spellings=said, reverse_ratings=backwards)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Comparing the modalities", hash_funcs={_Choice: repr})
def _of_file(_read: RatingsFile, content: bytes, read_as: tuple[Any, ...], choice: _Choice) -> MrmcStudyResult:
    # How the file was read is part of what the cache knows the result by.
    if not choice.model_reader:
        return analyse_mrmc_data(_read.data, choice.options, notes=_read.notes)
    others, scores = take_model_reader(_read.data, choice.model_reader)
    # A model among the readers rates on their scale, so that their threshold is its own.
    model = ModelToCompare(f"Model {choice.model_reader}", scores, choice.options.merit.threshold)
    return analyse_mrmc_data(others, choice.options, model=model, notes=_read.notes)


@st.cache_data(ttl=3600, max_entries=20, show_spinner="Comparing the modalities", hash_funcs={_Choice: repr})
def _of_readings(
    _workspace: Workspace, _table: ReadingsTable, version: tuple[str, ...], study_id: str | None, choice: _Choice
) -> MrmcStudyResult:
    return analyse_mrmc_readings(
        _table,
        choice.options,
        modalities=None if choice.modality is None else [choice.modality],
        between_assistance=choice.between,
        model=model_in(AnalysisContext(_workspace, study_id), _table) if choice.model else None,
    )
