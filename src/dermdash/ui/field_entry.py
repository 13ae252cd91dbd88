"""A value of one field of a record, entered: the widget that its kind asks for. None: nothing is recorded."""

from typing import Any

import streamlit as st

from dermdash.records.fields import FieldSpec, Kind
from dermdash.ui.choices import choose_several, pick

_YES_NO = {True: "yes", False: "no"}


def enter_field(spec: FieldSpec, value: Any, *, key: str) -> Any:
    """Draw the widget of a field with its present value, and return what it holds."""
    label = f"{spec.title} ({spec.unit})" if spec.unit and spec.is_number else spec.title
    if spec.kind is Kind.LIST:
        chosen = choose_several(
            label, list(spec.choices), _words, key=key, default=list(value or ()), help=spec.meaning
        )
        return chosen or None
    if spec.kind is Kind.BOOLEAN:
        return pick(label, [True, False], _YES_NO.__getitem__, key=key, default=value, help=spec.meaning,
                    placeholder="Not recorded")  # fmt: skip
    if spec.is_number:
        whole = spec.kind is Kind.INTEGER
        kind = int if whole else float
        return st.number_input(
            label, None if spec.minimum is None else kind(spec.minimum),
            None if spec.maximum is None else kind(spec.maximum), None if value is None else kind(value),
            key=key, help=spec.meaning, placeholder="Not recorded", step=1 if whole else 0.1,
        )  # fmt: skip
    if spec.choices:
        return pick(label, list(spec.choices), _words, key=key, default=value, help=spec.meaning,
                    placeholder="Not recorded")  # fmt: skip
    return (
        st.text_input(label, value or "", key=key, help=spec.meaning, max_chars=200, placeholder="Not recorded").strip()
        or None
    )


def _words(choice: str) -> str:
    return choice.replace("_", " ")
