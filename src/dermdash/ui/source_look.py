"""What was seen of files that somebody wants to import: format, counts, what would be left out, the first records."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.mapped_source import CellProblem
from dermdash.dataset.formats.registry import FORMATS
from dermdash.dataset.source_records import SourceRecord
from dermdash.records.details import DETAILS
from dermdash.records.fields import FIELDS, is_filled
from dermdash.records.taxonomy import TAXONOMIES, diagnosis_name
from dermdash.ui.downloads import csv_button
from dermdash.ui.messages import as_message, as_text
from dermdash.ui.tables import data_table, height_of
from dermdash.wording import cell, counted
from dermdash.workflows.dataset.import_log import reason_words
from dermdash.workflows.dataset.look_at_source import SourceLook
from dermdash.workflows.dataset.source_summary import SourceSummary

_MOST_SHOWN = 2000
_TITLES = {spec.name: spec.title for spec in (*FIELDS, *DETAILS)}
_HEADS = {"image_id": "Image id", "reason": "Reason", "detail": "What and where", "concerns": "Row or file"}


def show_verdict(look: SourceLook) -> None:
    """What the files are, and how much of them would come in."""
    if look.summary is None:
        unknown = look.refused.startswith("no column")
        why = ": no table has the columns of one" if unknown else f": {as_message(look.refused)}"
        st.warning(
            f"No format is recognised{why}. What the columns may be is proposed below: check it, and say the rest.",
            icon=":material/help:",
        )
        return
    _say_format(look, look.summary)
    _say_counts(look, look.summary)
    if look.summary.lacks:
        st.error(
            f"Lacks {as_text(', '.join(look.summary.lacks))}: without it nothing can be imported. Give that file, too.",
            icon=":material/error:",
        )


def show_found(look: SourceLook, summary: SourceSummary) -> None:
    """Everything behind it: fields, what would be left out and why, values that cannot be used, the first records."""
    _what_is_filled(summary)
    _left_out(look)
    _problems(look.problems)
    if look.first:
        with st.expander(f"The first {counted(len(look.first), 'record')}"):
            data_table(_records(look.first), key="import.first")


def _say_format(look: SourceLook, summary: SourceSummary) -> None:
    files = as_text(", ".join(summary.files)) or "a list of duplicates"
    if look.mapping is not None:
        st.info(f"**Read by the mapping below:** {files}.", icon=":material/table_edit:")
    elif look.proposed:
        st.info(
            f"**{summary.title}:** {files}. No known format has these columns; what they may be is proposed by their "
            "names and cells. Check it below.",
            icon=":material/help:",
        )
    else:
        st.success(
            f"**{summary.title}**, {'in' if FORMATS[summary.format].from_files else 'by the columns of'} {files}."
            + (f" {as_text(summary.caution)}" if summary.caution else ""),
            icon=":material/task_alt:",
        )
    for key, others in summary.also.items():
        st.warning(
            f"Also there: {FORMATS[key].title} ({as_text(', '.join(others))}). Only {summary.title} is imported; "
            "choose the other format above for the rest.",
            icon=":material/call_split:",
        )


def _say_counts(look: SourceLook, summary: SourceSummary) -> None:
    title = TAXONOMIES[summary.taxonomy].title if summary.taxonomy in TAXONOMIES else summary.taxonomy
    left_out = sum(summary.excluded.values())
    new = summary.with_record - look.already_present - look.changed
    words = [
        f"**{counted(summary.rows, 'row')}**, {new:,} would come in",
        *([f"{look.already_present:,} already present"] if look.already_present else []),
        *([f"{look.changed:,} there and saying otherwise"] if look.changed else []),
        f"{left_out:,} left out" if left_out else "none left out",
        f"{summary.with_label:,} with a diagnosis, {summary.with_class:,} in a class of {as_text(title)}",
    ]
    words += [counted(summary.images, "image")] if summary.images != summary.with_record else []
    words += [f"{counted(summary.pairs, 'known pair')} of duplicates"] if summary.pairs else []
    words += [f"{counted(summary.outlines, 'outline')} of lesions, which become masks"] if summary.outlines else []
    st.markdown(" · ".join(words))


def _what_is_filled(summary: SourceSummary) -> None:
    lines = [(_TITLES.get(name, name), n) for name, n in summary.fields.items()]
    unused = [*summary.further]
    with st.expander(f"What is filled: {counted(len(lines), 'field')}; kept as text: {counted(len(unused), 'column')}"):
        data_table(
            pd.DataFrame(lines, columns=["Field", "Rows"]).sort_values("Rows", ascending=False),
            key="import.fields", width="content", height=height_of(len(lines), most=320),
        )  # fmt: skip
        if unused:
            st.markdown(f"Kept verbatim beside the record: {as_text(', '.join(unused))}.")
        for name, why in summary.not_used:
            st.markdown(f"Not used: {as_text(name)} ({as_text(why)}).")


def _left_out(look: SourceLook) -> None:
    assert look.summary is not None
    reasons = [*look.summary.excluded.items()]
    images = [*look.summary.excluded_images.items()]
    if reasons or images:
        lines = [(reason_words(reason), n, "rows") for reason, n in reasons]
        lines += [(reason_words(reason), n, "further images of a row") for reason, n in images]
        st.markdown("**Would be left out, by reason**")
        data_table(pd.DataFrame(lines, columns=["Reason", "Number", "Of"]), key="import.would", width="content")
    if look.left_out.empty:
        return
    with st.expander(f"Everything that would be left out or not used ({len(look.left_out):,})"):
        shown = look.left_out.head(_MOST_SHOWN)
        shown = shown.assign(reason=shown["reason"].map(reason_words)).rename(columns=_HEADS)
        data_table(shown, key="import.would_all", height=height_of(len(shown), most=430))
    csv_button("Download the list (CSV)", lambda: look.left_out, name="dermdash-left-out", key="import.would_csv")


def _problems(problems: tuple[CellProblem, ...]) -> None:
    if not problems:
        return
    with st.expander(f"Values that cannot be used as they stand ({len(problems):,})"):
        data_table(
            problem_table(problems[:_MOST_SHOWN]), key="import.problems", height=height_of(len(problems), most=430)
        )
    csv_button(
        "Download the values (CSV)", lambda: pd.DataFrame([asdict(p) for p in problems]), name="dermdash-values",
        key="import.problems_csv",
    )  # fmt: skip


def problem_table(problems: tuple[CellProblem, ...]) -> pd.DataFrame:
    """The problems as people read them."""
    lines = [(p.row, p.column, p.value, p.why, p.table) for p in problems]
    return pd.DataFrame(lines, columns=["Row", "Column", "Value", "Problem", "Table"])


def _records(records: tuple[SourceRecord, ...]) -> pd.DataFrame:
    lines = []
    for r in records:
        line: dict[str, object] = {
            "Image id": r.image_id, "Lesion": r.lesion_id, "Patient": r.patient_id, "Source label": r.source_label,
            "Diagnosis": diagnosis_name(r.dx) if r.dx else None,
        }  # fmt: skip
        values = {**r.values, **r.details}
        line |= {_TITLES[name]: cell(value) for name, value in values.items() if name in _TITLES and is_filled(value)}
        lines.append(line)
    return pd.DataFrame(lines).dropna(axis=1, how="all")
