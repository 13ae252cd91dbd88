"""What is known of a record, as tables: fields by block with how many are filled, details, further columns."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from dermdash.records.details import details_of
from dermdash.records.field_values import measured_in_words
from dermdash.records.fields import FIELDS, Block, DetailGroup, FieldSpec, fields_of, filled_of, is_filled
from dermdash.records.taxonomy import get_taxonomy
from dermdash.records.verification_stage import stage_words
from dermdash.records.visible_text import visible_text
from dermdash.ui.record_tiles import is_claimed
from dermdash.workflows.dataset.browse_records import RecordDetail

_STYLE = """<style>
.dd-fields { width: 100%; border-collapse: collapse; font-size: .875rem; margin: 0 0 .4rem; line-height: 1.4; }
.dd-fields caption { text-align: left; font-weight: 600; padding: .1rem 0; }
.dd-fields caption span { float: right; font-weight: 400; opacity: .8; }
.dd-fields th { text-align: left; font-weight: 400; width: 45%; padding: .15rem .5rem .15rem 0; opacity: .8;
  vertical-align: top; overflow-wrap: anywhere; }
.dd-fields td { padding: .15rem 0; overflow-wrap: anywhere; }
.dd-fields tr { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dd-blocks { columns: 2 15rem; column-gap: 2rem; }
.dd-blocks table { break-inside: avoid; }
.dd-missing { opacity: .65; font-style: italic; }
</style>"""


def show_fields(detail: RecordDetail) -> None:
    """The fields by block and how many of each are filled; what is missing is said, not hidden.

    In two columns where there is room for them.
    """
    taxonomy, record = get_taxonomy(detail.taxonomy), detail.record
    malignant = record["dx"] in taxonomy and taxonomy[record["dx"]].needs_histology
    known = {spec.name: _known(record[spec.name]) for spec in FIELDS}
    tables = []
    for block in Block:
        specs = fields_of(block)
        filled, of = filled_of(specs, known, malignant=malignant)
        rows = [(spec.title, _value(spec, record)) for spec in specs]
        tables.append(_table(str(block), rows, f"{filled} of {of}"))
    # st.html strips scripts; every value is escaped besides.
    st.html(f'{_STYLE}<div class="dd-blocks">{"".join(tables)}</div>')


def show_details(record: Mapping[str, Any]) -> None:
    """What is kept beside the fields, of which most sources say little: only what is there."""
    tables = []
    for group in DetailGroup:
        there = [spec for spec in details_of(group) if is_filled(_known(record[spec.name]))]
        if there:
            tables.append(_table(str(group), [(spec.title, _value(spec, record)) for spec in there]))
    if tables:
        st.header("Beside the fields", anchor=False)
        st.html(_STYLE + "".join(tables))


def show_further(further: Mapping[str, str]) -> None:
    """Further columns of the source, verbatim; nothing where there are none."""
    if not further:
        return
    st.header("Further columns of the source", anchor=False)
    cells = ((visible_text(name), html.escape(visible_text(text))) for name, text in further.items())
    st.html(_STYLE + _table("As the source has them", [(name, cell or _missing("empty")) for name, cell in cells]))


def _known(value: Any) -> Any:
    return None if value != value else value


def _table(caption: str, rows: Iterable[tuple[str, str]], beside: str = "") -> str:
    body = "".join(f'<tr><th scope="row">{html.escape(title)}</th><td>{cell}</td></tr>' for title, cell in rows)
    aside = f" <span>{html.escape(beside)}</span>" if beside else ""
    return f'<table class="dd-fields"><caption>{html.escape(caption)}{aside}</caption><tbody>{body}</tbody></table>'


def _missing(words: str) -> str:
    return f'<span class="dd-missing">{words}</span>'


def _value(spec: FieldSpec, record: Mapping[str, Any]) -> str:
    value = _known(record[spec.name])
    if not is_filled(value):
        return _missing("not recorded")
    if spec.name == "verification_stage":
        return html.escape(stage_words(value, is_claimed(record)))
    return html.escape(measured_in_words(spec, value))
