"""The rule of a data set: what holds, a form for another one, and every version with who set it and why."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, switch
from dermdash.ui.entries import enter_number
from dermdash.ui.messages import as_text, error_words, redraw_saying, show_outcome
from dermdash.ui.tables import data_table
from dermdash.verification.review_rule import LEAST_VOTES, MOST_REVIEWERS, ReviewRule
from dermdash.wording import moment, percent
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.verification.review_rules import rule_history, set_rule

_PLACE = "verification.rule"
_QUORUMS = {1.0: "all of them", 0.75: "three quarters", 2 / 3: "two thirds", 0.51: "more than half"}
_BELOW = (0.0, 0.5, 2 / 3, 0.75, 1.0)


def show_rule(workspace: Workspace, actor: Account, dataset: Mapping[str, Any]) -> None:
    """The rule that holds, the form, the history."""
    show_outcome(_PLACE)
    versions = rule_history(workspace, dataset["id"])
    rule = ReviewRule.from_json(versions[-1]["rule"] if versions else None)
    with st.container(border=True):
        st.markdown(rule.in_words())
    st.caption(
        "This sentence stands in the methods paragraph of an export. Another rule holds for what is given out from "
        "then on; reviews that were asked for keep theirs."
    )
    _form(workspace, dataset["id"], rule, len(versions))
    st.header("Versions", anchor=False)
    if not versions:
        st.markdown("Nobody has set a rule for this data set: the one above comes with the app.")
        return
    names = names_of(workspace)
    frame = pd.DataFrame(
        {
            "Version": [v["version"] for v in versions],
            "Set": [moment(v["created_at"]) for v in versions],
            "By": [names.get(v["account_id"], v["account_id"]) for v in versions],
            "Why": [v["reason"] for v in versions],
            "Rule": [ReviewRule.from_json(v["rule"]).in_words() for v in versions],
        }
    )
    data_table(frame.iloc[::-1], key="verification.rule_versions")


def _form(workspace: Workspace, dataset_id: str, rule: ReviewRule, version: int) -> None:
    def key(name: str) -> str:
        # Another version is another form: it begins with what holds by then.
        return f"verification.rule.{dataset_id}.{version}.{name}"

    with st.form(key("form"), border=True, enter_to_submit=False):
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Who decides**")
            reviewers = enter_number(
                "Reviewers for each record", LEAST_VOTES, MOST_REVIEWERS, rule.reviewers, key=key("reviewers"),
                help="So many people review each record, none of whom made its first annotation.",
            )  # fmt: skip
            quorum = choose(
                "Label passes with", _options(_QUORUMS, rule.quorum), _quorum_words, key=key("quorum"),
                default=rule.quorum,
                help="Share of the answers that give a diagnosis, rounded up and never fewer than two.",
            )  # fmt: skip
            direct = switch(
                "A label with its votes becomes the consensus at once", key=key("direct_pass"),
                default=rule.direct_pass, help="Off: every record goes to the board. Unsure answers always do.",
            )  # fmt: skip
            below = choose(
                "Ask one more reviewer where agreement is", _options(_BELOW, rule.extra_below), _below_words,
                key=key("extra_below"), default=rule.extra_below,
                help="Agreement is the share of the answers that give the most frequent label.",
            )  # fmt: skip
            most = enter_number(
                "Reviewers at most", LEAST_VOTES, MOST_REVIEWERS, rule.most_reviewers, key=key("most_reviewers"),
                help="With so many answers and no label the board decides.",
            )  # fmt: skip
        with right:
            st.markdown("**What they may see**")
            initial = switch(
                "Reviewers do not see the first annotation", key=key("blind_to_initial"), default=rule.blind_to_initial
            )
            model = switch(
                "Reviewers do not see what a classifier says", key=key("blind_to_model"), default=rule.blind_to_model
            )
            st.caption("What the other reviewers say is hidden from each until all have answered, whatever the rule.")
            st.markdown("**How they work**")
            due = enter_number("Days until a task is due", 1, 365, rule.due_days, key=key("due_days"))
            lease = enter_number(
                "Minutes for which an open record is kept for one person", 1, 1440, rule.lease_minutes,
                key=key("lease_minutes"), help="Counted anew whenever they enter something.",
            )  # fmt: skip
            repeats = enter_number(
                "Hidden repeats, percent of the reviews", 0, 50, round(rule.repeat_share * 100),
                key=key("repeat_share"),
                help="So often a person gets a record a second time without being told: agreement with oneself.",
            )  # fmt: skip
            gap = enter_number(
                "Other annotations between a review and its repeat", 0, 1000, rule.repeat_gap, key=key("repeat_gap")
            )
        reason = st.text_input(
            "Why is the rule changed?", key=key("reason"), max_chars=400, placeholder="A few words, for the history"
        )
        if not st.form_submit_button("Use this rule", key=key("save"), type="primary"):
            return
    account = access.act(Right.CURATE_LABELS)
    try:
        changed = ReviewRule(
            reviewers=reviewers, quorum=quorum, direct_pass=direct, blind_to_initial=initial, blind_to_model=model,
            extra_below=below, most_reviewers=most, due_days=due, lease_minutes=lease, repeat_share=repeats / 100,
            repeat_gap=gap,
        )  # fmt: skip
        number = set_rule(workspace, account, dataset_id, changed, reason=reason)
    except InvalidInput as error:
        st.error(error_words(error), icon=":material/error:")
        return
    redraw_saying(_PLACE, f"Version {number} of the rule holds from now on: {as_text(reason.strip())}.")


def _options(known: Any, held: float) -> list[float]:
    """The choices, and what holds where a command set something else."""
    return sorted({*known, held}, reverse=True)


def _quorum_words(share: float) -> str:
    rule = ReviewRule(quorum=share)
    votes = ", ".join(f"{rule.votes_needed(n)} of {n}" for n in (2, 3, 4, 5))
    return f"{_QUORUMS.get(share, percent(share, 0))} ({votes})"


def _below_words(share: float) -> str:
    if share == 0:
        return "never"
    return "not complete" if share == 1 else f"below {percent(share, 0)}"
