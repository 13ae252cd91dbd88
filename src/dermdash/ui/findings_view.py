"""The findings page: the search, then one pair at a time side by side, with its decision."""

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.records.details import LISTED_DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import LISTED, FieldSpec
from dermdash.records.record_columns import table_head
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import DX_TYPE_WORDS, stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.bound_widget import leave_in_address, settle
from dermdash.ui.checks_view import begin
from dermdash.ui.choices import choose_segment, choose_several
from dermdash.ui.entries import slide_number
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_text, empty_state, errors_shown
from dermdash.ui.navigation import page_link
from dermdash.ui.private_download import private_download
from dermdash.ui.record_tiles import data_uri, is_claimed
from dermdash.ui.tables import data_table
from dermdash.wording import PERCENT_FORMAT, cell, counted, number, percent
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset import browse_records
from dermdash.workflows.findings.running_checks import checks_of
from dermdash.workflows.lesion_identity import find_same_lesions, listed_duplicates, review_findings
from dermdash.workflows.lesion_identity.review_findings import PairDecision, ReviewedPair

RECORD_PAGE = "dataset/record"
TITLES = {
    "same_image": "Same image",
    "same_lesion": "Same lesion",
    "different": "Different lesions",
    "unsure": "Unsure",
    "listed": "Named by a list",
    "entered": "Entered by hand",
}
_OPEN, _EVERY = "open", "all"
_STATES = {_OPEN: "Open", "decided": "Decided", _EVERY: "All"}
_SIDE, _POINTS, _OVER = "side", "points", "over"
_VIEWS = {_SIDE: "Side by side", _POINTS: "Matching points", _OVER: "Laid over"}
_FIELDS: dict[str, FieldSpec] = {spec.name: spec for spec in (*LISTED, *LISTED_DETAILS)}
_COMPARED: dict[str, str] = {
    name: table_head(name) for name in ("dx", "dx_type", "lesion_id", "patient_id", *_FIELDS, "dataset_id")
}
_STYLE = """<style>
.dd-pair { width: 100%; border-collapse: collapse; font-size: .9rem; }
.dd-pair th { text-align: left; font-weight: 400; opacity: .8; width: 24%; padding: .2rem .5rem .2rem 0; }
.dd-pair td { padding: .2rem .5rem .2rem 0; width: 33%; }
.dd-pair tr { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dd-pair tr.differs td { font-weight: 650; }
.dd-pair .mark { width: 10%; font-size: .8rem; white-space: nowrap; }
.dd-missing { opacity: .65; font-style: italic; }
</style>"""


def findings_state(pairs: Sequence[ReviewedPair]) -> str:
    """How many pairs there are and how many are decided; nothing where there is none: the page says why."""
    decided = sum(pair.decision is not None for pair in pairs)
    return f"{counted(len(pairs), 'pair')} found · {decided:,} of {len(pairs):,} decided" if pairs else ""


def is_empty_workspace(workspace: Workspace) -> bool:
    """Whether there is no data set; then it says so and what to do."""
    if browse_records.list_datasets(workspace):
        return False
    empty_state("upload", "This workspace is empty", "Import a data set; then it can be checked here.")
    page_link("dataset/import_images", label="Import images", icon=":material/upload:")
    return True


def offer_search(workspace: Workspace, pairs: Sequence[ReviewedPair], drawn: bool) -> None:
    """Say what has not been searched yet, and search it on request."""
    if is_empty_workspace(workspace):
        return
    datasets = browse_records.list_datasets(workspace)
    missing = find_same_lesions.count_unsearched(workspace, simulated=drawn)
    if not missing:
        if not pairs:
            empty_state(
                "task_alt", "No pair was found", "Every record was compared: none seems to show another one's lesion."
            )
        return
    if not pairs and missing == sum(dataset["records"] for dataset in datasets):
        empty_state(
            "content_copy",
            "Not searched yet",
            "The search compares the fine structure of all images. It takes a few minutes for 6,000 of them, can be "
            "interrupted, and later looks only at what is new.",
        )
    else:
        st.info(f"{counted(missing, 'record has', 'records have')} not been compared yet.", icon=":material/update:")
    busy = (job := checks_of(workspace.home)) is not None and not job.ended
    if access.may(Right.DECIDE_FINDINGS):
        st.button(
            f"Search {counted(missing, 'record')} now", type="primary", key="findings.search", disabled=busy,
            on_click=begin, args=(workspace, ("same_lesion",), drawn),
        )  # fmt: skip


