"""What a reader is asked of each case, and what they see of it."""

from __future__ import annotations

import streamlit as st

from dermdash.reader_study.management import Management
from dermdash.reader_study.protocol_parts import SHOWN_FIELDS
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets, toggled

_USUAL_LIMIT_S = 20


def show_asked_and_shown(workspace: Workspace, desk: Desk) -> None:
    """What is asked on the left, what is shown on the right."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("What is asked", anchor=False)
        _asked(EntryWidgets(desk))
    with right:
        st.subheader("What is shown", anchor=False)
        _shown(desk)


def _asked(entries: EntryWidgets) -> None:
    st.caption("In both answers to a case, without and with assistance.")
    entries.say("asked")
    entries.switch("asked.diagnosis", "The diagnosis")
    entries.switch("asked.confidence", "How sure the reader is")
    entries.lines(
        "confidence_levels", "Levels of confidence, least sure first, one a line", height=110,
        help="Two to five: a reader has one key for each.",
    )  # fmt: skip
    entries.switch(
        "asked.malignancy_rating", "Malignancy from 0 to 100", help="How likely it is that the lesion is malignant."
    )
    choices = ", ".join(str(m.label).lower() for m in Management)
    entries.switch("asked.management", "What the reader would do", help=f"One of: {choices}.")


def _shown(desk: Desk) -> None:
    entries = EntryWidgets(desk)
    entries.say("view")
    entries.several(
        "view.fields", "Beside the image stands of the record", list(SHOWN_FIELDS), SHOWN_FIELDS.__getitem__,
        placeholder="Nothing", help="None of these says what the lesion is.",
    )  # fmt: skip
    entries.switch(
        "view.clinical_image", "The clinical image of the lesion",
        help="Where there is one. Clinical images are then no cases themselves.",
    )  # fmt: skip
    entries.switch(
        "view.whole_patient", "All lesions of the patient",
        help="As small images that open large, as an ugly duckling is found.",
    )  # fmt: skip
    limited = desk.at("time_limit_s") is not None
    toggled(
        desk, "Limit the time per answer", limited,
        lambda on: {"time_limit_s": _USUAL_LIMIT_S if on else None}, key="limited",
    )  # fmt: skip
    if limited:
        entries.number(
            "time_limit_s",
            "Seconds",
            1,
            3600,
            help="Of an answer without assistance: then the panel asks for it at once.",
        )
    else:
        entries.say("time_limit_s")
