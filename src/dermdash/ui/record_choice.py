"""The few filters of a form that chooses records: stage, claimed, quality, agreement, number of reviewers."""

from typing import Any

import streamlit as st

from dermdash.records.chosen_records import OFFERED
from dermdash.records.record_filter import FACETS, RecordFilter
from dermdash.storage.workspace import Workspace
from dermdash.ui import address
from dermdash.ui.choices import choose_several
from dermdash.ui.record_filters import options_there_are


def choose_records(
    workspace: Workspace, *, key: str, named: bool = False, chosen: RecordFilter | None = None, place: Any = st
) -> RecordFilter:
    """Draw a list for each filter; nothing chosen in one lets everything through.

    Parameters
    ----------
    key
        What the keys of the widgets begin with.
    named
        Whether the choice stands in the address, under the names of the Records page.
    chosen
        What the lists begin with.
    """
    first = chosen or RecordFilter()
    return RecordFilter.from_query(
        {
            facet: choose_several(
                FACETS[facet].title,
                _with_asked(facet, f"{key}.{facet}", there_are, named, first),
                FACETS[facet].option_in_words,
                key=f"{key}.{facet}",
                default=first.chosen(facet),
                name=facet if named else "",
                place=place,
                placeholder="Any",
            )
            for facet, there_are in options_there_are(workspace, OFFERED).items()
            if _is_offered(facet, f"{key}.{facet}", there_are, named, first)
        }
    )


def _is_offered(facet: str, key: str, options: list[str], named: bool, first: RecordFilter) -> bool:
    """Whether to draw a list: not where there is nothing to choose from, as parts of splits before there is one."""
    return not FACETS[facet].optional or bool(_with_asked(facet, key, options, named, first))


def _with_asked(facet: str, key: str, options: list[str], named: bool, first: RecordFilter) -> list[str]:
    """The options with those chosen that no record has: a link must not quietly choose more records than it says."""
    asked = RecordFilter.from_query({facet: address.asked(facet)}).chosen(facet) if named else ()
    return list(dict.fromkeys([*options, *asked, *first.chosen(facet), *st.session_state.get(key, ())]))
