"""How the cases of a new study are drawn, and what the draw comes to."""

from typing import Any

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.drawn_cases import CaseSelection
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import DifficultySource
from dermdash.records.chosen_records import kept_in_words
from dermdash.storage.workspace import Workspace
from dermdash.ui.case_review_view import review_cases
from dermdash.ui.choices import choose
from dermdash.ui.messages import as_text, error_words
from dermdash.wording import counted
from dermdash.workflows.reader_study.draw_cases import DrawnCases, drawn

_DIFFICULTY = {
    DifficultySource.NONE: "Do not look at it",
    DifficultySource.MODEL_ENTROPY: "By how undecided the model is",
    DifficultySource.CROWD_AGREEMENT: "By how far readers disagreed",
}


def draw_choices() -> dict[str, Any]:
    """What cases are drawn by beside class mix and filter, as the protocol's part of the draw has it."""
    with st.expander("How cases are drawn"):
        difficulty = choose(
            "Difficulty",
            list(DifficultySource),
            _DIFFICULTY.__getitem__,
            key="new.difficulty",
            help="Easy and hard cases of each class in equal shares, the same in every round. Disagreement: of the "
            "frozen crowd, else of everybody who has read images of the data set.",
        )
        strata = 3
        if difficulty is not DifficultySource.NONE:
            strata = st.number_input(
                "Parts from easy to hard", 2, 5, 3, key="new.strata", help="Each class is cut into so many."
            )
        held_out = st.toggle(
            "No lesion that the model may have trained on",
            key="new.held_out_only",
            help="Also none of a patient or file of its training. Else such cases are drawn last, and counted.",
        )
        one = st.toggle(
            "One case of each patient",
            key="new.one_per_patient",
            help="Else lesions of one patient may be drawn; the analyses then count them together.",
        )
    return {"difficulty": str(difficulty), "strata": int(strata), "held_out_only": held_out, "one_per_patient": one}


def preview(workspace: Workspace, protocol: Protocol) -> DrawnCases | None:
    """Show what would be drawn, and warn where the model has seen a lesion; None when it cannot be drawn."""
    st.header("What will be drawn", anchor=False)
    try:
        found = drawn(workspace, protocol)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return None
    selection = found.selection
    n = len(selection.study_cases)
    st.write(
        f"{counted(n, 'case')} and {len(selection.practice_cases)} for practice, one image per lesion, stratified by "
        f"diagnosis, seed {protocol.seed}."
    )
    if protocol.record_filter:
        words = kept_in_words(protocol.record_filter, escaped=as_text)
        st.write(
            f"The filter lets {selection.diagnosed - selection.filtered_out:,} of "
            f"{counted(selection.diagnosed, 'diagnosed record')} through ({words}); {selection.filtered_out:,} are "
            "left out."
        )
    elif selection.filtered_out:
        st.write(f"{counted(selection.filtered_out, 'record')} that the acquisition gate rejected are left out.")
    if selection.unverified:
        st.warning(
            f"For {selection.unverified} of {counted(n, 'case')} no consensus, follow-up or histology confirms the "
            "diagnosis. Readers would be measured against a truth that may be wrong.",
            icon=":material/warning:",
        )
    if protocol.model_id is not None:
        _known_to_the_model(selection)
    review_cases(workspace, protocol, found)
    return found


def _known_to_the_model(selection: CaseSelection) -> None:
    n = len(selection.study_cases)
    if selection.not_held_out:
        st.warning(
            f"For {selection.not_held_out} of {counted(n, 'case')} the model trained on the lesion, its patient or "
            "the same file, or may have. What it says "
            "there is better than it would be in practice, so the study would overrate the assistance. Take fewer "
            "cases of these classes, or a model that holds more lesions out.",
            icon=":material/warning:",
        )
    else:
        st.success("Every case is of a lesion the model did not train on.", icon=":material/check_circle:")
