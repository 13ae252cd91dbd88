"""Asks what borderline classes count as: one control, of one name in the address; and leads to who is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from dermdash.records.record_filter import RecordFilter
from dermdash.records.taxonomy import BorderlinePolicy, get_taxonomy
from dermdash.ui import address, keys
from dermdash.ui.choices import choose
from dermdash.ui.navigation import page_link

NAME = "borderline"
"""Parameter of the address."""


def borderline_choice(
    taxonomies: Iterable[str | None],
    *,
    key: str,
    comes_along: bool = False,
    place: Any = st,
    planned: BorderlinePolicy = BorderlinePolicy.BENIGN,
    in_address: bool = True,
) -> BorderlinePolicy:
    """Ask where one of these taxonomies has a borderline class; else it makes no difference, and benign is meant.

    ``comes_along``: the choice is on several pages, and stays as it is from one to the next in this tab. ``planned`` is
    what is meant where nobody has chosen, as the protocol of a study says. ``in_address``: False in a form.
    """
    if not any(get_taxonomy(name).has_borderline for name in taxonomies if name is not None):
        return BorderlinePolicy.BENIGN
    here: dict[str, str] = st.session_state.setdefault(keys.CHOSEN, {})
    before = here.get(NAME) if comes_along and address.came_by_link() else None
    policy = choose(
        "Borderline diagnoses",
        list(BorderlinePolicy),
        lambda policy: policy.in_words,
        # Of a study that counts otherwise, what was chosen for others is no choice.
        key=key if planned is BorderlinePolicy.BENIGN else f"{key}.{planned}",
        name=NAME if in_address else "",
        default=BorderlinePolicy(before) if before else planned,
        always=True,
        place=place,
        help="Where malignant is held against benign. The label of a record stays what it is; as a class of their own, "
        "such cases are left out there and counted.",
    )
    if comes_along and policy is not planned:
        here[NAME] = policy.value
    elif comes_along:
        here.pop(NAME, None)
    return policy


def link_to_left_out(dataset_ids: Iterable[str], codes: Iterable[str]) -> None:
    """The way to the records of these classes, which count as neither malignant nor benign; nothing where none do."""
    if left_out := tuple(codes):
        shown = RecordFilter(dataset_id=tuple(dataset_ids), dx=left_out)
        page_link(
            "dataset/records", label="Records that are left out of malignant against benign",
            icon=":material/grid_view:", query_params=shown.to_query(),
        )  # fmt: skip