def show_findings(workspace: Workspace, pairs: Sequence[ReviewedPair]) -> None:
    """Filters, progress, and the chosen pair."""
    decided = sum(pair.decision is not None for pair in pairs)
    st.progress(decided / len(pairs))
    chosen = _toolbar(workspace, pairs)
    if not chosen:
        everything = decided == len(pairs)
        empty_state(
            "task_alt" if everything else "filter_alt_off",
            "Every pair is decided" if everything else "No pair passes these filters",
            "Choose **Decided** to look at them again, or download the decisions."
            if everything
            else "Choose **All**, or more verdicts.",
        )
        return
    place = _place(chosen)
    _show_pair(workspace, chosen[place], place, len(chosen))


def _place(chosen: Sequence[ReviewedPair]) -> int:
    """Which of the pairs is shown; the address says its id, as places change with every decision."""
    ids = [pair.id for pair in chosen]
    settle("pair", keys.FINDINGS_PLACE, lambda asked: next((ids.index(i) for i in asked if i in ids), 0))
    place = min(int(st.session_state[keys.FINDINGS_PLACE]), len(chosen) - 1)
    st.session_state[keys.FINDINGS_PLACE] = place
    leave_in_address("pair", keys.FINDINGS_PLACE, place, [ids[place]] if place else [])
    return place


def _toolbar(workspace: Workspace, pairs: Sequence[ReviewedPair]) -> list[ReviewedPair]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = choose_segment(
            "Show",
            list(_STATES),
            _STATES.__getitem__,
            key=keys.FINDINGS_STATE,
            name="show",
            on_change=_to_first,
        )
        verdicts = choose_several(
            "Verdict of the measurement",
            ["same_image", "same_lesion", "unsure", "listed", "entered"],
            TITLES.__getitem__,
            key=keys.FINDINGS_VERDICTS,
            name="verdict",
            placeholder="Any",
            on_change=_to_first,
            width=320,
        )
        st.space("stretch")
        account = access.shown_to()
        last = review_findings.last_decision(workspace, account.id) if account is not None else None
        st.button(
            "Undo",
            key="findings.undo",
            icon=":material/undo:",
            shortcut="U",
            disabled=last is None,
            help="Take back your last decision. The history keeps both.",
            on_click=_undo,
            args=(workspace,),
        )
        private_download(
            "Download CSV",
            lambda privacy: review_findings.decisions_csv(workspace, pairs, privacy=privacy),
            file_name="dermdash-findings.csv",
            key="findings.download",
            help="Every pair with its score and its decision.",
        )
    return [
        pair
        for pair in pairs
        if (not verdicts or pair.verdict in verdicts)
        and (state == _EVERY or (pair.decision is None) == (state == _OPEN))
    ]


def _to_first() -> None:
    st.session_state[keys.FINDINGS_PLACE] = 0


def _step(by: int) -> None:
    st.session_state[keys.FINDINGS_PLACE] = max(0, st.session_state.get(keys.FINDINGS_PLACE, 0) + by)


def _undo(workspace: Workspace) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
    review_findings.undo(workspace, account_id=account.id)
    _to_first()


def _decide(workspace: Workspace, finding_id: str, decision: str, note_key: str) -> None:
    with errors_shown():
        account = access.act(Right.DECIDE_FINDINGS)
    note = st.session_state.get(note_key, "")
    review_findings.decide(workspace, finding_id, decision, account_id=account.id, note=note)
    if st.session_state.get(keys.FINDINGS_STATE) != _OPEN:
        _step(1)  # among the open ones the next pair moves up by itself


