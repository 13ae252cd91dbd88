"""One pair of images that may show one lesion: side by side, laid over, with points; facts and measurement."""

import html
from typing import Any

import pandas as pd
import streamlit as st

from dermdash.records.details import LISTED_DETAILS
from dermdash.records.field_values import value_in_words
from dermdash.records.fields import LISTED, FieldSpec
from dermdash.records.record_columns import table_head
from dermdash.records.taxonomy import diagnosis_name
from dermdash.records.verification_stage import dx_type_words, stage_words
from dermdash.storage.workspace import Workspace
from dermdash.ui.entries import slide_number
from dermdash.ui.image_viewer import image_viewer
from dermdash.ui.messages import as_code, as_text
from dermdash.ui.navigation import RECORD_SCRIPT, page_link
from dermdash.ui.record_tiles import data_uri, is_claimed
from dermdash.ui.stored_picture import original_uri, said_in_its_place
from dermdash.wording import PERCENT_FORMAT, cell, counted, number, percent
from dermdash.workflows.dataset import browse_records, pair_pictures
from dermdash.workflows.lesion_identity.review_findings import ReviewedPair

TITLES = {
    "same_image": "Same image",
    "same_lesion": "Same lesion",
    "different": "Different lesions",
    "unsure": "Unsure",
    "listed": "Named by a list",
    "entered": "Entered by hand",
}
_SIDE, _POINTS, _OVER = "side", "points", "over"
VIEWS = {_SIDE: "Side by side", _POINTS: "Matching points", _OVER: "Laid over"}
_FIELDS: dict[str, FieldSpec] = {spec.name: spec for spec in (*LISTED, *LISTED_DETAILS)}
_COMPARED: dict[str, str] = {
    name: table_head(name) for name in ("dx", "dx_type", "lesion_id", "patient_id", *_FIELDS, "dataset_id")
}
_STYLE = """<style>
.dd-pair { width: 100%; border-collapse: collapse; font-size: .875rem; }
.dd-pair th { text-align: left; font-weight: 400; opacity: .8; width: 24%; padding: .2rem .5rem .2rem 0; }
.dd-pair td { padding: .2rem .5rem .2rem 0; width: 33%; }
.dd-pair tr { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dd-pair tr.differs td { font-weight: 650; }
.dd-pair .mark { width: 10%; font-size: .875rem; white-space: nowrap; }
.dd-missing { opacity: .65; font-style: italic; }
</style>"""


def show_images(workspace: Workspace, pair: ReviewedPair, view: str) -> None:
    """Both images in one of the `VIEWS`."""
    if view == _OVER and "transform" in pair.details:
        opacity = slide_number(
            "Opacity of the first image, moved and turned onto the second", 0, 100, 50, step=5,
            key="findings.opacity", name="opacity", format=PERCENT_FORMAT,
        )  # fmt: skip
        with said_in_its_place():
            blend = pair_pictures.overlay_of(workspace, pair.details, pair.records, opacity=opacity / 100)
            if blend is not None:
                image_viewer(data_uri(blend, "image/png"), key="findings.overlay", height=520, label="Both images")
        return
    marked = None
    if view == _POINTS:
        with said_in_its_place():
            marked = pair_pictures.marked_images(workspace, pair.details, pair.records)
    for place, (column, record) in enumerate(zip(st.columns(2), pair.records, strict=True)):
        with column:
            if marked is not None:
                image: str | None = data_uri(marked[place], "image/png")
            else:
                image = original_uri(workspace, record["image_sha256"])
            if image is not None:
                image_viewer(
                    image,
                    key=f"findings.image.{place}",
                    height=420,
                    label=f"Image {record['image_id']}",
                    together="findings",
                )
            page_link(RECORD_SCRIPT, label=as_text(record["image_id"]), query_params={"id": record["id"]})


def show_facts(workspace: Workspace, pair: ReviewedPair) -> None:
    """What both records say, and where they differ."""
    if pair.diagnoses_differ:
        one, other = pair.records
        st.warning(
            f"The diagnoses differ: {diagnosis_name(one['dx'])} and {diagnosis_name(other['dx'])}. If this is one "
            "lesion, one of the labels is wrong.",
            icon=":material/warning:",
        )
    facts_of_two(workspace, *pair.records)


def facts_of_two(workspace: Workspace, one: dict[str, Any], other: dict[str, Any]) -> None:
    """The fields of two records side by side; where they differ is marked."""
    datasets = browse_records.dataset_names(workspace)
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
        return dx_type_words(str(value))
    if name == "verification_stage":
        return stage_words(value, is_claimed(record))
    if name in _FIELDS:
        return value_in_words(_FIELDS[name], value)
    return cell(value)


def _escaped(value: object) -> str:
    return html.escape(str(value))


def show_measured(pair: ReviewedPair) -> None:
    """What was measured of the pair, and which lists name it."""
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
