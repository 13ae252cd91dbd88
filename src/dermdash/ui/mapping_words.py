"""What the words of a column mean: a line for each, and for classes spread over columns a line for each column."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dermdash.dataset.formats.cells import is_date
from dermdash.dataset.formats.diagnoses import class_of
from dermdash.dataset.formats.layout import ColumnRole, OneHot, SourceColumn
from dermdash.dataset.formats.mapping import has_words, meanings_of
from dermdash.dataset.formats.table_sources import FoundTable
from dermdash.dataset.formats.word_proposal import MOST_WORDS, propose_words, words_of
from dermdash.records.cell_dates import DAY_FIRST, MONTH_FIRST, date_order, read_date
from dermdash.records.taxonomy import Taxonomy, diagnosis_name
from dermdash.ui.choices import choose
from dermdash.ui.lasting_editor import edit_table
from dermdash.ui.mapping_targets import target_title
from dermdash.ui.messages import as_text
from dermdash.ui.tables import height_of
from dermdash.wording import counted, percent

_AS_IT_STANDS, _NOTHING = "as_it_stands", "nothing"
_DIAGNOSES = (ColumnRole.DIAGNOSIS, ColumnRole.HISTOLOGY)


def edit_words(table: FoundTable, column: SourceColumn, classes: Taxonomy, key: str) -> Mapping[str, str]:
    """What the words of a column mean, where its cells are words of a kind; else what was said before."""
    if column.inverted or column.separator or column.weighted or not has_words(column.to):
        return column.values
    words = words_of(table, column.name)
    title = f"{as_text(column.name)} → {target_title(column.to)}"
    if len(words) > MOST_WORDS:
        st.caption(f"{title}: {counted(len(words), 'word')}, each is read as it stands.")
        return column.values
    of_diagnosis = column.to in _DIAGNOSES
    options = [_AS_IT_STANDS, _NOTHING, *(classes.codes if of_diagnosis else meanings_of(column.to))]
    said = {word.lower(): meaning or _NOTHING for word, meaning in column.values.items()}
    proposed = propose_words(column.to, words, classes)
    if not proposed:
        return column.values
    means = [said.get(p.word.lower(), p.meaning) for p in proposed]
    open_words = sum(not m for m in means)
    label = f"{title}: {counted(len(proposed), 'word')}"
    with st.expander(f"{label}, {open_words} without a meaning" if open_words else label, expanded=bool(open_words)):
        frame = pd.DataFrame(
            {
                "word": [p.word for p in proposed],
                "rows": [p.rows for p in proposed],
                "means": [m if m in options else _AS_IT_STANDS for m in means],
                "sure": [
                    percent(p.confidence, 0) + (f", {p.why}" if p.why else "") if p.meaning else p.why for p in proposed
                ],
            }
        )
        edited = _draw(frame, _key(key, column.name, column.to, classes.name), "Word", options, of_diagnosis)
    # What is said of words that stand in no row of this table is for the next one.
    seen = {p.word.lower() for p in proposed}
    values = {word: meaning for word, meaning in column.values.items() if word.lower() not in seen}
    pairs = zip(proposed, edited, strict=True)
    return values | {p.word: "" if m == _NOTHING else m for p, m in pairs if m != _AS_IT_STANDS}


def edit_classes(names: Sequence[str], old: OneHot | None, classes: Taxonomy, key: str) -> OneHot | None:
    """Which class a 1 in each of some columns stands for, and what a row without any; None without columns."""
    if not names:
        return None
    said = {name.lower(): label for name, label in (old.classes if old else {}).items()}
    labels = [said.get(name.lower(), name) for name in names]
    codes = [class_of(label, classes) for label in labels]
    options = [_AS_IT_STANDS, *classes.codes]
    with st.expander(f"1 stands for a diagnosis: {counted(len(names), 'column')}", expanded=None in codes):
        frame = pd.DataFrame({"word": list(names), "means": [code or _AS_IT_STANDS for code in codes]})
        edited = _draw(frame, _key(key, *names, classes.name), "Column", options, True)
        none_is = choose(
            "All of them 0 means", ["", *classes.codes],
            lambda code: diagnosis_name(code) if code else "Nothing: the row is left out",
            key=f"import.none_is.{key}", default=(class_of(old.none_is, classes) or "") if old and old.none_is else "",
        )  # fmt: skip
    stands_for = {
        name: label if meaning == (code or _AS_IT_STANDS) else name if meaning == _AS_IT_STANDS else meaning
        for name, label, code, meaning in zip(names, labels, codes, edited, strict=True)
    }
    return OneHot(classes=stands_for, none_is=none_is, mark=old.mark if old else "")


def ask_for_order(table: FoundTable, column: SourceColumn) -> None:
    """Say of dates that may have the day or the month first how many those are, and where to choose."""
    if column.order or not is_date(column):
        return
    words = words_of(table, column.name)
    order = date_order(words)
    either = [
        word for word in words
        if read_date(word, order).value is None and read_date(word, DAY_FIRST).value is not None
        and read_date(word, MONTH_FIRST).value is not None
    ]  # fmt: skip
    if either:
        n = sum(words[word] for word in either)
        st.warning(
            f"{as_text(column.name)}: {counted(n, 'date')} may have the day or the month first, as "
            f"{as_text(either[0])}, and no other cell of the column tells which. They stay empty until *Read as* says "
            "day first or month first.",
            icon=":material/event_busy:",
        )


def _draw(frame: pd.DataFrame, key: str, head: str, options: list[str], of_diagnosis: bool) -> list[str]:
    edited = edit_table(
        frame,
        key=key,
        ids=("means",),
        height=height_of(len(frame), most=430),
        disabled=[name for name in frame if name != "means"],
        column_config={
            "word": st.column_config.TextColumn(head, pinned=True, width="medium"),
            "rows": st.column_config.NumberColumn("Rows", format="localized", width="small"),
            "means": st.column_config.SelectboxColumn(
                "Means", options=options, width="medium", required=True,
                format_func=_diagnosis_title if of_diagnosis else _choice_title,
            ),
            "sure": st.column_config.TextColumn("How sure"),
        },
    )  # fmt: skip
    return [str(meaning) for meaning in edited["means"]]


def _key(key: str, *parts: str) -> str:
    return f"import.words.{key}.{hashlib.sha256(repr(parts).encode()).hexdigest()[:8]}"


def _choice_title(meaning: object) -> str:
    return {_AS_IT_STANDS: "As it stands", _NOTHING: "Nothing"}.get(str(meaning), str(meaning).replace("_", " "))


def _diagnosis_title(code: object) -> str:
    return {_AS_IT_STANDS: "No class: stays a label", _NOTHING: "No diagnosis"}.get(str(code)) or diagnosis_name(
        str(code)
    )