def _show_pair(workspace: Workspace, pair: ReviewedPair, place: int, of: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous", key="findings.previous", icon=":material/arrow_back:", shortcut="Left", disabled=place == 0,
            on_click=_step, args=(-1,),
        )  # fmt: skip
        st.markdown(f"**Pair {place + 1:,} of {of:,}**", width="content")
        st.button(
            "Next", key="findings.next", icon=":material/arrow_forward:", shortcut="Right", disabled=place + 1 >= of,
            on_click=_step, args=(1,),
        )  # fmt: skip
        st.space("stretch")
        view = choose_segment(
            "View",
            list(_VIEWS),
            _VIEWS.__getitem__,
            key=keys.FINDINGS_VIEW,
            name="view",
            label_visibility="collapsed",
        )
    _show_images(workspace, pair, view)
    _decision_buttons(workspace, pair)
    facts, measured = st.columns([3, 2], gap="large")
    with facts:
        _show_facts(workspace, pair)
    with measured:
        _show_measured(pair)


def _show_images(workspace: Workspace, pair: ReviewedPair, view: str) -> None:
    if view == _OVER and "transform" in pair.details:
        opacity = slide_number(
            "Opacity of the first image, moved and turned onto the second", 0, 100, 50, step=5,
            key="findings.opacity", name="opacity", format=PERCENT_FORMAT,
        )  # fmt: skip
        blend = review_findings.overlay(workspace, pair, opacity=opacity / 100)
        if blend is not None:
            image_viewer(data_uri(blend, "image/png"), key="findings.overlay", height=520, label="Both images")
        return
    marked = review_findings.marked_images(workspace, pair) if view == _POINTS else None
    for place, (column, record) in enumerate(zip(st.columns(2), pair.records, strict=True)):
        with column:
            if marked is not None:
                image = data_uri(marked[place], "image/png")
            else:
                # The browser tells JPEG from PNG by the bytes.
                image = data_uri(browse_records.original(workspace, record["image_sha256"]))
            image_viewer(image, key=f"findings.image.{place}", height=420, label=f"Image {record['image_id']}")
            page_link(RECORD_PAGE, label=as_text(record["image_id"]), query_params={"id": record["id"]})


def _decision_buttons(workspace: Workspace, pair: ReviewedPair) -> None:
    if pair.decision is not None:
        by = f" by {as_text(names_of(workspace).get(pair.decided_by, pair.decided_by))}" if pair.decided_by else ""
        note = f": {as_code(pair.note)}" if pair.note else ""
        st.success(f"Decided **{TITLES.get(pair.decision, pair.decision)}**{by}{note}", icon=":material/check_circle:")
    note_key = f"findings.note.{pair.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for place, decision in enumerate(PairDecision, start=1):
            st.button(
                TITLES[decision],
                key=f"findings.decide.{decision}",
                shortcut=str(place),
                type="primary" if decision == pair.decision else "secondary",
                on_click=_decide,
                args=(workspace, pair.id, str(decision), note_key),
            )
        st.text_input("Note", key=note_key, placeholder="Note (optional)", label_visibility="collapsed", max_chars=500)


def _show_facts(workspace: Workspace, pair: ReviewedPair) -> None:
    one, other = pair.records
    datasets = browse_records.dataset_names(workspace)
    if pair.diagnoses_differ:
        st.warning(
            f"The diagnoses differ: {diagnosis_name(one['dx'])} and {diagnosis_name(other['dx'])}. If this is one "
            "lesion, one of the labels is wrong.",
            icon=":material/warning:",
        )
    rows = "".join(_fact_row(name, title, one, other, datasets) for name, title in _COMPARED.items())
    head = f"<tr><th></th><td>{_escaped(one['image_id'])}</td><td>{_escaped(other['image_id'])}</td><td></td></tr>"
    st.html(f'{_STYLE}<table class="dd-pair"><tbody>{head}{rows}</tbody></table>')


