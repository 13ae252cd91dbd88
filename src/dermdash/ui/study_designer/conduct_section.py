"""How the study is run: interruptions, withdrawal, blinding, recruitment, and its end."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from dermdash.reader_study.protocol_parts import Interruption, Withdrawal
from dermdash.storage.workspace import Workspace
from dermdash.ui.study_designer.desk import Desk
from dermdash.ui.study_designer.entry_widgets import EntryWidgets

_INTERRUPTION = {
    Interruption.RESUME: "They go on where they were",
    Interruption.RESTART: "The round begins again in another order",
    Interruption.BLOCK: "They wait until the coordinator lets them on",
}
_WITHDRAWAL = {
    Withdrawal.KEEP: "Stay, marked as of a reader who withdrew",
    Withdrawal.DELETE: "Are deleted, and the reader gets a receipt",
}
_USUAL_GAP_MIN = 60


def show_conduct(workspace: Workspace, desk: Desk) -> None:
    """Readers on the left, the end and who knows what on the right."""
    entries = EntryWidgets(desk)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Readers who pause or leave", anchor=False)
        entries.say("conduct")
        entries.choice(
            "conduct.interruption", "Who comes back after a long gap within a round", list(Interruption),
            lambda i: _INTERRUPTION[Interruption(i)], also=_with_gap,
        )  # fmt: skip
        entries.number(
            "conduct.longest_gap_min", "A gap is long after so many minutes", 1, 100_000, none=True,
            placeholder="No gap is too long",
        )  # fmt: skip
        entries.choice(
            "conduct.withdrawal", "The answers of who withdraws", list(Withdrawal),
            lambda w: _WITHDRAWAL[Withdrawal(w)],
        )  # fmt: skip
        entries.switch(
            "conduct.open_recruitment", "Readers may register themselves",
            help="Under a public link, which is made on the study's page.",
        )  # fmt: skip
        entries.switch(
            "conduct.unfindable_images", "Images cannot be looked up by their bytes",
            help="They reach readers re-encoded with a secret of the study.",
        )  # fmt: skip
    with right:
        st.subheader("The end, and what is known before it", anchor=False)
        entries.switch(
            "conduct.blinded", "Blinded until the study is closed",
            help="Nobody sees how right readers are by assistance or arm, on any page. An admin may open the results "
            "before, which is logged.",
        )  # fmt: skip
        entries.number(
            "conduct.target_readers", "Complete readers to stop at", 1, 100_000, none=True, placeholder="Not fixed"
        )
        entries.day("conduct.closes_on", "Last day", least=date.today())
        entries.paragraph(
            "conduct.stopping_rule", "Stopping rule", max_chars=2000, height=90,
            placeholder="When the study ends early, and who decides",
        )  # fmt: skip


def _with_gap(desk: Desk, interruption: Any) -> dict[str, Any]:
    """A longest gap where the policy needs one and none is entered."""
    missing = interruption != Interruption.RESUME and desk.at("conduct.longest_gap_min") is None
    return {"conduct.longest_gap_min": _USUAL_GAP_MIN} if missing else {}
