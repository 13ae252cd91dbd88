"""The change log: its signed head, the check, entries by record, person, day, act and data set, and taking one back."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.records.acts import Act, words_of_act
from dermdash.records.change_chain import LogEntry, canonical
from dermdash.records.details import DETAILS, FURTHER
from dermdash.records.fields import FIELDS
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import dx_type_words, stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose_several, pick
from dermdash.ui.entries import enter_text
from dermdash.ui.messages import as_code, as_message, as_text, empty_state, error_words, redraw_saying, show_outcome
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import counted, moment
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.verification.change_log import (
    Head,
    LogVerdict,
    count_entries,
    list_entries,
    log_csv,
    log_json_lines,
    verify_log,
)
from dermdash.workflows.verification.reopen import undo, why_not_undone

_PLACE = "change_log.undo"
_SHOWN = 500
_LONGEST_VALUE = 80
_OF_A_CLASS = ("dx", "clinical_diagnosis", "histopathology_result")
_FIELD_TITLES = {spec.name: spec.title for spec in (*FIELDS, *DETAILS)} | {
    "dx": "Diagnosis", "dx_type": "Confirmed by", FURTHER: "Further columns",
}  # fmt: skip


def show_head(workspace: Workspace, head: Head) -> None:
    """The head to copy, and the check of the whole log."""
    with st.expander("Head of the log, to be written down elsewhere", icon=":material/verified_user:"):
        st.markdown(
            "Copy this to a place that this machine cannot change: a mail, a paper, another server. "
            "`dermdash verify-log --head FILE` compares the log with it later, and finds a log that was cut off or "
            "written anew."
        )
        st.code(json.dumps(head.as_dict(), indent=1), language="json", wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Check the log", key="change_log.check", icon=":material/rule:"):
            access.act(Right.READ_CHANGE_LOG)
            with st.spinner("Reading every entry and every record"):
                st.session_state[keys.LOG_VERDICT] = verify_log(workspace)
    verdict: LogVerdict | None = st.session_state.get(keys.LOG_VERDICT)
    if verdict is None:
        return
    if verdict.head.hash != head.hash:
        st.caption("Entries were written since the last check.")
    if verdict.whole:
        st.success(
            f"The log is whole: {counted(verdict.head.entries, 'entry', 'entries')}, and they explain all "
            f"{counted(verdict.records, 'record')}.",
            icon=":material/verified:",
        )
        return
    first = "" if verdict.first_broken is None else f" The first broken entry is {verdict.first_broken:,}."
    st.error(f"The log is not whole.{first}", icon=":material/gpp_bad:")
    st.markdown("\n".join(f"- {as_message(problem)}" for problem in verdict.problems))


_FILE = "Every entry that the filters let through, in its order."


def show_entries(workspace: Workspace, actor: Account) -> None:
    """Filters, table, downloads, and one entry in full."""
    show_outcome(_PLACE)
    names = names_of(workspace)
    chosen = _filters(workspace, names)
    entries = list_entries(workspace, actor, **chosen, limit=_SHOWN)
    if not entries:
        if any(chosen.values()):
            empty_state("filter_alt_off", "No entry fits", "Take a filter away.")
        else:
            empty_state("history", "Nothing was changed yet", "Imports, annotations and decisions write here.")
        return
    n = count_entries(workspace, actor, **chosen) if len(entries) == _SHOWN else len(entries)
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = f"the latest {_SHOWN:,} of {n:,} entries" if n > _SHOWN else counted(n, "entry", "entries")
        st.markdown(f"**{shown[:1].upper()}{shown[1:]}**", width="content")
        st.space("stretch")
        private_download(
            "CSV", lambda privacy: log_csv(workspace, actor, privacy=privacy, **chosen),
            file_name="dermdash-change-log.csv", key="change_log.csv", help=_FILE,
        )  # fmt: skip
        st.download_button(
            "JSON lines", lambda: log_json_lines(workspace, actor, **chosen), file_name="dermdash-change-log.jsonl",
            mime="application/jsonl", key="change_log.jsonl", icon=":material/download:", on_click="ignore",
            help=f"{_FILE} Names and dates as they are: the hashes of the chain hold for these alone.",
        )  # fmt: skip
    selected = data_table(
        _table(entries, names), key="change_log.entries", on_select="rerun", selection_mode="single-row",
        height=height_of(len(entries), most=430),
        column_config={
            name: st.column_config.TextColumn(width=width)
            for name, width in (("Field", 150), ("Was", 170), ("Became", 170), ("Why", 300))
        },
    )  # fmt: skip
    rows = [entries[i] for i in selected["selection"]["rows"] if i < len(entries)]
    if rows:
        _show_entry(workspace, rows[0], names)
    else:
        st.caption("Choose a row to see the entry in full.")


def _filters(workspace: Workspace, names: dict[str, str]) -> dict[str, Any]:
    datasets = browse_records.dataset_names(workspace)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        dataset = pick(
            "Data set", list(datasets), datasets.__getitem__, key="change_log.dataset", name="dataset",
            placeholder="Any", width=200,
        )  # fmt: skip
        person = pick(
            "Person", sorted(names, key=lambda key: names[key].casefold()), names.__getitem__,
            key="change_log.person", name="person", placeholder="Anybody", width=190,
        )  # fmt: skip
        acts = choose_several(
            "Act", list(Act), lambda act: act.words, key="change_log.acts", name="act", placeholder="Any", width=210
        )
        record = enter_text(
            "Record id", key="change_log.record", name="record", max_chars=200, placeholder="Any", width=200
        )
        day = enter_text(
            "Day (UTC)", key="change_log.day", name="day", max_chars=10, placeholder="Any, as 2026-03-01", width=170
        )
    if day and not _is_day(day):
        st.warning(f"{as_code(day)} is no day: write it as 2026-03-01. Days are not filtered.", icon=":material/event:")
        day = ""
    return {
        "dataset_id": dataset, "account_id": person, "acts": [str(act) for act in acts], "record_id": record or None,
        "day": day or None,
    }  # fmt: skip


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _table(entries: Sequence[LogEntry], names: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "No.": [e.sequence for e in entries],
            "When": [_when(e) for e in entries],
            "Who": [_who(e, names) for e in entries],
            "Act": [words_of_act(e.act) for e in entries],
            "Record": [e.record_id or "" for e in entries],
            "Field": [_FIELD_TITLES.get(e.field or "", e.field or "") for e in entries],
            "Was": [_short(e.field, e.old) for e in entries],
            "Became": [_short(e.field, e.new) for e in entries],
            "Why": [e.reason for e in entries],
        }
    )


def _when(entry: LogEntry) -> str:
    try:
        return moment(datetime.fromisoformat(entry.at))
    except ValueError:
        return entry.at  # somebody wrote it by hand: the check says so


def _who(entry: LogEntry, names: dict[str, str]) -> str:
    return names.get(entry.account_id, entry.account_id) or "not known"


def _short(field: str | None, value: Any) -> str:
    """A value as it fits into a table; an act that changed no field says what came of it."""
    if value is None:
        return ""
    if field in _OF_A_CLASS and isinstance(value, str):
        return diagnosis_name(value)
    if field == "verification_stage" and isinstance(value, int | float | str):
        return stage_words(value)
    if field == "dx_type" and isinstance(value, str):
        return dx_type_words(value)
    if field is None and isinstance(value, dict):
        parts = [
            counted(value["records"], "record") if isinstance(value.get("records"), int) else "",
            diagnosis_name(value["dx"]) if isinstance(value.get("dx"), str) else "",
            f"stage {value['stage']}" if isinstance(value.get("stage"), int) else "",
            f"round {value['cycle']}" if isinstance(value.get("cycle"), int) and value["cycle"] > 1 else "",
            f"answer {str(value['annotation'])[:8]}" if "annotation" in value else "",
        ]
        if any(parts):
            return ", ".join(filter(None, parts))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _show_entry(workspace: Workspace, entry: LogEntry, names: dict[str, str]) -> None:
    with st.container(border=True):
        field = f", {_FIELD_TITLES.get(entry.field, entry.field)}" if entry.field else ""
        st.markdown(
            f"**Entry {entry.sequence:,}** · {words_of_act(entry.act)}{as_text(field)} · "
            f"{as_text(_who(entry, names))} · {_when(entry)}"
        )
        if entry.reason:
            st.markdown(f"Why: {as_text(entry.reason)}")
        st.code(json.dumps({"old": entry.old, "new": entry.new}, ensure_ascii=False, indent=1), language="json",
                wrap_lines=True)  # fmt: skip
        st.caption(f"hash `{entry.hash}`  \nafter `{entry.previous}`")
        with st.container(horizontal=True, vertical_alignment="center"):
            if entry.record_id is not None:
                page_link(RECORD_SCRIPT, label="Open the record", query_params={"id": entry.record_id})
            if access.may(Right.CURATE_LABELS):
                _offer_undo(workspace, entry)


def _offer_undo(workspace: Workspace, entry: LogEntry) -> None:
    refusal = why_not_undone(workspace, entry)
    if refusal is not None:
        st.caption(as_message(refusal), width="content")
        return
    with st.popover("Take it back", icon=":material/undo:"):
        st.write("The field gets its old value by a new entry; this one stays.")
        reason = st.text_input("Reason", key=f"change_log.reason.{entry.sequence}", max_chars=400)
        if not st.button("Take the change back", key="change_log.undo", type="primary"):
            return
        account = access.act(Right.CURATE_LABELS)
        try:
            undo(workspace, account, entry.sequence, reason=reason)
        except InvalidInput as error:
            st.error(error_words(error), icon=":material/error:")
            return
        redraw_saying(_PLACE, f"Entry {entry.sequence:,} is taken back: the latest entry says so.")
