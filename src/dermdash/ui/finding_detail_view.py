"""One finding of the list: what it says, its records side by side with what differs, and its decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.charts.bars import Bars, bars_figure
from dermdash.charts.palette import INKS, SECOND_COLOR
from dermdash.dataset.finding_kind import FindingLayout
from dermdash.dataset.finding_kinds import verdict_words
from dermdash.errors import DermdashError
from dermdash.records.details import DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import FIELDS
from dermdash.records.record_columns import table_head
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import dx_type_words, stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.choices import choose_segment
from dermdash.ui.entries import slide_number
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_text
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.record_tiles import data_uri, is_claimed, thumbnail_uri
from dermdash.ui.stored_picture import original_uri
from dermdash.ui.tables import data_table, height_of
from dermdash.ui.theme import current_theme, show_figure
from dermdash.wording import PERCENT_FORMAT, cell, counted, moment, number, percent
from dermdash.workflows.accounts.people import names_of
from dermdash.workflows.dataset import pair_pictures
from dermdash.workflows.findings.finding_records import MOST_SHOWN, neighbours_of, records_of
from dermdash.workflows.findings.list_findings import ListedFinding, what_it_says

_SIDE, _DIFFERENCE, _OVER = "side", "difference", "over"
_VIEWS = {_SIDE: "Side by side", _DIFFERENCE: "Difference", _OVER: "Laid over"}
_SPECS = {spec.name: spec for spec in (*FIELDS, *DETAILS)}
_FIELDS = (
    "image_id", "dataset_id", "dx", "dx_type", "verification_stage", "lesion_id", "patient_id", "sex", "age_at_exam",
    "anatomical_site", "histopathology_result", "image_type", "source_split",
)  # fmt: skip


def show_finding(workspace: Workspace, finding: ListedFinding) -> None:
    """All of a finding but its decision."""
    kind = finding.kind
    st.header(f"{kind.title}: {as_text(what_it_says(finding))}", anchor=False)
    st.markdown(f"{kind.meaning} **What to do:** {kind.what_to_do}")
    st.caption(
        f"Verdict of the measurement **{as_text(verdict_words(kind.key, finding.verdict))}** · score "
        f"{number(finding.score)}, threshold {number(finding.threshold)}. {kind.score_means}"
    )
    _said(workspace, finding)
    rows = records_of(workspace, finding)
    if kind.layout is FindingLayout.FIELD:
        _field(finding)
    elif kind.layout is FindingLayout.PAIR:
        _pair(workspace, finding, rows)
        return
    elif kind.layout is FindingLayout.LABEL:
        _label(workspace, finding, rows)
        return
    # What contradicts, as it was when it was found, with rows that were left out of the import.
    facts = finding.details.get("rows") or rows
    if len(rows) == 1:  # beside it there is room
        picture, said = st.columns(2, gap="large")
        with picture:
            _picture(workspace, rows[0], key="findings.image.0", height=320)
        with said:
            _facts(facts, finding)
        return
    _images(workspace, rows, finding)
    _facts(facts, finding)


def _said(workspace: Workspace, finding: ListedFinding) -> None:
    names = names_of(workspace)
    if finding.gone_at is not None:
        st.info(f"Not found any more since {moment(finding.gone_at)}; it stays for its decision.")
    if finding.decision is not None:
        decision = finding.kind.decision(finding.decision)
        words = decision.title if decision else finding.decision
        by = (
            f" by {as_text(names.get(finding.decided_by or '', finding.decided_by or ''))}"
            if finding.decided_by
            else ""
        )
        note = f": {as_code(finding.note)}" if finding.note else ""
        st.success(f"Decided **{words}**{by}{note}", icon=":material/check_circle:")
    if finding.assigned_to is not None:
        st.caption(
            f":material/person: {as_text(names.get(finding.assigned_to, finding.assigned_to))} is asked to decide."
        )


def _pair(workspace: Workspace, finding: ListedFinding, rows: Sequence[Mapping[str, Any]]) -> None:
    views = _VIEWS if "transform" in finding.details else {_SIDE: _VIEWS[_SIDE]}
    view = choose_segment("View", list(views), views.__getitem__, key=keys.FINDINGS_PAIR_VIEW, name="pair_view")
    if view == _SIDE:
        _images(workspace, rows, finding)
    else:
        try:
            if view == _OVER:
                opacity = slide_number(
                    "Opacity of the first image, moved onto the second", 0, 100, 50, step=5,
                    key="findings.pair_opacity", name="pair_opacity", format=PERCENT_FORMAT,
                )  # fmt: skip
                picture = pair_pictures.overlay_of(workspace, finding.details, rows, opacity=opacity / 100)
            else:
                picture = pair_pictures.difference_of(workspace, finding.details, rows)
                st.caption(
                    "The first image laid onto the second, and what differs three times as strong; grey: the same. Two "
                    "copies of one photograph show grain only, two photographs show outlines."
                )
        except DermdashError as error:
            st.warning(str(error))
            picture = None
        if picture is not None:
            image_viewer(data_uri(picture, "image/png"), key=f"findings.{view}", height=480, label=_VIEWS[view])
    _facts(rows, finding)


def _label(workspace: Workspace, finding: ListedFinding, rows: Sequence[Mapping[str, Any]]) -> None:
    d = finding.details
    left, right = st.columns([2, 3], gap="large")
    with left:
        _images(workspace, rows, finding)
    with right:
        table = pd.DataFrame(
            {
                "": ["Given", "Proposed"],
                "Diagnosis": [diagnosis_name(d["given"]), diagnosis_name(d["proposed"])],
                "Probability": [number(d["p_given"], 2), number(d["p_proposed"], 2)],
                "Usual where labelled so": [number(d["usual_given"], 2), number(d["usual_proposed"], 2)],
            }
        )
        data_table(table, key="findings.label")
        st.caption(f"Probabilities of a model that did not see the record or its relatives ({d['basis']}).")
        near = neighbours_of(workspace, finding)
        if near:
            st.markdown("**Most alike, of other lesions**")
            for place, column in enumerate(st.columns(min(6, len(near)))):
                with column:
                    uri = thumbnail_uri(workspace, str(near[place]["image_sha256"]))
                    name = diagnosis_name(str(near[place]["dx"]))
                    st.image(uri, caption=as_text(name), width="stretch", alt=f"Most alike: {name}")
    _facts(rows, finding)


def _field(finding: ListedFinding) -> None:
    d = finding.details
    bars = None
    if d.get("histogram"):
        bins = d["histogram"]
        marked = [
            abs(value - d["value"]) < 1e-9 or (width and value <= d["value"] < value + width)
            for value, width, _ in bins
        ]
        plain = INKS[current_theme()].accent
        bars = Bars(
            title=d["title"], labels=tuple(cell(value) for value, _, _ in bins), values=tuple(n for _, _, n in bins),
            texts=tuple(f"{n:,}" for _, _, n in bins), upright=True, label_title=d["title"], value_title="Records",
            colors=tuple(SECOND_COLOR if is_marked else plain for is_marked in marked),
            description=f"Records by {d['title']}; the value that stands out is marked.",
        )  # fmt: skip
    elif d.get("by_label"):
        shares = [
            (label, filled / total if total else 0.0, filled, total) for label, (filled, total) in d["by_label"].items()
        ]
        bars = Bars(
            title=d["title"], labels=tuple(_label_words(label) for label, *_ in shares),
            values=tuple(share for _, share, _, _ in shares),
            texts=tuple(f"{percent(share)} ({filled:,} of {total:,})" for _, share, filled, total in shares),
            value_title="Filled", description=f"Share of records with {d['title']}, by diagnosis.",
        )  # fmt: skip
    if bars is not None:
        st.caption(bars.description)
        show_figure(bars_figure(bars, current_theme()), key="findings.field")
    if "interval" in d:
        low, high = d["interval"]
        st.caption(
            f"Youden's index for {diagnosis_name(d['label'])}: {number(d['youden'], 2)} ({number(low, 2)} to "
            f"{number(high, 2)}), area under the curve {number(d['auc'], 2)}; presence explains "
            f"{percent(d['information'])} of what the diagnosis holds. In lesions: {d['n_class']:,} of the class, "
            f"{d['n_others']:,} others."
        )


def _label_words(label: str) -> str:
    return "No diagnosis" if label == "-" else diagnosis_name(label)


def _images(workspace: Workspace, rows: Sequence[Mapping[str, Any]], finding: ListedFinding) -> None:
    if not rows:
        return
    shown = rows[: 2 if finding.kind.layout is FindingLayout.PAIR else MOST_SHOWN]
    per_row = 2 if len(shown) <= 2 else 3
    for start in range(0, len(shown), per_row):
        part = shown[start : start + per_row]
        for place, (column, row) in enumerate(zip(st.columns(max(2, per_row)), part, strict=False), start=start):
            with column:
                _picture(workspace, row, key=f"findings.image.{place}", height=320 if per_row == 2 else 220)
    if finding.n_records > len(shown):
        st.caption(f"{len(shown)} of {counted(finding.n_records, 'record')}; the CSV names up to 200.")


def _picture(workspace: Workspace, row: Mapping[str, Any], *, key: str, height: int) -> None:
    image = original_uri(workspace, str(row["image_sha256"]))
    if image is not None:
        image_viewer(image, key=key, height=height, label=f"Image {row['image_id']}")
    page_link(RECORD_SCRIPT, label=as_text(row["image_id"]), query_params={"id": str(row["id"])})


def _facts(rows: Sequence[Mapping[str, Any]], finding: ListedFinding) -> None:
    if not rows:
        return
    names = [n for n in dict.fromkeys([*finding.kind.fields, *_FIELDS]) if any(_there(row.get(n)) for row in rows)]
    columns: dict[str, list[str]] = {"": [table_head(name) for name in names]}
    for place, row in enumerate(rows, start=1):
        columns[f"{place}: {row['image_id']}"] = [_in_words(n, row) for n in names]
    if len(rows) > 1:
        differs = [len({str(row.get(n)) for row in rows if _there(row.get(n))}) > 1 for n in names]
        columns["Differs"] = ["≠" if one else "" for one in differs]
    data_table(pd.DataFrame(columns), key="findings.facts", height=height_of(len(names), most=520))


def _in_words(name: str, row: Mapping[str, Any]) -> str:
    value: Any = row.get(name)
    if not _there(value):
        return ""
    if name == "dx":
        return diagnosis_name(str(value))
    if name == "dx_type":
        return dx_type_words(str(value))
    if name == "verification_stage":
        return stage_words(int(value), is_claimed(row))
    return value_in_words(_SPECS[name], value) if name in _SPECS else cell(value)


def _there(value: Any) -> bool:
    return not (value is None or value == "" or (isinstance(value, float) and value != value))