def _fact_row(name: str, title: str, one: dict[str, Any], other: dict[str, Any], datasets: dict[str, str]) -> str:
    values = [_fact(name, record, datasets) for record in (one, other)]
    both_known = all(value is not None for value in values)
    differs = both_known and values[0] != values[1] and name != "lesion_id"
    cells = "".join(
        f"<td>{_escaped(value) if value is not None else '<span class=dd-missing>not recorded</span>'}</td>"
        for value in values
    )
    mark = '<td class="mark">≠ differs</td>' if differs else '<td class="mark"></td>'
    return f'<tr class="{"differs" if differs else ""}"><th scope="row">{title}</th>{cells}{mark}</tr>'


def _fact(name: str, record: dict[str, Any], datasets: dict[str, str]) -> str | None:
    value = record.get(name)
    if value is None or pd.isna(value) or value == "":
        return None
    if name == "dx":
        return diagnosis_name(str(value))
    if name == "dataset_id":
        return datasets.get(str(value), str(value))
    if name == "dx_type":
        return DX_TYPE_WORDS.get(str(value), str(value))
    if name == "verification_stage":
        return stage_words(value, is_claimed(record))
    if name in _FIELDS:
        return value_in_words(_FIELDS[name], value)
    return cell(value)


def _escaped(value: object) -> str:
    return html.escape(str(value))


def _show_measured(pair: ReviewedPair) -> None:
    figures = pair.details
    _show_listed(pair)
    if not pair.is_measured:
        if not pair.listed and pair.verdict == "listed":
            st.caption("A list named this pair and does not any more; it stays because somebody decided about it.")
        st.caption("Nothing was measured for this pair: the search has not found it, or has not looked yet.")
        return
    st.markdown(f"**Measured: {TITLES.get(pair.verdict, pair.verdict).lower()}** · score {number(pair.score)}")
    if figures.get("identical_file"):
        st.caption("Both records hold the very same file.")
        return
    st.caption(
        f"{figures['inliers']} of {counted(figures['matches'], 'match', 'matches')} agree on one motion, which expects "
        f"{counted(figures['supported'], 'point')} where they lie. The second image is magnified "
        f"{number(figures['zoom'], 2)} times and turned by {number(figures['rotation'], 0)}°. Laid over one another, "
        f"the images correlate by {number(figures['alignment'], 2)} over {percent(figures['overlap'], 0)} of the "
        "field. The score orders the pairs; it is not a probability."
    )


def _show_listed(pair: ReviewedPair) -> None:
    """Say which published lists name the pair or one of its images: evidence with its source."""
    for source in pair.listed:
        st.markdown(f"**Listed as duplicates** by {as_code(source)}. A list is evidence; people decide.")
    for record, sources in zip(pair.records, pair.listed_alone, strict=True):
        for source in sources:
            st.markdown(
                f"{as_text(record['image_id'])} is **listed as a duplicate** by {as_code(source)}, which does not say "
                "of what."
            )


def show_listed_images(workspace: Workspace, drawn: bool) -> None:
    """The images that a list calls duplicates without saying of what; nothing where there is none."""
    rows = listed_duplicates.listed_images(workspace, simulated=drawn)
    if not rows:
        return
    with st.expander(f"{counted(len(rows), 'image')} that a list calls a duplicate without saying of what"):
        st.caption("Evidence from published lists. A pair above says of what, where the search has found it.")
        names = browse_records.dataset_names(workspace)
        table = [
            {
                "Image": row["image_id"],
                "Data set": names.get(row["dataset_id"], row["dataset_id"]),
                "Diagnosis": diagnosis_name(row["dx"]),
                "Listed in": row["listed_in"],
            }
            for row in rows
        ]
        data_table(pd.DataFrame(table), key="findings.listed")
