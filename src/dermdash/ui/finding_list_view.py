"""The one ranked list of findings: filters, how far one is, decisions about one or many, assignments, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dermdash.analysis.stopping_rule import CONFIDENCE
from dermdash.dataset.finding_kinds import KINDS, verdict_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.choices import choose, choose_segment, choose_several, pick
from dermdash.ui.finding_detail_view import show_finding
from dermdash.ui.messages import as_text, empty_state, errors_shown, leave_outcome, show_outcome
from dermdash.ui.private_download import choose_privacy
from dermdash.ui.tables import data_table, height_of
from dermdash.ui.work_beside import begin_act, finish_act
from dermdash.wording import counted, form, number, percent
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.findings import decide_findings
from dermdash.workflows.findings.list_findings import (
    DECIDED,
    EVERY,
    GONE,
    NOBODY,
    OPEN,
    ListedFinding,
    as_csv,
    as_json,
    counts_of,
    is_ranked,
    ranked_findings,
    standing_of,
    what_it_says,
)
from dermdash.workflows.page_tasks import Report, no_report

_STATES = {OPEN: "Open", DECIDED: "Decided", EVERY: "All", GONE: "Gone"}
_ANY = "any"
_MOST_LISTED = 500
_MOST_NAMED = 3
_OUTCOME = "findings.act"
_ACTING = "findings.acting"
_MANY = 200
"""Findings up to which an act takes less than a second."""


def findings_summary(found: Sequence[ListedFinding]) -> str:
    """How many findings there are and how many are decided; empty where there is none."""
    decided = sum(one.decision is not None for one in found)
    return f"{counted(len(found), 'finding')} · {decided:,} of {len(found):,} decided" if found else ""


def show_list(workspace: Workspace, found: Sequence[ListedFinding], *, drawn: bool) -> None:
    """Filters, list and the chosen finding. ``found``: all that are found, in order."""
    show_outcome(_OUTCOME)
    chosen, kinds = _filtered(workspace, found, drawn=drawn)
    if len(kinds) == 1:
        _say_standing([one for one in found if one.kind.key == kinds[0]])
    if not chosen:
        empty_state(
            "task_alt" if found and all(one.decision is not None for one in found) else "filter_alt_off",
            "Everything is decided"
            if found and all(one.decision is not None for one in found)
            else "No finding passes",
            "Choose **All** to look at them again, or other filters." if found else "Run the checks above.",
        )
        _undo_button(workspace)
        return
    selected = _table(workspace, chosen)
    _acts(workspace, chosen, selected)
    place = _place(chosen, selected)
    _one(workspace, chosen, place)


def _filtered(
    workspace: Workspace, found: Sequence[ListedFinding], *, drawn: bool
) -> tuple[list[ListedFinding], list[str]]:
    counts = counts_of(found)
    datasets = sorted({d for one in found for d in one.datasets})
    names = names_of(workspace)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = choose_segment(
            "Show", list(_STATES), _STATES.__getitem__, key=keys.FINDINGS_LIST_STATE, name="state", on_change=_to_first
        )
        kinds = choose_several(
            "Kind", [key for key in KINDS if key in counts], lambda key: KINDS[key].title,
            key=keys.FINDINGS_KINDS, name="kind", placeholder="Any", width=340, on_change=_to_first,
        )  # fmt: skip
        verdicts = sorted({one.verdict for one in found if not kinds or one.kind.key in kinds})
        said = choose_several(
            "Verdict", verdicts, lambda v: _verdict_title(v, kinds, found), key=keys.FINDINGS_LIST_VERDICTS,
            name="verdicts", placeholder="Any", width=240, on_change=_to_first,
        )  # fmt: skip
        dataset = choose(
            "Data set", [_ANY, *datasets], lambda d: "Any" if d == _ANY else d, key=keys.FINDINGS_DATASET,
            name="dataset", width=180, on_change=_to_first,
        ) if len(datasets) > 1 else _ANY  # fmt: skip
        asked = sorted({one.assigned_to for one in found if one.assigned_to is not None})
        who = choose(
            "Asked", [_ANY, NOBODY, *asked], lambda a: {_ANY: "Anybody", NOBODY: "Nobody"}.get(a) or names.get(a, a),
            key=keys.FINDINGS_ASKED, name="asked", width=180, on_change=_to_first,
        ) if asked else _ANY  # fmt: skip
    if state == GONE:
        found = ranked_findings(workspace, simulated=drawn, state=GONE)
    passes = [
        one for one in found
        if (state in (EVERY, GONE) or (one.decision is None) == (state == OPEN))
        and (not kinds or one.kind.key in kinds) and (not said or one.verdict in said)
        and (dataset == _ANY or dataset in one.datasets) and (who == _ANY or (one.assigned_to or NOBODY) == who)
    ]  # fmt: skip
    return passes, kinds


def _verdict_title(verdict: str, kinds: Sequence[str], found: Sequence[ListedFinding]) -> str:
    kind = next((one.kind.key for one in found if one.verdict == verdict and (not kinds or one.kind.key in kinds)), "")
    return verdict_words(kind, verdict)


def _say_standing(of_kind: Sequence[ListedFinding]) -> None:
    if not of_kind or not is_ranked(of_kind[0].kind):
        return
    at = standing_of(of_kind)
    if at.may_stop and at.left:
        bound = percent(at.at_most)
        st.success(
            f"**SelfClean's rule says that you may stop here.** The last {at.negatives:,} in a row were none, which "
            f"happens in {percent(1 - CONFIDENCE, 0)} of lists of which {bound} are findings, and a ranking puts the "
            f"surest first. It is a rule, not a test: {counted(at.left, 'finding')} would be left undecided.",
            icon=":material/flag:",
        )
    elif not at.left:
        st.success(
            f"All that is listed of this kind is decided: {counted(at.ranked, 'finding')}.", icon=":material/flag:"
        )
    else:
        far = (
            f"From the top {at.looked_at:,} of {at.ranked:,} looked at, {at.confirmed:,} confirmed; the last "
            f"{at.negatives:,} in a row were none."
        )
        if not at.looked_at:
            below = (
                f"; further down {at.confirmed:,} {form(at.confirmed, 'is', 'are')} confirmed" if at.confirmed else ""
            )
            far = f"The first of these {at.ranked:,} is not decided yet{below}. They count from the top on."
        st.info(
            f"{far} After {at.more_negatives:,} more in a row that are none SelfClean's rule says that you may stop.",
            icon=":material/flag:",
        )


def _table(workspace: Workspace, chosen: Sequence[ListedFinding]) -> list[int]:
    if len(chosen) > _MOST_LISTED:
        st.caption(f"The first {_MOST_LISTED:,} of {len(chosen):,}; the files below hold all.")
    listed, names = chosen[:_MOST_LISTED], names_of(workspace)
    frame = pd.DataFrame(
        {
            "Severity": [one.severity.words for one in listed],
            "Score": [number(one.score, 2) for one in listed],
            "Kind": [one.kind.title for one in listed],
            "What was found": [what_it_says(one) for one in listed],
            "Images": [_images(one) for one in listed],
            "Decision": [_decision_words(one) for one in listed],
            "Asked": [names.get(one.assigned_to or "", "") for one in listed],
        }
    )
    selected = data_table(
        frame, key="findings.table", on_select="rerun", selection_mode="multi-row",
        height=height_of(len(frame), most=320),
    )  # fmt: skip
    return [row for row in selected["selection"]["rows"] if row < len(listed)]


def _images(one: ListedFinding) -> str:
    more = max(one.n_records, len(one.image_ids)) - _MOST_NAMED
    return ", ".join(one.image_ids[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _decision_words(one: ListedFinding) -> str:
    decision = one.kind.decision(one.decision) if one.decision else None
    return decision.title if decision else one.decision or ""


def _acts(workspace: Workspace, chosen: Sequence[ListedFinding], selected: Sequence[int]) -> None:
    several = [chosen[row] for row in selected] if selected else list(chosen)
    which = f"all {len(several):,} of this list" if len(several) > 1 else "the one of this list"
    if selected:
        which = counted(len(several), "selected finding")
    with st.container(horizontal=True, vertical_alignment="center"):
        if access.may(Right.DECIDE_FINDINGS):
            with st.popover(f"Decide about {which}", icon=":material/done_all:"):
                _bulk(workspace, several)
            with st.popover("Ask somebody", icon=":material/person_add:"):
                _assign(workspace, several, which)
        _undo_button(workspace)
        st.space("stretch")
        privacy = choose_privacy("findings.files")
        st.download_button(
            "CSV", lambda: as_csv(workspace, chosen, privacy=privacy), file_name="dermdash-findings.csv",
            mime="text/csv", key="findings.csv", icon=":material/download:", on_click="ignore",
            help="Every finding that passes the filters.",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: as_json(workspace, chosen, privacy=privacy), file_name="dermdash-findings.json",
            mime="application/json", key="findings.json", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _undo_button(workspace: Workspace) -> None:
    account = access.shown_to()
    n = decide_findings.last_act(workspace, account.id) if account is not None else 0
    st.button(
        "Undo" if n <= 1 else f"Undo {n:,}", key="findings.undo_act", icon=":material/undo:", shortcut="U",
        disabled=n == 0, on_click=_undo, args=(workspace,),
        help="Take back your last act, of one finding or of many. The history keeps both.",
    )  # fmt: skip


def _bulk(workspace: Workspace, several: Sequence[ListedFinding]) -> None:
    kinds = list({one.kind.key: one.kind for one in several}.values())
    shared = decide_findings.shared_decisions(kinds)
    decided = sum(one.decision is not None for one in several)
    st.markdown(f"**{counted(len(several), 'finding')}** of {counted(len(kinds), 'kind')}")
    if decided:
        st.caption(f"{decided:,} of them have a decision, which stays in the history.")
    if not shared or shared == ["unsure"]:
        st.caption("These kinds share no other decision: choose one kind to decide about all of it.")
    note = st.text_input("Note", key="findings.bulk_note", max_chars=500)
    for key in shared:
        title = next(d.title for d in kinds[0].decisions if d.key == key)
        st.button(
            f"{title}: {len(several):,}", key=f"findings.bulk.{key}", on_click=_decide_several, width="stretch",
            args=(workspace, tuple(one.id for one in several), key, title, note),
        )  # fmt: skip


def _assign(workspace: Workspace, several: Sequence[ListedFinding], which: str) -> None:
    names = {p.account.id: p.account.name for p in decide_findings.deciders(workspace)}
    to = pick("Whom", list(names), lambda a: names[a], key="findings.assignee", placeholder="Nobody")
    st.button(
        f"Ask about {which}" if to else f"Ask nobody about {which}", key="findings.assign", on_click=_ask,
        args=(workspace, tuple(one.id for one in several), to),
    )  # fmt: skip


def _place(chosen: Sequence[ListedFinding], selected: Sequence[int]) -> int:
    """Which finding is shown: the first selected one, else the one that the address names, else the first."""
    ids = [one.id for one in chosen]
    settle("finding", keys.FINDINGS_LIST_PLACE, lambda asked: next((ids.index(i) for i in asked if i in ids), 0))
    if selected and st.session_state.get(keys.FINDINGS_SELECTED) != selected[0]:
        st.session_state[keys.FINDINGS_LIST_PLACE] = selected[0]
    st.session_state[keys.FINDINGS_SELECTED] = selected[0] if selected else None
    place = min(int(st.session_state[keys.FINDINGS_LIST_PLACE]), len(chosen) - 1)
    st.session_state[keys.FINDINGS_LIST_PLACE] = place
    leave_in_address("finding", keys.FINDINGS_LIST_PLACE, place, [ids[place]] if place else [])
    return place


def _one(workspace: Workspace, chosen: Sequence[ListedFinding], place: int) -> None:
    finding = chosen[place]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", key="findings.list_previous", icon=":material/arrow_back:", shortcut="Left",
            disabled=place == 0, on_click=_step, args=(-1,),
        )  # fmt: skip
        st.markdown(f"**Finding {place + 1:,} of {len(chosen):,}**", width="content")
        st.button(
            "Next", key="findings.list_next", icon=":material/arrow_forward:", shortcut="Right",
            disabled=place + 1 >= len(chosen), on_click=_step, args=(1,),
        )  # fmt: skip
        if access.may(Right.DECIDE_FINDINGS):
            note_key = f"findings.list_note.{finding.id}"
            for number_key, decision in enumerate(finding.kind.decisions, start=1):
                st.button(
                    decision.title, key=f"findings.list_decide.{decision.key}", shortcut=str(number_key),
                    type="primary" if decision.key == finding.decision else "secondary", on_click=_decide,
                    args=(workspace, finding.id, decision.key, note_key),
                )  # fmt: skip
            st.text_input(
                "Note", key=note_key, placeholder="Note (optional)", label_visibility="collapsed", max_chars=500
            )
    show_finding(workspace, finding)


def _to_first() -> None:
    st.session_state[keys.FINDINGS_LIST_PLACE] = 0


def _step(by: int) -> None:
    st.session_state[keys.FINDINGS_LIST_PLACE] = max(0, st.session_state.get(keys.FINDINGS_LIST_PLACE, 0) + by)


def _decide(workspace: Workspace, finding_id: str, decision: str, note_key: str) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
        note = st.session_state.get(note_key, "")
        decide_findings.decide_findings(workspace, [finding_id], decision, actor=account, note=note)
    if st.session_state.get(keys.FINDINGS_LIST_STATE) != OPEN:
        _step(1)  # among the open ones the next moves up by itself


def _decide_several(workspace: Workspace, ids: tuple[str, ...], decision: str, title: str, note: str) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)

        def decide(report: Report) -> str:
            n = decide_findings.decide_findings(workspace, ids, decision, actor=account, note=note, report=report)
            return f"{title}: {counted(n, 'finding')}. **Undo** takes all of them back at once."

        _act(workspace, account.id, f"Deciding about {counted(len(ids), 'finding')}", decide, n=len(ids))
    _to_first()


def _act(workspace: Workspace, account_id: str, title: str, work: Callable[[Report], str], *, n: int) -> None:
    """Do it, and say what came of it; what concerns many findings is done beside the page."""
    if n <= _MANY:
        leave_outcome(_OUTCOME, work(no_report))
        return
    begin_act(
        workspace, (_ACTING, account_id), title, work,
        stopped_words="What was decided until then stays; **Undo** takes it back.",
    )  # fmt: skip


def watch_acts(workspace: Workspace) -> None:
    """Follow an act of this person about many findings; to be called before the findings are read."""
    account = access.shown_to()
    if account is not None:
        finish_act(workspace, (_ACTING, account.id), outcome=_OUTCOME, said=str)


def _ask(workspace: Workspace, ids: tuple[str, ...], to: str | None) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
        n = decide_findings.assign_findings(workspace, ids, to, actor=account)
        who = as_text(names_of(workspace).get(to, to)) if to else "Nobody"
        leave_outcome(_OUTCOME, f"{who} is asked about {counted(n, 'finding')}.")


def _undo(workspace: Workspace) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
        n = decide_findings.last_act(workspace, account.id)

        def take_back(report: Report) -> str:
            done = decide_findings.undo(workspace, actor=account, report=report)
            return f"{counted(done, 'decision')} taken back."

        _act(workspace, account.id, f"Taking back {counted(n, 'decision')}", take_back, n=n)
    _to_first()
