"""What the draw of the cases of a new study comes to."""

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.drawn_cases import CaseSelection
from dermdash.reader_study.protocol import Protocol
from dermdash.records.chosen_records import kept_in_words
from dermdash.storage.workspace import Workspace
from dermdash.ui.case_review_view import offer_to_begin_again, review_cases
from dermdash.ui.messages import as_text, error_words
from dermdash.wording import counted, form
from dermdash.workflows.reader_study.draw_cases import DrawnCases, drawn
from dermdash.workflows.reader_study.review_cases import earlier_lists, exchanges_in_the_way


def preview(workspace: Workspace, protocol: Protocol) -> None:
    """Show what would be drawn, and warn where the model has seen a lesion; or why it cannot be drawn."""
    st.header("What will be drawn", anchor=False)
    try:
        found = drawn(workspace, protocol)
    except DermdashError as error:
        say_not_drawn(workspace, protocol, error)
        return
    selection = found.selection
    st.write(draw_words(protocol, selection))
    if protocol.record_filter:
        words = kept_in_words(protocol.record_filter, escaped=as_text)
        st.write(
            f"The filter lets {selection.diagnosed - selection.filtered_out:,} of "
            f"{counted(selection.diagnosed, 'diagnosed record')} through ({words}); {selection.filtered_out:,} are "
            "left out."
        )
    elif selection.filtered_out:
        st.write(f"{counted(selection.filtered_out, 'record')} rejected for image quality are left out.")
    warn_of_draw(protocol, selection)
    warn_of_list(workspace, protocol, found)
    review_cases(workspace, protocol, found)


def say_not_drawn(workspace: Workspace, protocol: Protocol, error: DermdashError) -> None:
    """Why there is no list; where it is for exchanges that cannot be made any more, they can be taken back here."""
    st.error(error_words(error), icon=":material/error:")
    if exchanges_in_the_way(workspace, protocol):
        offer_to_begin_again(workspace, protocol)


def draw_words(protocol: Protocol, selection: CaseSelection) -> str:
    """How many cases there are, and how they were drawn."""
    cases, practice = counted(len(selection.study_cases), "case"), len(selection.practice_cases)
    return f"{cases} and {practice} for practice, one image per lesion, stratified by diagnosis, seed {protocol.seed}."


def warn_of_draw(protocol: Protocol, selection: CaseSelection) -> None:
    """What limits a study with these cases: diagnoses that nothing confirms, lesions that the model knows."""
    if selection.unverified:
        st.warning(
            f"For {selection.unverified} of {counted(len(selection.study_cases), 'case')} no consensus, follow-up or "
            "histology confirms the diagnosis. Readers would be measured against a truth that may be wrong.",
            icon=":material/warning:",
        )
    if protocol.model_id is not None:
        _known_to_the_model(selection)


def warn_of_list(workspace: Workspace, protocol: Protocol, found: DrawnCases) -> None:
    """Say what people did to an earlier list of this draft, and does not hold of this one."""
    before = earlier_lists(workspace, protocol, found)
    said = []
    if before.exchanges and not found.exchanges:
        n = before.exchanges
        said.append(f"{counted(n, 'exchange')} made in it {form(n, 'does', 'do')} not hold for this one")
    if before.locked and found.lock is None:
        said.append("it was locked, which this one is not")
    if said:
        st.warning(
            "An earlier list of this draft was another one, before its classes, filter, seed or records were changed: "
            f"{', and '.join(said)}. Look at the cases again.",
            icon=":material/lock_open:",
        )


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
